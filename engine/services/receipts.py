"""What becomes of a write: its receipt, its refusal, or its doubt. Everything about one answer commits at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.connectors.base import NotWritten, RemoteRecord, WriteOutcome, Written
from engine.core.decide import Propagate
from engine.core.objects import CausalBinding, overlay
from engine.core.observe import observe
from engine.core.reasons import Disposition, Reason
from engine.core.records import EXISTS, Path, Replica, Scalar, System
from engine.core.vector import VersionVector
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    DuplicateRemote,
    MappingError,
    RemoteMissing,
    Retryable,
    StaleRevision,
    Throttled,
)
from engine.mapping.base import Picture, Reading
from engine.mapping.registry import MAPPINGS
from engine.services.claiming import Claimed, refuse, release_stale
from engine.services.context import Context
from engine.services.credits import APPLY, confirm_application
from engine.services.deciding import Case, decide_objects
from engine.services.deps import Deps
from engine.services.directory import NAMES, Directory
from engine.services.linking import absorb
from engine.services.listing import listing_columns
from engine.services.observing import binding_columns, digest_of, is_older, reading_of, state_if_contested
from engine.store import log
from engine.store.causal import causal_binding, causal_object, object_columns
from engine.store.database import new_id, writing
from engine.store.tables import Binding, MatchKey, Object, Outbox

FIRST_RETRY = 2.0
LONGEST_RETRY = 300.0
GIVE_UP = 8
"""After so many attempts a write waits for the next change or for a person."""

REFUSALS: Mapping[str, Reason] = {
    "6200": Reason.PERIOD_LOCKED,
    "6210": Reason.PERIOD_LOCKED,
    "6540": Reason.DEPOSITED,
    "6110": Reason.PROCESSED_ELSEWHERE,
    "6120": Reason.PROCESSED_ELSEWHERE,
}
"""QuickBooks fault codes that have a reason of their own (reference 10)."""


@dataclass(slots=True)
class Applied:
    """What became of a handful of writes. ``unfinished``: objects of which the same replica is to be written once more, such
    as an edit before a void; ``reread``: records that have to be observed before deciding again."""

    written: int = 0
    refused: int = 0
    retry: int = 0
    stale: int = 0
    doubtful: int = 0
    unfinished: int = 0
    reread: list[tuple[str, str]] | None = None
    duplicates: list[tuple[Claimed, DuplicateRemote]] | None = None
    stop: ConcordError | None = None

    def add(self, more: Applied) -> None:
        """Add up."""
        for name in ("written", "refused", "retry", "stale", "doubtful", "unfinished"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        self.reread = [*(self.reread or ()), *(more.reread or ())]
        self.duplicates = [*(self.duplicates or ()), *(more.duplicates or ())]
        self.stop = more.stop or self.stop


def record_outcomes(
    deps: Deps,
    context: Context,
    directory: Directory,
    outcomes: Sequence[tuple[Claimed, WriteOutcome]],
    *,
    run_id: str = "",
) -> Applied:
    """Commit what became of these writes, in one transaction."""
    applied = Applied(reread=[], duplicates=[])
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, context.id)
        directory.follow(connection.log_sequence)
        entries: list[log.Entry] = []
        for claimed, outcome in outcomes:
            row = session.get_one(Outbox, claimed.outbox_id)
            if row.state != "sent":
                continue
            match outcome:
                case Written() if row.operation == APPLY:
                    entries.append(confirm_application(session, row, outcome.record.id, outcome.request_id, now))
                    applied.written += 1
                case Written():
                    entries += _confirm(session, context, directory, claimed, row, outcome, now, run_id)
                    applied.written += 1
                case NotWritten(_, error):
                    _fail(deps, session, claimed, row, error, applied, now)
        log.append(session, connection, entries, now)
        directory.follow(connection.log_sequence, own=True)
        session.flush()
        cases = decide_objects(session, context, [claimed.object_id for claimed, _ in outcomes], now=now)
        applied.unfinished = sum(_goes_on(case, outcomes) for case in cases)
    directory.forget(claimed.object_id for claimed, _ in outcomes)
    return applied


def _goes_on(case: Case, outcomes: Sequence[tuple[Claimed, WriteOutcome]]) -> bool:
    if not isinstance(case.decision, Propagate):
        return False
    replicas = {write.replica for write in case.decision.writes}
    return any(
        claimed.object_id == case.row.id and claimed.replica in replicas and isinstance(outcome, Written)
        for claimed, outcome in outcomes
    )


def _confirm(
    session: Session,
    context: Context,
    directory: Directory,
    claimed: Claimed,
    row: Outbox,
    outcome: Written,
    now: datetime,
    run_id: str,
) -> list[log.Entry]:
    """The receipt: the replica now says what ``outcome.record`` says, and has caught up with what was sent."""
    thing_row = session.get_one(Object, row.object_id)
    binding, settled = _binding_of(session, context, row, outcome.record, now)
    record = outcome.record
    picture = _picture(context, directory, claimed, binding, record)
    if is_older(record, binding):  # somebody has seen a later picture already, with this write in it
        picture = Picture(dict(binding.shadow), dict(binding.facts), dict(binding.line_ids), binding.extras)
        record = replace(record, revision=binding.revision, modified_at=binding.remote_modified_at)
    thing, before = causal_object(thing_row), causal_binding(binding)
    reached = before.seen.join(VersionVector(row.target_vector))
    acknowledged = CausalBinding(
        before.replica, _acknowledged(claimed, before, row, picture, _is_as_left(claimed, record)), reached
    )
    dot = thing.vector.next_dot(before.actor, int(now.timestamp()))
    seen = observe(thing, acknowledged, picture.state, dot) if picture.state else None
    after = seen.thing if seen else thing
    moved = seen is not None and bool(seen.changes)
    _store_receipt(session, thing_row, binding, record, picture, now)
    for name, value in binding_columns(
        claimed.kind, seen.binding if seen else acknowledged, record, picture, now
    ).items():
        setattr(binding, name, value)
    binding.gone = EXISTS not in picture.state
    if moved:
        for name, value in {**object_columns(after), **listing_columns(after, picture.facts)}.items():
            setattr(thing_row, name, value)
    else:
        _rebase_siblings(session, thing_row, row)
    row.notes = [*row.notes, *_numbered_otherwise(claimed, row, outcome.record, picture)]
    row.state, row.open_slot, row.finished_at = "confirmed", None, now
    row.remote_type, row.remote_id, row.request_id = outcome.record.type, outcome.record.id, outcome.request_id
    session.add_all([row, binding, thing_row])
    directory.learn(row.system, outcome.record.type, outcome.record.id, row.object_id, Replica(row.replica))
    entry = log.Entry(
        action="written",
        object_id=thing.id,
        kind=thing.kind.value,
        actor=before.actor,
        person=row.explicit_by,
        counter=dot.counter if moved else 0,
        vector=dict(after.vector.counters),
        context=dict(before.seen.counters),
        fields=[[path, before.shadow.get(path), picture.state.get(path), "written"] for path in sorted(row.values)]
        + [
            [change.path, change.before, change.after, change.effect.value] for change in (seen.changes if seen else ())
        ],
        details={"operation": row.operation, "outbox": row.id, "request_id": outcome.request_id, "notes": row.notes}
        | (state_if_contested(seen) if seen else {}),
        revision=outcome.record.revision,
        noticed="receipt",
        run_id=run_id or row.run_id,
    )
    return [entry, *settled]


_NUMBER_KEYS = ("no", "DocNumber")


def _numbered_otherwise(claimed: Claimed, row: Outbox, record: RemoteRecord, picture: Picture) -> list[str]:
    """A system that numbers by itself, whatever it is told, says so by its answer only (Scoro reference, Q14)."""
    sent, given = row.values.get("number"), picture.facts.get("number")
    if not sent or not given or not _is_number_told(claimed, row) or str(given) == str(sent):
        return []
    return [f"{NAMES[record.system]} numbers its documents by itself; {sent} has the number {given} there."]


def _is_number_told(claimed: Claimed, row: Outbox) -> bool:
    """Whether the request named the document's number, which it does not where the remote numbers by itself."""
    return any(claimed.request.body.get(key) == row.values.get("number") for key in _NUMBER_KEYS)


