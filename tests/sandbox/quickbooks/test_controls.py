"""The control surface, the state file, projects by GraphQL, and the entities kept without bookkeeping."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks import create_quickbooks_sandbox
from tests.sandbox.quickbooks.client import Client, Json, code, refusal


def everything(client: Client) -> Json:
    """All rows of the company by entity, stamps included."""
    entities = (
        "Customer",
        "Vendor",
        "Item",
        "Invoice",
        "Bill",
        "Payment",
        "BillPayment",
        "Class",
        "Account",
        "TaxCode",
    )
    return {entity: client.all(entity) for entity in entities}


def test_reset_brings_the_same_books_every_time(clock: SandboxClock) -> None:
    """Same seed, profile and state: same objects, ids, stamps and tokens; another state differs."""
    client = Client(create_quickbooks_sandbox(clock=clock), clock)
    first, token = everything(client), client.token
    client.customer("Dirt")
    answer = client.control("reset", {"seed": "agency", "profile": "us", "state": 1})
    assert answer["realmId"] == client.realm
    assert len(answer["realms"]) == 6
    client.sign_in()
    assert client.token == token
    assert everything(client) == first
    assert client.control("reset", {"seed": "agency", "profile": "us", "state": 2})["state"] == 2
    client.sign_in()
    assert everything(client) != first


def test_uk_profile_makes_the_default_company_british(books: Client) -> None:
    """The default realm stays the same, its country changes."""
    realm = books.realm
    assert books.control("reset", {"seed": "empty", "profile": "uk"})["realmId"] == realm
    books.sign_in()
    assert books.get(f"companyinfo/{realm}").json()["CompanyInfo"]["Country"] == "GB"


def test_state_file_survives_a_restart(tmp_path: Path, clock: SandboxClock) -> None:
    """Books, versions, deletions, links, tokens and clock come back; work goes on with new ids."""
    path = tmp_path / "books.state"
    client = Client(create_quickbooks_sandbox(seed="empty", clock=clock, state_path=path), clock)
    customer, item = client.customer(), client.item()
    invoice, gone = client.invoice(customer, item), client.invoice(customer, item)
    client.delete("Invoice", gone)
    client.pay(customer, 30, (invoice, 30))
    client.person("project", id=customer["Id"], project="Website")
    lost = {"DisplayName": "Answer lost"}
    stored = client.post("vendor", lost, requestid="before-the-restart").content
    clock.advance(100)
    refresh = client.sign_in()["refresh_token"]
    assert client.sandbox.autosave is not None
    client.sandbox.autosave.close()
    later = SandboxClock.manual()
    again = Client(create_quickbooks_sandbox(seed="empty", clock=later, state_path=path), later)
    assert again.token != client.token
    again.token = client.token
    assert later.now() == clock.now()
    assert again.post("vendor", lost, requestid="before-the-restart").content == stored
    assert everything(again) == everything(client)
    paid = again.read("Invoice", invoice["Id"])
    assert (paid["Balance"], paid["SyncToken"]) == (70, "1")
    assert code(again.get(f"invoice/{gone['Id']}")) == "610"
    assert code(again.post("vendor", {"DisplayName": customer["DisplayName"]})) == "6240"
    assert int(again.invoice(customer, item)["DocNumber"]) == int(gone["DocNumber"]) + 1
    again.delete("Payment", again.query("select * from Payment")["Payment"][0])
    assert again.read("Invoice", invoice["Id"])["Balance"] == 100
    owed = again.read("Account", again.account("Accounts Receivable"))["CurrentBalance"]
    assert owed == again.read("Customer", customer["Id"])["Balance"] == 200
    again.sandbox.autosave.close() if again.sandbox.autosave else None
    answer = again.http.post(
        "/oauth2/v1/tokens/bearer",
        data={"grant_type": "refresh_token", "refresh_token": refresh},
        auth=("sandbox-client", "sandbox-secret"),
    )
    assert answer.status_code == 200


def test_stats_count_requests_batch_items_and_accepted_writes(books: Client) -> None:
    """By endpoint, entity and operation; refused items are no writes."""
    books.control("stats/reset")
    books.vendor("One")
    items = [{"bId": str(n), "operation": "create", "Vendor": {"DisplayName": name}} for n, name in enumerate("AAB")]
    books.post("batch", {"BatchItemRequest": items})
    books.query("select * from Vendor")
    stats = books.http.get("/_control/stats").json()
    assert (stats["requests"], stats["batch_items"], stats["writes"]) == (3, 3, 3)
    places = {(each["endpoint"], each["entity"], each["operation"]): each["requests"] for each in stats["by"]}
    assert places["entity", "Vendor", "create"] == 1
    assert places["query", "Vendor", "query"] == 1


def test_journal_tells_who_did_what_before_and_after(books: Client, customer: Json) -> None:
    """API client and person are told apart; a mark gives what came after it."""
    mark = books.http.get("/_control/journal").json()["last"]
    books.person("edit", entity="Customer", id=customer["Id"], body={"Notes": "by hand"})
    (entry,) = books.http.get("/_control/journal", params={"since": mark}).json()["entries"]
    assert (entry["operation"], entry["id"]) == ("update", customer["Id"])
    assert entry["actor"] == {"kind": "person", "name": "Ada Lindqvist"}
    assert "Notes" not in entry["before"]
    assert entry["after"]["Notes"] == "by hand"


def test_a_persons_edit_in_between_makes_the_token_stale(books: Client, customer: Json) -> None:
    """The fault dial saves the object under the caller's hands: 5010, then the retry with the new token passes."""
    books.fault("stale_token", entity="Customer")
    body = {"Id": customer["Id"], "SyncToken": "0", "sparse": True, "GivenName": "Ann"}
    assert code(books.post("customer", body)) == "5010"
    fresh = books.read("Customer", customer["Id"])
    assert fresh["Notes"].startswith("Edited by")
    assert books.sparse("Customer", fresh, GivenName="Ann")["SyncToken"] == "2"


