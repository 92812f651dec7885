"""The sandbox's web site: whatever tests do, a person can do by hand."""

from __future__ import annotations

import html
import re

import httpx2
import pytest

from app.sandbox.quickbooks.site.catalogue import PAGES, Page
from tests.sandbox.quickbooks.client import Client, Json, refusal


class Visitor:
    """A browser without scripts."""

    def __init__(self, client: Client) -> None:
        self.client = client
        user = client.sandbox.owner_of(client.realm)
        self.submit("/sign-in", choice=f"{user.email} {client.realm}")

    def open(self, path: str) -> str:
        answer = self.client.http.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return html.unescape(answer.text)

    def submit(self, path: str, **form: str) -> httpx2.Response:
        answer = self.client.http.post(path, data=form)
        assert answer.status_code in {200, 302}, answer.text
        return answer

    def saved(self, entity: str, **form: str) -> str:
        """Submit a new form; the id of what was made."""
        answer = self.submit(f"/books/{entity}/new", **form)
        assert answer.status_code == 302, re.findall(r'role="status">(.*?)<', answer.text)
        return str(answer.headers["location"].rpartition("/")[2])


@pytest.fixture
def visitor(books: Client) -> Visitor:
    return Visitor(books)


def line(number: int, what: Json, price: str, kind: str = "sold", **more: str) -> dict[str, str]:
    row = {"what": f"{kind}-{what['Id']}", "price": price, **more}
    return {f"line-{number}-{name}": value for name, value in row.items()}


def test_without_signing_in_only_the_door_is_open(books: Client) -> None:
    """Books send a stranger to the sign-in page, which names the sample people."""
    assert books.http.get("/books/Invoice").headers["location"] == "/"
    assert "Ada Lindqvist" in books.http.get("/").text


def test_link_that_names_a_company_leads_to_its_people_whoever_is_signed_in(agency: Client) -> None:
    """Companies have records of one number: the link into one never opens another's."""
    Visitor(agency)
    other = next(realm for realm in agency.sandbox.companies if realm != agency.realm)
    door = agency.http.get(f"/books/Invoice?company={other}").headers["location"]
    page = agency.http.get(door).text
    assert "Anybody of this company will do" in page
    assert f' {agency.realm}"' not in page
    assert agency.http.get(f"/books/Invoice?company={agency.realm}").status_code == 200


@pytest.mark.parametrize("section", PAGES, ids=lambda section: section.entity)
def test_every_section_lists_searches_and_opens_forms(agency: Client, section: Page) -> None:
    """Each list, its search, the empty form and the form of its first record render on the seeded books."""
    visitor = Visitor(agency)
    entity = section.entity
    listing = visitor.open(f"/books/{entity}")
    visitor.open(f"/books/{entity}?q=a")
    assert "Nothing fits that search." in visitor.open(f"/books/{entity}?q=no-such-thing-anywhere")
    visitor.open(f"/books/{entity}/new")
    first = re.search(rf'href="(/books/{entity}/(?!new)[^"]+)"', listing)
    if first is not None:
        visitor.open(first.group(1))


def test_a_person_keeps_a_sale_by_hand_from_customer_to_deposit(books: Client, visitor: Visitor) -> None:
    """Customer, product, invoice with two lines, edit, send, payment, deposit; the API sees all of it."""
    customer = visitor.saved(
        "Customer", **{"DisplayName": "By Hand Ltd", "PrimaryEmailAddr.Address": "a@b.test", "Taxable": "on"}
    )
    item = books.item("Advice")
    lines = {**line(0, item, "50", qty="2"), **line(1, item, "10", qty="1", text="Travel")}
    invoice = visitor.saved("Invoice", CustomerRef=customer, TxnDate="2026-11-01", lines="3", **lines)
    made = books.read("Invoice", invoice)
    assert (made["TotalAmt"], made["Line"][1]["Description"]) == (110, "Travel")
    kept = {**line(0, item, "60", qty="2", id="1"), **line(1, item, "10", qty="1", id="2")}
    visitor.submit(f"/books/Invoice/{invoice}", CustomerRef=customer, PrivateNote="by phone", lines="2", **kept)
    edited = books.read("Invoice", invoice)
    assert (edited["TotalAmt"], edited["SyncToken"], edited["PrivateNote"]) == (130, "1", "by phone")
    for action in ("send", "payment"):
        visitor.submit(f"/books/Invoice/{invoice}/do", action=action)
    paid = books.read("Invoice", invoice)
    assert (paid["EmailStatus"], paid["Balance"]) == ("EmailSent", 0)
    payment = paid["LinkedTxn"][0]["TxnId"]
    visitor.submit(f"/books/Payment/{payment}/do", action="deposit")
    assert books.read("Payment", payment)["LinkedTxn"][0]["TxnType"] == "Deposit"
    actors = {entry["actor"]["kind"] for entry in books.sandbox.journal.since() if entry["entity"] == "Invoice"}
    assert actors == {"person"}


