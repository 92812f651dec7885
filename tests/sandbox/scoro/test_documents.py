"""Sums, numbers, payment state, credits and receipts of documents (reference 2.8 to 2.15, 4.4 and 7)."""

from __future__ import annotations

from decimal import Decimal

import pytest


def line(**fields):
    return {"comment": "x", "price": 1, "amount": 1, **fields}


def test_sums_are_calculated_from_lines(scoro):
    """2.8: line sum after its discount, document sum after all discounts, without tax; tax at the line's rate."""
    lines = [line(price="19.99", amount=3, discount=10, vat_code_id=1), line(price=100, amount="-1")]
    invoice = scoro.invoice(lines=lines, discount=10, discount2=5)
    assert [each["sum"] for each in invoice["lines"]] == [53.97, -100]
    assert invoice["sum"] == -39.36  # -46.03 x 0.9 x 0.95
    assert invoice["vat_sum"] == 3.69  # 53.97 x 0.855 x 8 %
    assert invoice["receivable_sum"] == -35.67


@pytest.mark.parametrize(("rounds", "tax"), [(True, 0.02), (False, 0.02), (True, 0.06)])
def test_tax_is_rounded_on_lines_or_on_the_total(scoro, rounds, tax):
    """Q25: `Round tax sums on lines to two decimals` is on by default and not visible in the API."""
    scoro.switch(round_tax_on_lines=rounds)
    price, count = ("0.1", 2) if tax == 0.02 else ("0.19", 3)  # 8 %: 0.8 cent and 1.52 cents a line
    invoice = scoro.invoice(lines=[line(price=price, vat_code_id=1)] * count)
    assert invoice["vat_sum"] == tax


def test_half_a_cent_is_rounded_away_from_zero(scoro):
    """2.8: sums have two decimals."""
    lines = [line(price="10.005"), line(price="10.005", amount=-1), line(price="0.025")]
    assert [each["sum"] for each in scoro.invoice(lines=lines)["lines"]] == [10.01, -10.01, 0.03]


def test_rounding_modes_differ_by_a_cent(scoro):
    """Q25: three lines of 1.52 cents make 6 cents or 5."""
    sums = []
    for rounds in (True, False):
        scoro.switch(round_tax_on_lines=rounds)
        sums.append(scoro.invoice(lines=[line(price="0.19", vat_code_id=1)] * 3)["vat_sum"])
    assert sums == [0.06, 0.05]


def test_one_rate_for_the_whole_document(scoro):
    """2.8: with line taxes off `vat` is on the document and gone from the lines."""
    assert scoro.invoice()["vat"] is None
    scoro.switch(line_taxes=False)
    invoice = scoro.invoice(vat_code_id=1, lines=[line(price="0.19")] * 3)
    assert (invoice["vat"], invoice["vat_sum"]) == ("8", 0.05)
    assert not {"vat", "vat_code_id", "vat_code"} & set(invoice["lines"][0])


def test_additional_amount_multiplies_where_it_is_on(scoro):
    """2.8: amount2 exists with its site setting."""
    assert scoro.invoice(lines=[line(amount=2, amount2=3)])["sum"] == 2
    scoro.switch(additional_amount=True)
    assert scoro.invoice(lines=[line(amount=2, amount2=3)])["sum"] == 6


def test_new_document_takes_its_defaults_from_the_client_profile(scoro):
    """2.2: tax, term and currency; explicit values win."""
    profile = {"name": "P", "currency": "EUR", "deadline_days": 10, "vat_code_id": 1}
    client = scoro.contact(client_profile_id=scoro.ok("clientProfiles/modify", profile)["id"])
    invoice = scoro.invoice(company_id=client["contact_id"], date="2026-03-01", lines=[line(price=100)])
    assert (invoice["currency"], invoice["deadline"], invoice["vat_sum"]) == ("EUR", "2026-03-11", 8)
    own = scoro.invoice(company_id=client["contact_id"], currency="GBP", deadline="2026-05-01", vat_code_id=2)
    assert (own["currency"], own["deadline"]) == ("GBP", "2026-05-01")


def test_document_without_profile_uses_the_site(scoro):
    """2.2: a contact without profile uses site defaults, without any error."""
    invoice = scoro.invoice(company_id=scoro.contact()["contact_id"])
    assert (invoice["currency"], invoice["currency_rate"], invoice["date"]) == ("USD", "1", "2026-11-02")


