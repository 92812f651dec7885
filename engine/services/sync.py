"""A run: clear doubts, observe both sides, decide, plan, brake, apply.

It is done in steps, each safe to die after, and yields between them, so that a person's click is served while it
goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from engine.connectors.base import ChangePage, RemoteRecord
from engine.core.reasons import Reason
from engine.core.records import Category, Kind, System
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    Misconfigured,
    Refused,
    RemoteRejected,
    Retryable,
    SafetyHalt,
    Throttled,
)
from engine.mapping.registry import kind_of, types_of
from engine.services import lease as leases
from engine.services.applying import Job, adopt_duplicate, recover, send_wave
from engine.services.bookmarks import renew_members
from engine.services.context import Context, load_context
from engine.services.credits import due_applications, queue_applications
from engine.services.deciding import decide_objects, dirty_ids, mark_dirty, pending_ids, settle_dirty
from engine.services.deps import Deps, Event
from engine.services.directory import Directory
from engine.services.matching import suggest
from engine.services.observing import Observed, observe_records
from engine.services.pairing import pair_vendors
from engine.services.planning import ATTACHED, Plan, attached_records, check_brakes, limits_of, plan_cases, queue_writes
from engine.services.previews import APPROVED, queue_plan, store_plan
from engine.services.profiles import SETTINGS_TYPES, renew_profile, tells_of_settings
from engine.services.proving import prove, record_refused
from engine.store import log
from engine.store.bindings import live_ids
from engine.store.database import new_id, reading, writing
from engine.store.tables import Checkpoint, Connection, Object, Outbox, Run

STEP_WRITES = 300
"""Writes of one step: ten batches in flight; between steps the run saves its progress and may yield."""

SLICE = 45.0
"""Seconds after which a job hands over to the next one, so that no job holds a worker for long."""

ROUNDS = 3
"""How often one run decides anew after stale fences before it leaves the rest to the next run."""

SWEEP_EVERY = timedelta(hours=6)
"""How often deletions that the feeds do not report are looked for."""

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

_OTHER_PHASES = {"push": PUSH_PHASES, APPROVED: PLAN_PHASES, LOOK: ("look",)}
ALL_KINDS = tuple(Kind)


def request_run(
    deps: Deps,
    connection_id: str,
    *,
    trigger: str,
    person: str = "",
    categories: Sequence[str] = (),
    dry: bool = False,
) -> str:
    """Ask for a run (R26). One that is queued or running already is answered with itself: it cannot be started
    twice."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        if connection.state not in {"active", "setup"}:
            raise Refused("This connection is not active.", hint="Authorise it again, or resume it in Settings.")
        if connection.state == "setup" and not dry:
            raise Refused("The set-up is not complete, so nothing is written yet.", hint="Complete it with Save (R43).")
        open_run = _open_run(session, connection_id)
        if open_run is not None:
            return open_run.id
        run = Run(
            id=new_id(now), connection_id=connection_id, trigger=trigger, requested_by=person,
            categories=list(categories), dry=dry, queued_at=now,
        )  # fmt: skip
        session.add(run)
        run_id = run.id
    deps.enqueue(run_id, bool(person))
    return run_id


OPEN = ("queued", "running")


def _open_run(session: Session, connection_id: str) -> Run | None:
    statement = select(Run).where(
        Run.connection_id == connection_id, col(Run.state).in_(OPEN), col(Run.trigger) != "push"
    )
    return session.exec(statement.order_by(col(Run.id))).first()


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
    lease = leases.take(deps, run.connection_id)
    if lease is None:
        return False
    try:
        return _run_with_lease(deps, run_id, lease)
    finally:
        leases.give_back(deps, lease)


