"""R40 · With manual sync, bookmarked documents go by "Synchronize now" or by selecting them in the list and using
the bulk action.
"""

from __future__ import annotations

import pytest

from engine.services import push
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import scoro_create
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
    """Given four invoices, when three are selected, one of them in a currency that is not its client's and one at a tax rate
    that QuickBooks has not, then each of the three tells what happened, and the fourth stays."""
    acme = in_scoro.client(world, "Acme Ltd")
    rate = scoro_create(world, "vatCodes", vat_code="Old", vat_name="Old 18%", percent=18, is_sales=1)
    taxed = in_scoro.line(world, vat_code_id=rate["vat_code_id"])
    good = in_scoro.invoice(world, acme, is_sent=1)
    foreign = in_scoro.invoice(world, acme, is_sent=1, currency="EUR")
    old = in_scoro.invoice(world, acme, taxed, is_sent=1)
    in_scoro.invoice(world, acme, is_sent=1)
    world.sync(dry=True)
    chosen = [in_concord.object_id(world, "scoro", "invoices", row["id"]) for row in (foreign, old, good)]

    outcomes = push.push_many(world.deps, world.connection_id, chosen, in_concord.QUICKBOOKS, PERSON)

    assert [outcome.object_id for outcome in outcomes] == chosen
    assert [outcome.state for outcome in outcomes] == ["refused", "refused", "written"]
    assert "Old 18%" in outcomes[1].sentence
    assert all(outcome.sentence for outcome in outcomes)
    assert len(in_quickbooks.rows(world, "Invoice")) == 1
