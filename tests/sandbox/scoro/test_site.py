"""The sandbox's web site: by hand, whatever the tests do."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import html5lib
import pytest

from app.sandbox.scoro.site_pages import PAGES


class Fields(HTMLParser):
    """The values a browser would submit with the main form of a page."""

    def __init__(self):
        super().__init__()
        self.values: dict[str, str] = {}
        self.forms = 0
        self.open: str | None = None

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        name = found.get("name")
        if tag == "form":
            self.forms += 1
        if self.forms != 2:  # the first form signs out
            return
        if tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self.values[name] = found.get("value") or ""
        if tag in ("select", "textarea"):
            self.open = name
            self.values[name or ""] = ""
        if tag == "option" and self.open and "selected" in found:
            self.values[self.open] = found.get("value") or ""

    def handle_data(self, data):
        if self.open and self.get_starttag_text() and (self.get_starttag_text() or "").startswith("<textarea"):
            self.values[self.open] += data

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self.open = None


def fields_of(page):
    parser = Fields()
    parser.feed(page.text)
    return parser.values


@pytest.fixture
def browser(scoro):
    """Signed in as Ada of Northlight."""
    scoro.http.post("/sign-in", data={"account": "northlight", "person": "Ada Lindqvist"})
    return scoro.http


def test_strangers_are_sent_to_the_sign_in(scoro):
    assert scoro.http.get("/invoices").headers["location"] == "/sign-in"
    page = scoro.http.get("/sign-in").text
    assert "Ada Lindqvist" in page
    assert "Harbour Lane Ceramics" in page
    assert scoro.http.post("/sign-in", data={"account": "northlight", "person": "Nobody"}).status_code == 400


def test_link_that_names_a_company_leads_to_its_people_whoever_is_signed_in(browser):
    """Two companies have an invoice of one number: the link into one never opens the other's."""
    answer = browser.get("/invoices/1?company=harbourlane", headers={"Accept": "text/html"})
    assert answer.headers["location"] == "/sign-in?company=harbourlane"
    page = browser.get(answer.headers["location"]).text
    assert "Dora Vance" in page
    assert "Ben Moreau" not in page
    assert browser.post("/sign-in", data={"account": "harbourlane", "person": "Dora Vance"}).headers["location"] == (
        "/invoices/1"
    )
    assert browser.get("/invoices/1?company=harbourlane").status_code == 200


@pytest.mark.parametrize(
    "path", ["", "sign-in", "settings", "calls", "dials", *PAGES, *(f"{each}/1" for each in PAGES)]
)
def test_every_page_is_there_and_well_formed(furnished, browser, path):
    """Strict HTML5."""
    page = browser.get(f"/{path}")
    assert page.status_code == 200
    html5lib.HTMLParser(strict=True).parse(page.text)


LINES = [{"comment": "x", "price": 5, "amount": 2, "vat_code_id": 1}]
PAPER = {"company_id": 1, "lines": LINES, "date": "2026-11-02"}
FIRST = {
    "quotes": PAPER,
    "orders": PAPER,
    "prepayments": PAPER,
    "purchaseOrders": PAPER,
    "expenses": {"company_id": 2, "lines": [{"description": "Taxi", "quantity": 2, "price": 15, "tax_code_id": 1}]},
    "tasks": {"event_name": "Print", "related_users": [1, 2], "project_id": 1},
    "webhooks": {"module": "bills", "action": "any", "url": "https://me.example/hook", "fields": ["no", "date"]},
}


@pytest.fixture
def furnished(scoro):
    """One of everything: what the seed does not have is made by a person."""
    for path, fields in FIRST.items():
        scoro.person("create", module=path, fields=fields)
    return scoro


def stored(scoro, path, id=1):
    """A row as the service keeps it, without what any write moves."""
    row = dict(scoro.app.extensions["sandbox"].core.world.entity("northlight").row(path, id))
    row.pop("modified_date", None)
    return row


