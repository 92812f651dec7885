"""A run: clear doubts, observe both sides, decide, plan, brake, apply.

It is done in steps, each safe to die after, and yields between them, so that a person's click is served while it
goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from engine.core.reasons import Reason
from engine.core.records import Category, Kind, System
from engine.errors import (
    AuthorizationLost,
    Misconfigured,
    Refused,
    RemoteRejected,
    Retryable,
    SafetyHalt,
)
from engine.services import lease as leases
from engine.services.adopting import adopt_duplicate
from engine.services.applying import send_wave
from engine.services.bookmarks import renew_members
from engine.services.context import load_context
from engine.services.credits import due_applications, queue_applications
from engine.services.deciding import decide_objects, dirty_ids, mark_dirty, pending_ids, settle_dirty
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.feeds import observe_all, take_in
from engine.services.job import Job
from engine.services.matching import LINKING, REFUSED_PAIRS, link_accepted, suggest
from engine.services.pairing import pair_vendors
from engine.services.planning import ATTACHED, Plan, attached_records, check_brakes, limits_of, plan_cases, queue_writes
from engine.services.previews import APPROVED, queue_plan, store_plan
from engine.services.proving import prove, record_refused
from engine.services.recovering import recover
from engine.services.retrying import carry_on
from engine.services.runs import (
    BESIDE,
    OPEN,
    RETRY,
    SCHEDULED,
    SLICE,
    begin,
    count,
    enter,
    finish,
    lose_authorization,
    run_of,
)
from engine.store import log
from engine.store.database import new_id, reading, writing
from engine.store.tables import Connection, Object, Outbox, Run

STEP_WRITES = 300
"""Writes of one step: ten batches in flight; between steps the run saves its progress and may yield."""

QUIET = timedelta(minutes=10)
"""After so long without a sign of life a run looks again at both sides before it writes on."""

ROUNDS = 3
"""How often one run decides anew after stale fences before it leaves the rest to the next run."""

LOCAL_REASONS = (Reason.CANNOT_MAP, Reason.OLD_TAX_RATE, Reason.DEPENDENCY_WAITS)
"""Reasons that are found out here without asking a remote; they are tried anew at every run, so they end by
themselves."""

PHASES = ("recover", "observe", "plan", "apply")
PLAN_PHASES = ("recover", "approved", "apply")
"""A plan that a person has seen is applied as it was shown: nothing is read before, nothing is decided anew."""
PUSH_PHASES = ("recover",)
"""A push whose process died is only cleared up; what it was to write stands in the outbox."""
LOOK = "import_preview"
"""The trigger of a run that reads what a historical import would bring (R34)."""
IMPORT = "import"
"""The trigger of the run that brings it."""
IMPORT_PHASES = ("let_through", *PHASES)

_OTHER_PHASES = {"push": PUSH_PHASES, APPROVED: PLAN_PHASES, LOOK: ("look",), IMPORT: IMPORT_PHASES, LINKING: ("link",)}


def request_run(
    deps: Deps,
    connection_id: str,
    *,
    trigger: str,
    person: str = "",
    categories: Sequence[str] = (),
    dry: bool = False,
    counts: Mapping[str, Any] | None = None,
) -> str:
    """Ask for a run (R26). One that is queued or running already is answered with itself: it cannot be started
    twice. A run with ``counts`` of its own waits behind that one instead, and is the same only as one that began with them."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        if connection.state not in {"active", "setup"}:
            raise Refused("This connection is not active.", hint="Authorise it again, or resume it in Settings.")
        if connection.state == "setup" and not dry:
            raise Refused("The set-up is not complete, so nothing is written yet.", hint="Complete it with Save (R43).")
        open_run = (
            _open_run(session, connection_id) if counts is None else _same_run(session, connection_id, trigger, counts)
        )
        if open_run is not None:
            return open_run.id
        run = Run(
            id=new_id(now), connection_id=connection_id, trigger=trigger, requested_by=person,
            categories=list(categories), dry=dry, queued_at=now, counts=dict(counts or {}),
        )  # fmt: skip
        session.add(run)
        run_id = run.id
    deps.enqueue(run_id, bool(person))
    return run_id


def _open_run(session: Session, connection_id: str) -> Run | None:
    statement = select(Run).where(
        Run.connection_id == connection_id, col(Run.state).in_(OPEN), col(Run.trigger).not_in(BESIDE)
    )
    return session.exec(statement.order_by(col(Run.id))).first()


def _same_run(session: Session, connection_id: str, trigger: str, counts: Mapping[str, Any]) -> Run | None:
    statement = select(Run).where(Run.connection_id == connection_id, Run.trigger == trigger, col(Run.state).in_(OPEN))
    return next((run for run in session.exec(statement) if counts.items() <= run.counts.items()), None)


