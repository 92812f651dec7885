"""R36 · Bookmarks limit which invoices, bills and contacts go from Scoro to QuickBooks."""

from __future__ import annotations

import pytest

from app.setup.categories import scope_summary
from engine.services import setup
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """Only invoices in the bookmark “Sent invoices” go; Concord has a Scoro user's token."""
    world: World = new_world(categories=in_concord.FROM_SCORO, as_user=True)
    in_concord.choose(world, "invoices", scope={"bookmark": in_scoro.bookmark(world, "Sent invoices", "invoices")})
    return world


@pytest.mark.both_databases
def test_only_what_the_bookmark_shows_goes(world: World) -> None:
    """Given two invoices of which one was sent, when the run is through, then that one went, the other is excluded."""
    acme = in_scoro.client(world, "Acme Ltd")
    sent, draft = in_scoro.invoice(world, acme, is_sent=1), in_scoro.invoice(world, acme)
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == 1
    assert in_concord.partner(world, "scoro", "invoices", sent["id"])
    assert in_concord.standing(world, "scoro", "invoices", draft["id"]) == "excluded: not_in_bookmark"


def test_bookmark_on_contacts(new_world) -> None:
    """Given a bookmark on contacts, when one in it and one out of it are made, then only that in it goes."""
    world: World = new_world(categories=in_concord.FROM_SCORO, as_user=True)
    in_concord.choose(
        world, "contacts", scope={"bookmark": in_scoro.save_view(world, "Acme", "contacts", name="Acme Ltd")}
    )
    in_scoro.client(world, "Acme Ltd")
    other = in_scoro.client(world, "Birch Ltd")
    world.sync()

    assert [row["DisplayName"] for row in in_quickbooks.rows(world, "Customer")] == ["Acme Ltd"]
    assert in_concord.standing(world, "scoro", "contacts", other["contact_id"]) == "excluded: not_in_bookmark"


def test_bookmark_on_bills(new_world) -> None:
    """Given a bookmark on bills, when one in it and one out of it are entered, then only that in it goes."""
    world: World = new_world(categories=in_concord.FROM_SCORO, as_user=True)
    bookmark = in_scoro.bookmark(world, "This year's bills", "bills")
    in_concord.choose(world, "bills", scope={"bookmark": bookmark})
    paper = in_scoro.supplier(world, "Paper Ltd")
    in_scoro.bill(world, paper, date="2026-11-02")
    old = in_scoro.bill(world, paper, date="2025-12-31")
    world.sync()

    assert [row["TxnDate"] for row in in_quickbooks.rows(world, "Bill")] == ["2026-11-02"]
    assert in_concord.standing(world, "scoro", "bills", old["id"]) == "excluded: not_in_bookmark"


def test_invoice_that_enters_the_bookmark_goes(world: World) -> None:
    """Given an excluded invoice, when it is sent to the client, then the next run carries it over."""
    draft = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()

    in_scoro.edit(world, "invoices", draft["id"], is_sent=1)
    world.sync()

    assert in_concord.partner(world, "scoro", "invoices", draft["id"])


def test_emptied_bookmark_is_no_deletion(world: World) -> None:
    """Given a carried invoice, when it leaves the bookmark and is edited, then its copy stays as it is, nothing is
    deleted."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), is_sent=1)
    world.sync()

    in_scoro.edit(world, "invoices", made["id"], is_sent=0, description="Thank you")
    world.sync()

    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    assert in_quickbooks.see(world, "Invoice", remote).get("CustomerMemo") is None
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "excluded: not_in_bookmark"


def test_another_bookmark_is_no_deletion(world: World) -> None:
    """Given a carried invoice, when a filter that leaves it out takes the bookmark's place, then its copy stays."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), is_sent=1)
    world.sync()

    in_concord.choose(world, "invoices", scope={"rules": [{"field": "date", "is": "from", "value": "2030-01-01"}]})
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == 1
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "excluded: not_in_bookmark"


