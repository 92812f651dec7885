"""F26 · The cursor of a change feed moved although its page had failed; here what could not be read is read again."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import arm, disarm, run_anyhow
from tests.support.world import World


def test_second_page_that_fails_loses_nobody(world: World) -> None:
    """F26: given more contacts than a page of Scoro holds, when the second page fails, then the next run knows them all."""
    world.sync()
    world.tick(3600)
    for number in range(101):
        in_scoro.client(world, f"Contact {number}", is_client=0)
    world.tick(3600)
    arm(world.scoro, "http_503", count=None, entity="contacts", operation="list", after=1)
    assert run_anyhow(world).state == "failed"

    disarm(world.scoro)
    world.tick(3600)
    world.sync()
    assert len(world.objects(kind="contact")) == 101


@pytest.mark.both_databases
def test_feed_of_quickbooks_that_fails_is_asked_again(mirrored: World) -> None:
    """F26: given a new customer, when the feed that tells of it fails, then the next run carries it over."""
    mirrored.sync()
    mirrored.tick(3600)
    in_quickbooks.customer(mirrored, "Birch Inc")
    mirrored.tick(3600)
    arm(mirrored.quickbooks, "http_503", count=None, endpoint="cdc")
    assert run_anyhow(mirrored).state == "failed"

    disarm(mirrored.quickbooks)
    mirrored.tick(3600)
    mirrored.sync()
    assert in_scoro.named(mirrored, "contacts", "Birch Inc")
    assert in_concord.is_quiet(mirrored)