@pytest.mark.parametrize(("base_per_unit", "rate"), [(True, "1.08"), (False, "0.925926")])
def test_currency_rate_is_base_per_unit(scoro, base_per_unit, rate):
    """Q19: one unit of the document's currency in base units, or the other way round."""
    scoro.switch(rate_is_base_per_unit=base_per_unit)
    assert scoro.invoice(currency="EUR")["currency_rate"] == rate


def test_inactive_currency_is_refused(scoro):
    """2.7: only active currencies."""
    assert scoro.refused("invoices/modify", {"company_id": 1, "currency": "JPY", "lines": [line()]})[0] == 400


def test_line_of_a_product_takes_what_is_not_sent(scoro):
    """2.3: price, unit, account and rate of the product card."""
    taken = scoro.invoice(lines=[{"product_id": 2, "amount": 1}])["lines"][0]
    assert (taken["price"], taken["unit"], taken["finance_account_symbol"]) == ("150", "h", "4000")


def test_required_fields(scoro):
    """Q13."""
    cases = {
        "contacts": {"name"}, "invoices": {"company_id", "lines"}, "bills": {"company_id", "lines"},
        "products": {"name"}, "receipts": {"contact_id", "sum", "receipts"}, "projects": {"project_name"},
    }  # fmt: skip
    for path, names in cases.items():
        status, messages = scoro.refused(f"{path}/modify")
        assert (status, set(messages)) == (400, {f"{name} is required" for name in names}), path


def test_numbers_are_given_in_order_and_per_entity(scoro):
    """Q14: auto-increment per entity when omitted; a given number moves the counter."""
    first = int(scoro.invoice()["no"])
    assert int(scoro.invoice()["no"]) == first + 1
    scoro.invoice(no="5000")
    assert scoro.invoice()["no"] == "5001"
    scoro.refused("invoices/modify", {"company_id": 1, "no": "9000", "lines": [line(product_id=9999)]})
    assert scoro.invoice()["no"] == "5002"
    there = scoro.ok("invoices/modify", {"company_id": 1, "lines": [line()]}, company_account_id="northlight-events")
    assert there["no"] == "1"


def test_numbers_are_digits_only(scoro):
    """Q14, 2.8: letters are refused, unless the site takes them."""
    bill = {"company_id": 1, "no": "INV-7", "lines": [line()]}
    assert scoro.refused("bills/modify", bill)[0] == 400
    scoro.switch(numbers_alphanumeric=True)
    assert scoro.ok("bills/modify", bill)["no"] == "INV-7"


def test_number_that_is_taken_is_refused_until_its_document_is_deleted(scoro):
    """Q14."""
    invoice = scoro.invoice(no="7777")
    sent = {"company_id": 1, "no": "7777", "lines": [line()]}
    assert scoro.refused("invoices/modify", sent) == (400, ["no 7777 is already in use"])
    scoro.ok(f"invoices/modify/{invoice['id']}", {"no": "7777"})
    scoro.ok(f"invoices/delete/{invoice['id']}")
    scoro.ok("invoices/modify", sent)
    answer = scoro.http.post("/_control/person", json={"action": "restore", "module": "invoices", "id": invoice["id"]})
    assert answer.status_code == 400
    scoro.switch(numbers_unique=False)
    scoro.person("restore", module="invoices", id=invoice["id"])
    scoro.ok("invoices/modify", sent)


def test_locked_period_refuses_every_change(scoro):
    """Q15: create, edit and delete of a document dated in the locked period."""
    invoice = scoro.invoice(date="2026-06-30")
    scoro.person("lock_period", until="2026-06-30")
    status, (text,) = scoro.refused(f"invoices/modify/{invoice['id']}", {"description": "x"})
    assert (status, "locked" in text) == (400, True)
    assert scoro.refused(f"invoices/modify/{invoice['id']}", {"date": "2026-07-01"})[0] == 400
    assert scoro.refused(f"invoices/delete/{invoice['id']}")[0] == 400
    assert scoro.refused("invoices/modify", {"company_id": 1, "date": "2026-01-01", "lines": [line()]})[0] == 400
    scoro.ok("invoices/modify", {"company_id": 1, "date": "2026-07-01", "lines": [line()]})


