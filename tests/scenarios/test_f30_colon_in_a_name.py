"""F30 · A colon in a name failed silently; here it is replaced where QuickBooks refuses it, and the write's notes say so."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_colon_is_replaced_visibly_and_does_not_come_back(world: World) -> None:
    """F30: given a client with a colon in its name, when it goes to QuickBooks, then it arrives, and Scoro keeps its own."""
    acme = in_scoro.client(world, "Acme: Berlin")["contact_id"]
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Acme - Berlin")
    (write,) = world.outbox(replica="quickbooks.customer")
    assert any("Acme - Berlin" in note for note in write.notes), write.notes
    assert in_concord.is_quiet(world)
    assert in_scoro.see(world, "contacts", acme)["name"] == "Acme: Berlin"
    assert in_concord.standing(world, "scoro", "contacts", acme) == "in_step: agreed"