def _rebase_siblings(session: Session, thing: Object, row: Outbox) -> None:
    """Other writes of the same decision still stand: this receipt brought nothing that they were not decided on."""
    session.connection().execute(
        sa.update(Outbox)
        .where(
            col(Outbox.object_id) == thing.id, col(Outbox.id) != row.id,
            col(Outbox.state).in_(("planned", "retry")), col(Outbox.object_version) == thing.version - 1,
        )
        .values(object_version=thing.version)
    )  # fmt: skip


def _is_as_left(claimed: Claimed, record: RemoteRecord) -> bool:
    """Whether a write that had to be repeated finds the record as the first attempt left it, one revision on."""
    if not claimed.request.repeated or not record.revision.isdigit():
        return True
    base = claimed.request.revision
    return int(record.revision) == (int(base) + 1 if base else 0)


def _acknowledged(
    claimed: Claimed, before: CausalBinding, row: Outbox, picture: Picture, as_left: bool
) -> dict[Path, Scalar]:
    """The shadow once the remote has acknowledged what was sent. A new record is adopted as it is, defaults of the remote
    included; in an existing one only the sent fields are ours, anything else that moved is somebody's edit. So is what
    differs from what was sent in a record that was touched since (not ``as_left``)."""
    sure = {} if as_left else _sure_of(claimed, row, picture)
    if row.operation == "create" or not before.shadow:
        return overlay(picture.state, sure)
    if row.operation == "delete":
        return {path: value for path, value in before.shadow.items() if path != EXISTS}
    sent: dict[Path, Scalar | None] = {path: picture.state.get(path) for path in row.values}
    sent |= {path: picture.state.get(path) for path in _touched_lines(row.values, picture)}
    return overlay(before.shadow, {**sent, **sure})