@pytest.mark.parametrize(("kind", "status"), [("expired_token", 401), ("revoked_token", 401), ("forbidden_agent", 403)])
def test_token_faults_refuse_the_call(books: Client, kind: str, status: int) -> None:
    """An expired token is refused once, a revoked one for good, a forbidden agent with a page."""
    books.fault(kind)
    assert books.get(f"companyinfo/{books.realm}").status_code == status
    again = books.get(f"companyinfo/{books.realm}").status_code
    assert again == (401 if kind == "revoked_token" else 200)


def test_pages_may_repeat_shrink_or_lose_their_end(books: Client) -> None:
    """repeat_page gives the page before, truncate_page half the rows, truncate_body half the bytes."""
    for number in range(4):
        books.vendor(f"V{number}")
    second = "select * from Vendor startposition 3 maxresults 2"
    books.fault("repeat_page")
    assert [row["DisplayName"] for row in books.query(second)["Vendor"]] == ["V0", "V1"]
    books.fault("truncate_page")
    assert books.query(second)["maxResults"] == 1
    books.fault("truncate_body")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        books.get("query", query=second).json()


def test_projects_are_made_listed_and_changed_by_graphql(books: Client, customer: Json) -> None:
    """Create as real clients send it, page through, filter by due date, update, delete; errors come with 200."""

    def ask(query: str, **variables: object) -> Json:
        answer = books.http.post("/graphql", json={"query": query, "variables": variables}, headers=books.headers())
        assert answer.status_code == 200
        body: Json = answer.json()
        return body

    create = (
        "mutation($name:String!,$customer:ProjectManagement_CustomerInput){projectManagementCreateProject("
        "input:{name:$name,customer:$customer,status:OPEN,dueDate:$due}){... on ProjectManagement_Project{id name status}}}"
    )
    owner = {"id": customer["Id"]}
    made = [
        ask(create, name=f"P{number}", customer=owner, due=f"2026-12-0{number}")["data"][
            "projectManagementCreateProject"
        ]
        for number in (1, 2, 3)
    ]
    assert (made[0]["name"], made[0]["status"], len(made[0]["id"])) == ("P1", "OPEN", 8)
    listed = ask(
        "query { projectManagementProjects(first: 2) { edges { node { id } } pageInfo { hasNextPage endCursor } } }"
    )
    page = listed["data"]["projectManagementProjects"]
    assert [edge["node"]["name"] for edge in page["edges"]] == ["P1", "P2"]
    rest = ask(
        "query($c:String){ projectManagementProjects(first: 2, after: $c) { edges { node { id } } } }",
        c=page["pageInfo"]["endCursor"],
    )
    assert [edge["node"]["name"] for edge in rest["data"]["projectManagementProjects"]["edges"]] == ["P3"]
    between = {"dueDate": {"between": {"minDate": "2026-12-02", "maxDate": "2026-12-03"}}}
    late = ask(
        "query($f:F){ projectManagementProjects(filter: $f, orderBy: [DUE_DATE_DESC]) { edges { node { id } } } }",
        f=between,
    )
    assert [edge["node"]["name"] for edge in late["data"]["projectManagementProjects"]["edges"]] == ["P3", "P2"]
    renamed = ask(
        "mutation($i:I){ projectManagementUpdateProject(input: $i) { id } }", i={"id": made[0]["id"], "name": "P9"}
    )
    assert renamed["data"]["projectManagementUpdateProject"]["name"] == "P9"
    ask("mutation($i:I){ projectManagementDeleteProject(input: $i) { id } }", i={"id": made[0]["id"]})
    gone = ask("query($id:ID!){ projectManagementProject(id: $id) { id } }", id=made[0]["id"])
    assert gone["data"] is None
    assert gone["errors"][0]["extensions"]["code"] == "2500"
    assert ask(create, name="P2", customer=owner, due=None)["errors"][0]["extensions"]["code"] == "6240"


