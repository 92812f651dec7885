"""R40 · With manual sync, bookmarked documents go by "Synchronize now" or by selecting them in the list and using
the bulk action.
"""

from __future__ import annotations

import pytest

from engine.services import push
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


@pytest.fixture
def world(new_world) -> World:
    """Invoices are synced by hand, and only those that were sent."""
    world: World = new_world(categories=in_concord.FROM_SCORO, as_user=True)
    bookmark = in_scoro.bookmark(world, "Sent invoices", "invoices")
    in_concord.choose(world, "invoices", automatic=False, scope={"bookmark": bookmark})
    return world


def test_by_synchronize_now(world: World) -> None:
    """Given two invoices of which one was sent, when Synchronize now is pressed, then that one goes."""
    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.invoice(world, acme, is_sent=1)
    in_scoro.invoice(world, acme)
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == 1


def test_by_selecting_them_and_each_tells_what_happened(world: World) -> None:
    """Given three invoices, when two are selected and one of them is broken, then each of the two tells what happened."""
    acme = in_scoro.client(world, "Acme Ltd")
    good, bad, _ = (in_scoro.invoice(world, acme, is_sent=1, **more) for more in ({}, {"currency": "EUR"}, {}))
    world.sync(dry=True)
    chosen = [in_concord.object_id(world, "scoro", "invoices", row["id"]) for row in (good, bad)]

    outcomes = push.push_many(world.deps, world.connection_id, chosen, in_concord.QUICKBOOKS, PERSON)

    assert [outcome.object_id for outcome in outcomes] == chosen
    assert [outcome.state for outcome in outcomes] == ["written", "refused"]
    assert outcomes[1].sentence
    assert len(in_quickbooks.rows(world, "Invoice")) == 1
