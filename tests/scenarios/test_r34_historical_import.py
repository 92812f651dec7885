"""R34 · Older data is a historical sync."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.records import Category
from engine.errors import Refused
from engine.services import sync
from engine.services.history import Period, import_period, preview_import
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


@pytest.fixture
def world(new_world) -> World:
    """Two invoices of the first day and of the day after; everything starts from the third day on."""
    world: World = new_world(categories=in_concord.FROM_SCORO)
    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.invoice(world, acme, date="2026-11-02")
    in_scoro.invoice(world, acme, date="2026-11-03")
    world.tick(5 * 24 * 3600)
    for category in ("contacts", "invoices", "products"):
        in_concord.choose(world, category, start_date=in_concord.today(world))
    world.sync()
    assert in_quickbooks.rows(world, "Invoice") == []
    return world


def test_preview_shows_what_would_come_and_writes_nothing(world: World) -> None:
    """Given a period, when the preview is opened, then it counts the invoices and sums them up, and nothing is
    written."""
    before = world.writes()

    preview = preview_import(world.deps, world.connection_id, first_day(world))

    assert (len(preview.object_ids), preview.amounts) == (1, {"USD": 10_000})
    assert world.writes() == before


def test_confirmed_period_is_carried_over_and_nothing_else(world: World) -> None:
    """Given the preview, when it is confirmed, then the invoice of that day is in QuickBooks with its client, the
    other not."""
    run = import_period(world.deps, world.connection_id, first_day(world), PERSON)
    sync.run_to_end(world.deps, run)

    (arrived,) = in_quickbooks.rows(world, "Invoice")
    assert arrived["TxnDate"] == "2026-11-02"
    assert in_quickbooks.named(world, "Customer", "Acme Ltd")
    assert in_concord.is_quiet(world)


def test_period_after_the_start_date_is_refused(world: World) -> None:
    """Given a period that reaches past the start date, when it is confirmed, then it is refused."""
    today = in_concord.today(world)
    with pytest.raises(Refused):
        import_period(
            world.deps, world.connection_id, Period(Category.INVOICES, today, today + timedelta(days=1)), PERSON
        )


def first_day(world: World) -> Period:
    """The day on which QuickBooks was connected."""
    day = in_concord.today(world) - timedelta(days=5)
    return Period(Category.INVOICES, day, day)
