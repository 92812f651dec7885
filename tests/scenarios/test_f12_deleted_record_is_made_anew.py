"""F12 · The idempotency key replayed the id of a deleted record as a success; here what is made again is a new record."""

from __future__ import annotations

from engine.services import objects
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


def test_what_a_person_keeps_is_made_again_and_not_replayed(world: World) -> None:
    """F12: given an invoice deleted in QuickBooks, when a person keeps it, then it is there again, under an id that lives."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    dead = in_concord.partner(world, "scoro", "invoices", made["id"])
    in_quickbooks.delete(world, "Invoice", dead)
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "deleted_there: deleted_on_other_side"

    objects.decide_deletion(world.deps, in_concord.object_id(world, "scoro", "invoices", made["id"]), False, PERSON)
    world.sync()

    (alive,) = in_quickbooks.rows(world, "Invoice")
    assert in_concord.partner(world, "scoro", "invoices", made["id"]) == alive["Id"] != dead
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)