def due_connections(deps: Deps) -> list[str]:
    """Connections whose automatic run is due (R25), or that a hint has woken."""
    now = deps.clock.now()
    with reading(deps.database) as session:
        statement = select(Connection.id).where(
            Connection.state == "active",
            or_(col(Connection.next_run_at) <= now, col(Connection.wake_requested_at).is_not(None)),
        )
        return list(session.exec(statement))


def start_due(deps: Deps) -> list[str]:
    """Request a run for everything that is due; returns the runs."""
    return [request_run(deps, connection_id, trigger="schedule") for connection_id in due_connections(deps)]


def sweep(deps: Deps) -> list[str]:
    """Put runs that somebody lost back into the queue: Redis may forget, a worker may die."""
    now = deps.clock.now()
    with reading(deps.database) as session:
        quiet = or_(col(Run.beat_at).is_(None), col(Run.beat_at) < now - leases.LENGTH)
        statement = select(Run.id).where(col(Run.state).in_(("queued", "running")), quiet)
        ids = list(session.exec(statement.where(col(Run.queued_at) < now - timedelta(seconds=15))))
    for run_id in ids:
        deps.enqueue(run_id, False)
    return ids


def stop_run(deps: Deps, run_id: str, person: str) -> None:
    """Ask a run to stop after the step it is in; one that is halted is over at once."""
    with writing(deps.database) as session:
        run = session.get_one(Run, run_id)
        run.stop_requested_by = person
        if run.state == "halted":
            run.state, run.finished_at = "stopped", deps.clock.now()
        session.add(run)


def continue_halted(deps: Deps, run_id: str, person: str) -> None:
    """Go on although a brake fired; the log names the person."""
    with writing(deps.database) as session:
        run = session.get_one(Run, run_id)
        if run.state != "halted":
            raise Refused("This run is not halted.", hint="Reload the page to see its state.")
        connection = log.lock(session, run.connection_id)
        run.state, run.overridden_by, run.finished_at = "queued", person, None
        entry = log.Entry("note", person=person, actor="hub", details={"brakes": run.halt}, run_id=run_id)
        log.append(session, connection, [entry], deps.clock.now())
        session.add(run)
    deps.enqueue(run_id, True)


def run_to_end(deps: Deps, run_id: str) -> Run:
    """Run without yielding, in the foreground; for the command line and for tests."""
    while run_chunk(deps, run_id):
        pass
    with reading(deps.database) as session:
        return session.get_one(Run, run_id)


def run_chunk(deps: Deps, run_id: str) -> bool:
    """Carry a run on. True: there is more to do, call again. Any number of callers may try; one at a time gets
    through."""
    with reading(deps.database) as session:
        run = session.get(Run, run_id)
    if run is None or run.state not in {"queued", "running"}:
        return False
    if run.trigger == RETRY:
        return carry_on(deps, run_id)
    lease = leases.take(deps, run.connection_id)
    if lease is None:
        return False
    try:
        return _run_with_lease(deps, run_id, lease)
    finally:
        leases.give_back(deps, lease)
        _wake_next(deps, run)


def _wake_next(deps: Deps, run: Run) -> None:
    """A run that waited for the lease goes on at once, not only with the next sweep."""
    waiting = select(Run).where(Run.connection_id == run.connection_id, Run.state == "queued", col(Run.id) > run.id)
    with reading(deps.database) as session:
        following = session.exec(waiting.order_by(col(Run.id)).limit(1)).first()
    if following is not None:
        deps.enqueue(following.id, bool(following.requested_by))


def _run_with_lease(deps: Deps, run_id: str, lease: leases.Lease) -> bool:
    with reading(deps.database) as session:
        context = load_context(session, lease.connection_id)
    job = Job(deps, context, Directory(deps.database, context.id), run_id, lease)
    _look_anew(deps, run_id)
    begin(deps, run_id)
    try:
        return _steps(job)
    except leases.LeaseLost:
        return False
    except SafetyHalt as halt:
        finish(job, "halted", halt)
    except AuthorizationLost as error:
        lose_authorization(job, error)
        finish(job, "failed", error)
    except (Retryable, RemoteRejected, Misconfigured, Refused) as error:
        finish(job, "failed", error)
    finally:
        job.close()
    return False


def _look_anew(deps: Deps, run_id: str) -> None:
    """What a run wanted to write before nobody carried it on for a while is not written from the picture of then. A plan that a
    person has seen stays as it was shown."""
    with writing(deps.database) as session:
        run = session.get_one(Run, run_id)
        waited = run.beat_at is not None and deps.clock.now() - run.beat_at > QUIET
        if waited and run.phase == "apply" and "observe" in _phases(run):
            run.phase = "observe"
            session.add(run)