def test_paid_invoice_takes_header_texts_and_maybe_lines(scoro):
    """Q15: allowed for header text; the switch refuses what changes the sum."""
    invoice = scoro.invoice()
    scoro.pay(invoice, 50)
    path = f"invoices/modify/{invoice['id']}"
    changed = scoro.ok(path, {"lines": [line(price=300)]})
    assert (changed["sum"], changed["paid_sum"], changed["receivable_sum"]) == (300, 50, 250)
    scoro.switch(paid_documents_editable=False)
    assert scoro.ok(path, {"description": "x"})["description"] == "x"
    assert scoro.refused(path, {"lines": [line()]})[0] == 400


def test_receipt_changes_paid_due_status_and_stamp(scoro):
    """Q1: posting and removing a receipt moves paid_sum, receivable_sum, status and modified_date."""
    invoice = scoro.invoice(lines=[line(price=200, vat_code_id=1)])
    scoro.clock.advance(60)
    receipt = scoro.pay(invoice, "100.50")
    partly = scoro.ok(f"invoices/view/{invoice['id']}")
    assert (partly["paid_sum"], partly["receivable_sum"], partly["status"]) == (100.5, 115.5, "unpaid")
    assert partly["modified_date"] == "2026-11-02 04:01:00"
    scoro.pay(invoice, "115.5")
    assert scoro.ok(f"invoices/view/{invoice['id']}")["status"] == "paid"
    scoro.clock.advance(60)
    scoro.ok(f"receipts/delete/{receipt['id']}")
    left = scoro.ok(f"invoices/view/{invoice['id']}")
    assert (left["paid_sum"], left["status"], left["modified_date"]) == (115.5, "unpaid", "2026-11-02 04:02:00")


def test_receipt_may_leave_the_stamp_of_its_document(scoro):
    """Q1, the other answer."""
    scoro.switch(receipts_bump_documents=False)
    invoice = scoro.invoice()
    scoro.clock.advance(60)
    scoro.pay(invoice, 100)
    after = scoro.ok(f"invoices/view/{invoice['id']}")
    assert (after["paid_sum"], after["modified_date"]) == (100, invoice["modified_date"])


def test_one_receipt_settles_many_documents(scoro):
    """2.15: a receipt is a group."""
    first, second = scoro.invoice(), scoro.invoice()
    parts = [{"invoice_id": first["id"], "sum": 150}, {"invoice_id": second["id"], "sum": 30}]
    receipt = scoro.ok("receipts/modify", {"contact_id": 1, "sum": 180, "receipts": parts})
    assert [part["invoice_no"] for part in receipt["receipts"]] == [first["no"], second["no"]]
    assert scoro.ok(f"invoices/view/{first['id']}")["paid_sum"] == 150
    assert scoro.ok(f"invoices/view/{second['id']}")["paid_sum"] == 30
    listed = scoro.ok("receipts/list", filter={"id": receipt["id"]})[0]
    assert "invoice_no" not in listed["receipts"][0]


def test_parts_of_a_receipt_are_replaced_as_a_whole(scoro):
    """2.15: moving a payment to another invoice frees the first."""
    first, second = scoro.invoice(), scoro.invoice()
    receipt = scoro.pay(first, 50)
    scoro.ok(f"receipts/modify/{receipt['id']}", {"receipts": [{"invoice_id": second["id"], "sum": 50}]})
    assert scoro.ok(f"invoices/view/{first['id']}")["paid_sum"] == 0
    assert scoro.ok(f"invoices/view/{second['id']}")["paid_sum"] == 50


def test_minimal_receipt_and_no_view(scoro):
    """Q10: the minimal body; `receipts/view` does not exist unless switched on."""
    invoice = scoro.invoice()
    receipt = scoro.pay(invoice, 10)
    assert (receipt["currency"], receipt["date"], receipt["sales_doc_type"]) == ("USD", "2026-11-02", "invoices")
    assert scoro.post(f"receipts/view/{receipt['id']}").status_code == 404
    scoro.switch(receipts_viewable=True)
    assert scoro.ok(f"receipts/view/{receipt['id']}")["id"] == receipt["id"]


