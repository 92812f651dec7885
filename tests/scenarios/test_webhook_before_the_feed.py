"""A webhook wakes a run before the change feed tells of the edit, is repeated, and comes late: it changes nothing but when."""

from __future__ import annotations

import pytest

from engine.core.records import System
from engine.store.database import writing
from engine.store.tables import Connection
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import run_before_the_feed_tells
from tests.support.world import World


@pytest.mark.parametrize("side", ["scoro", "quickbooks"])
def test_edit_that_the_feed_tells_a_minute_after_the_webhook(new_world, side: str) -> None:
    """Given an edit at the source whose webhook comes first, when the run that it wakes does not see the edit yet, then the next
    one does; the same webhook twice more makes runs that write nothing."""
    world: World = new_world(categories=dict.fromkeys(("products", "contacts", "invoices"), side))
    here, there = invoice_in_both(world, side)
    if side == "scoro":
        in_scoro.edit(world, "invoices", here, description="Thank you")
    else:
        in_quickbooks.edit(world, "Invoice", there, CustomerMemo={"value": "Thank you"})
    world.tick(5)
    run_before_the_feed_tells(world, System(side), "invoices" if side == "scoro" else "Invoice")
    assert len({in_scoro.see(world, "invoices", here)["description"], memo(world, there)}) == 2, "it was seen already"

    wake(world)
    assert in_scoro.see(world, "invoices", here)["description"] == memo(world, there) == "Thank you"
    before = len(world.writes())
    wake(world)
    world.tick(900)
    wake(world)
    assert len(world.writes()) == before


def invoice_in_both(world: World, side: str) -> tuple[str, str]:
    """An invoice of the source that both have: its ids in Scoro and in QuickBooks. Nothing has happened for a while."""
    if side == "scoro":
        made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
        world.sync()
        ids = str(made["id"]), in_concord.partner(world, "scoro", "invoices", made["id"])
    else:
        acme, work = in_quickbooks.customer(world, "Acme Inc"), in_quickbooks.item(world, "Work")
        theirs = in_quickbooks.invoice(world, acme, in_quickbooks.sold(work))
        world.sync()
        ids = in_concord.partner(world, "quickbooks", "Invoice", theirs["Id"]), theirs["Id"]
    world.tick(900)
    world.sync()
    return ids


def memo(world: World, id: str) -> str:
    """What an invoice tells the customer in QuickBooks."""
    return str(in_quickbooks.see(world, "Invoice", id).get("CustomerMemo", {}).get("value", ""))


def wake(world: World) -> None:
    """A webhook was heard, and the scheduler and a worker do their work."""
    with writing(world.deps.database) as session:
        session.get_one(Connection, world.connection_id).wake_requested_at = world.clock.now()
    assert in_concord.work(world), "no run was woken"
    world.tick(60)
