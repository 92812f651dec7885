"""One object by hand: send it to QuickBooks or pull it into Scoro (R27–R31), the only way against the direction, and
named in the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from engine.core.decide import AwaitMatch, Blocked, Conflict, Decision, InStep, Propagate, disposition_of
from engine.core.reasons import WORDS, Reason
from engine.core.records import CATEGORY_OF, DOCUMENTS, ONE_WAY, Kind, Path, Replica, Scalar, System
from engine.errors import ConcordError, MappingError, Refused
from engine.services.adopting import adopt_duplicate
from engine.services.applying import send_wave
from engine.services.context import load_context
from engine.services.deciding import Case, decide_objects, decide_one
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.feeds import take_in
from engine.services.job import Job
from engine.services.labels import label_of
from engine.services.matching import suggest
from engine.services.planning import PlannedWrite, plan_cases, queue_writes
from engine.services.proving import payload_of, prove, record_refused
from engine.services.recovering import recover
from engine.store import log
from engine.store.database import new_id, reading, supposing, writing
from engine.store.tables import Binding, Object, Outbox, Run

VERBS: Mapping[System, str] = {System.QUICKBOOKS: "send", System.SCORO: "pull"}
RECEIPT_TYPES = {"Payment": "Payment", "BillPaymentCheck": "BillPayment", "BillPayment": "BillPayment"}


@dataclass(frozen=True, slots=True)
class PushOption:
    """A button of the object's page, and why it is disabled when it is."""

    system: str
    verb: str
    allowed: bool
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One field of the exact write."""

    path: Path
    label: str
    before: Scalar | None
    after: Scalar | None


@dataclass(frozen=True, slots=True)
class PushPreview:
    """What a push would write: this object's fields, what has to go along first, and the bodies in the remote's
    words."""

    rows: tuple[PreviewRow, ...]
    operations: tuple[str, ...]
    along: tuple[str, ...]
    payloads: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """What became of a push. ``state``: written · nothing · refused · waiting."""

    object_id: str
    title: str
    state: str
    sentence: str
    hint: str = ""


def push_options(deps: Deps, object_id: str) -> tuple[PushOption, ...]:
    """Both buttons, computed from what the documents really say on both sides."""
    with reading(deps.database) as session:
        row = _object(session.get(Object, object_id))
        context = load_context(session, row.connection_id)
        return tuple(
            _option(
                decide_one(session, context, object_id, now=deps.clock.now(), explicit=system).decision, row, system
            )
            for system in (System.QUICKBOOKS, System.SCORO)
        )


def _object(row: Object | None) -> Object:
    if row is None:
        raise Refused("There is no such object.", hint="It may have been linked with another one; search for it.")
    return row


def _option(decision: Decision, row: Object, system: System) -> PushOption:
    reason, sentence = _refusal(decision, row, system)
    return PushOption(system.value, VERBS[system], not sentence, reason.value, sentence)


def _refusal(decision: Decision, row: Object, system: System) -> tuple[Reason, str]:
    """Why this object cannot go to ``system`` by hand; an empty sentence when it can."""
    category = CATEGORY_OF[Kind(row.kind)]
    if category in ONE_WAY and ONE_WAY[category] is system:
        return Reason.NOT_WRITTEN_BY_CONCORD, WORDS[Reason.NOT_WRITTEN_BY_CONCORD].sentence
    match decision:
        case Propagate():
            return Reason.NONE, ""
        case InStep():
            return Reason.AGREED, "There is nothing to send: both systems say the same."
        case Blocked(reason, _):
            return reason, WORDS[reason].sentence
        case Conflict(_, reason) | AwaitMatch(reason):
            return reason, f"{WORDS[reason].sentence} {WORDS[reason].way_out}"
        case _:
            reason = disposition_of(decision)[1]
            return reason, f"There is nothing to send this way. {WORDS[reason].sentence}"


def preview_push(deps: Deps, object_id: str, to: System) -> PushPreview:
    """The exact write, before anything is sent. Raises ``Refused`` with the reason when it may not go."""
    with supposing(deps.database) as session:
        row = _object(session.get(Object, object_id))
        context = load_context(session, row.connection_id)
        now = deps.clock.now()
        case = decide_one(session, context, object_id, now=now, explicit=to)
        _check_allowed(case, to)
        writes = plan_cases(session, context, [case], now=now, explicit=to)
        proof = prove(context, Directory(deps.database, context.id), writes)
    if proof.refused:
        raise _as_refused(proof.refused[0][1])
    directory = Directory(deps.database, context.id)
    own = [write for write in writes if write.case.row.id == object_id]
    return PushPreview(
        rows=tuple(_preview_row(write, path) for write in own for path in sorted(write.values)),
        operations=tuple(f"{write.operation} in {write.write.replica.system.value}" for write in own),
        along=tuple(write.case.row.title for write in writes if write.case.row.id != object_id),
        payloads=tuple(payload_of(context, directory, _loosely(directory), write).body for write in own),
        notes=tuple(note for write in own for note in payload_of(context, directory, _loosely(directory), write).notes),
    )


def _loosely(directory: Directory) -> Any:
    """For a preview: what is only going to be created has no id yet."""

    def locate(object_id: str, replica: Replica) -> str:
        try:
            return directory.locate(object_id, replica)
        except MappingError:
            return "(new)"

    return locate


def _preview_row(write: PlannedWrite, path: Path) -> PreviewRow:
    return PreviewRow(path, label_of(write.case.thing.kind, path), write.before[path], write.values[path])


def _as_refused(error: MappingError) -> Refused:
    return Refused(error.message, hint=error.hint, code=error.code)


def _check_allowed(case: Case, to: System) -> None:
    reason, sentence = _refusal(case.decision, case.row, to)
    if sentence:
        raise Refused(sentence, hint=WORDS[reason].way_out, code=reason.value)


def push(deps: Deps, object_id: str, to: System, person: str) -> PushOutcome:
    """Send or pull one object now. Both sides are read anew first, so that every rule is checked against
    what they say at this moment. Raises ``Refused`` when a rule forbids it."""
    job = _begin(deps, object_id, person)
    try:
        _refresh(job, object_id)
        outcome = _write(job, object_id, to, person)
    except ConcordError as error:
        _end(job, "failed", error)
        raise
    finally:
        job.close()
    _end(job, "done", None)
    return outcome


def _begin(deps: Deps, object_id: str, person: str) -> Job:
    """A run of its own for the log; it needs no lease, since each write is claimed by itself."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        row = _object(session.get(Object, object_id))
        context = load_context(session, row.connection_id)
        if context.connection.state in {"unauthorised", "disconnected"}:
            raise Refused("This connection is not active.", hint="Authorise it again in Settings.")
        run = Run(
            id=new_id(now), connection_id=context.id, trigger="push", state="running", requested_by=person,
            queued_at=now, started_at=now, beat_at=now, phase="recover",
        )  # fmt: skip
        session.add(run)
        run_id = run.id
    return Job(deps, context, Directory(deps.database, context.id), run_id)