def test_overpayment_leaves_the_receivable_negative(scoro):
    """Q9; the switch refuses it."""
    invoice = scoro.invoice(lines=[line(price=100)])
    scoro.pay(invoice, 130)
    after = scoro.ok(f"invoices/view/{invoice['id']}")
    assert (after["receivable_sum"], after["status"]) == (-30, "paid")
    scoro.switch(overpayment_allowed=False)
    part = [{"invoice_id": scoro.invoice(lines=[line(price=100)])["id"], "sum": 130}]
    assert scoro.refused("receipts/modify", {"contact_id": 1, "sum": 130, "receipts": part})[0] == 400


def test_negative_receipt_is_a_refund(scoro):
    """Q9; the switch refuses it."""
    invoice = scoro.invoice(lines=[line(price=100)])
    scoro.pay(invoice, 130)
    scoro.pay(invoice, -30)
    assert scoro.ok(f"invoices/view/{invoice['id']}")["receivable_sum"] == 0
    scoro.switch(negative_receipts_allowed=False)
    part = [{"invoice_id": invoice["id"], "sum": -1}]
    assert scoro.refused("receipts/modify", {"contact_id": 1, "sum": -1, "receipts": part})[0] == 400


def test_sum_of_a_receipt_may_have_to_equal_its_parts(scoro):
    """2.15: not stated; accepted unless switched."""
    part = [{"invoice_id": scoro.invoice()["id"], "sum": 10}]
    scoro.ok("receipts/modify", {"contact_id": 1, "sum": 25, "receipts": part})
    scoro.switch(receipts_must_match_parts=True)
    assert scoro.refused("receipts/modify", {"contact_id": 1, "sum": 25, "receipts": part})[0] == 400


def test_receipt_of_nothing_is_refused(scoro):
    """2.15: every part names a document that exists."""
    part = [{"invoice_id": 9999, "sum": 10}]
    assert scoro.refused("receipts/modify", {"contact_id": 1, "sum": 10, "receipts": part})[0] == 400


def test_bill_shows_status_but_not_what_is_paid(scoro):
    """Q11: no paid_sum and receivable_sum in the table; the switch adds paid_sum."""
    bill = scoro.ok("bills/modify", {"company_id": 14, "lines": [line(price=100)]})
    assert not {"paid_sum", "receivable_sum"} & set(bill)
    part = [{"invoice_id": bill["id"], "sum": 100}]
    scoro.ok("receipts/modify", {"contact_id": 14, "sum": 100, "sales_doc_type": "bills", "receipts": part})
    assert scoro.ok(f"bills/view/{bill['id']}")["status"] == "paid"
    scoro.switch(bills_return_paid_sum=True)
    assert scoro.ok(f"bills/view/{bill['id']}")["paid_sum"] == 100


def test_prepayment_is_paid_by_a_part_that_names_it(scoro):
    """2.10, 2.15: prepayment_id instead of invoice_id."""
    prepayment = scoro.ok("prepayments/modify", {"company_id": 1, "lines": [line(price=100)]})
    part = [{"prepayment_id": prepayment["id"], "sum": 100}]
    scoro.ok("receipts/modify", {"contact_id": 1, "sum": 100, "receipts": part})
    assert scoro.ok(f"prepayments/view/{prepayment['id']}")["status"] == "paid"
    assert scoro.invoice(prepayment_id=[prepayment["id"]])["prepayment_sum"] == 100


def test_expenses_have_names_of_their_own(scoro):
    """2.13: quantity, tax_code_id, tax_sum, description."""
    lines = [{"description": "Taxi", "quantity": 2, "price": 15, "tax_code_id": 1}]
    expense = scoro.ok("expenses/modify", {"comment": "Trip", "lines": lines})
    assert (expense["sum"], expense["tax_sum"], expense["status"]) == (30, 2.4, "unpaid")
    assert "vat_sum" not in expense


def test_credit_invoice_settles_what_it_credits(scoro):
    """Q8: negative amounts and sum, `credited_invoices`, an automatic receipt on both."""
    invoice = scoro.invoice(lines=[line(price=100, vat_code_id=1)])
    lines = [line(price=100, amount=-1, vat_code_id=1)]
    credit = scoro.invoice(lines=lines, credited_invoices=[invoice["id"]])
    assert (credit["sum"], credit["vat_sum"], credit["receivable_sum"], credit["status"]) == (-100, -8, 0, "paid")
    original = scoro.ok(f"invoices/view/{invoice['id']}")
    assert (original["receivable_sum"], original["status"]) == (0, "paid")
    (receipt,) = [each for each in scoro.ok("receipts/list") if each["receipts"][0]["invoice_id"] == invoice["id"]]
    account = next(row for row in scoro.ok("receiptAccounts/list") if row["id"] == receipt["receipt_account_id"])
    assert (receipt["sum"], account["type"]) == (0, "credit")


