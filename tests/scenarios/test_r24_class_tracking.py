"""R24 · Classes need class tracking in QuickBooks, per document line."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from engine.services import setup
from tests.support import in_concord, in_quickbooks
from tests.support.world import World


@pytest.mark.parametrize("per_document", [False, True])
def test_cannot_be_enabled_without_tracking_per_line(world: World, per_document: bool) -> None:
    """Given tracking that is off, or per document, when classes are switched on, then it is refused with what to
    switch on."""
    track(world, per_line=False, per_document=per_document)
    setup.refresh_profiles(world.deps, world.connection_id)

    with pytest.raises(Refused) as refusal:
        in_concord.choose(world, "classes", enabled=True)
    assert "one to each row" in refusal.value.hint


def test_can_be_enabled_with_tracking_per_line(world: World) -> None:
    """Given tracking per line, when classes are switched on, then they are on."""
    in_concord.choose(world, "classes", enabled=True)

    assert in_concord.category(world, "classes").enabled


def test_every_run_looks_again(world: World) -> None:
    """Given classes that are on, when tracking is switched off in QuickBooks, then the next run excludes them, and
    takes them back later."""
    in_concord.choose(world, "classes", enabled=True)
    studio = in_quickbooks.tracking_class(world, "Studio")
    world.sync()
    before = in_concord.standing(world, "quickbooks", "Class", studio["Id"])

    track(world, per_line=False)
    world.sync()
    assert in_concord.standing(world, "quickbooks", "Class", studio["Id"]) == "excluded: class_tracking_off"

    track(world, per_line=True)
    world.sync()
    assert in_concord.standing(world, "quickbooks", "Class", studio["Id"]) == before


def track(world: World, *, per_line: bool, per_document: bool = False) -> None:
    """Somebody changes how QuickBooks tracks classes."""
    in_quickbooks.prefer(
        world, "AccountingInfoPrefs", ClassTrackingPerTxnLine=per_line, ClassTrackingPerTxn=per_document
    )