def _sure_of(claimed: Claimed, row: Outbox, picture: Picture) -> dict[Path, Scalar | None]:
    """What the remote was told; where it was told no number, the one it gave is its own."""
    own = "number" in row.values and not _is_number_told(claimed, row)
    return {**row.values, "number": picture.state.get("number")} if own else dict(row.values)


def _touched_lines(values: Mapping[str, Scalar | None], picture: Picture) -> list[Path]:
    """All fields of lines that were sent: a new line's defaults come from the remote."""
    roots = {path for path, value in values.items() if path.startswith("lines/") and path.count("/") == 1 and value}
    return [path for path in picture.state if "/".join(path.split("/")[:2]) in roots]


def _picture(
    context: Context, directory: Directory, claimed: Claimed, binding: Binding, record: RemoteRecord
) -> Picture:
    """The receipt as read back; when it cannot be read, what was meant stands until the next observation says
    otherwise."""
    try:
        return read_back(context, directory, claimed, binding, record)
    except MappingError:
        return Picture(dict(claimed.meant), dict(binding.facts), dict(binding.line_ids), binding.extras)


def read_back(
    context: Context, directory: Directory, claimed: Claimed, binding: Binding, record: RemoteRecord
) -> Picture:
    """The receipt in canonical form. What was meant serves as the previous picture, so that new lines keep our keys."""
    if record.deleted:
        return Picture({}, {}, dict(binding.line_ids), binding.extras)
    base = reading_of(context, directory, System(binding.system), binding)
    reading = Reading(base.settings, base.resolve, base.lookup, claimed.meant, base.line_ids, lenient=True)
    return MAPPINGS[claimed.kind].read[record.type](record, reading)


def _binding_of(
    session: Session, context: Context, row: Outbox, record: RemoteRecord, now: datetime
) -> tuple[Binding, list[log.Entry]]:
    """The replica's binding; a created record gets one, a re-created one gets its new remote id. With it, what is to be told
    of others."""
    settled: list[log.Entry] = []
    statement = select(Binding).where(Binding.object_id == row.object_id, Binding.replica == row.replica)
    binding = session.exec(statement).one_or_none()
    if binding is None:
        settled = _drop_twin(session, context, record, row.object_id)
        binding = Binding(
            id=new_id(now), connection_id=context.id, object_id=row.object_id, replica=row.replica, system=row.system,
            remote_type=record.type, remote_id=record.id, observed_at=now, remote_created_at=record.created_at or now,
        )  # fmt: skip
        _one_side_no_more(session, row.object_id)
    elif binding.remote_id != record.id:
        settled = _drop_twin(session, context, record, row.object_id)
        _remember_former(session, binding)
        binding.remote_type, binding.remote_id, binding.shadow, binding.line_ids = record.type, record.id, {}, []
        binding.seen, binding.extras = {}, {}
    return binding, settled


