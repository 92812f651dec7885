"""F27 · A job stuck in "started" after its worker died was never picked up; here the sweep hands it to the next worker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.base import Connector
from engine.core.records import System
from engine.services import sync
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


def test_run_of_a_dead_worker_is_carried_on_by_another(world: World) -> None:
    """F27: given a run whose worker died, when its lease is over, then the sweep finds it and the next worker ends it."""
    acme = in_scoro.client(world, "Acme Ltd")
    run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
    with pytest.raises(SystemExit):
        sync.run_to_end(replace(world.deps, connect=_killed), run_id)
    assert sync.sweep(world.deps) == []

    world.tick(600)
    queue: list[str] = []
    assert sync.sweep(replace(world.deps, enqueue=lambda id, soon: queue.append(id))) == queue == [run_id]
    assert sync.run_to_end(world.deps, run_id).state == "done"
    assert in_concord.standing(world, "scoro", "contacts", acme["contact_id"]) == "in_step: agreed"
    assert len(in_quickbooks.named(world, "Customer", "Acme Ltd")) == 1


def _killed(connection_id: str, system: System) -> Connector:
    raise SystemExit
