"""R26 · Manual: "Synchronize now" syncs everything that is enabled."""

from __future__ import annotations

import pytest

from engine.services import sync
from engine.store.database import reading
from engine.store.tables import Run
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


@pytest.mark.both_databases
def test_everything_that_is_enabled_goes(world: World) -> None:
    """Given categories set to manual, when Synchronize now is pressed, then what is new in each of them goes."""
    for category in ("products", "contacts", "invoices", "bills"):
        in_concord.choose(world, category, automatic=False)
    in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"))

    world.sync()

    assert all(in_quickbooks.rows(world, entity) for entity in ("Customer", "Vendor", "Invoice", "Bill"))


def test_cannot_be_started_twice(world: World) -> None:
    """Given a run under way, when Synchronize now is pressed again, then it is the same run."""
    first = press(world)

    assert press(world) == first
    sync.run_to_end(world.deps, first)
    assert press(world) != first


def test_shows_its_progress(world: World) -> None:
    """Given a run, when it goes on, then its page shows the phase and counts what was observed and written."""
    in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    run_id = press(world)
    assert stored(world, run_id).state == "queued"

    sync.run_to_end(world.deps, run_id)

    run = stored(world, run_id)
    assert (run.state, run.phase, run.requested_by) == ("done", "apply", PERSON)
    assert run.counts["observed"] > 0
    assert run.counts["written"] == len(world.writes())


def press(world: World) -> str:
    """Somebody presses Synchronize now."""
    return sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)


def stored(world: World, run_id: str) -> Run:
    """The run as its page shows it."""
    with reading(world.deps.database) as session:
        return session.get_one(Run, run_id)