def _steps(job: Job) -> bool:
    """The phases from where the run stands; True when the time slice is used up."""
    started = job.deps.clock.monotonic()
    for step in _work(job):
        leases.renew(job.deps, _lease(job))
        run = run_of(job)
        if run.stop_requested_by:
            finish(job, "stopped", None)
            return False
        count(job, step)
        if run.phase == "apply" and _makes_way(job, started):
            return True
    finish(job, "done", None)
    return False


def _makes_way(job: Job, started: float) -> bool:
    """Only while writing: every step of it is progress that the next job builds on, so a run always comes to its end."""
    return job.deps.yield_now() or job.deps.clock.monotonic() - started > SLICE


def _lease(job: Job) -> leases.Lease:
    assert job.lease is not None
    return job.lease


def _phases(run: Run) -> tuple[str, ...]:
    return _OTHER_PHASES.get(run.trigger, PHASES)


def _work(job: Job) -> Iterator[dict[str, int]]:
    run = run_of(job)
    phases = _phases(run)
    position = phases.index(run.phase) if run.phase in phases else 0
    if position:  # another worker may have died or been overtaken here; no step of its own, or a run could starve
        for cleared in _recover(job):
            count(job, cleared)
    for phase in phases[position:]:
        enter(job, phase)
        match phase:
            case "recover":
                yield from _recover(job)
            case "observe":
                yield from observe_all(job)
                renew_members(job)
            case "plan":
                yield from _plan(job)
            case "approved":
                yield _queue_approved(job)
            case "link":
                yield from _link(job)
            case "look" | "let_through":
                yield from _of_history(job, phase)
            case _:
                yield from _apply(job)


def _link(job: Job) -> Iterator[dict[str, int]]:
    for applied in link_accepted(job.deps, job.context.id, run_of(job).requested_by):
        if applied.refused:
            with writing(job.deps.database) as session:
                run = session.get_one(Run, job.run_id)
                told = [*run.counts.get(REFUSED_PAIRS, ()), *applied.refused]
                run.counts = {**run.counts, REFUSED_PAIRS: told}
                session.add(run)
        yield {"linked": applied.linked}


def _of_history(job: Job, phase: str) -> Iterator[dict[str, int]]:
    from engine.services import history  # it is built on this module

    yield from history.look(job) if phase == "look" else history.let_through(job)


def _queue_approved(job: Job) -> dict[str, int]:
    with writing(job.deps.database) as session:
        leases.check(session, _lease(job))
        return queue_plan(session, job.context, session.get_one(Run, job.run_id), job.deps.clock.now())


def _recover(job: Job) -> Iterator[dict[str, int]]:
    applied = recover(job)
    yield {"recovered": applied.written, "written": applied.written}


def _plan(job: Job) -> Iterator[dict[str, int]]:
    """Decide whatever changed, plan, brake, and queue; a dry run stops here with its plan."""
    run = run_of(job)
    with writing(job.deps.database) as session:
        log.lock(session, job.context.id)
        mark_dirty(session, job.context.id, col(Object.reason).in_([reason.value for reason in LOCAL_REASONS]))
        pair_vendors(session, job.context, job.deps.clock.now())
        suggest(session, job.context)
    _decide_dirty(job)
    if _read_attached(job):
        _decide_dirty(job)
    plan = make_plan(job, run)
    with writing(job.deps.database) as session:
        leases.check(session, _lease(job))
        current = session.get_one(Run, run.id)
        current.plan_id = store_plan(session, job.context, plan, run.id, job.deps.clock.now())
        session.add(current)
        if plan.brakes and not current.overridden_by and not current.dry:
            current.halt = {"brakes": [asdict(brake) for brake in plan.brakes]}
            session.commit()
            raise SafetyHalt(
                " ".join(brake.sentence for brake in plan.brakes),
                hint="Look at the plan; continue if this is what you want, or stop the run.",
            )
        queued = 0 if current.dry else queue_writes(session, job.context, plan.writes, current, job.deps.clock.now())
    yield {"planned": len(plan.writes), "queued": queued}


def _decide_dirty(job: Job) -> None:
    while True:
        with writing(job.deps.database) as session:
            leases.check(session, _lease(job))
            ids = dirty_ids(session, job.context)
            if not ids:
                return
            settle_dirty(session, job.context, ids, job.deps.clock.now())
            mark_clean(session, ids)


def mark_clean(session: Session, ids: Sequence[str]) -> None:
    """Their decisions are up to date."""
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        session.connection().execute(sa.update(Object).where(col(Object.id).in_(part)).values(dirty=False))


