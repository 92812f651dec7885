"""Records: the list over both systems, one record side by side, sending and pulling by hand (R27-R31, R40)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from app.objects.view import NAMESAKE
from engine.errors import Refused
from engine.services import browse
from engine.services.browse.objects import Filters
from engine.services.browse.paging import cursor, place
from engine.store.database import writing
from engine.store.tables import Binding, Object
from tests.support.scenes import quickbooks_edit, quickbooks_id, quickbooks_read, scoro_edit, scoro_view
from tests.web.conftest import Web
from tests.web.office import HOSTILE, Office
from tests.web.test_pages import check_html

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def add_object(web: Web, id: str, title: str, *, systems: tuple[str, ...] = ("scoro",), **columns: Any) -> None:
    values: dict[str, Any] = {
        "kind": "contact",
        "category": "contacts",
        "disposition": "in_step",
        "reason": "agreed",
    } | columns
    web.add(Object(id=id, connection_id="first", title=title, created_at=NOW, updated_at=NOW, **values))
    for system in systems:
        web.add(Binding(
            id=f"{id}-{system}", connection_id="first", object_id=id, replica=system, system=system,
            remote_type="contacts" if system == "scoro" else "Customer", remote_id=f"{system}-{id}", observed_at=NOW,
        ))  # fmt: skip


def found(web: Web, **filters: str) -> list[str]:
    return [line.id for line in browse.objects(web.deps, "first", Filters(**filters)).rows]


def test_list_finds_records_of_both_systems_by_part_of_a_name_or_by_either_id(peopled: Web):
    """One search for both systems; an id copied from either of them finds the record too."""
    add_object(peopled, "o1", "Acme Ltd")
    add_object(peopled, "o2", "Macmed", systems=("quickbooks",))
    add_object(peopled, "o3", "Zebra 100%")
    assert found(peopled, search="acm") == ["o2", "o1"]
    assert found(peopled, search="quickbooks-o2") == ["o2"]
    assert found(peopled, search="0%") == ["o3"]
    assert found(peopled, search="_") == []


def test_list_is_filtered_by_kind_state_side_and_date(peopled: Web):
    """Each filter narrows by itself and together with the others."""
    add_object(peopled, "o1", "Acme", systems=("scoro", "quickbooks"))
    add_object(peopled, "o2", "7", kind="invoice", category="invoices", disposition="held", document_date="2026-10-05")
    add_object(
        peopled, "o3", "8", kind="invoice", category="invoices", document_date="2026-11-05", systems=("quickbooks",)
    )
    assert found(peopled, kind="contact") == ["o1"]
    assert found(peopled, category="invoices", disposition="held") == ["o2"]
    assert [found(peopled, side=side) for side in ("both", "scoro", "quickbooks")] == [["o1"], ["o2"], ["o3"]]
    assert found(peopled, first="2026-10-01", last="2026-10-31") == ["o2"]


def test_pages_follow_each_other_without_gap_or_repetition(peopled: Web):
    """Keyset paging shows each record once, newest first, over kinds."""
    for number in range(7):
        kind = "contact" if number % 2 else "product"
        add_object(peopled, f"o{number}", f"N{number}", kind=kind, category=f"{kind}s")
    seen, after = [], ""
    while True:
        page = browse.objects(peopled.deps, "first", Filters(), after=after, limit=3)
        seen += [line.id for line in page.rows]
        if not (after := page.next):
            break
    assert seen == [f"o{number}" for number in reversed(range(7))]


@pytest.mark.parametrize("text", ["nonsense", "é", cursor(1), cursor("a", "b"), "W10"])
def test_damaged_page_address_is_refused_in_words(text: str):
    """Addresses are typed and cut; none of that is a crash."""
    with pytest.raises(Refused):
        place(text, str)


def test_damaged_page_address_is_no_crash_on_a_page(peopled: Web):
    """The refusal reaches the person as a page."""
    answer = peopled.browser("viewer@example.com").get("/c/first/records?after=nonsense")
    assert answer.status_code == 409
    assert "first page" in answer.text


def test_record_page_shows_both_sides_marks_differences_and_tells_its_history(office: Office):
    """Scoro, what was agreed, QuickBooks; what differs is marked; the log of this record stands below."""
    text = office.browser("viewer").get(office.at(f"/records/{office.oid('Acme Ltd')}")).text
    check_html(text)
    assert text.index(">Scoro</th>") < text.index(">Agreed</th>") < text.index(">QuickBooks</th>")
    assert '<td class="wrap diff" data-label="QuickBooks">16 Nov 2026' in text
    assert "Vector after" in text
    assert "Why is this here?" in text
    assert "Acme Ltd" in text


def test_record_page_keeps_the_navigation(office: Office):
    """A page's own values must not displace what stands around it."""
    text = office.browser("viewer").get(office.at(f"/records/{office.oid('Acme Ltd')}")).text
    assert office.at("/agreement") in text


