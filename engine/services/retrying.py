"""Retry of everything behind one cause: a job beside the runs, in parts of a few hundred objects, safe to die after each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, col, select

from engine.core.reasons import Disposition
from engine.errors import Refused
from engine.services.browse.problems import held_up
from engine.services.deps import Deps
from engine.services.objects import put_back
from engine.services.runs import OPEN, RETRY, SLICE
from engine.store import log
from engine.store.database import new_id, writing
from engine.store.tables import Object, Run

AT_ONCE = 500
"""Objects of one transaction: others can write in between."""

CAUSE, BEHIND, DONE, LAST = "cause", "behind", "retried", "last"
"""Where the run keeps what it retries, how many there were, how many are done, and the last of them."""

RETRIED = (Disposition.BLOCKED.value, Disposition.FAILED.value)


@dataclass(frozen=True, slots=True)
class Held:
    """What one cause holds up: a reason, and where given one disposition and the code that the remote or the mapping told."""

    reason: str
    disposition: str = ""
    code: str | None = None

    def ids(self, connection_id: str, *conditions: Any) -> Any:
        """The query for the objects, in no order."""
        states = (self.disposition,) if self.disposition else RETRIED
        return held_up(connection_id, states, self.reason, self.code).where(*conditions)


def request_retry(deps: Deps, connection_id: str, held: Held, person: str) -> str:
    """Have everything that one cause holds up put back for the next run; returns the run whose progress shows it. Asked for
    twice it is the same one. Raises ``Refused`` when nothing is held up by it."""
    if held.disposition and held.disposition not in RETRIED:
        raise Refused("There is nothing to try again here.", hint="Open the records and decide about each.")
    now = deps.clock.now()
    with writing(deps.database) as session:
        log.lock(session, connection_id)
        if going := _going(session, connection_id, held):
            return going
        if session.execute(held.ids(connection_id).limit(1)).first() is None:
            raise Refused("Nothing is held up by this any more.", hint="It was put right, or waits for the next run.")
        run = Run(
            id=new_id(now), connection_id=connection_id, trigger=RETRY, requested_by=person, queued_at=now,
            counts={CAUSE: asdict(held)},
        )  # fmt: skip
        session.add(run)
        run_id = run.id
    deps.enqueue(run_id, True)
    return run_id


def _going(session: Session, connection_id: str, held: Held) -> str:
    statement = select(Run).where(Run.connection_id == connection_id, Run.trigger == RETRY, col(Run.state).in_(OPEN))
    return next((run.id for run in session.exec(statement) if run.counts[CAUSE] == asdict(held)), "")


def carry_on(deps: Deps, run_id: str) -> bool:
    """Go on with a retry. True: the time slice is used up, call again. It needs no lease: each part is marked and counted in
    one transaction, so that any number of workers may try."""
    started = deps.clock.monotonic()
    ids = _begin(deps, run_id)
    for start in range(0, len(ids), AT_ONCE):
        if not _retry_part(deps, run_id, ids[start : start + AT_ONCE]):
            return False
        if deps.clock.monotonic() - started > SLICE:
            return True
    _end(deps, run_id)
    return False


def _begin(deps: Deps, run_id: str) -> list[str]:
    """The objects that are left, in order."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        run = session.get_one(Run, run_id)
        run.state, run.phase, run.started_at, run.beat_at = "running", RETRY, run.started_at or now, now
        ids = sorted(_left(session, run))
        run.counts = {BEHIND: len(ids), **run.counts}
        session.add(run)
    return ids


def _left(session: Session, run: Run, *conditions: Any) -> list[str]:
    """What the cause still holds up, after the last one that was put back."""
    after = col(Object.id) > run.counts.get(LAST, "")
    return list(session.execute(Held(**run.counts[CAUSE]).ids(run.connection_id, after, *conditions)).scalars())


def _retry_part(deps: Deps, run_id: str, part: list[str]) -> bool:
    """Put a part back; False when the run is over or shall stop."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, session.get_one(Run, run_id).connection_id)
        run = session.get_one(Run, run_id, populate_existing=True)
        if run.state not in OPEN:
            return False
        if run.stop_requested_by:
            run.state, run.finished_at = "stopped", now
            return False
        ids = _left(session, run, col(Object.id).in_(part))
        done = put_back(session, connection, ids, run.requested_by, now, run_id) + int(run.counts.get(DONE, 0))
        run.counts, run.beat_at = {**run.counts, DONE: done, LAST: part[-1]}, now
        session.add(run)
    return True


def _end(deps: Deps, run_id: str) -> None:
    with writing(deps.database) as session:
        run = session.get_one(Run, run_id)
        run.state, run.finished_at = "done", deps.clock.now()
        session.add(run)
