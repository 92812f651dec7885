"""R32 · Each active category has a start date: objects created or modified after it are in scope."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World

DAY = 24 * 3600


@pytest.fixture
def world(new_world) -> World:
    """An old client and an old invoice; three days later everything starts from that day on."""
    world: World = new_world(categories=in_concord.FROM_SCORO)
    old = in_scoro.client(world, "Old Ltd")
    in_scoro.invoice(world, old)
    world.tick(3 * DAY)
    for category in ("contacts", "invoices", "products"):
        in_concord.choose(world, category, start_date=in_concord.today(world))
    return world


def test_what_is_older_is_excluded_with_the_reason(world: World) -> None:
    """Given a client of before the start date, when the run is through, then it is excluded, and the reason is told."""
    world.sync()

    (old,) = in_scoro.named(world, "contacts", "Old Ltd")
    assert in_quickbooks.rows(world, "Invoice") == []
    assert in_concord.standing(world, "scoro", "contacts", old["contact_id"]) == "excluded: before_start_date"


def test_what_is_new_goes(world: World) -> None:
    """Given the start date, when a client is made after it, then it goes."""
    in_scoro.client(world, "New Ltd")
    world.sync()

    assert in_quickbooks.named(world, "Customer", "New Ltd")


def test_what_is_changed_after_it_goes_too(world: World) -> None:
    """Given an old client, when it is edited after the start date, then it goes."""
    (old,) = in_scoro.named(world, "contacts", "Old Ltd")
    in_scoro.edit(world, "contacts", old["contact_id"], name="Old & Sons Ltd")
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Old & Sons Ltd")


def test_old_client_of_a_new_invoice_comes_along(world: World) -> None:
    """Given an old client, when it is invoiced after the start date, then it comes along, and its old invoice does
    not."""
    world.sync()
    (old,) = in_scoro.named(world, "contacts", "Old Ltd")

    in_scoro.invoice(world, old, date=in_concord.today(world).isoformat())
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Old Ltd")
    assert len(in_quickbooks.rows(world, "Invoice")) == 1


def test_from_quickbooks_to_scoro_as_well(mirrored: World) -> None:
    """Given QuickBooks as the source and a customer of before the start date, then it stays, until somebody edits it."""
    old = in_quickbooks.customer(mirrored, "Old Inc")
    mirrored.tick(3 * DAY)
    in_concord.choose(mirrored, "contacts", start_date=in_concord.today(mirrored))
    mirrored.sync()
    assert in_scoro.named(mirrored, "contacts", "Old Inc") == []
    assert in_concord.standing(mirrored, "quickbooks", "Customer", old["Id"]) == "excluded: before_start_date"

    in_quickbooks.edit(mirrored, "Customer", old["Id"], PrimaryPhone={"FreeFormNumber": "555 0100"})
    mirrored.sync()
    assert in_scoro.named(mirrored, "contacts", "Old Inc")
