"""R25 · Automatic: every five minutes."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """Activated, and the first run is through."""
    world: World = new_world(categories=in_concord.FROM_SCORO, activate=False)
    in_concord.activate(world)
    in_concord.work(world)
    return world


def test_change_arrives_within_five_minutes_without_anybody(world: World) -> None:
    """Given a connection that rests, when a client is made in Scoro, then it is in QuickBooks five minutes later."""
    in_scoro.client(world, "Acme Ltd")

    world.tick(300)
    in_concord.work(world)

    assert in_quickbooks.named(world, "Customer", "Acme Ltd")


def test_no_sooner_than_due(world: World) -> None:
    """Given a run that just ended, when the scheduler looks a minute later, then nothing is due."""
    world.tick(60)

    assert in_concord.work(world) == []


def test_category_set_to_manual_waits(world: World) -> None:
    """Given contacts set to manual, when a client is made, then automatic runs leave it, and Synchronize now takes it."""
    in_concord.choose(world, "contacts", automatic=False)
    in_scoro.client(world, "Acme Ltd")

    world.tick(300)
    in_concord.work(world)
    assert in_quickbooks.named(world, "Customer", "Acme Ltd") == []

    world.sync()
    assert in_quickbooks.named(world, "Customer", "Acme Ltd")


def test_change_in_quickbooks_arrives_within_five_minutes_too(new_world) -> None:
    """Given QuickBooks as the source, when a customer is made there, then it is in Scoro five minutes later."""
    world: World = new_world(categories=in_concord.FROM_QUICKBOOKS, activate=False)
    in_concord.activate(world)
    in_concord.work(world)
    in_quickbooks.customer(world, "Birch Inc")

    world.tick(300)
    in_concord.work(world)

    assert in_scoro.named(world, "contacts", "Birch Inc")