def test_a_person_keeps_a_purchase_and_lists_by_hand(books: Client, visitor: Visitor) -> None:
    """Vendor, class, project, bill with both on its line; void, delete and merge."""
    customer = visitor.saved("Customer", DisplayName="Client")
    project = visitor.saved("Project", DisplayName="Website", ParentRef=customer)
    assert books.read("Customer", project)["IsProject"] is True
    number = next(iter(books.sandbox.companies[books.realm].project_ids))
    tracking = visitor.saved("Class", Name="Design")
    vendor = visitor.saved("Vendor", DisplayName="Printer")
    expense = {"Id": books.account("Expense")}
    row = {**line(0, expense, "80", "account", text="Paper"), "line-0-class": tracking, "line-0-project": number}
    bill = books.read("Bill", visitor.saved("Bill", VendorRef=vendor, DocNumber="B-1", lines="1", **row))
    assert (bill["TotalAmt"], bill["Line"][0]["ProjectRef"]["value"]) == (80, number)
    assert bill["Line"][0]["AccountBasedExpenseLineDetail"]["ClassRef"]["value"] == tracking
    billable = {"BillableStatus": "Billable", "CustomerRef": {"value": customer}}
    detail = {**bill["Line"][0]["AccountBasedExpenseLineDetail"], **billable}
    books.sparse("Bill", bill, Line=[{**bill["Line"][0], "AccountBasedExpenseLineDetail": detail}])
    visitor.submit(
        f"/books/Bill/{bill['Id']}", VendorRef=vendor, lines="1", **{**row, "line-0-id": "1", "line-0-price": "90"}
    )
    edited = books.read("Bill", bill["Id"])
    assert edited["TotalAmt"] == 90
    assert edited["Line"][0]["AccountBasedExpenseLineDetail"]["BillableStatus"] == "Billable"
    visitor.submit(f"/books/Bill/{bill['Id']}/do", action="delete")
    assert books.get(f"bill/{bill['Id']}").status_code == 400
    twin = visitor.saved("Vendor", DisplayName="Printer twin")
    visitor.submit(f"/books/Vendor/{twin}/do", action="merge", into=vendor)
    assert books.get(f"vendor/{twin}").status_code == 400


def test_a_refusal_is_told_and_the_form_keeps_what_was_typed(books: Client, visitor: Visitor) -> None:
    """A duplicate name comes back with its code; the input is not lost."""
    books.customer("Taken")
    answer = visitor.submit("/books/Vendor/new", DisplayName="Taken", AcctNum="C-99")
    assert answer.status_code == 200
    assert "6240" in answer.text
    assert 'value="C-99"' in answer.text


def test_a_payment_form_offers_the_open_documents(books: Client, visitor: Visitor, customer: Json, item: Json) -> None:
    """Opened for a customer it lists what is open; amounts become links."""
    invoice = books.invoice(customer, item)
    page = visitor.open(f"/books/Payment/new?CustomerRef={customer['Id']}")
    assert f'name="settle-Invoice-{invoice["Id"]}"' in page
    form = {"CustomerRef": customer["Id"], "TotalAmt": "70", f"settle-Invoice-{invoice['Id']}": "60"}
    payment = books.read("Payment", visitor.saved("Payment", **form))
    assert payment["UnappliedAmt"] == 10
    assert books.read("Invoice", invoice["Id"])["Balance"] == 40


def test_a_hand_edit_keeps_discounts_and_notes(books: Client, visitor: Visitor, customer: Json, item: Json) -> None:
    """Lines without a row in the table stay; a note stays a note."""
    discount = {"DetailType": "DiscountLineDetail", "Amount": 10, "DiscountLineDetail": {"PercentBased": False}}
    note = {"DetailType": "DescriptionOnly", "Description": "As agreed", "DescriptionLineDetail": {}}
    head = {"CustomerRef": {"value": customer["Id"]}}
    invoice = books.write("Invoice", {**head, "Line": [books.line(item, 100), note, discount]})
    rows = {**line(0, item, "120", id="1"), "line-1-id": "2", "line-1-text": "As agreed"}
    visitor.submit(f"/books/Invoice/{invoice['Id']}", CustomerRef=customer["Id"], lines="2", **rows)
    edited = books.read("Invoice", invoice["Id"])
    assert edited["TotalAmt"] == 110
    kinds = {row["DetailType"]: row.get("Id") for row in edited["Line"]}
    assert (kinds["DescriptionOnly"], kinds["DiscountLineDetail"]) == ("2", "3")


