"""Names, numbers and references (reference 13, behaviours 16 to 20)."""

from __future__ import annotations

import pytest

from tests.sandbox.quickbooks.client import Client, Json, code, refusal


@pytest.mark.parametrize("entity", ["Customer", "Vendor", "Employee"])
def test_b16_display_names_are_one_pool_for_all_people(books: Client, customer: Json, entity: str) -> None:
    """6240, case-insensitive; an inactive holder frees the name because its own is renamed."""
    error = refusal(books.post(entity.lower(), {"DisplayName": "ACME LTD"}))
    assert error["code"] == "6240"
    assert error["Message"] == "Duplicate Name Exists Error"
    assert error["Detail"] == (
        "The name supplied already exists. : Another customer, vendor or employee is already using this name. "
        "Please use a different name."
    )
    books.sparse("Customer", customer, Active=False)
    assert books.write(entity, {"DisplayName": "Acme Ltd"})["DisplayName"] == "Acme Ltd"
    assert code(books.post("vendor", {"DisplayName": "Acme Ltd (deleted)"})) == "6240"


def test_b17_deactivation_marks_the_name_and_reactivation_takes_the_mark_off(
    books: Client, customer: Json, item: Json
) -> None:
    """The suffix is on DisplayName, Name and FullyQualifiedName; an open balance is 6220; a taken name 6240."""
    gone = books.sparse("Customer", customer, Active=False)
    assert gone["DisplayName"] == gone["FullyQualifiedName"] == "Acme Ltd (deleted)"
    assert (gone["Active"], gone["SyncToken"]) == (False, "1")
    back = books.sparse("Customer", gone, Active=True)
    assert back["DisplayName"] == back["FullyQualifiedName"] == "Acme Ltd"
    off = books.sparse("Item", item, Active=False)
    assert (off["Name"], off["FullyQualifiedName"]) == ("Consulting (deleted)", "Consulting (deleted)")
    books.item("Consulting")
    assert code(books.post("item", {"Id": off["Id"], "SyncToken": "1", "sparse": True, "Active": True})) == "6240"
    books.invoice(back, books.item("Other"))
    error = refusal(books.post("customer", {"Id": back["Id"], "SyncToken": "2", "sparse": True, "Active": False}))
    assert error["code"] == "6220"
    assert error["Detail"] == (
        "The entity you are trying to delete has an open balance. : "
        "This customer cannot be deleted because it has a non-zero balance"
    )


@pytest.mark.parametrize(
    ("body", "expected", "element"),
    [
        ({"DisplayName": "A:B"}, "2040", "DisplayName"),
        ({"DisplayName": "A\tB"}, "2040", "DisplayName"),
        ({"DisplayName": "A\nB"}, "2040", "DisplayName"),
        ({"DisplayName": "x" * 501}, "2050", "DisplayName"),
        ({"DisplayName": "A", "Notes": "n" * 2001}, "2050", "Notes"),
        ({"CompanyName": "Only a company"}, "6080", "DisplayName"),
        ({"DisplayName": "A", "PrimaryEmailAddr": {"Address": "not an address"}}, "2210", "PrimaryEmailAddr"),
    ],
)
def test_b18_bad_texts_are_refused_with_their_own_code(books: Client, body: Json, expected: str, element: str) -> None:
    """2040 characters, 2050 length, 6080 no name, 2210 e-mail, each with its element."""
    error = refusal(books.post("customer", body))
    assert (error["code"], error["element"]) == (expected, element)


def test_b18_length_and_email_faults_quote_what_was_supplied(books: Client) -> None:
    """The details carry the limits and the value; a name is built from its parts where there is none."""
    long = refusal(books.post("vendor", {"DisplayName": "A", "Notes": "n" * 2001}))
    assert long["Detail"] == (
        "String length specified does not match the supported length. Min:0 Max:2,000 supported. Supplied length:2,001"
    )
    mail = refusal(books.post("vendor", {"DisplayName": "A", "PrimaryEmailAddr": {"Address": "a@"}}))
    assert mail["Detail"].endswith("Supplied value: a@")
    built = books.write("Customer", {"GivenName": "Mary", "FamilyName": "Major"})
    assert built["DisplayName"] == built["PrintOnCheckName"] == "Mary Major"