def test_credit_of_a_part_paid_invoice_keeps_its_rest(scoro):
    """Q8: no more than what is due is settled."""
    invoice = scoro.invoice(lines=[line(price=100)])
    scoro.pay(invoice, 70)
    credit = scoro.invoice(lines=[line(price=100, amount=-1)], credited_invoices=[invoice["id"]])
    assert credit["receivable_sum"] == -70
    assert scoro.ok(f"invoices/view/{invoice['id']}")["receivable_sum"] == 0


def test_changed_or_deleted_credit_takes_its_receipt_along(scoro):
    """Q8: the automatic receipt follows the credit invoice."""
    invoice = scoro.invoice(lines=[line(price=100)])
    credit = scoro.invoice(lines=[line(price=40, amount=-1)], credited_invoices=[invoice["id"]])
    scoro.ok(f"invoices/modify/{credit['id']}", {"lines": [line(price=60, amount=-1)]})
    assert scoro.ok(f"invoices/view/{invoice['id']}")["receivable_sum"] == 40
    scoro.ok(f"invoices/delete/{credit['id']}")
    assert scoro.ok(f"invoices/view/{invoice['id']}")["receivable_sum"] == 100


def test_credit_settles_where_people_may_not_refund(scoro):
    """Q8, Q9: the automatic receipt is not a negative receipt of a person."""
    scoro.switch(negative_receipts_allowed=False)
    invoice = scoro.invoice(lines=[line(price=100)])
    credit = scoro.invoice(lines=[line(price=100, amount=-1)], credited_invoices=[invoice["id"]])
    assert credit["status"] == "paid"


def test_credit_settles_where_nobody_may_overpay(scoro):
    """Q8, Q9: what a credit invoice gives back is below zero; less than all of it is no overpayment, more is."""
    scoro.switch(overpayment_allowed=False)
    invoice = scoro.invoice(lines=[line(price=100)])
    scoro.pay(invoice, 60)
    credit = scoro.invoice(lines=[line(price=100, amount=-1)], credited_invoices=[invoice["id"]])
    assert credit["receivable_sum"] == -60
    part = [{"invoice_id": credit["id"], "sum": -61}]
    assert scoro.refused("receipts/modify", {"contact_id": 1, "sum": -61, "receipts": part})[0] == 400


def test_credit_of_an_invoice_that_is_gone_settles_nothing(scoro):
    """Q8: editing or restoring the credit later does not fail."""
    scoro.switch(paid_documents_deletable=True)
    invoice = scoro.invoice(lines=[line(price=100)])
    credit = scoro.invoice(lines=[line(price=100, amount=-1)], credited_invoices=[invoice["id"]])
    scoro.ok(f"invoices/delete/{invoice['id']}")
    after = scoro.ok(f"invoices/modify/{credit['id']}", {"lines": [line(price=50, amount=-1)]})
    assert after["receivable_sum"] == -50
    scoro.ok(f"invoices/delete/{credit['id']}")
    assert scoro.person("restore", module="invoices", id=credit["id"])["receivable_sum"] == -50


def test_credit_may_leave_the_original_open(scoro):
    """Q8, the other answer."""
    scoro.switch(credit_settles_original=False)
    invoice = scoro.invoice(lines=[line(price=100)])
    credit = scoro.invoice(lines=[line(price=100, amount=-1)], credited_invoices=[invoice["id"]])
    assert (credit["status"], credit["receivable_sum"]) == ("unpaid", -100)
    assert scoro.ok(f"invoices/view/{invoice['id']}")["receivable_sum"] == 100


def test_credit_of_another_client_is_refused(scoro):
    """Q8."""
    invoice = scoro.invoice(company_id=2)
    sent = {"company_id": 1, "lines": [line(amount=-1)], "credited_invoices": [invoice["id"]]}
    assert scoro.refused("invoices/modify", sent)[0] == 400