@pytest.mark.parametrize("path", PAGES)
def test_saving_an_unchanged_form_changes_nothing(furnished, browser, path):
    """What the form shows is what it submits."""
    before = stored(furnished, path)
    answer = browser.post(f"/{path}/1", data=fields_of(browser.get(f"/{path}/1")))
    assert answer.status_code == 302, answer.text
    assert stored(furnished, path) == before


@pytest.mark.parametrize("path", [each for each in PAGES if each != "webhooks"])
def test_everything_can_be_made_by_hand(furnished, browser, path):
    """A copy of the first one, but for what has to be its own; then it is deleted, and restored where that is kept."""
    form = fields_of(browser.get(f"/{path}/1")) | {"no": "", "credited_invoices": ""}
    form = {name: value for name, value in form.items() if not name.endswith("-id")}
    place = browser.post(f"/{path}/new", data=form).headers["location"]
    id = int(place.split("/")[-1])
    assert browser.get(place).status_code == 200
    made = stored(furnished, path, id)
    inputs = [each.name for each in PAGES[path].inputs if each.name in made and each.name != "no"]
    assert {name: made[name] for name in inputs} == {name: stored(furnished, path)[name] for name in inputs}
    left = browser.post(f"{place}/delete").headers["location"]
    assert browser.get(left).status_code == 200
    if left == place:
        browser.post(f"{place}/restore")
        assert stored(furnished, path, id)["is_deleted"] is False


def test_webhook_is_subscribed_by_hand(scoro, browser):
    """The subscription is checked like one of the API; the person is its `me`."""
    form = {
        "module": "bills",
        "action": "modify",
        "url": "https://me.example/hook",
        "fields": "no, date",
        "actors": "me",
    }
    browser.post("/webhooks/new", data=form)
    (hook,) = scoro.ok("webhooks/list")
    assert (hook["fields"], hook["actors"]) == (["no", "date"], ["me"])
    browser.post("/bills/1", data=fields_of(browser.get("/bills/1")) | {"no": "4711"})
    scoro.control("webhooks/deliver", {})
    assert [got["entityType"] for got in scoro.receiver.got] == ["bills"]
    assert "does not exist" in browser.post("/webhooks/new", data=form | {"bookmark_id": "3"}).text


def test_bookmark_is_saved_by_hand(scoro, browser):
    """With its filter as JSON; it belongs to whoever saved it."""
    form = {"title": "Late", "module": "invoices", "filter": '{"status": "unpaid"}'}
    browser.post("/bookmarks/new", data=form)
    bookmark = scoro.as_user("bookmarks/list", {"module": "invoices"}).json()["data"][0]
    assert bookmark["title"] == "Late"
    rows = scoro.as_user("invoices/list", bookmark={"bookmark_id": bookmark["bookmark_id"]}).json()["data"]
    assert {row["status"] for row in rows} == {"unpaid"}
    assert browser.post("/bookmarks/new", data=form | {"filter": "{"}).status_code == 422


def test_prepayment_is_paid_by_hand(furnished, browser):
    """Its receipt names the prepayment."""
    browser.post("/prepayments/1/receipt", data={"sum": "10.80"})
    assert furnished.ok("prepayments/view/1")["status"] == "paid"


def test_lists_search(browser):
    page = browser.get("/contacts?q=halcyon").text
    assert "Halcyon Yoga" in page
    assert "Ironwood Law" not in page
    assert "Nothing fits" in browser.get("/contacts?q=zzzz").text


def test_older_pages_keep_search_and_deleted_ones(scoro, browser):
    """Page by page the same list."""
    scoro.person("delete", module="invoices", id=scoro.invoice()["id"])
    place = re.findall(r'href="([^"]*page=2)"', browser.get("/invoices?q=1&deleted=1").text)
    assert place == ["?q=1&amp;deleted=1&amp;page=2"]
    assert "Newer" in browser.get("/invoices?q=1&deleted=1&page=2").text


