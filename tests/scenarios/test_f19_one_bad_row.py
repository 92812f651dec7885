"""F19 · One bad row blocked the whole batch, or filled the log with itself; here the others go through, and it is said once."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import footprint
from tests.support.world import World


def test_bad_row_waits_alone_and_is_not_repeated(world: World) -> None:
    """F19: given five clients of which QuickBooks refuses one, when three runs go by, then four are there."""
    in_quickbooks.vendor(world, "Cedar Oy")
    clients = [in_scoro.client(world, name) for name in ("Acme Ltd", "Birch Inc", "Cedar Oy", "Dune SA", "Elm GmbH")]
    world.sync()

    assert len(in_quickbooks.rows(world, "Customer")) == 4
    standings = [in_concord.standing(world, "scoro", "contacts", row["contact_id"]) for row in clients]
    assert standings.count("in_step: agreed") == 4
    assert standings[2].split(":")[0] in {"blocked", "awaiting_match"}
    before = footprint(world), len(world.outbox())
    for _ in range(3):
        world.sync()
    assert (footprint(world), len(world.outbox())) == before
