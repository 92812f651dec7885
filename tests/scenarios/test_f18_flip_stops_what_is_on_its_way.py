"""F18 · Switching the direction did not stop writes already queued; here a write of the old direction is never sent."""

from __future__ import annotations

from engine.core.records import System
from engine.services import directions
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import scoro_delete
from tests.support.troubles import run_while_reading
from tests.support.world import PERSON, World


def test_deletion_decided_before_the_flip_is_not_carried_out_after_it(world: World) -> None:
    """F18: given a deletion that Scoro's side brings, when the direction is flipped while the run goes on, then nothing is
    deleted in QuickBooks, which is the source by then."""
    in_concord.choose(world, "invoices", deletions="follow")
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    scoro_delete(world, "invoices", made["id"])
    world.tick(7 * 3600)

    run_while_reading(world, System.QUICKBOOKS, lambda: flip(world, "invoices"))
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == 1
    assert world.outbox(operation="delete", state="confirmed") == []


def flip(world: World, category: str) -> None:
    """An administrator turns the direction of a category round."""
    directions.flip(
        world.deps, world.connection_id, category, epoch=in_concord.category(world, category).epoch, person=PERSON
    )