def test_invoice_is_made_with_lines_edited_paid_credited_and_deleted(scoro, browser):
    """The whole life of an invoice by hand."""
    new = fields_of(browser.get("/invoices/new")) | {
        "company_id": "1", "line-0-comment": "Poster", "line-0-price": "12.50", "line-0-amount": "4",
        "line-1-product_id": "2", "line-1-amount": "1",
    }  # fmt: skip
    place = browser.post("/invoices/new", data=new).headers["location"]
    id = int(place.split("/")[-1])
    assert scoro.ok(f"invoices/view/{id}")["sum"] == 200
    form = fields_of(browser.get(place)) | {"line-0-amount": "2", "line-1-remove": "1"}
    browser.post(place, data=form)
    invoice = scoro.ok(f"invoices/view/{id}")
    assert (invoice["sum"], len(invoice["lines"])) == (25, 1)
    browser.post(f"{place}/send")
    browser.post(f"{place}/receipt", data={"sum": "5"})
    paid = scoro.ok(f"invoices/view/{id}")
    assert (paid["is_sent"], paid["paid_sum"]) == (1, 5)
    refused = browser.post(f"{place}/delete")
    assert refused.status_code == 422
    assert "has receipts" in refused.text
    browser.post(f"{place}/credit")
    assert scoro.ok(f"invoices/view/{id}")["status"] == "paid"
    actors = {entry["actor"]["name"] for entry in scoro.look("journal")["entries"]}
    assert actors == {"Ada Lindqvist", "credit invoice"}


def test_one_receipt_for_two_invoices_is_made_by_hand(scoro, browser):
    """And changed: the part that is removed frees its invoice."""
    first, second = scoro.invoice()["id"], scoro.invoice()["id"]
    form = fields_of(browser.get("/receipts/new")) | {
        "contact_id": "1", "sales_doc_type": "invoices", "sum": "30", "currency": "USD",
        "line-0-invoice_id": str(first), "line-0-sum": "10", "line-1-invoice_id": str(second), "line-1-sum": "20",
    }  # fmt: skip
    place = browser.post("/receipts/new", data=form).headers["location"]
    assert [scoro.ok(f"invoices/view/{id}")["paid_sum"] for id in (first, second)] == [10, 20]
    browser.post(place, data=fields_of(browser.get(place)) | {"line-1-remove": "1", "sum": "10"})
    assert [scoro.ok(f"invoices/view/{id}")["paid_sum"] for id in (first, second)] == [10, 0]


def test_refusal_is_shown_with_the_form(browser):
    form = fields_of(browser.get("/products/1")) | {"name": "x", "price": "much"}
    answer = browser.post("/products/1", data=form)
    assert answer.status_code == 422
    assert "price is not valid" in answer.text


def test_contact_is_deleted_restored_and_merged(scoro, browser):
    browser.post("/contacts/5/delete")
    assert "is deleted" in browser.get("/contacts/5").text
    browser.post("/contacts/5/restore")
    browser.post("/contacts/5/merge", data={"into": "6"})
    assert scoro.ok("contacts/view/5")["is_deleted"] == 1
    assert scoro.ok("invoices/list", filter={"company_id": 5}) == []


def test_further_addresses_and_mails_survive_the_form(scoro, browser):
    """The form edits the first of each."""
    means = {"email": ["a@b.example", "c@d.example"]}
    contact = scoro.contact(means_of_contact=means, addresses=[{"city": "Turku"}, {"city": "Oulu"}])
    place = f"/contacts/{contact['contact_id']}"
    browser.post(place, data=fields_of(browser.get(place)) | {"email": "x@y.example", "city": "Rauma"})
    after = scoro.ok(f"contacts/view/{contact['contact_id']}")
    assert after["means_of_contact"]["email"] == ["x@y.example", "c@d.example"]
    assert [each["city"] for each in after["addresses"]] == ["Rauma", "Oulu"]


def test_currencies_are_activated_and_the_base_changed(scoro, browser):
    browser.post("/settings", data={"base": "EUR", "active": ["USD"]})
    (account,) = scoro.ok("companyAccount/list")
    assert (account["base_currency"], account["active_currencies"]) == ("EUR", ["EUR", "USD"])
    assert browser.post("/settings", data={"base": "ZZZ"}).status_code == 400


