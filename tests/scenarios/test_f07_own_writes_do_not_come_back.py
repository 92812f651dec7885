"""F7 · An own write came back as news and was sent again, for ever; here an echo changes nothing, whoever brings it."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import footprint
from tests.support.world import World


def test_echoes_of_both_directions_are_silence(new_world) -> None:
    """F7: given writes to both sides, when they come back in three more runs, then nothing is written and nothing is logged."""
    world = new_world(
        categories={"products": "quickbooks", "contacts": "scoro", "invoices": "scoro", "bills": "quickbooks"}
    )
    in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    in_quickbooks.item(world, "Advice")
    in_quickbooks.bill(world, in_quickbooks.vendor(world, "Paper Ltd"))
    world.sync()
    assert in_concord.written(world, "scoro")
    assert in_concord.written(world, "quickbooks", "Invoice")

    before = footprint(world)
    for _ in range(3):
        world.tick(7 * 3600)
        world.sync()
    assert footprint(world) == before


def test_revision_that_moves_without_an_edit_is_silence(world: World) -> None:
    """F7: given an invoice in step, when QuickBooks saves it again unchanged, then Scoro is not written and nothing is held."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    token = in_quickbooks.see(world, "Invoice", remote)["SyncToken"]
    before = footprint(world)

    saved = in_quickbooks.edit(world, "Invoice", remote)
    world.sync()
    assert saved["Invoice"]["SyncToken"] != token
    assert footprint(world) == before