def test_paid_document_is_not_deleted(scoro):
    """6.1: receipts go first; the switch deletes and detaches them."""
    invoice = scoro.invoice()
    receipt = scoro.pay(invoice, 10)
    assert scoro.refused(f"invoices/delete/{invoice['id']}")[0] == 400
    scoro.switch(paid_documents_deletable=True)
    scoro.ok(f"invoices/delete/{invoice['id']}")
    assert scoro.ok("receipts/list", filter={"id": receipt["id"]})[0]["receipts"] == []


def test_inactive_product_is_accepted_on_a_document(scoro):
    """Q29; the switch refuses it."""
    product = scoro.ok("products/modify", {"name": "Old", "is_active": 0})["product_id"]
    scoro.invoice(lines=[line(product_id=product)])
    scoro.switch(inactive_references_accepted=False)
    sent = {"company_id": 1, "lines": [line(product_id=product)]}
    assert scoro.refused("invoices/modify", sent)[0] == 400


def test_unchanged_modify_bumps_the_stamp(scoro):
    """Q28; the other answer leaves it."""
    invoice = scoro.invoice(description="x")
    scoro.clock.advance(5)
    path = f"invoices/modify/{invoice['id']}"
    assert scoro.ok(path, {"description": "x"})["modified_date"] == "2026-11-02 04:00:05"
    scoro.switch(unchanged_modify_bumps=False)
    scoro.clock.advance(5)
    assert scoro.ok(path, {"description": "x"})["modified_date"] == "2026-11-02 04:00:05"
    assert scoro.ok(path, {"description": "y"})["modified_date"] == "2026-11-02 04:00:10"


def test_rates_and_accounts_are_locked_while_the_own_integration_is_active(scoro):
    """Q12, 6.6: 403 on modify and delete; writable when it is off."""
    rate = scoro.ok("vatCodes/modify", {"vat_code": "X", "percent": 5})["vat_code_id"]
    account = scoro.ok("financeAccounts/modify", {"name": "X", "account_symbol": "1"})["id"]
    scoro.switch(integration_active=True)
    for path in (f"vatCodes/modify/{rate}", f"vatCodes/delete/{rate}", f"financeAccounts/delete/{account}"):
        assert scoro.refused(path, {"percent": 6})[0] == 403, path
    scoro.switch(integration_active=False)
    scoro.ok(f"vatCodes/modify/{rate}", {"percent": 6})
    scoro.ok(f"vatCodes/delete/{rate}")
    assert rate not in [row["vat_code_id"] for row in scoro.ok("vatCodes/list")]


def test_class_of_a_line_is_its_accounting_object(scoro):
    """Q26: `finance_object_id`; accounting objects are read-only."""
    chosen = scoro.ok("financeObjects/list")[0]
    got = scoro.invoice(lines=[line(finance_object_id=chosen["object_id"])])["lines"][0]
    assert (got["finance_object_name"], got["finance_object_symbol"]) == (chosen["name"], chosen["object_symbol"])
    assert scoro.post("financeObjects/modify", {"name": "x"}).status_code == 404


def test_pdf_is_linked(scoro):
    """2: `pdf/{id}` answers template, time and link."""
    assert scoro.ok("invoices/pdf/1").keys() == {"template_id", "datetime_created", "pdf_link"}
    assert scoro.post("bills/pdf/1").status_code == 404


def test_batch_modify_answers_for_every_object(scoro):
    """1.4: an array of object, action and errors."""
    answer = scoro.ok("products/batchModify", [{"name": "A"}, {"price": 1}, {"product_id": 1, "name": "B"}])
    assert [each["action"] for each in answer] == ["create", "create", "modify"]
    assert [each["errors"] for each in answer] == [[], ["name is required"], []]


def test_seeded_books_are_consistent(make_scoro):
    """Every seeded sum is what the service itself would calculate, in both profiles."""
    for profile in ("us", "uk"):
        scoro = make_scoro(profile=profile)
        parts = [part for receipt in scoro.all("receipts") for part in receipt["receipts"]]
        for invoice in scoro.all("invoices"):
            again = scoro.ok(f"invoices/view/{invoice['id']}")
            paid = sum(
                (Decimal(str(part["sum"])) for part in parts
                 if (part["sales_doc_type"], part["invoice_id"]) == ("invoices", invoice["id"])),
                Decimal(),
            )  # fmt: skip
            assert Decimal(str(invoice["paid_sum"])) == paid
            echo = scoro.ok(f"invoices/modify/{invoice['id']}", {"lines": again["lines"]})
            names = ("sum", "vat_sum", "paid_sum", "receivable_sum", "status", "lines")
            assert {name: echo[name] for name in names} == {name: again[name] for name in names}


