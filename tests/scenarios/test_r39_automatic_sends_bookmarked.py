"""R39 · Automatic sync sends only bookmarked documents."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_automatic_run_leaves_out_what_is_not_in_the_bookmark(new_world) -> None:
    """Given a bookmark on bills, when bills in it and out of it are made, then the automatic run sends those in it
    only."""
    world: World = new_world(categories=in_concord.FROM_SCORO, as_user=True, activate=False)
    in_concord.choose(world, "bills", scope={"bookmark": in_scoro.bookmark(world, "This year's bills", "bills")})
    in_concord.activate(world)
    in_concord.work(world)

    paper = in_scoro.supplier(world, "Paper Ltd")
    in_scoro.bill(world, paper, date="2026-11-02")
    in_scoro.bill(world, paper, date="2025-12-31")
    world.tick(300)
    in_concord.work(world)

    assert [row["TxnDate"] for row in in_quickbooks.rows(world, "Bill")] == ["2026-11-02"]