def test_bookmark_that_is_gone_stops_its_category_only(world: World) -> None:
    """Given the bookmark deleted in Scoro, when a bill and an invoice are made, then the bill goes, the invoice waits with the
    reason, and what was carried stays as it is; another bookmark lets it go."""
    acme = in_scoro.client(world, "Acme Ltd")
    carried = in_scoro.invoice(world, acme, is_sent=1)
    world.sync()
    in_scoro.remove_view(world, in_concord.category(world, "invoices").scope["bookmark"])

    waiting = in_scoro.invoice(world, acme, is_sent=1)
    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"))
    assert world.sync().state == "done"

    assert len(in_quickbooks.rows(world, "Bill")) == 1
    assert in_concord.standing(world, "scoro", "invoices", waiting["id"]) == "blocked: bookmark_unreadable"
    assert in_concord.standing(world, "scoro", "invoices", carried["id"]) == "in_step: agreed"
    assert "no bookmark" in in_concord.category(world, "invoices").scope["trouble"]

    another = in_scoro.save_view(world, "Sent", "invoices", is_sent=1)
    in_concord.choose(world, "invoices", scope={"bookmark": another})
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", waiting["id"]) == "in_step: agreed"


def test_without_a_users_token_only_the_category_stops(new_world) -> None:
    """Given a bookmark on invoices but no token of a user, when the run is through, then contacts went, the invoice waits, and
    the settings say what is missing."""
    world: World = new_world(categories=in_concord.FROM_SCORO)
    in_concord.choose(world, "invoices", scope={"bookmark": in_scoro.bookmark(world, "Sent invoices", "invoices")})
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), is_sent=1)

    assert world.sync().state == "done"

    assert in_quickbooks.named(world, "Customer", "Acme Ltd")
    assert in_quickbooks.rows(world, "Invoice") == []
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "blocked: bookmark_unreadable"
    rows = {row.category: row for row in setup.category_rows(world.deps, world.connection_id)}
    assert "user's token" in scope_summary(rows["invoices"])


def test_token_that_scoro_refuses_stops_the_category_only(world: World) -> None:
    """Given a mistyped token of a user, when the run is through, then contacts went, the invoice waits, and the
    connection is still authorised; sent by hand the invoice goes."""
    in_concord.enter_user_token(world, "mistyped")
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), is_sent=1)

    assert world.sync().state == "done"

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "blocked: bookmark_unreadable"
    assert "refuses the user's token" in in_concord.category(world, "invoices").scope["trouble"]
    assert in_concord.send(world, in_concord.object_id(world, "scoro", "invoices", made["id"])).state == "written"


def test_document_still_takes_its_contact_along(new_world) -> None:
    """Given a bookmark on contacts that nobody can read, when an invoice is made, then its client goes with it, others wait."""
    world: World = new_world(categories=in_concord.FROM_SCORO)
    in_concord.choose(world, "contacts", scope={"bookmark": "999"})
    in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    other = in_scoro.client(world, "Birch Ltd")
    world.sync()

    assert [row["DisplayName"] for row in in_quickbooks.rows(world, "Customer")] == ["Acme Ltd"]
    assert in_concord.standing(world, "scoro", "contacts", other["contact_id"]) == "blocked: bookmark_unreadable"


def test_filter_of_our_own_where_there_is_only_a_key(new_world) -> None:
    """Given no user token, when contacts are limited by a filter of Concord's own, then only those that pass it go."""
    world: World = new_world(categories=in_concord.FROM_SCORO)
    in_concord.choose(world, "contacts", scope={"rules": [{"field": "name", "is": "contains", "value": "Acme"}]})

    in_scoro.client(world, "Acme Ltd")
    other = in_scoro.client(world, "Birch Ltd")
    world.sync()

    assert [row["DisplayName"] for row in in_quickbooks.rows(world, "Customer")] == ["Acme Ltd"]
    assert in_concord.standing(world, "scoro", "contacts", other["contact_id"]) == "excluded: not_in_bookmark"


def test_contact_outside_the_bookmark_goes_along_with_its_invoice(new_world) -> None:
    """Given a contact outside the filter, when it is invoiced, then it goes along with the invoice (R14)."""
    world: World = new_world(categories=in_concord.FROM_SCORO)
    in_concord.choose(world, "contacts", scope={"rules": [{"field": "name", "is": "contains", "value": "Acme"}]})

    in_scoro.invoice(world, in_scoro.client(world, "Birch Ltd"))
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Birch Ltd")
