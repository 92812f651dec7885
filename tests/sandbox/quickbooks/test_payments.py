"""Payments, credits and what they do to balances (reference 13, behaviours 26 and 27)."""

from __future__ import annotations

from typing import Any

from tests.sandbox.quickbooks.client import Client, Json, code, refusal


def attempt(books: Client, customer: Json, amount: Any, document: Json, part: Any, kind: str = "Invoice") -> Any:
    line = {"Amount": part, "LinkedTxn": [{"TxnId": document["Id"], "TxnType": kind}]}
    return books.post("payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": amount, "Line": [line]})


def test_b26_unapplied_money_and_several_documents_add_up(books: Client, customer: Json, item: Json) -> None:
    """UnappliedAmt is the rest; each document takes its line; lines have no Id and carry LineEx."""
    one, two = books.invoice(customer, item, 100), books.invoice(customer, item, 50)
    payment = books.pay(customer, 200, (one, 70), (two, 50))
    assert (payment["UnappliedAmt"], payment["TotalAmt"]) == (80, 200)
    funds = books.query("select * from Account where AccountSubType = 'UndepositedFunds'")["Account"][0]
    assert payment["DepositToAccountRef"] == {"value": funds["Id"]}
    assert all("Id" not in line for line in payment["Line"])
    names = {entry["value"]["Name"] for entry in payment["Line"][0]["LineEx"]["any"]}
    assert names == {"txnId", "txnOpenBalance", "txnReferenceNumber"}
    assert [books.read("Invoice", row["Id"])["Balance"] for row in (one, two)] == [30, 0]
    assert books.read("Customer", customer["Id"])["Balance"] == -50
    kept = books.sparse("Payment", payment, PrivateNote="x")
    assert len(kept["Line"]) == 2
    full = {"Id": kept["Id"], "SyncToken": kept["SyncToken"], "CustomerRef": kept["CustomerRef"], "TotalAmt": 200}
    assert books.write("Payment", full)["UnappliedAmt"] == 200
    assert books.read("Invoice", one["Id"])["Balance"] == 100


def test_b26_a_bare_payment_is_all_unapplied(books: Client, customer: Json) -> None:
    """Line is optional; TotalAmt is not."""
    payment = books.write("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 25})
    assert (payment["UnappliedAmt"], payment["Line"]) == (25, [])
    error = refusal(books.post("payment", {"CustomerRef": {"value": customer["Id"]}}))
    assert error["Detail"] == "Business Validation Error: You must set a transaction amount."


def test_b26_a_credit_memo_is_applied_by_a_payment_without_money(books: Client, customer: Json, item: Json) -> None:
    """TotalAmt 0 with an Invoice and a CreditMemo line; the memo is used up and shows no link."""
    invoice = books.invoice(customer, item, 100)
    memo = books.write("CreditMemo", {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item, 40)]})
    assert (memo["RemainingCredit"], memo["Balance"]) == (40, 40)
    payment = books.pay(customer, 0, (invoice, 40), (memo, 40))
    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (0, 0)
    used = books.read("CreditMemo", memo["Id"])
    assert (used["RemainingCredit"], used["Balance"], used["SyncToken"]) == (0, 0, "1")
    assert "LinkedTxn" not in used
    assert books.read("Invoice", invoice["Id"])["Balance"] == 60
    assert books.read("Customer", customer["Id"])["Balance"] == 60


def test_b26_wrong_customer_and_too_much_money_are_refused(books: Client, customer: Json, item: Json) -> None:
    """Another customer's invoice is 620, more than the open balance 6000; a parent pays for a sub-customer that bills with it."""
    invoice = books.invoice(customer, item)
    assert code(attempt(books, books.customer("Stranger"), 10, invoice, 10)) == "620"
    assert code(attempt(books, customer, 200, invoice, 101)) == "6000"
    assert code(attempt(books, customer, 10, invoice, 11)) == "6000"
    assert code(attempt(books, customer, 10, {"Id": "4711"}, 10)) == "620"
    parent = {"Job": True, "ParentRef": {"value": customer["Id"]}}
    child, grown_up = books.customer("Branch", BillWithParent=True, **parent), books.customer("Daughter", **parent)
    assert attempt(books, customer, 10, books.invoice(child, item), 10).status_code == 200
    assert code(attempt(books, customer, 10, books.invoice(grown_up, item), 10)) == "620"


def test_b26_a_deposited_payment_keeps_its_money(books: Client, customer: Json, item: Json) -> None:
    """6540 on change of amount, void and delete until the deposit is gone; a note may change."""
    payment = books.pay(customer, 100, (books.invoice(customer, item), 100))
    deposit = books.person("deposit", ids=[payment["Id"]])["Deposit"]
    known = {"Id": payment["Id"], "SyncToken": payment["SyncToken"], "sparse": True}
    refused = [
        books.post("payment", {**known, "TotalAmt": 120}),
        books.post("payment", known, operation="update", include="void"),
        books.post("payment", known, operation="delete"),
    ]
    assert [code(answer) for answer in refused] == ["6540"] * 3
    assert refusal(refused[0])["Detail"].startswith("This transaction has been deposited.")
    noted = books.write("Payment", {**known, "PrivateNote": "cash"})
    books.delete("Deposit", deposit)
    assert books.delete("Payment", noted)["status"] == "Deleted"


