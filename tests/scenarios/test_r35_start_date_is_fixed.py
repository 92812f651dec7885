"""R35 · The date is fixed after the initial sync."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Refused
from engine.services import setup
from tests.support import in_concord
from tests.support.world import World


def test_can_be_chosen_until_save(new_world) -> None:
    """Given a set-up that is not complete, when another date is chosen, then it is taken."""
    world: World = new_world(activate=False)

    in_concord.choose(world, "invoices", start_date=in_concord.today(world) + timedelta(days=7))

    assert in_concord.category(world, "invoices").start_date == in_concord.today(world) + timedelta(days=7)


def test_is_read_only_from_the_first_run_on(new_world) -> None:
    """Given an activated connection, when another date is chosen, then the screen shows it fixed and the server
    refuses."""
    world: World = new_world(activate=False)
    in_concord.activate(world)

    row = next(row for row in setup.category_rows(world.deps, world.connection_id) if row.category == "invoices")
    assert row.start_fixed
    with pytest.raises(Refused) as refusal:
        in_concord.choose(world, "invoices", start_date=in_concord.today(world) + timedelta(days=7))
    assert "historical import" in refusal.value.hint