def _run_with_lease(deps: Deps, run_id: str, lease: leases.Lease) -> bool:
    with reading(deps.database) as session:
        context = load_context(session, lease.connection_id)
    job = Job(deps, context, Directory(deps.database, context.id), run_id, lease)
    _begin(deps, run_id)
    try:
        return _steps(job)
    except leases.LeaseLost:
        return False
    except SafetyHalt as halt:
        _finish(job, "halted", halt)
    except AuthorizationLost as error:
        _lose_authorization(job, error)
        _finish(job, "failed", error)
    except (Retryable, RemoteRejected, Misconfigured, Refused) as error:
        _finish(job, "failed", error)
    finally:
        job.close()
    return False


def _steps(job: Job) -> bool:
    """The phases from where the run stands; True when the time slice is used up."""
    started = job.deps.clock.monotonic()
    for step in _work(job):
        leases.renew(job.deps, _lease(job))
        run = _run(job)
        if run.stop_requested_by:
            _finish(job, "stopped", None)
            return False
        _count(job, step)
        if run.phase == "apply" and _makes_way(job, started):
            return True
    _finish(job, "done", None)
    return False


def _makes_way(job: Job, started: float) -> bool:
    """Only while writing: every step of it is progress that the next job builds on, so a run always comes to its end."""
    return job.deps.yield_now() or job.deps.clock.monotonic() - started > SLICE


def _lease(job: Job) -> leases.Lease:
    assert job.lease is not None
    return job.lease


def _work(job: Job) -> Iterator[dict[str, int]]:
    run = _run(job)
    phases = _OTHER_PHASES.get(run.trigger, PHASES)
    position = phases.index(run.phase) if run.phase in phases else 0
    if position:  # another worker may have died or been overtaken here; no step of its own, or a run could starve
        for cleared in _recover(job):
            _count(job, cleared)
    for phase in phases[position:]:
        _enter(job, phase)
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
            case "look":
                yield from _look(job)
            case _:
                yield from _apply(job)


def _look(job: Job) -> Iterator[dict[str, int]]:
    from engine.services.history import look  # it is built on this module

    yield from look(job)


def _queue_approved(job: Job) -> dict[str, int]:
    with writing(job.deps.database) as session:
        leases.check(session, _lease(job))
        return queue_plan(session, job.context, session.get_one(Run, job.run_id), job.deps.clock.now())


def _recover(job: Job) -> Iterator[dict[str, int]]:
    applied = recover(job)
    yield {"recovered": applied.written, "written": applied.written}


def observe_all(job: Job, *, kinds: Sequence[Kind] = (), everything: bool = False) -> Iterator[dict[str, int]]:
    """Consume both change feeds. ``everything``: from the beginning, whatever the checkpoints say (matching,
    sweeps)."""
    kinds = kinds or polled_kinds(job.context)
    for system in (System.QUICKBOOKS, System.SCORO):
        for page in _pages(job, system, kinds, everything):
            yield _observe_page(job, system, page)
    yield {"conflicts": 0}


def polled_kinds(context: Context) -> tuple[Kind, ...]:
    """Kinds to listen for: the enabled categories. What documents need beyond them is read when it is referred to."""
    return tuple(kind for kind in ALL_KINDS if context.category(kind).enabled or kind in _ALWAYS)


_SCHEDULED = frozenset({"schedule", "webhook"})
_ALWAYS = frozenset({Kind.ACCOUNT, Kind.TAX_RATE})
_HEARD_FROM_OWNER = frozenset({Kind.ACCOUNT, Kind.TAX_RATE, Kind.TRACKING_CLASS})


def _pages(job: Job, system: System, kinds: Sequence[Kind], everything: bool) -> Iterator[ChangePage]:
    connector = job.connector(system)
    cursors = {} if everything else _cursors(job, system)
    heard = [kind for kind in kinds if _is_heard(job, system, kind)] if not everything else list(kinds)
    types = types_of(system, heard)
    if system is System.QUICKBOOKS:
        types += SETTINGS_TYPES
    if types:
        yield from connector.changes(types, cursors)
    if system is System.SCORO and _sweep_is_due(job):
        since = job.deps.clock.now() - timedelta(days=29)
        yield from connector.deletions(types_of(system, kinds), since)
        _store_cursor(job, system, "sweep", job.deps.clock.now().isoformat())