def test_b26_voiding_a_payment_frees_its_documents(books: Client, customer: Json, item: Json) -> None:
    """Both addresses work; total 0, note "Voided", links cleared, the row stays."""
    for params in ({"operation": "update", "include": "void"}, {"operation": "void"}):
        invoice = books.invoice(customer, item)
        payment = books.pay(customer, 100, (invoice, 100))
        void = books.write("Payment", {"Id": payment["Id"], "SyncToken": "0", "sparse": True}, **params)
        assert (void["TotalAmt"], void["PrivateNote"], void["Line"], void["SyncToken"]) == (0, "Voided", [], "1")
        freed = books.read("Invoice", invoice["Id"])
        assert (freed["Balance"], freed["LinkedTxn"], freed["SyncToken"]) == (100, [], "2")
    assert books.read("Customer", customer["Id"])["Balance"] == 200


def test_b26_a_total_below_what_is_paid_frees_money_or_is_refused(books: Client, customer: Json, item: Json) -> None:
    """U3: by default the payment's unapplied part grows; switched, 6000."""
    invoice = books.invoice(customer, item, 100)
    payment = books.pay(customer, 100, (invoice, 100))
    books.switch(total_below_paid_allowed=False)
    smaller = {"Id": invoice["Id"], "SyncToken": "1", "sparse": True, "Line": [books.line(item, 60)]}
    assert code(books.post("invoice", smaller)) == "6000"
    books.switch(total_below_paid_allowed=True)
    assert books.write("Invoice", smaller)["Balance"] == 0
    after = books.read("Payment", payment["Id"])
    assert (after["UnappliedAmt"], after["Line"][0]["Amount"]) == (40, 60)
    assert books.read("Customer", customer["Id"])["Balance"] == -40


def test_b26_bills_are_settled_by_payments_and_vendor_credits(books: Client, vendor: Json) -> None:
    """A BillPayment may use up a vendor credit; PayType and its account are needed."""
    bill = books.bill(vendor, 60)
    credit = books.write("VendorCredit", {"VendorRef": {"value": vendor["Id"]}, "Line": [books.cost(25)]})
    assert books.read("Vendor", vendor["Id"])["Balance"] == 35
    parts = ((bill, "Bill", 60), (credit, "VendorCredit", 25))
    lines = [{"Amount": part, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": kind}]} for row, kind, part in parts]
    body = {"VendorRef": {"value": vendor["Id"]}, "TotalAmt": 35, "Line": lines}
    assert code(books.post("billpayment", body)) == "2020"
    bank = {"CheckPayment": {"BankAccountRef": {"value": books.account("Bank")}}, "PayType": "Check"}
    wrong = {"CheckPayment": {"BankAccountRef": {"value": books.account("Expense")}}, "PayType": "Check"}
    assert code(books.post("billpayment", {**body, **wrong})) == "6430"
    books.write("BillPayment", {**body, **bank})
    assert books.read("Bill", bill["Id"])["Balance"] == 0
    assert books.read("VendorCredit", credit["Id"])["Balance"] == 0
    assert books.read("Vendor", vendor["Id"])["Balance"] == 0


def test_b27_open_credits_find_open_invoices_by_themselves(books: Client, customer: Json, item: Json) -> None:
    """AutoApplyCredit: a new credit memo makes a payment of 0 that changes documents nobody touched; so does an invoice."""
    invoice = books.invoice(customer, item, 100)
    memo = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item, 130)]}
    books.write("CreditMemo", memo)
    assert books.query("select * from Payment") == {}
    books.person("preferences", body={"SalesFormsPrefs": {"AutoApplyCredit": True}})
    books.write("CreditMemo", memo)
    payment = books.query("select * from Payment")["Payment"][0]
    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (0, 0)
    assert payment["PrivateNote"] == "Created by QB Online to link credits to charges."
    assert {line["LinkedTxn"][0]["TxnType"]: line["Amount"] for line in payment["Line"]} == {
        "Invoice": 100,
        "CreditMemo": 100,
    }
    settled = books.read("Invoice", invoice["Id"])
    assert (settled["Balance"], settled["SyncToken"]) == (0, "1")
    later = books.invoice(customer, item, 30)
    assert books.read("Invoice", later["Id"])["Balance"] == 0
    system = [entry for entry in books.sandbox.journal.since() if entry["actor"]["kind"] == "system"]
    assert {entry["entity"] for entry in system} >= {"Payment"}


def test_b27_received_money_is_applied_by_itself_where_the_company_wants_it(
    books: Client, customer: Json, item: Json
) -> None:
    """AutoApplyPayments: a payment's rest goes to the oldest open invoice, later invoices take what is still left."""
    newer = books.invoice(customer, item, 50, TxnDate="2026-06-01")
    older = books.invoice(customer, item, 30, TxnDate="2026-05-01")
    prefs = books.get("preferences").json()["Preferences"]
    books.write(
        "Preferences", {"Id": "1", "SyncToken": prefs["SyncToken"], "SalesFormsPrefs": {"AutoApplyPayments": True}}
    )
    payment = books.write("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 100})
    assert [line["LinkedTxn"][0]["TxnId"] for line in payment["Line"]] == [older["Id"], newer["Id"]]
    assert payment["UnappliedAmt"] == 20
    later = books.invoice(customer, item, 70)
    assert (later["Balance"], later["SyncToken"]) == (50, "1")
    spent = books.read("Payment", payment["Id"])
    assert (spent["UnappliedAmt"], spent["SyncToken"]) == (0, "2")
    entry = books.http.get("/_control/journal").json()["entries"][-2]
    assert entry["actor"]["kind"] == "system"


def test_b26_a_payment_processed_by_quickbooks_itself_cannot_be_changed(books: Client, customer: Json) -> None:
    """6110 for updates and voids, 6120 for deletion."""
    paid = books.write("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 5, "ProcessPayment": True})
    known = {"Id": paid["Id"], "SyncToken": "0", "sparse": True}
    assert code(books.post("payment", {**known, "PrivateNote": "x"})) == "6110"
    assert code(books.post("payment", known, include="void")) == "6110"
    assert code(books.post("payment", known, operation="delete")) == "6120"