def _read_attached(job: Job) -> int:
    """What documents on their way refer to is not listened for where its category is off: it is read anew (R8, R14)."""
    off = [category for category in ATTACHED if not job.context.categories[category].enabled]
    if not off:
        return 0
    with reading(job.deps.database) as session:
        statement = attached_records(job.context.id, [category.value for category in off])
        wanted: dict[tuple[System, str], list[str]] = defaultdict(list)
        for system, type, id, category in session.exec(statement):
            if system == job.context.categories[Category(category)].source:
                wanted[System(system), type].append(id)
    for (system, type), ids in wanted.items():
        take_in(job, system, job.connector(system).read(type, ids), noticed="poll")
    return len(wanted)


def make_plan(job: Job, run: Run) -> Plan:
    """Everything that may be written now, with its dependencies."""
    now = job.deps.clock.now()
    plan = Plan()
    with writing(job.deps.database) as session:
        job.directory.follow(log.lock(session, job.context.id).log_sequence)
        cases = []
        for ids in pending_ids(session, job.context, run.categories):
            cases += [
                case
                for case in decide_objects(session, job.context, ids, now=now)
                if case.row.retry_at is None or case.row.retry_at <= now
            ]
        writes = plan_cases(session, job.context, _automatic(job, run, cases), now=now)
        proof = prove(job.context, job.directory, writes)
        record_refused(session, proof, now)
        plan.writes = proof.kept
        plan.brakes = check_brakes(
            session, job.context, plan.writes, run.counts.get("vanished_by", {}), limits_of(job.context)
        )
    return plan


def _automatic(job: Job, run: Run, cases: Sequence[Any]) -> list[Any]:
    """A scheduled run writes automatic categories only; Synchronize now writes everything that is enabled (R25,
    R26)."""
    if run.trigger not in SCHEDULED:
        return list(cases)
    return [case for case in cases if job.context.category(case.thing.kind).automatic]


def _apply(job: Job) -> Iterator[dict[str, int]]:
    if run_of(job).dry:
        return
    for _ in range(ROUNDS):
        moved = False
        for wave, system in _open_waves(job):
            while True:
                applied = send_wave(job, system, wave, limit=STEP_WRITES)
                done = applied.written + applied.refused + applied.stale + applied.retry + applied.doubtful
                moved = moved or applied.stale > 0 or applied.unfinished > 0 or bool(applied.duplicates)
                _follow_up(job, system, applied)
                yield {
                    "written": applied.written, "refused": applied.refused, "retry": applied.retry,
                    "stale": applied.stale, "duplicates": len(applied.duplicates or ()),
                }  # fmt: skip
                if applied.stop is not None:
                    raise applied.stop
                if not done:
                    break
        if run_of(job).trigger == APPROVED:  # exactly what was seen; the next run decides what has moved
            return
        if moved:
            yield from _plan(job)
        elif credits := _apply_credits(job):
            yield {"planned": credits, "queued": credits}
        else:
            return


def _apply_credits(job: Job) -> int:
    """Queue the application of credit notes that have arrived (R18), computed from what is open at this moment."""
    with reading(job.deps.database) as session:
        due = due_applications(session, job.context)
    if not due:
        return 0
    wanted: dict[str, set[str]] = defaultdict(set)
    for binding in [binding for one in due for binding in (one.memo, one.invoice)]:
        wanted[binding.remote_type].add(binding.remote_id)
    for type, ids in wanted.items():
        take_in(job, System.QUICKBOOKS, job.connector(System.QUICKBOOKS).read(type, sorted(ids)), noticed="receipt")
    _decide_dirty(job)
    with writing(job.deps.database) as session:
        leases.check(session, _lease(job))
        run = session.get_one(Run, job.run_id)
        if run.trigger in SCHEDULED and not job.context.category(Kind.CREDIT_NOTE).automatic:
            return 0
        return queue_applications(session, job.context, run, job.deps.clock.now())


def _follow_up(job: Job, system: System, applied: Any) -> None:
    """Observe what was stale, settle duplicates, and repeat at once what may have been lost."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for type, id in applied.reread or ():
        wanted[type].append(id)
    for claimed, error in applied.duplicates or ():
        for type, id in adopt_duplicate(job, claimed, error).reread or ():
            wanted[type].append(id)
    for type, ids in wanted.items():
        take_in(job, system, job.connector(system).read(type, ids), noticed="receipt")
    if applied.doubtful:
        recover(job)


def _open_waves(job: Job) -> list[tuple[int, System]]:
    with reading(job.deps.database) as session:
        statement = (
            select(Outbox.wave, Outbox.system)
            .where(Outbox.connection_id == job.context.id, col(Outbox.state).in_(("planned", "retry")))
            .distinct()
        )
        return sorted((wave, System(system)) for wave, system in session.exec(statement))
