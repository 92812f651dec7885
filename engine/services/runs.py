"""What a run says of itself: where it stands, what it did, how it ended, and when the next one is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from engine.errors import AuthorizationLost, ConcordError, Throttled
from engine.services.context import polled_kinds
from engine.services.deps import Deps, Event
from engine.services.job import Job
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Connection, Run

SCHEDULED = frozenset({"schedule", "webhook"})
"""Triggers that no person stands behind."""

OPEN = ("queued", "running")
"""States of a run that goes on by itself."""

SLICE = 45.0
"""Seconds after which a job hands over to the next one, so that no job holds a worker for long."""

RETRY = "retry"
"""The trigger of a job that puts back everything behind one cause."""

BESIDE = frozenset({"push", RETRY})
"""Triggers of what goes on beside a run: a run does not wait for it, nor is it the last run that anybody asks about."""


def run_of(job: Job) -> Run:
    with reading(job.deps.database) as session:
        return session.get_one(Run, job.run_id)


def begin(deps: Deps, run_id: str) -> None:
    with writing(deps.database) as session:
        run = session.get_one(Run, run_id)
        now = deps.clock.now()
        run.state, run.started_at, run.beat_at = "running", run.started_at or now, now
        session.add(run)


def enter(job: Job, phase: str) -> None:
    with writing(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        run.phase, run.beat_at = phase, job.deps.clock.now()
        session.add(run)


def count(job: Job, step: dict[str, int]) -> None:
    with writing(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        counts = dict(run.counts)
        for name, number in step.items():
            counts[name] = counts.get(name, 0) + number
        run.counts, run.beat_at = counts, job.deps.clock.now()
        session.add(run)


def finish(job: Job, state: str, error: ConcordError | None) -> None:
    now = job.deps.clock.now()
    with writing(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        connection = log.lock(session, job.context.id)
        run.state, run.finished_at, run.beat_at = state, now, now
        run.error, run.hint = (error.message, error.hint) if error else ("", "")
        run.phase = "plan" if state == "halted" else run.phase
        connection.last_run_at, connection.wake_requested_at = now, None
        connection.next_run_at = now + timedelta(seconds=_interval(job, connection, error))
        connection.budget = _budget(job)
        session.add_all([run, connection])
    _announce(job, state, error)


def _interval(job: Job, connection: Connection, error: ConcordError | None) -> float:
    """Seconds to the next run: the interval, spread out, and stretched so that Scoro's daily quota lasts."""
    if isinstance(error, Throttled) and error.after:
        return max(error.after, 60.0)
    budget = _budget(job).get("scoro", {})
    remaining, resets = budget.get("remaining"), budget.get("resets_at")
    seconds = float(connection.interval_seconds)
    if remaining is not None and resets:
        left = (datetime.fromisoformat(resets) - job.deps.clock.now()).total_seconds()
        cost = max(3, len(polled_kinds(job.context)) * 2)
        seconds = max(seconds, left * cost / max(1, int(remaining)))
    return seconds * job.deps.random.uniform(0.95, 1.0)


def _budget(job: Job) -> dict[str, Any]:
    result = dict(job.context.connection.budget)
    for system, connector in job.connectors.items():
        budget = connector.budget()
        if budget.limit is not None:
            resets = budget.resets_at.isoformat() if budget.resets_at else ""
            result[system.value] = {"limit": budget.limit, "remaining": budget.remaining, "resets_at": resets}
    return result


def _announce(job: Job, state: str, error: ConcordError | None) -> None:
    if state == "halted" and error is not None:
        job.deps.notify(Event("run_halted", job.context.id, error.message))
    conflicts = int(run_of(job).counts.get("conflicts", 0))
    if conflicts:
        job.deps.notify(Event("conflict_waiting", job.context.id, _waiting(conflicts), conflicts))


def _waiting(conflicts: int) -> str:
    return "1 conflict waits for a person." if conflicts == 1 else f"{conflicts} conflicts wait for a person."


def lose_authorization(job: Job, error: AuthorizationLost) -> None:
    with writing(job.deps.database) as session:
        connection = log.lock(session, job.context.id)
        connection.state = "unauthorised"
        session.add(connection)
    job.deps.notify(Event("connection_lost", job.context.id, error.message))
