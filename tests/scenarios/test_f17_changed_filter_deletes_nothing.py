"""F17 · A changed filter looked like deletions and removed records; here what leaves a filter is left alone."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World

ONLY_BIRCH = {"rules": [{"field": "message", "is": "contains", "value": "birch"}]}


def test_what_leaves_the_filter_stays_where_it_is(world: World) -> None:
    """F17: given invoices on both sides, when the filter shrinks to nothing of them, then none is touched."""
    acme = in_scoro.client(world, "Acme Ltd")
    made = [in_scoro.invoice(world, acme, description=f"for acme {n}") for n in range(3)]
    world.sync()
    in_concord.choose(world, "invoices", scope=ONLY_BIRCH, deletions="follow")
    before = len(world.writes())
    world.tick(7 * 3600)
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == 3
    assert len(world.writes()) == before
    assert {in_concord.standing(world, "scoro", "invoices", row["id"]) for row in made} == {"excluded: not_in_bookmark"}

    in_concord.choose(world, "invoices", scope={})
    world.sync()
    assert {in_concord.standing(world, "scoro", "invoices", row["id"]) for row in made} == {"in_step: agreed"}
    assert len(world.writes()) == before