def test_sent_invoice_may_take_texts_only(scoro):
    """Q15: the switch refuses what changes the sum of a document that went out."""
    invoice = scoro.invoice(is_sent=1)
    path = f"invoices/modify/{invoice['id']}"
    scoro.ok(path, {"lines": [line(price=3)]})
    scoro.switch(sent_documents_editable=False)
    assert scoro.refused(path, {"lines": [line()]})[0] == 400
    assert scoro.ok(path, {"description": "x"})["description"] == "x"


def test_numbers_may_be_the_services_own(scoro):
    """Q14, the other answer: whatever is sent, the next number is given and stays."""
    first = int(scoro.invoice()["no"])
    scoro.switch(numbers_settable=False)
    invoice = scoro.invoice(no="9000")
    assert invoice["no"] == str(first + 1)
    assert scoro.ok(f"invoices/modify/{invoice['id']}", {"no": "9000"})["no"] == str(first + 1)


def test_crediting_may_be_left_to_people(scoro):
    """Q8, the other answer: the API refuses it, the screens do it."""
    invoice = scoro.invoice(lines=[line(price=100)])
    scoro.switch(credit_invoices_by_api=False)
    sent = {"company_id": 1, "lines": [line(price=100, amount=-1)], "credited_invoices": [invoice["id"]]}
    assert scoro.refused("invoices/modify", sent)[0] == 400
    assert scoro.person("credit", module="invoices", id=invoice["id"])["credited_invoices"] == [invoice["id"]]


def test_line_takes_the_taxes_and_the_object_of_its_product(scoro):
    """2.3: taxes of sales and purchases of their own, the accounting object."""
    object_id = scoro.ok("financeObjects/list")[0]["object_id"]
    product = scoro.ok(
        "products/modify",
        {"name": "P", "default_vat_code_id": 3, "default_sales_tax_id": 1, "accounting_object_id": object_id},
    )["product_id"]
    sale = scoro.invoice(lines=[{"product_id": product, "amount": 1}])["lines"][0]
    assert (sale["vat_code_id"], sale["finance_object_id"]) == (1, object_id)
    bill = {"company_id": 1, "lines": [{"product_id": product, "amount": 1}]}
    assert scoro.ok("bills/modify", bill)["lines"][0]["vat_code_id"] == 3
    scoro.ok(f"products/modify/{product}", {"default_purchases_tax_id": 2})
    assert scoro.ok("bills/modify", bill)["lines"][0]["vat_code_id"] == 2


def test_owner_must_be_a_user(scoro):
    """2.8."""
    assert scoro.refused("invoices/modify/1", {"owner_id": 99}) == (400, ["owner_id 99 does not exist"])


def test_receipt_that_lost_its_document_is_in_the_journal(scoro):
    """The journal tells every write; a deletion may change receipts too."""
    scoro.switch(paid_documents_deletable=True)
    invoice = scoro.invoice()
    receipt = scoro.pay(invoice, 10)
    mark = scoro.look("journal")["last"]
    scoro.ok(f"invoices/delete/{invoice['id']}")
    entries = scoro.look(f"journal?since={mark}")["entries"]
    told = [(each["actor"]["kind"], each["entity"], each["id"]) for each in entries]
    assert told == [("system", "receipts", str(receipt["id"])), ("api", "invoices", str(invoice["id"]))]
    assert (len(entries[0]["before"]["receipts"]), entries[0]["after"]["receipts"]) == (1, [])


def test_batch_of_receipts_names_the_numbers(scoro):
    """2.15, 1.4: invoice_no on every modify."""
    invoice = scoro.invoice()
    sent = {"contact_id": 1, "sum": 5, "receipts": [{"invoice_id": invoice["id"], "sum": 5}]}
    (answer,) = scoro.ok("receipts/batchModify", [sent])
    assert answer["object"]["receipts"][0]["invoice_no"] == invoice["no"]