def _is_heard(job: Job, system: System, kind: Kind) -> bool:
    """Scoro's reference data changes only by somebody's mistake (R4): it is looked at when a person asks for a run, and
    with the sweep."""
    rare = system is System.SCORO and kind in _HEARD_FROM_OWNER
    return not rare or _run(job).trigger not in _SCHEDULED or _sweep_is_due(job)


def _sweep_is_due(job: Job) -> bool:
    last = _cursors(job, System.SCORO).get("sweep")
    return last is None or job.deps.clock.now() - datetime.fromisoformat(last) >= SWEEP_EVERY


def _observe_page(job: Job, system: System, page: ChangePage) -> dict[str, int]:
    """Store what a page brought, read what it refers to, and only then move the checkpoint (F26)."""
    if tells_of_settings(page.records):
        renew_profile(job)
    observed = take_in(job, system, page.records, noticed="poll")
    if page.checkpoint is not None:
        _store_cursor(job, system, page.checkpoint.stream, page.checkpoint.cursor)
    for type in page.gaps:
        _sweep_type(job, system, type)
    counts = {
        "observed": observed.records,
        "edited": observed.edited,
        "new": observed.created,
        "conflicts": observed.conflicts,
    }
    _count_vanished(job, observed)
    return counts


def take_in(job: Job, system: System, records: Iterable[RemoteRecord], *, noticed: str, depth: int = 4) -> Observed:
    """Observe records, and first the ones they refer to that have not been read yet."""
    known = _complete(job, system, [record for record in records if kind_of(record) is not None or record.deleted])
    observed = observe_records(job.deps, job.context, job.directory, known, noticed=noticed, run_id=job.run_id)
    if observed.missing and depth:
        _read_missing(job, system, observed, depth)
        again = observe_records(
            job.deps, job.context, job.directory, observed.waiting, noticed=noticed, run_id=job.run_id
        )
        observed.waiting, observed.missing = [], set()
        observed.absorb(again)
    if observed.waiting:
        _keep_unreadable(job, observed, noticed)
    return observed


def _keep_unreadable(job: Job, observed: Observed, noticed: str) -> None:
    """What points to something that cannot be read is remembered with that reason, never dropped."""
    left = observe_records(
        job.deps, job.context, job.directory, observed.waiting, noticed=noticed, run_id=job.run_id, settle=True
    )
    observed.waiting, observed.missing = [], set()
    observed.absorb(left)


def _complete(job: Job, system: System, records: Sequence[RemoteRecord]) -> list[RemoteRecord]:
    """Rows that only say that something changed are read in full."""
    partial: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if not record.complete and not record.deleted:
            partial[record.type].append(record.id)
    full = [record for record in records if record.complete or record.deleted]
    for type, ids in partial.items():
        full += job.connector(system).read(type, ids)
    return full


def _read_missing(job: Job, system: System, observed: Observed, depth: int) -> None:
    wanted: dict[str, list[str]] = defaultdict(list)
    for type, id in sorted(observed.missing):
        wanted[type].append(id)
    for type, ids in wanted.items():
        take_in(job, system, job.connector(system).read(type, ids), noticed="poll", depth=depth - 1)


def _sweep_type(job: Job, system: System, type: str) -> None:
    """Compare all ids of a type with the bindings: what is not there any more is confirmed by a read, then observed
    as gone."""
    living = {record.id for page in job.connector(system).scan(type) for record in page.records}
    suspects = sorted(set(live_ids(job.deps.database, job.context.id, system.value, type)) - living)
    if suspects:
        gone = [record for record in job.connector(system).read(type, suspects) if record.deleted]
        take_in(job, system, gone, noticed="sweep")