def test_every_record_has_a_page_that_is_valid_html(office: Office):
    """Whatever its kind and state."""
    browser, kinds = office.browser(), set()
    for row in office.world.objects():
        if (row.kind, row.disposition) not in kinds:
            kinds.add((row.kind, row.disposition))
            answer = browser.get(office.at(f"/records/{row.id}"))
            assert answer.status_code == 200, (row.kind, row.disposition)
            check_html(answer.text)
    assert len(kinds) >= 7


def test_hostile_names_are_text_on_every_page(office: Office):
    """A customer's name from a remote system cannot become markup."""
    browser = office.browser()
    pages = ("/overview", "/records", "/conflicts", "/problems", "/changes", "/agreement", "/runs")
    texts = {page: browser.get(office.at(page)).text for page in pages}
    texts["one"] = browser.get(office.at(f"/records/{office.oid(HOSTILE)}")).text
    texts["review"] = browser.get(office.at(f"/conflicts/{office.oid(HOSTILE)}")).text
    for page, text in texts.items():
        assert "<script>alert" not in text, page
    assert sum("&lt;script&gt;alert(1)&lt;/script&gt;" in text for text in texts.values()) >= 5


def test_send_shows_the_exact_write_then_writes_it_and_says_so_on_the_same_page(own_office: Office):
    """R27: preview, confirm, result, without leaving the page; the other system then says it."""
    office, world = own_office, own_office.world
    invoice = office.invoices["Dune Partners"]
    scoro_edit(world, "invoices", invoice.id, deadline="2026-12-31")
    oid = office.oid("Dune Partners")
    browser = office.browser("operator")
    browser.submit(office.at(f"/records/{oid}/act"), {"verb": "refresh"})
    preview = browser.htmx(office.at(f"/records/{oid}/to/quickbooks"))
    assert preview.text.lstrip().startswith('<div id="object"')
    assert "this is what will be written" in preview.text
    assert "16 Nov 2026" in preview.text
    assert "31 Dec 2026" in preview.text
    answer = browser.submit(office.at(f"/records/{oid}/to/quickbooks"))
    assert answer.headers["Location"] == office.at(f"/records/{oid}")
    assert "Written, read back and equal." in browser.get(answer.headers["Location"]).text
    assert quickbooks_read(world, "Invoice", office.quickbooks_invoice("Dune Partners"))["DueDate"] == "2026-12-31"


def test_held_edit_is_pulled_by_hand_against_the_direction_and_the_log_names_the_person(own_office: Office):
    """R27: the explicit act is the one way against the direction."""
    office, world = own_office, own_office.world
    (held,) = world.objects(disposition="held")
    browser = office.browser("operator")
    assert "+49 30 1234567" in browser.get(office.at(f"/records/{held.id}/to/scoro")).text
    browser.submit(office.at(f"/records/{held.id}/to/scoro"))
    assert world.objects(id=held.id)[0].disposition == "in_step"
    seen = scoro_view(world, "contacts", office.invoices["Cedar GmbH"].contact)
    assert "+49 30 1234567" in str(seen["means_of_contact"])
    assert "operator@example.com" in browser.get(office.at(f"/records/{held.id}")).text