@pytest.mark.parametrize(
    ("entity", "body", "lacking"),
    [
        ("Purchase", {"PaymentType": "Cash", "AccountRef": {"value": "1"}, "Line": [{"Amount": 5}]}, "AccountRef"),
        ("PurchaseOrder", {"VendorRef": {"value": "1"}, "Line": [{"Amount": 5}]}, "VendorRef"),
        ("Transfer", {"Amount": 5, "FromAccountRef": {"value": "1"}, "ToAccountRef": {"value": "2"}}, "Amount"),
        ("TimeActivity", {"NameOf": "Employee", "Hours": 2}, "NameOf"),
        ("Deposit", {"DepositToAccountRef": {"value": "1"}, "Line": [{"Amount": 5}]}, "Line"),
        ("Estimate", {"CustomerRef": {"value": "1"}, "Line": [{"Amount": 5}]}, "Line"),
    ],
)
def test_other_entities_are_kept_without_bookkeeping(books: Client, entity: str, body: Json, lacking: str) -> None:
    """Create, read, query, sparse update and delete; a missing required property is 2020."""
    books.customer()
    made = books.write(entity, body)
    assert books.read(entity, made["Id"])["SyncToken"] == "0"
    assert books.all(entity)[entity][0]["Id"] == made["Id"]
    again = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    assert books.write(entity, again)["SyncToken"] == "1"
    assert books.delete(entity, {**made, "SyncToken": "1"})["status"] == "Deleted"
    assert code(books.post(entity.lower(), {name: value for name, value in body.items() if name != lacking})) == "2020"


def test_preferences_change_by_group_and_keep_what_only_people_may_switch(books: Client) -> None:
    """An update of one group leaves the others; AutoApplyCredit and the closing date are ignored through the API."""
    before = books.get("preferences").json()["Preferences"]
    asked = {"CustomTxnNumbers": True, "AutoApplyCredit": True}
    body = {"Id": "1", "SyncToken": before["SyncToken"], "SalesFormsPrefs": asked}
    changed = books.write("Preferences", {**body, "AccountingInfoPrefs": {"BookCloseDate": "2026-01-01"}})
    assert (changed["SalesFormsPrefs"]["CustomTxnNumbers"], changed["SalesFormsPrefs"]["AutoApplyCredit"]) == (
        True,
        False,
    )
    assert changed["AccountingInfoPrefs"] == before["AccountingInfoPrefs"]
    assert changed["CurrencyPrefs"] == before["CurrencyPrefs"]
    assert code(books.post("preferences", body)) == "5010"


def test_company_info_needs_its_name_and_address(books: Client) -> None:
    """Required on update: CompanyName and CompanyAddr."""
    info = books.get(f"companyinfo/{books.realm}").json()["CompanyInfo"]
    renamed = books.write("CompanyInfo", {**info, "CompanyName": "Northlight GmbH"})
    assert (renamed["CompanyName"], renamed["NameValue"]) == ("Northlight GmbH", info["NameValue"])
    assert code(books.post("companyinfo", {"SyncToken": "1", "CompanyName": "X"})) == "2020"