def _plan(job: Job) -> Iterator[dict[str, int]]:
    """Decide whatever changed, plan, brake, and queue; a dry run stops here with its plan."""
    run = _run(job)
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
        log.lock(session, job.context.id)
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
    if run.trigger not in _SCHEDULED:
        return list(cases)
    return [case for case in cases if job.context.category(case.thing.kind).automatic]


def _apply(job: Job) -> Iterator[dict[str, int]]:
    if _run(job).dry:
        return
    for _ in range(ROUNDS):
        moved = False
        for wave, system in _open_waves(job):
            while True:
                applied = send_wave(job, system, wave, limit=STEP_WRITES)
                done = applied.written + applied.refused + applied.stale + applied.retry + applied.doubtful
                moved = moved or applied.stale > 0 or applied.unfinished > 0 or bool(applied.duplicates)
                _follow_up(job, system, applied)
                yield {"written": applied.written, "refused": applied.refused, "retry": applied.retry}
                if applied.stop is not None:
                    raise applied.stop
                if not done:
                    break
        if _run(job).trigger == APPROVED:  # exactly what was seen; the next run decides what has moved
            return
        if moved:
            yield from _plan(job)
        elif not _apply_credits(job):
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
        if run.trigger in _SCHEDULED and not job.context.category(Kind.CREDIT_NOTE).automatic:
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


def _run(job: Job) -> Run:
    with reading(job.deps.database) as session:
        return session.get_one(Run, job.run_id)


def _begin(deps: Deps, run_id: str) -> None:
    with writing(deps.database) as session:
        run = session.get_one(Run, run_id)
        now = deps.clock.now()
        run.state, run.started_at, run.beat_at = "running", run.started_at or now, now
        session.add(run)


def _enter(job: Job, phase: str) -> None:
    with writing(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        run.phase, run.beat_at = phase, job.deps.clock.now()
        session.add(run)


def _count(job: Job, step: dict[str, int]) -> None:
    with writing(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        counts = dict(run.counts)
        for name, number in step.items():
            counts[name] = counts.get(name, 0) + number
        run.counts, run.beat_at = counts, job.deps.clock.now()
        session.add(run)


def _count_vanished(job: Job, observed: Observed) -> None:
    if not observed.vanished:
        return
    with writing(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        by_category = dict(run.counts.get("vanished_by", {}))
        kinds = session.exec(select(Object.category).where(col(Object.id).in_(sorted(observed.touched)[:900])))
        for category in kinds:
            by_category[category] = by_category.get(category, 0) + 1
        run.counts = {**run.counts, "vanished_by": by_category}
        session.add(run)


def _finish(job: Job, state: str, error: ConcordError | None) -> None:
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
    conflicts = int(_run(job).counts.get("conflicts", 0))
    if conflicts:
        job.deps.notify(
            Event("conflict_waiting", job.context.id, f"{conflicts} conflicts wait for a person.", conflicts)
        )


def _lose_authorization(job: Job, error: AuthorizationLost) -> None:
    with writing(job.deps.database) as session:
        connection = log.lock(session, job.context.id)
        connection.state = "unauthorised"
        session.add(connection)
    job.deps.notify(Event("connection_lost", job.context.id, error.message))


def _cursors(job: Job, system: System) -> dict[str, str]:
    with reading(job.deps.database) as session:
        statement = select(Checkpoint).where(
            Checkpoint.connection_id == job.context.id, Checkpoint.system == system.value
        )
        return {row.stream: row.cursor for row in session.exec(statement)}


def _store_cursor(job: Job, system: System, stream: str, cursor: str) -> None:
    with writing(job.deps.database) as session:
        leases.check(session, job.lease, job.context.id)
        key = (job.context.id, system.value, stream)
        row = session.get(Checkpoint, key)
        if row is None:
            row = Checkpoint(
                connection_id=key[0], system=key[1], stream=key[2], cursor=cursor, updated_at=job.deps.clock.now()
            )
        row.cursor, row.updated_at = cursor, job.deps.clock.now()
        session.add(row)
