"""Lines, currencies, closed books, voids, deletions, tax and classes (reference 13, behaviours 21 to 25, 28, 29)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.quickbooks.client import Client, Json, code, refusal


def test_b21_amount_must_be_quantity_times_price(books: Client, customer: Json, item: Json) -> None:
    """6070 otherwise; a missing Amount is computed."""
    line = books.line(item, 99, Qty=2, UnitPrice=50)
    error = refusal(books.post("invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [line]}))
    assert (error["code"], error["Message"]) == ("6070", "Amount calculation incorrect in the request")
    assert error["Detail"] == "Amount is not equal to UnitPrice * Qty. Supplied value:99"
    del line["Amount"]
    assert books.write("Invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [line]})["TotalAmt"] == 100


def test_b21_a_minimal_invoice_comes_back_completed(books: Client, customer: Json, item: Json) -> None:
    """Subtotal line without Id at the end, NON on lines, due date, statuses and empty lists."""
    invoice = books.invoice(customer, item)
    assert [line["DetailType"] for line in invoice["Line"]] == ["SalesItemLineDetail", "SubTotalLineDetail"]
    assert invoice["Line"][-1] == {"Amount": 100, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    assert invoice["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert (invoice["Line"][0]["Id"], invoice["Line"][0]["LineNum"]) == ("1", 1)
    assert invoice["DueDate"] == "2026-12-02"
    assert (invoice["EmailStatus"], invoice["PrintStatus"]) == ("NotSet", "NeedToPrint")
    assert invoice["TxnTaxDetail"] == {"TotalTax": 0}
    assert (invoice["LinkedTxn"], invoice["CustomField"], invoice["AllowIPNPayment"]) == ([], [], False)
    assert (invoice["Balance"], invoice["ApplyTaxAfterDiscount"]) == (100, False)


def test_b21_us_lines_take_only_tax_or_non(books: Client, customer: Json) -> None:
    """TAX is the default of a taxable item; a real code on a line is 6100."""
    taxable = books.item("Goods", Taxable=True)
    assert books.invoice(customer, taxable)["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "TAX"}
    line = books.line(taxable, TaxCodeRef={"value": "2"})
    assert code(books.post("invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [line]})) == "6100"


def test_b21_echoed_subtotal_lines_are_not_counted_twice(books: Client, customer: Json, item: Json) -> None:
    """A client that sends back the whole document gets the same total; discounts reduce it."""
    invoice = books.invoice(customer, item)
    assert books.write("Invoice", invoice)["TotalAmt"] == 100
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 12.5},
    }
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item), discount]}
    assert books.write("Invoice", body)["TotalAmt"] == Decimal("87.5")


def test_b22_a_contacts_currency_stays_and_documents_follow_it(books: Client, item: Json) -> None:
    """CurrencyRef carries the ISO code; a change is ignored (or refused, by switch); documents must agree with it."""
    client = books.customer("Europa", CurrencyRef={"value": "EUR"})
    assert client["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
    kept = books.sparse("Customer", client, CurrencyRef={"value": "USD"})
    assert kept["CurrencyRef"]["value"] == "EUR"
    books.switch(contact_currency_refused=True)
    change = {"Id": client["Id"], "SyncToken": kept["SyncToken"], "sparse": True, "CurrencyRef": {"value": "USD"}}
    assert code(books.post("customer", change)) == "6000"
    body = {"CustomerRef": {"value": client["Id"]}, "Line": [books.line(item)]}
    for wrong in ({}, {"CurrencyRef": {"value": "USD"}}):
        assert code(books.post("invoice", {**body, **wrong})) == "6000"
    invoice = books.write("Invoice", {**body, "CurrencyRef": {"value": "EUR"}, "ExchangeRate": 1.25})
    assert (invoice["HomeTotalAmt"], invoice["HomeBalance"]) == (125, 125)


def test_b22_a_payment_without_rate_is_booked_at_one(books: Client, item: Json) -> None:
    """Invoices take the rate of the day, payments and vendor credits 1."""
    client = books.customer("Europa", CurrencyRef={"value": "EUR"})
    books.write("ExchangeRate", {"SourceCurrencyCode": "EUR", "Rate": 1.5, "AsOfDate": "2026-11-02"})
    invoice = books.invoice(client, item, CurrencyRef={"value": "EUR"})
    assert invoice["ExchangeRate"] == 1.5
    payment = books.pay(client, 100, (invoice, 100), CurrencyRef={"value": "EUR"})
    assert payment["ExchangeRate"] == 1


def test_b22_a_new_currency_joins_the_company_list_with_its_accounts(books: Client) -> None:
    """Creating a party in a currency not on the list adds it and its A/R and A/P accounts."""
    books.vendor("Zürich AG", CurrencyRef={"value": "CHF"})
    listed = books.query("select * from CompanyCurrency where Code = 'CHF'")["CompanyCurrency"][0]
    assert (listed["Name"], listed["Active"]) == ("Swiss Franc", True)
    accounts = books.query("select * from Account where AccountType = 'Accounts Payable'")["Account"]
    assert "Accounts Payable (A/P) - CHF" in {row["Name"] for row in accounts}


def test_b22_a_single_currency_company_refuses_foreign_money(books: Client) -> None:
    """U16: home is accepted, another currency is 6000."""
    single = books.company("Cedar")
    assert single.customer("Home", CurrencyRef={"value": "USD"})["CurrencyRef"]["value"] == "USD"
    assert code(single.post("customer", {"DisplayName": "Abroad", "CurrencyRef": {"value": "EUR"}})) == "6000"


def test_b23_closed_books_refuse_every_write_on_or_before_the_date(books: Client, customer: Json, item: Json) -> None:
    """6210 on create, update, void and delete, and for moving a document into the closed period."""
    old = books.invoice(customer, item, TxnDate="2026-05-31")
    fresh = books.invoice(customer, item, TxnDate="2026-06-01")
    books.person("preferences", body={"AccountingInfoPrefs": {"BookCloseDate": "2026-05-31"}})
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)], "TxnDate": "2026-05-31"}
    known = {"Id": old["Id"], "SyncToken": "0"}
    attempts = [
        books.post("invoice", body),
        books.post("invoice", {**known, "sparse": True, "PrivateNote": "x"}),
        books.post("invoice", {**known, "sparse": True, "TxnDate": "2026-07-01"}),
        books.post("invoice", known, operation="void"),
        books.post("invoice", known, operation="delete"),
        books.post("invoice", {"Id": fresh["Id"], "SyncToken": "0", "sparse": True, "TxnDate": "2026-05-30"}),
    ]
    assert [code(answer) for answer in attempts] == ["6210"] * 6
    assert books.sparse("Invoice", fresh, PrivateNote="open period")["SyncToken"] == "1"


def test_b24_a_void_leaves_a_zeroed_row_with_a_note(books: Client, customer: Json, item: Json) -> None:
    """Amounts and quantities zero, note "Voided" (prefixed to an older one), token +1, the row stays."""
    invoice = books.write(
        "Invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item, 100, Qty=2, UnitPrice=50)]}
    )
    void = books.write("Invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="void")
    assert (void["TotalAmt"], void["Balance"], void["PrivateNote"], void["SyncToken"]) == (0, 0, "Voided", "1")
    assert "status" not in void
    assert [line["Amount"] for line in void["Line"]] == [0, 0]
    assert "Qty" not in void["Line"][0]["SalesItemLineDetail"]
    assert books.read("Customer", customer["Id"])["Balance"] == 0
    noted = books.invoice(customer, item, PrivateNote="for May")
    again = books.write("Invoice", {"Id": noted["Id"], "SyncToken": "0"}, operation="void")
    assert again["PrivateNote"] == "Voided - for May"
    assert books.query("select * from Invoice where TotalAmt = '0'")["maxResults"] == 2


def test_b24_void_of_a_paid_invoice_is_refused_unless_switched(books: Client, customer: Json, item: Json) -> None:
    """Default as seen in production: 6000 naming the linked payment. Switched: the money becomes unapplied."""
    invoice = books.invoice(customer, item)
    payment = books.pay(customer, 100, (invoice, 100))
    known = {"Id": invoice["Id"], "SyncToken": "1"}
    for operation in ("void", "delete"):
        error = refusal(books.post("invoice", known, operation=operation))
        assert error["code"] == "6000"
        assert "payment is applied" in error["Detail"]
        assert "linked transaction" in error["Detail"]
    books.switch(void_with_payment_allowed=True)
    assert books.write("Invoice", known, operation="void")["LinkedTxn"] == []
    freed = books.read("Payment", payment["Id"])
    assert (freed["UnappliedAmt"], freed["Line"]) == (100, [])
    assert books.read("Customer", customer["Id"])["Balance"] == -100


def test_b25_a_deleted_transaction_is_gone_and_its_number_free(books: Client, customer: Json, item: Json) -> None:
    """The envelope says Deleted; later read, update and delete are 610; name lists refuse deletion."""
    invoice = books.invoice(customer, item, DocNumber="77")
    known = {"Id": invoice["Id"], "SyncToken": "0"}
    assert books.delete("Invoice", invoice) == {"domain": "QBO", "status": "Deleted", "Id": invoice["Id"]}
    attempts = [
        books.get(f"invoice/{invoice['Id']}"),
        books.post("invoice", {**known, "sparse": True}),
        books.post("invoice", known, operation="delete"),
    ]
    assert [code(answer) for answer in attempts] == ["610"] * 3
    assert books.invoice(customer, item, DocNumber="77")["DocNumber"] == "77"
    assert code(books.post("customer", {"Id": customer["Id"], "SyncToken": "0"}, operation="delete")) == "500"


def test_the_next_number_follows_the_last_one_entered(books: Client, customer: Json, item: Json) -> None:
    """Last + 1 (section 3.10); saving an old document again, or deleting one, enters no number."""
    first, second, third = (books.invoice(customer, item) for _ in range(3))
    books.delete("Invoice", second)
    books.write("Invoice", {"Id": first["Id"], "SyncToken": first["SyncToken"], "sparse": True, "PrivateNote": "again"})
    assert int(books.invoice(customer, item)["DocNumber"]) == int(third["DocNumber"]) + 1


def test_b28_class_on_lines_or_on_the_header_as_the_company_tracks_them(
    books: Client, customer: Json, item: Json
) -> None:
    """Per line: the line keeps it, the header loses it; per transaction the other way round."""
    tracking = books.write("Class", {"Name": "Design"})
    ref = {"value": tracking["Id"]}
    line = books.line(item, ClassRef=ref)
    body = {"CustomerRef": {"value": customer["Id"]}, "ClassRef": ref, "Line": [line]}
    per_line = books.write("Invoice", body)
    assert per_line["Line"][0]["SalesItemLineDetail"]["ClassRef"] == {**ref, "name": "Design"}
    assert "ClassRef" not in per_line
    prefs = {"AccountingInfoPrefs": {"ClassTrackingPerTxnLine": False, "ClassTrackingPerTxn": True}}
    books.person("preferences", body=prefs)
    per_document = books.write("Invoice", body)
    assert per_document["ClassRef"]["value"] == tracking["Id"]
    assert "ClassRef" not in per_document["Line"][0]["SalesItemLineDetail"]


def test_b28_projects_are_customer_rows_and_sit_on_headers_or_bill_lines(
    books: Client, customer: Json, vendor: Json, item: Json
) -> None:
    """IsProject rows come with the customers; ProjectRef is a header on sales and beside DetailType on bill lines."""
    made = books.person("project", id=customer["Id"], project="Website")
    row = books.query("select * from Customer where Job = true")["Customer"][0]
    assert (row["IsProject"], row["FullyQualifiedName"]) == (True, "Acme Ltd:Website")
    assert row["ParentRef"] == {"value": customer["Id"]}
    for ref in ({"value": made["projectId"]}, {"value": row["Id"]}):
        assert books.invoice(customer, item, ProjectRef=ref)["ProjectRef"] == ref
        line = {**books.cost(), "ProjectRef": ref}
        bill = books.write("Bill", {"VendorRef": {"value": vendor["Id"]}, "Line": [line]})
        assert bill["Line"][0]["ProjectRef"] == ref
        assert "ProjectRef" not in bill
    unknown = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)], "ProjectRef": {"value": "5"}}
    assert code(books.post("invoice", unknown)) == "2500"
    inside = books.cost(60, ProjectRef={"value": row["Id"]})
    assert code(books.post("bill", {"VendorRef": {"value": vendor["Id"]}, "Line": [inside]})) == "2010"


def test_b29_uk_lines_need_a_tax_code_and_get_tax_lines(uk: Client) -> None:
    """6000 without a rate; GlobalTaxCalculation is echoed; one TaxLine per rate, rounded on the transaction."""
    client, item = uk.customer(), uk.item()
    body = {"CustomerRef": {"value": client["Id"]}, "Line": [uk.line(item, 33.33)]}
    error = refusal(uk.post("invoice", body))
    assert error["code"] == "6000"
    assert "rate" in error["Detail"]
    codes = {row["Name"]: row["Id"] for row in uk.query("select * from TaxCode")["TaxCode"]}
    standard, reduced = {"value": codes["20.0% S"]}, {"value": codes["5.0% R"]}
    lines = [uk.line(item, 0.33, TaxCodeRef=standard) for _ in range(3)] + [uk.line(item, 10, TaxCodeRef=reduced)]
    invoice = uk.write("Invoice", {**body, "Line": lines, "GlobalTaxCalculation": "TaxExcluded"})
    assert invoice["GlobalTaxCalculation"] == "TaxExcluded"
    taxes = {line["TaxLineDetail"]["TaxPercent"]: line["Amount"] for line in invoice["TxnTaxDetail"]["TaxLine"]}
    assert taxes == {20: 0.2, 5: 0.5}
    assert (invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == (0.7, 11.69)


def test_b29_uk_inclusive_amounts_and_documents_without_tax(uk: Client) -> None:
    """TaxInclusive: Amount is the net of TaxInclusiveAmt. NotApplicable: no tax, and a TxnTaxDetail is 6170."""
    client, item = uk.customer(), uk.item()
    codes = {row["Name"]: row["Id"] for row in uk.query("select * from TaxCode")["TaxCode"]}
    standard = {"value": codes["20.0% S"]}
    line = uk.line(item, 100, TaxCodeRef=standard, TaxInclusiveAmt=120)
    head = {"CustomerRef": {"value": client["Id"]}}
    gross = uk.write("Invoice", {**head, "Line": [line], "GlobalTaxCalculation": "TaxInclusive"})
    assert (gross["Line"][0]["Amount"], gross["TotalAmt"]) == (100, 120)
    free = {**head, "Line": [uk.line(item)], "GlobalTaxCalculation": "NotApplicable"}
    assert uk.write("Invoice", free)["TotalAmt"] == 100
    tax_line = {"Amount": 1, "DetailType": "TaxLineDetail", "TaxLineDetail": {"TaxRateRef": {"value": "1"}}}
    assert code(uk.post("invoice", {**free, "TxnTaxDetail": {"TaxLine": [tax_line]}})) == "6170"
    sales_only = uk.cost(10, TaxCodeRef={"value": codes["20.0% S sales only"]})
    assert code(uk.post("bill", {"VendorRef": {"value": uk.vendor()["Id"]}, "Line": [sales_only]})) == "6000"


def test_b29_the_us_engine_decides_the_tax_code_by_itself(books: Client, customer: Json) -> None:
    """Automated: a supplied TxnTaxCodeRef is replaced. Manual company: the code named is the one used."""
    detail = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "3"}}}
    automated = books.invoice(customer, books.item("Goods", Taxable=True), 335.25, **detail)
    assert automated["TxnTaxDetail"]["TxnTaxCodeRef"] == {"value": "2"}
    assert (automated["TxnTaxDetail"]["TotalTax"], automated["TotalAmt"]) == (26.82, 362.07)
    manual = books.company("Cedar")
    chosen = manual.invoice(manual.customer(), manual.item("Goods", Taxable=True), 100, **detail)
    assert chosen["TxnTaxDetail"]["TxnTaxCodeRef"] == {"value": "3"}
    assert chosen["TxnTaxDetail"]["TotalTax"] == pytest.approx(9.1)


def test_an_estimate_and_its_invoice_show_each_other(books: Client, customer: Json, item: Json) -> None:
    """A link from the invoice appears on the estimate, whose version moves; unlinking and deleting take it back."""
    quote = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)]}
    estimate = books.write("Estimate", quote)
    origin = {"TxnId": estimate["Id"], "TxnType": "Estimate"}
    invoice = books.invoice(customer, item, LinkedTxn=[origin])
    assert invoice["LinkedTxn"] == [origin]
    linked = books.read("Estimate", estimate["Id"])
    assert (linked["LinkedTxn"], linked["SyncToken"]) == ([{"TxnId": invoice["Id"], "TxnType": "Invoice"}], "1")
    kept = books.sparse("Estimate", linked, PrivateNote="agreed", LinkedTxn=[])
    assert kept["LinkedTxn"] == linked["LinkedTxn"]
    books.sparse("Invoice", invoice, LinkedTxn=[])
    assert books.read("Estimate", estimate["Id"])["LinkedTxn"] == []
    again = books.invoice(customer, item, LinkedTxn=[origin])
    books.delete("Estimate", books.read("Estimate", estimate["Id"]))
    freed = books.read("Invoice", again["Id"])
    assert (freed["LinkedTxn"], freed["SyncToken"]) == ([], "1")
    other = books.customer("Somebody else")
    strange = {**quote, "CustomerRef": {"value": other["Id"]}, "LinkedTxn": [origin]}
    assert code(books.post("invoice", strange)) == "620"


def test_billed_time_says_so(books: Client, customer: Json, item: Json) -> None:
    """Time on an invoice becomes HasBeenBilled, and billable again when the invoice goes."""
    time = {"NameOf": "Employee", "Hours": 2, "CustomerRef": {"value": customer["Id"]}, "BillableStatus": "Billable"}
    spent = books.write("TimeActivity", time)
    invoice = books.invoice(customer, item, LinkedTxn=[{"TxnId": spent["Id"], "TxnType": "TimeActivity"}])
    assert books.read("TimeActivity", spent["Id"])["BillableStatus"] == "HasBeenBilled"
    books.delete("Invoice", invoice)
    assert books.read("TimeActivity", spent["Id"])["BillableStatus"] == "Billable"


def test_a_taxed_document_has_at_most_750_taxable_lines(books: Client, customer: Json, item: Json) -> None:
    """One more is 6000; lines without tax may be many."""
    goods = books.item("Goods", Taxable=True)
    head = {"CustomerRef": {"value": customer["Id"]}}
    assert books.write("Invoice", {**head, "Line": [books.line(goods, 1)] * 750})["TotalAmt"] == 810
    assert code(books.post("invoice", {**head, "Line": [books.line(goods, 1)] * 751})) == "6000"
    assert books.write("Invoice", {**head, "Line": [books.line(item, 1)] * 751})["TotalAmt"] == 751


def test_a_category_only_orders_the_products(books: Client, customer: Json, item: Json) -> None:
    """Products hang below it with their full name; it cannot be sold itself; stock needs a cost account."""
    category = books.write("Item", {"Name": "Design", "Type": "Category"})
    below = books.item("Logo", SubItem=True, ParentRef={"value": category["Id"]})
    assert (below["FullyQualifiedName"], below["Level"]) == ("Design:Logo", 1)
    sold = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(category)]}
    assert code(books.post("invoice", sold)) == "6000"
    refs = {"IncomeAccountRef": "Income", "ExpenseAccountRef": "Expense", "AssetAccountRef": "Other Current Asset"}
    stocked = {name: {"value": books.account(kind)} for name, kind in refs.items()}
    start = {"Type": "Inventory", "TrackQtyOnHand": True, "QtyOnHand": 1, "InvStartDate": "2026-01-01"}
    assert code(books.post("item", {"Name": "Rocks", **stocked, **start})) == "6430"