def test_b19_missing_and_inactive_references_are_refused_with_their_path(
    books: Client, customer: Json, item: Json
) -> None:
    """Missing: 2500 with the element path. Inactive: 610. A payment on a deleted invoice: 610 with another text."""
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line({"Id": "999"})]}
    error = refusal(books.post("invoice", body))
    assert (error["code"], error["element"]) == ("2500", "Line.SalesItemLineDetail.ItemRef")
    assert error["Detail"] == "Invalid Reference Id : Items element id 999 not found"
    invoice = books.invoice(customer, item)
    books.sparse("Item", item, Active=False)
    inactive = refusal(books.post("invoice", {**body, "Line": [books.line(item)]}))
    assert inactive["code"] == "610"
    assert inactive["Detail"].startswith("Object Not Found : Something you're trying to use has been made inactive.")
    assert books.sparse("Invoice", invoice, PrivateNote="the old line stays")["SyncToken"] == "1"
    books.delete("Invoice", books.read("Invoice", invoice["Id"]))
    link = {"Amount": 1, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    gone = books.post("payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 1, "Line": [link]})
    assert refusal(gone)["Detail"] == "Object Not Found : Another user has deleted this transaction."


def test_b20_document_numbers_are_unique_and_shared_by_invoices_and_credit_memos(
    books: Client, customer: Json, item: Json
) -> None:
    """6140 names the holder; include=allowduplicatedocnum passes; automatic numbers follow on; 22 characters are refused."""
    body = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)]}
    invoice = books.invoice(customer, item)
    memo = books.write("CreditMemo", body)
    assert int(memo["DocNumber"]) == int(invoice["DocNumber"]) + 1
    error = refusal(books.post("creditmemo", {**body, "DocNumber": invoice["DocNumber"]}))
    assert error["code"] == "6140"
    assert error["Detail"] == (
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        f"DocNumber={invoice['DocNumber']} is assigned to TxnType=Invoice with TxnId={invoice['Id']}"
    )
    allowed = books.write("Invoice", {**body, "DocNumber": invoice["DocNumber"]}, include="allowduplicatedocnum")
    assert allowed["DocNumber"] == invoice["DocNumber"]
    assert code(books.post("invoice", {**body, "DocNumber": "9" * 22})) == "2050"


def test_b20_custom_numbering_leaves_an_omitted_number_empty(books: Client, customer: Json, item: Json) -> None:
    """CustomTxnNumbers true: taken as sent, null if omitted; numbers of bills are checked per vendor."""
    books.person("preferences", body={"SalesFormsPrefs": {"CustomTxnNumbers": True}})
    assert "DocNumber" not in books.invoice(customer, item)
    assert books.invoice(customer, item, DocNumber="A-7")["DocNumber"] == "A-7"
    one, two = books.vendor("One"), books.vendor("Two")
    books.bill(one, DocNumber="S-9")
    assert books.bill(two, DocNumber="S-9")["DocNumber"] == "S-9"
    again = {"VendorRef": {"value": one["Id"]}, "Line": [books.cost()], "DocNumber": "S-9"}
    assert code(books.post("bill", again)) == "6140"
    assert books.write("Bill", again, include="allowduplicatedocnum")["DocNumber"] == "S-9"


def test_b17_a_customer_with_unbilled_costs_stays_active(books: Client, customer: Json, vendor: Json) -> None:
    """Billable costs or time that nobody has billed: 6280; billed, or not billable, it may go."""
    cost = books.cost(60, CustomerRef={"value": customer["Id"]}, BillableStatus="Billable")
    bill = books.write("Bill", {"VendorRef": {"value": vendor["Id"]}, "Line": [cost]})
    gone = {"Id": customer["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    assert code(books.post("customer", gone)) == "6280"
    books.sparse("Bill", bill, Line=[books.cost(60)])
    time = {"NameOf": "Employee", "Hours": 2, "CustomerRef": {"value": customer["Id"]}, "BillableStatus": "Billable"}
    spent = books.write("TimeActivity", time)
    assert code(books.post("customer", gone)) == "6280"
    books.sparse("TimeActivity", spent, BillableStatus="HasBeenBilled")
    assert books.write("Customer", gone)["Active"] is False


def test_b17_a_person_makes_a_customer_inactive_with_a_balancing_credit_memo(
    books: Client, customer: Json, item: Json
) -> None:
    """The API refuses an open balance; the user interface posts a credit memo over it first."""
    books.invoice(customer, item, 75)
    gone = {"Id": customer["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    assert code(books.post("customer", gone)) == "6220"
    assert books.person("deactivate", entity="Customer", id=customer["Id"])["Customer"]["Active"] is False
    (memo,) = books.query("select * from CreditMemo")["CreditMemo"]
    assert memo["TotalAmt"] == 75
    assert books.read("Customer", customer["Id"])["Balance"] == 0


def test_whom_a_sub_customer_bills_with_is_settled_by_its_first_invoice(
    books: Client, customer: Json, item: Json
) -> None:
    """6130 once there are invoices or payments."""
    child = books.customer("Branch", Job=True, ParentRef={"value": customer["Id"]})
    assert books.sparse("Customer", child, BillWithParent=True)["BillWithParent"] is True
    books.invoice(child, item)
    back = {"Id": child["Id"], "SyncToken": "1", "sparse": True, "BillWithParent": False}
    assert code(books.post("customer", back)) == "6130"


def test_b18_a_web_address_must_look_like_one(books: Client) -> None:
    """2200 otherwise."""
    error = refusal(books.post("customer", {"DisplayName": "A", "WebAddr": {"URI": "no address"}}))
    assert (error["code"], error["element"]) == ("2200", "WebAddr")
    for number, address in enumerate(("www.acme.test", "https://acme.test/path?q=1")):
        assert books.customer(f"Web {number}", WebAddr={"URI": address})["WebAddr"]["URI"] == address
