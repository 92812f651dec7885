"""R33 · The start date cannot be earlier than the first time QuickBooks was connected."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Refused
from engine.services import setup
from tests.support import in_concord
from tests.support.world import PERSON, World


def test_earlier_date_is_refused_and_the_earliest_is_named(world: World) -> None:
    """Given the day of the first connection, when a day before it is chosen, then it is refused, with the earliest
    day."""
    first = in_concord.today(world)

    with pytest.raises(Refused) as refusal:
        in_concord.choose(world, "invoices", start_date=first - timedelta(days=1))
    assert first.isoformat() in refusal.value.message
    in_concord.choose(world, "invoices", start_date=first)
    assert in_concord.category(world, "invoices").start_date == first


def test_connecting_again_does_not_move_that_day(world: World) -> None:
    """Given a connection of last month, when it is disconnected and connected again, then the earliest day is still
    the first."""
    first = in_concord.today(world)
    world.tick(30 * 24 * 3600)

    setup.disconnect(world.deps, world.connection_id, PERSON)
    world.adopt(world.quickbooks.control("token", {"realmId": world.realm}))

    rows = setup.category_rows(world.deps, world.connection_id)
    assert {row.earliest_start for row in rows} == {first}
    in_concord.choose(world, "invoices", start_date=first)