def test_settings_close_the_books_and_change_the_class_mode(books: Client, visitor: Visitor) -> None:
    """Check boxes and the closing date reach the Preferences; several currencies cannot be turned off."""
    visitor.submit("/settings", **{"AccountingInfoPrefs.ClassTrackingPerTxn": "on", "closing": "2026-06-30"})
    prefs = books.get("preferences").json()["Preferences"]
    accounting = prefs["AccountingInfoPrefs"]
    assert (accounting["ClassTrackingPerTxn"], accounting["ClassTrackingPerTxnLine"]) == (True, False)
    assert accounting["BookCloseDate"] == "2026-06-30"
    assert prefs["CurrencyPrefs"]["MultiCurrencyEnabled"] is True
    visitor.submit("/settings", closing="")
    assert "BookCloseDate" not in books.get("preferences").json()["Preferences"]["AccountingInfoPrefs"]


def test_taxes_and_currencies_can_be_added_by_hand(books: Client, visitor: Visitor) -> None:
    """A tax code with its rate, a new percentage for a rate, a currency on the company list."""
    tax = visitor.saved("TaxCode", Name="County", RateValue="3.5")
    code = books.read("TaxCode", tax)
    rate = code["SalesTaxRateList"]["TaxRateDetail"][0]["TaxRateRef"]["value"]
    assert books.read("TaxRate", rate)["RateValue"] == 3.5
    visitor.submit(f"/books/TaxRate/{rate}", Name="County", RateValue="4")
    assert books.read("TaxRate", rate)["RateValue"] == 4
    assert books.read("CompanyCurrency", visitor.saved("CompanyCurrency", Code="SEK"))["Name"] == "Swedish Krona"


def test_dials_arm_faults_move_the_clock_and_end_connections(books: Client, visitor: Visitor) -> None:
    """What the control surface does, by hand; the last calls are shown as they happened."""
    visitor.submit("/dials/fault", kind="http_503", endpoint="query", count="1", body="empty")
    assert books.get("query", query="select * from Vendor").status_code == 503
    calls = visitor.open("/calls")
    assert "<strong>503</strong> GET" in calls
    before = books.clock.now()
    visitor.submit("/dials/clock", hours="0.5")
    assert (books.clock.now() - before).total_seconds() == 1800
    every = {name: "on" for name, value in books.sandbox.read_behaviours().items() if value is True}
    visitor.submit("/dials/behaviours", **every, void_with_payment_allowed="on", cdc_cap="7")
    assert books.sandbox.behaviours.void_with_payment_allowed is True
    assert books.sandbox.behaviours.cdc_cap == 7
    assert books.sandbox.behaviours.throttle is False
    visitor.submit("/dials/disconnect")
    assert books.get("query", query="select * from Vendor").status_code == 401


def test_a_person_ends_the_subscription_and_takes_rights_away_by_hand(books: Client, visitor: Visitor) -> None:
    """The dials beside the connection, pressed twice; a refused call can be dialled by its code."""
    visitor.submit("/dials/subscription")
    assert refusal(books.post("vendor", {"DisplayName": "Late"}))["code"] == "6190"
    visitor.submit("/dials/access")
    assert books.get("query", query="select * from Vendor").status_code == 401
    assert "Renew the subscription" in visitor.open("/dials")
    for dial in ("subscription", "access"):
        visitor.submit(f"/dials/{dial}")
    visitor.submit("/dials/fault", kind="refused", count="1", body="140")
    assert refusal(books.post("vendor", {"DisplayName": "Locked"}))["code"] == "140"
    assert books.vendor("In time")["Active"] is True


def test_payments_apply_themselves_once_the_settings_say_so(books: Client, visitor: Visitor) -> None:
    """The check box reaches the preference."""
    visitor.submit("/settings", **{"SalesFormsPrefs.AutoApplyPayments": "on"})
    assert books.get("preferences").json()["Preferences"]["SalesFormsPrefs"]["AutoApplyPayments"] is True


def test_other_sites_cannot_post_here(books: Client) -> None:
    """A browser that says the request comes from another site is refused."""
    answer = books.http.post("/sign-in", data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
