"""R34 · Older data is a historical sync."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from engine.core.records import Category
from engine.errors import Refused
from engine.services import history, sync
from engine.services.history import Period, import_period, preview_import
from engine.store.database import reading
from engine.store.tables import Change
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


def test_import_is_asked_for_at_once_and_done_by_its_run(world: World) -> None:
    """Given the preview, when it is confirmed, then nothing has moved yet: a run is queued that a person waits for, and a second
    press leads to the same run."""
    woken: list[tuple[str, bool]] = []
    deps = replace(world.deps, enqueue=lambda run_id, urgent: woken.append((run_id, urgent)))

    run, again = (import_period(deps, world.connection_id, first_day(world), PERSON) for _ in range(2))

    assert (run, woken) == (again, [(run, True)])
    assert let_through(world) == 0


def test_import_waits_behind_the_run_that_goes_on_and_starts_when_that_is_over(world: World) -> None:
    """Given a run going on, when an import is confirmed, then it is a run of its own; the end of the other wakes it."""
    woken: list[str] = []
    deps = replace(world.deps, enqueue=lambda run_id, urgent: woken.append(run_id))
    running = sync.request_run(deps, world.connection_id, trigger="schedule")
    world.tick(1)
    run = import_period(deps, world.connection_id, first_day(world), PERSON)
    assert run != running
    woken.clear()

    sync.run_to_end(deps, running)

    assert woken == [run]


def test_import_that_dies_half_way_lets_nothing_through_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an import in two parts whose worker dies between them, when another carries it on, then each record is let through
    once, named in the log once, and the progress counts both."""
    monkeypatch.setattr(history, "CHUNK", 1)
    day = first_day(world)
    both = Period(Category.INVOICES, day.first, day.last + timedelta(days=1))
    run_id = import_period(world.deps, world.connection_id, both, PERSON)
    monkeypatch.setattr(history, "_let_through", dies_the_second_time(history._let_through))
    with pytest.raises(WorkerDied):
        sync.run_to_end(world.deps, run_id)
    world.tick(300)

    run = sync.run_to_end(world.deps, run_id)

    assert (run.state, run.counts["found"], run.counts["let_through"]) == ("done", 2, 2)
    assert let_through(world) == 2
    assert len(in_quickbooks.rows(world, "Invoice")) == 2


def let_through(world: World) -> int:
    """How many records the change log says were let through."""
    with reading(world.deps.database) as session:
        notes = session.exec(select(Change).where(Change.action == "note")).all()
    return sum(note.details.get("act") == "imported" for note in notes)


class WorkerDied(Exception):
    """The process ended here."""


def dies_the_second_time(act: Callable[..., None]) -> Callable[..., None]:
    """The same act; its second call never comes back."""
    calls: list[int] = []

    def dying(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise WorkerDied
        act(*args)

    return dying


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
