"""F10 · The connection died every few days, because a rotated token was not saved; here it is saved before it is used."""

from __future__ import annotations

from engine.core.records import System
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World

DAY = 24 * 3600


def test_connection_outlives_every_token(world: World) -> None:
    """F10: given access tokens of an hour and refresh tokens that rotate, when weeks go by, then every run is let in."""
    for week in range(4):
        name = f"Client of week {week}"
        in_scoro.client(world, name)
        assert world.sync().state == "done"
        assert in_quickbooks.named(world, "Customer", name)
        world.tick(7 * DAY)
    assert in_concord.is_quiet(world)


def test_two_processes_refresh_one_after_the_other(world: World) -> None:
    """F10: given two processes with the same old token, when both need a new one, then the second takes what the first got."""
    world.tick(2 * DAY)
    first, second = (world.deps.connect(world.connection_id, System.QUICKBOOKS) for _ in range(2))
    assert first.profile().name == second.profile().name

    world.tick(2 * DAY)
    assert first.profile().name == second.profile().name
    first.close()
    second.close()
    assert world.sync().state == "done"