def test_paid_invoice_has_a_disabled_button_that_says_why_and_the_server_refuses_too(own_office: Office):
    """R28: until a payment is attached; afterwards neither the page nor a forged request sends it."""
    office, world = own_office, own_office.world
    world.scoro.person(
        action="receipt", module="invoices", id=office.invoices["Cedar GmbH"].id, company_account_id=world.account
    )
    scoro_edit(world, "invoices", office.invoices["Cedar GmbH"].id, description="Paid, thank you")
    browser = office.browser("operator")
    oid = office.oid("Cedar GmbH")
    browser.submit(office.at(f"/records/{oid}/act"), {"verb": "refresh"})
    text = browser.get(office.at(f"/records/{oid}")).text
    assert '<button class="quiet" disabled aria-describedby="why-quickbooks">' in text
    assert "A payment is attached, so the document can no longer be sent." in text
    refused = browser.submit(office.at(f"/records/{oid}/to/quickbooks"))
    assert refused.status_code == 409
    assert "A payment is attached" in refused.text


def test_bulk_send_reports_per_record_whatever_happens_to_the_others(own_office: Office):
    """R40: a selection reports what became of each."""
    office, world = own_office, own_office.world
    customer = quickbooks_id(world, "scoro", "contacts", office.invoices["Acme Ltd"].contact, "quickbooks.customer")
    quickbooks_edit(world, "Customer", customer, PrimaryPhone={"FreeFormNumber": "+1 555 010"})
    world.sync()
    (held,) = world.objects(disposition="held", title="Acme Ltd")
    ids = [held.id, office.oid("Borealis OÜ"), "nothing-of-ours"]
    text = office.browser("operator").submit(office.at("/records/bulk"), {"to": "scoro", "oid": ids}).text
    check_html(text)
    assert "Written, read back and equal." in text
    assert "The same field was edited on both sides" in text
    assert text.count('data-label="Outcome"') == 2


def test_deletion_is_decided_by_a_reviewer_and_by_nobody_below(own_office: Office):
    """A deletion asks; the answer needs the role and is carried out by the next run."""
    office, world = own_office, own_office.world
    (row,) = world.objects(disposition="deleted_there")
    address = office.at(f"/records/{row.id}/settle")
    assert office.browser("operator").submit(address, {"verb": "follow"}).status_code == 403
    assert office.browser("reviewer").submit(address, {"verb": "follow"}).status_code == 303
    assert world.objects(id=row.id)[0].disposition == "pending"


def test_record_set_aside_takes_no_part_until_it_is_taken_back(own_office: Office):
    """Parking and taking back, from the page."""
    office = own_office
    oid = office.oid("Dune Partners")
    browser = office.browser("operator")
    browser.submit(office.at(f"/records/{oid}/act"), {"verb": "park"})
    assert "Set aside by operator@example.com" in browser.get(office.at(f"/records/{oid}")).text
    browser.submit(office.at(f"/records/{oid}/act"), {"verb": "unpark"})
    assert office.world.objects(id=oid)[0].disposition != "parked"


def test_one_thing_under_two_ids_is_no_difference_and_a_namesake_says_so(own_office: Office):
    """A side that still refers to a contact by the id it had before it was linked says the same; a namesake does not."""
    office = own_office
    oid = office.oid("Dune Partners")
    with writing(office.world.deps.database) as session:
        binding = session.exec(select(Binding).where(Binding.object_id == oid, Binding.system == "quickbooks")).one()
        contact = session.get_one(Object, binding.shadow["contact"])
        twin = Object(**contact.model_dump(exclude={"id", "merged_into"}), id="twin", merged_into=contact.id)
        binding.shadow, binding.seen = {**binding.shadow, "contact": "twin"}, {}
        session.add_all([twin, binding])
    before = office.browser("viewer").get(office.at(f"/records/{oid}")).text
    assert NAMESAKE not in before
    assert contact_row(before).count("diff") == 0
    with writing(office.world.deps.database) as session:
        session.get_one(Object, "twin").merged_into = ""
    after = office.browser("viewer").get(office.at(f"/records/{oid}")).text
    assert f"Dune Partners ({NAMESAKE})" in contact_row(after)


def contact_row(text: str) -> str:
    rows: list[str] = re.findall(r"<tr>.*?</tr>", text, flags=re.DOTALL)
    return next(row for row in rows if ">Client" in row)
