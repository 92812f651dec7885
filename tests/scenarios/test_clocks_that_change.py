"""Scoro tells the stamps of documents by the clock on its wall. Where that is put forward or back between two runs, nothing is
missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World, connect_world

BACK = datetime(2027, 11, 7, 6, 0, tzinfo=UTC)
"""In New York it is two o'clock, and then one o'clock again."""

FORWARD = datetime(2027, 3, 14, 7, 0, tzinfo=UTC)
"""In New York it is two o'clock, and then three."""


@pytest.mark.parametrize("change", [BACK, FORWARD], ids=["back", "forward"])
def test_edits_before_in_and_after_the_hour_of_the_change(bare_world: World, change: datetime) -> None:
    """Given an invoice edited before, in and after the hour in which Scoro's clock is changed, when a run follows each edit, then
    QuickBooks has each, also the one whose stamp is earlier than that of the edit before it."""
    world, day = bare_world, change.date().isoformat()
    until(world, change - timedelta(minutes=30))
    connect_world(world, categories=in_concord.FROM_SCORO)
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), date=day, deadline=day)
    world.sync()
    theirs = in_concord.partner(world, "scoro", "invoices", made["id"])
    for minutes in (-10, 5, 75):
        until(world, change + timedelta(minutes=minutes))
        in_scoro.edit(world, "invoices", made["id"], description=f"Edited at {minutes}")
        world.tick(20)
        world.sync()
        assert in_quickbooks.see(world, "Invoice", theirs)["CustomerMemo"]["value"] == f"Edited at {minutes}"
    assert in_concord.is_quiet(world)


def until(world: World, moment: datetime) -> None:
    """Time passes until then."""
    world.tick((moment - world.clock.now()).total_seconds())