def test_a_changed_deposit_frees_the_payments_it_drops(books: Client, customer: Json) -> None:
    """A deposit written through the API links its payments; an edit without one of them frees it."""
    payments = [books.write("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 5}) for _ in range(2)]
    lines = [{"Amount": 5, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": "Payment"}]} for row in payments]
    deposit = books.write("Deposit", {"DepositToAccountRef": {"value": books.account("Bank")}, "Line": lines})
    assert [len(books.read("Payment", row["Id"])["LinkedTxn"]) for row in payments] == [1, 1]
    books.sparse("Deposit", deposit, Line=lines[:1])
    assert [len(books.read("Payment", row["Id"])["LinkedTxn"]) for row in payments] == [1, 0]


def test_exchange_rates_can_be_set_in_a_batch(books: Client) -> None:
    """ExchangeRate is keyed by currency and day, in a batch as by itself; reading gives the day's rate."""
    rate = {"SourceCurrencyCode": "EUR", "Rate": 1.31, "AsOfDate": "2026-10-01"}
    items = [{"bId": "1", "operation": "update", "ExchangeRate": rate}]
    assert (
        books.post("batch", {"BatchItemRequest": items}).json()["BatchItemResponse"][0]["ExchangeRate"]["Rate"] == 1.31
    )
    for day, expected in (("2026-10-01", 1.31), ("2026-10-02", 1.08)):
        found = books.get("exchangerate", sourcecurrencycode="EUR", asofdate=day).json()["ExchangeRate"]
        assert (found["Rate"], found["TargetCurrencyCode"], found["AsOfDate"]) == (expected, "USD", day)


def test_a_journal_entry_must_balance(books: Client) -> None:
    """Debits equal credits, or 2300."""
    sides = [
        {"Amount": amount, "JournalEntryLineDetail": {"PostingType": side}}
        for side, amount in (("Debit", 5), ("Credit", 5))
    ]
    assert books.write("JournalEntry", {"Line": sides})["TotalAmt"] == 5
    assert code(books.post("journalentry", {"Line": [sides[0], {**sides[1], "Amount": 4}]})) == "2300"


def test_an_address_edited_on_a_document_comes_back_flat(books: Client, item: Json) -> None:
    """Names first, then the street, then city, region and postcode in one line; the customer's own stays structured."""
    street = {"Line1": "12 Mill Row", "City": "Millbrook", "CountrySubDivisionCode": "CA", "PostalCode": "94001"}
    customer = books.customer("Nell's Flowers", GivenName="Nell", FamilyName="Harper", BillAddr=street)
    assert customer["BillAddr"]["City"] == "Millbrook"
    invoice = books.invoice(customer, item)
    assert invoice["BillAddr"] == customer["BillAddr"]
    assert "ShipAddr" not in invoice
    edited = books.sparse("Invoice", invoice, BillAddr={**street, "Line1": "1 New Road"})
    lines = {name: value for name, value in edited["BillAddr"].items() if name != "Id"}
    assert lines == {
        "Line1": "Nell Harper",
        "Line2": "Nell's Flowers",
        "Line3": "1 New Road",
        "Line4": "Millbrook, CA  94001",
    }
    assert books.sparse("Invoice", edited, BillAddr=edited["BillAddr"])["BillAddr"] == edited["BillAddr"]


def test_stock_moves_with_documents(books: Client, customer: Json) -> None:
    """Quantity follows invoices and bills, and with it the item's version; too early a date is 6270."""
    accounts = {
        name: {"value": books.account(kind)}
        for name, kind in (
            ("IncomeAccountRef", "Income"),
            ("ExpenseAccountRef", "Cost of Goods Sold"),
            ("AssetAccountRef", "Other Current Asset"),
        )
    }
    stocked = books.item(
        "Rocks", **accounts, Type="Inventory", TrackQtyOnHand=True, QtyOnHand=10, InvStartDate="2026-01-01"
    )
    line = books.line(stocked, 30, Qty=3, UnitPrice=10)
    invoice = books.write("Invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [line]})
    moved = books.read("Item", stocked["Id"])
    assert (moved["QtyOnHand"], moved["SyncToken"]) == (7, "1")
    books.delete("Invoice", invoice)
    assert books.read("Item", stocked["Id"])["QtyOnHand"] == 10
    early = {"CustomerRef": {"value": customer["Id"]}, "Line": [line], "TxnDate": "2025-12-31"}
    assert code(books.post("invoice", early)) == "6270"


def test_unknown_paths_and_ids_have_the_services_texts(books: Client) -> None:
    """A path that leads nowhere is 500 with the full path; an id that is no number 2030."""
    error = refusal(books.get("customer/1/5"))
    assert error["Detail"] == (
        f"Operation Could not find resource for relative : /v3/company/{books.realm}/customer/1/5 of full path: "
        f"http://quickbooks.test/v3/company/{books.realm}/customer/1/5 is not supported."
    )
    bad = books.get("customer/1.5")
    assert bad.json() == {
        "Fault": {
            "Error": [
                {
                    "Message": "Invalid ID",
                    "Detail": "Id should be a valid number. Supplied value:1.5",
                    "code": "2030",
                    "element": "Id",
                }
            ],
            "type": "ValidationFault",
        }
    }