def _end(job: Job, state: str, error: ConcordError | None) -> None:
    with writing(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        run.state, run.finished_at = state, job.deps.clock.now()
        run.error, run.hint = (error.message, error.hint) if error else ("", "")
        session.add(run)


def _refresh(job: Job, object_id: str) -> None:
    """What both sides say right now."""
    with reading(job.deps.database) as session:
        bindings = session.exec(select(Binding).where(Binding.object_id == object_id)).all()
        session.expunge_all()
    wanted: dict[tuple[System, str], list[str]] = defaultdict(list)
    for binding in bindings:
        wanted[System(binding.system), binding.remote_type].append(binding.remote_id)
    for (system, type), ids in wanted.items():
        take_in(job, system, job.connector(system).read(type, ids), noticed="manual")
    if len({binding.system for binding in bindings}) == 1:
        _look_for_the_same(job, object_id)


def _look_for_the_same(job: Job, object_id: str) -> None:
    """What lives on one side only may be what the other side has already; then a person says so first."""
    with writing(job.deps.database) as session:
        log.lock(session, job.context.id)
        suggest(session, job.context)
        decide_objects(session, job.context, [object_id], now=job.deps.clock.now())


def _write(job: Job, object_id: str, to: System, person: str) -> PushOutcome:
    with writing(job.deps.database) as session:
        log.lock(session, job.context.id)
        now = job.deps.clock.now()
        case = decide_one(session, job.context, object_id, now=now, explicit=to)
        if isinstance(case.decision, InStep):
            return PushOutcome(
                object_id, case.row.title, "nothing", "There is nothing to send: both systems say the same."
            )
        _check_allowed(case, to)
        writes = plan_cases(session, job.context, [case], now=now, explicit=to, person=person)
        proof = prove(job.context, job.directory, writes)
        record_refused(session, proof, now)
        run = session.get_one(Run, job.run_id)
        queued = queue_writes(session, job.context, proof.kept, run, now)
        title = case.row.title
    if proof.refused:
        raise _as_refused(proof.refused[0][1])
    if not queued:
        raise Refused("A write of this object is on its way already.", hint="Wait a moment and look again.")
    _send_all(job)
    return _outcome(job, object_id, title)


def _send_all(job: Job) -> None:
    """The queued rows of this push, wave by wave; a lost answer is looked into at once."""
    with reading(job.deps.database) as session:
        rows = session.exec(select(Outbox).where(Outbox.run_id == job.run_id).order_by(col(Outbox.wave))).all()
        session.expunge_all()
    for wave, system in sorted({(row.wave, System(row.system)) for row in rows}):
        only = [row.id for row in rows if row.wave == wave and row.system == system]
        applied = send_wave(job, system, wave, limit=len(only), only=only)
        for claimed, error in applied.duplicates or ():
            adopt_duplicate(job, claimed, error)
        if applied.doubtful:
            recover(job)
        if applied.stop is not None:
            raise applied.stop


def _outcome(job: Job, object_id: str, title: str) -> PushOutcome:
    with reading(job.deps.database) as session:
        rows = session.exec(select(Outbox).where(Outbox.run_id == job.run_id)).all()
    failed = [row for row in rows if row.state not in {"confirmed"}]
    if not failed:
        return PushOutcome(object_id, title, "written", "Written, read back and equal.")
    first = next((row for row in failed if row.object_id == object_id), failed[0])
    state = "waiting" if first.state in {"sent", "retry", "planned"} else "refused"
    return PushOutcome(object_id, title, state, first.error or "It changed meanwhile; look at it again.", first.hint)


def push_many(deps: Deps, connection_id: str, object_ids: Sequence[str], to: System, person: str) -> list[PushOutcome]:
    """The bulk action of a list (R40): one outcome per object, whatever happens to the others."""
    outcomes: list[PushOutcome] = []
    for object_id in object_ids:
        with reading(deps.database) as session:
            row = session.get(Object, object_id)
        if row is None or row.connection_id != connection_id:
            continue
        try:
            outcomes.append(push(deps, object_id, to, person))
        except ConcordError as error:
            outcomes.append(PushOutcome(object_id, row.title, "refused", error.message, error.hint))
    return outcomes


def pull_receipts(deps: Deps, object_id: str, person: str) -> list[PushOutcome]:
    """Every payment of one invoice or bill, until it is fully received (R31)."""
    with reading(deps.database) as session:
        row = _object(session.get(Object, object_id))
        binding = session.exec(
            select(Binding).where(Binding.object_id == object_id, Binding.replica == Replica.QUICKBOOKS.value)
        ).one_or_none()
        scoro = session.exec(
            select(Binding).where(Binding.object_id == object_id, Binding.replica == Replica.SCORO.value)
        ).one_or_none()
    if Kind(row.kind) not in DOCUMENTS or binding is None or scoro is None:
        raise Refused("Receipts can be pulled from an invoice or bill that is in both systems.", hint="Send it first.")
    if str(scoro.facts.get("balance", "")) in {"0", "0.00"}:
        raise Refused("This document is fully received.", hint="There is nothing left to pull (R31).")
    found = _payments(deps, object_id, binding, person)
    return push_many(deps, row.connection_id, found, System.SCORO, person)


def _payments(deps: Deps, object_id: str, binding: Binding, person: str) -> list[str]:
    """Objects of the payments that QuickBooks links to the document, read anew."""
    job = _begin(deps, object_id, person)
    try:
        record = job.connector(System.QUICKBOOKS).read(binding.remote_type, [binding.remote_id])[0]
        take_in(job, System.QUICKBOOKS, [record], noticed="manual")
        ids: dict[str, list[str]] = defaultdict(list)
        for linked in record.data.get("LinkedTxn") or ():
            if linked.get("TxnType") in RECEIPT_TYPES:
                ids[RECEIPT_TYPES[linked["TxnType"]]].append(str(linked["TxnId"]))
        for type, wanted in ids.items():
            take_in(job, System.QUICKBOOKS, job.connector(System.QUICKBOOKS).read(type, wanted), noticed="manual")
    finally:
        job.close()
        _end(job, "done", None)
    return _objects_of(deps, binding.connection_id, ids)


def _objects_of(deps: Deps, connection_id: str, ids: Mapping[str, Sequence[str]]) -> list[str]:
    directory, found = Directory(deps.database, connection_id), []
    for type, remote_ids in ids.items():
        for remote_id in remote_ids:
            try:
                found.append(directory.resolve(System.QUICKBOOKS, type, remote_id))
            except MappingError:
                continue
    return found


def refresh(deps: Deps, object_id: str, person: str) -> None:
    """Read one object anew on both sides, without writing."""
    job = _begin(deps, object_id, person)
    try:
        _refresh(job, object_id)
        with writing(deps.database) as session:
            decide_objects(session, job.context, [object_id], now=deps.clock.now())
    finally:
        job.close()
        _end(job, "done", None)