def test_period_is_locked_and_settings_are_chosen_by_hand(scoro, browser):
    """Q15 and the site's settings of 2.8; each form leaves the others alone."""
    browser.post("/settings", data={"until": "2026-06-30"})
    assert scoro.refused("invoices/modify", {"company_id": 1, "date": "2026-06-30", "lines": LINES})[0] == 400
    browser.post("/settings", data={"until": ""})
    scoro.ok("invoices/modify", {"company_id": 1, "date": "2026-06-30", "lines": LINES})
    browser.post("/settings", data={"site": "1", "margin": "1", "line_taxes": "1"})
    line = scoro.ok("invoices/view/1")["lines"][0]
    assert "cost" in line
    assert "finance_account_id" not in line


def test_dials_arm_faults_move_the_clock_and_deliver(scoro, browser):
    before = scoro.clock.now()
    browser.post("/dials", data={"kind": "http_503", "entity": "contacts", "count": "1"})
    assert scoro.post("contacts/list").status_code == 503
    browser.post("/dials", data={"kind": "http_500"})
    browser.post("/dials", data={"clear": "1"})
    assert scoro.post("contacts/list").status_code == 200
    browser.post("/dials", data={"advance": "2"})
    assert (scoro.clock.now() - before).total_seconds() == 7_200
    browser.post("/dials", data={"mode": "drop"})
    browser.post("/dials", data={"kind": "http_500", "body": "json", "entity": "users", "reference": "2", "count": ""})
    assert scoro.post("users/view/1").status_code == 200
    for _ in range(2):
        assert scoro.refused("users/view/2") == (500, ["Internal server error"])
    browser.post("/dials", data={"delivery": "duplicate", "at_once": "1"})
    assert scoro.control("webhooks")["mode"] == "duplicate"


def test_dial_turned_to_nonsense_is_refused_with_the_reason(browser):
    for wrong in (
        {"kind": "http_500", "count": "many"},
        {"advance": "soon"},
        {"kind": "earthquake"},
        {"delivery": "x", "at_once": "1"},
    ):
        answer = browser.post("/dials", data=wrong)
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text


def test_switches_are_set_by_hand(scoro, browser):
    """What the real service leaves open: boxes and texts."""
    before = scoro.look("behaviours")
    form = {name: str(value) for name, value in before.items() if value is not False} | {"switches": "1"}
    form |= {"order": "id_asc", "window_seconds": "5"}
    del form["html_entities"]
    browser.post("/dials", data=form)
    changed = {"order": "id_asc", "window_seconds": 5, "html_entities": False}
    assert scoro.look("behaviours") == before | changed


def test_last_calls_are_shown_as_they_happened(scoro, browser):
    scoro.ok("contacts/view/8")
    page = browser.get("/calls").text
    assert re.search(r"200 · POST /api/v2/contacts/view/8", page)
    assert "Halcyon Yoga" in page


def test_texts_are_escaped(scoro, browser):
    """A name is text, never markup."""
    contact = scoro.contact(name="<script>alert(1)</script>")
    for path in ("/contacts", f"/contacts/{contact['contact_id']}", "/calls", "/invoices/new"):
        assert "<script>" not in browser.get(path).text, path


def test_unknown_pages_are_404(browser):
    for path in ("/nothing", "/nothing/new", "/invoices/99999"):
        assert browser.get(path).status_code == 404, path


def test_entity_shows_only_what_is_its_own(scoro):
    """Accounting objects and products belong to entities; contacts are shared."""
    scoro.http.post("/sign-in", data={"account": "northlight-events", "person": "Ada Lindqvist"})
    rows = re.findall(r'href="/financeObjects/\d+"', scoro.http.get("/financeObjects").text)
    assert len(rows) == 3
    assert "There is nothing yet" in scoro.http.get("/products").text
    assert "Lena Novak" in scoro.http.get("/contacts").text