def _remember_former(session: Session, binding: Binding) -> None:
    """Documents over there go on naming the record that was deleted."""
    thing = session.get_one(Object, binding.object_id)
    former = [*thing.facts.get("former", ()), [binding.system, binding.remote_type, binding.remote_id]]
    thing.facts = {**thing.facts, "former": former}
    session.add(thing)


def _drop_twin(session: Session, context: Context, record: RemoteRecord, object_id: str) -> list[log.Entry]:
    """Our own new record may have been seen by a feed before its receipt came: that object is this one, also where documents
    point to it already."""
    statement = select(Binding).where(
        Binding.connection_id == context.id,
        Binding.system == record.system.value,
        Binding.remote_type == record.type,
        Binding.remote_id == record.id,
        col(Binding.object_id) != object_id,
    )
    twin = session.exec(statement).one_or_none()
    if twin is None:
        return []
    twin_object = session.get_one(Object, twin.object_id)
    twin_object.merged_into, twin_object.dirty = object_id, False
    session.add(twin_object)
    session.delete(twin)
    session.flush()
    return absorb(session, object_id, twin_object.id)


def _one_side_no_more(session: Session, object_id: str) -> None:
    session.connection().execute(sa.delete(MatchKey).where(col(MatchKey.object_id) == object_id))


def _store_receipt(
    session: Session, row: Object, binding: Binding, record: RemoteRecord, picture: Picture, now: datetime
) -> None:
    binding.digest = digest_of(record)
    row.version += 1
    row.failures, row.retry_at = 0, None
    row.facts = {key: value for key, value in row.facts.items() if key not in {"refused", "unreadable"}}
    row.dirty, row.updated_at = True, now
    session.add_all([row, binding])


def _fail(
    deps: Deps, session: Session, claimed: Claimed, row: Outbox, error: ConcordError, applied: Applied, now: datetime
) -> None:
    thing = session.get_one(Object, row.object_id)
    row.error, row.hint, row.error_code = error.message, error.hint, error.code
    row.error_detail, row.request_id = error.detail[:4000], error.request_id
    match error:
        case StaleRevision() | RemoteMissing():
            release_stale(session, row, thing, now)
            applied.stale += 1
            if claimed.request.id:
                assert applied.reread is not None
                applied.reread.append((claimed.request.type, claimed.request.id))
            elif isinstance(error, RemoteMissing):
                refuse(session, row, thing, Reason.REMOTE_REFUSED, error, now)
        case DuplicateRemote():
            refuse(session, row, thing, Reason.DUPLICATE_THERE, error, now)
            assert applied.duplicates is not None
            applied.duplicates.append((claimed, error))
        case AuthorizationLost() | Throttled():
            _keep_or_return(row, error)
            applied.stop = error
        case Retryable(maybe_applied=True):
            row.claimed_until = now
            applied.doubtful += 1
        case Retryable():
            _retry_later(deps, row, thing, error, now)
            applied.retry += 1
        case _:
            refuse(session, row, thing, REFUSALS.get(error.code, _mapping_or_remote(error)), error, now)
            applied.refused += 1
    session.add_all([row, thing])


def _mapping_or_remote(error: ConcordError) -> Reason:
    return Reason.CANNOT_MAP if isinstance(error, MappingError) else Reason.REMOTE_REFUSED


def _keep_or_return(row: Outbox, error: ConcordError) -> None:
    """The whole connection stops; a request that may have gone out stays in doubt, any other goes back to the queue."""
    if isinstance(error, Retryable) and error.maybe_applied:
        return
    row.state, row.attempts = "planned", max(0, row.attempts - 1)


def _retry_later(deps: Deps, row: Outbox, thing: Object, error: Retryable, now: datetime) -> None:
    thing.failures += 1
    thing.facts = {**thing.facts, "failure": {"message": error.message, "hint": error.hint, "code": error.code}}
    if thing.failures >= GIVE_UP:
        row.state, row.open_slot, row.finished_at = "rejected", None, now
        thing.retry_at = now + timedelta(seconds=LONGEST_RETRY * 12)
    else:
        wait = min(LONGEST_RETRY, FIRST_RETRY * 2**thing.failures) * deps.random.uniform(0.8, 1.2)
        row.state = "retry"
        row.retry_at = thing.retry_at = now + timedelta(seconds=error.after if error.after is not None else wait)
    thing.disposition, thing.reason = Disposition.FAILED.value, Reason.REMOTE_UNREACHABLE.value
