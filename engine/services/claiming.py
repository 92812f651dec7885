"""Claiming queued writes: in one transaction they are checked against the direction, the epoch, the lease
and the object they were decided on, and marked as sent. Whatever fails the check is never sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from engine.connectors.base import Operation, RemoteRecord, WriteRequest
from engine.core.fingerprint import fingerprint
from engine.core.objects import carried, overlay
from engine.core.policy import generic
from engine.core.reasons import Disposition, Reason
from engine.core.records import DOCUMENTS, EXISTS, HUB, Kind, Path, Replica, Scalar, State, System
from engine.errors import ConcordError, MappingError
from engine.mapping.base import FactsOf, Locate, Lookup, Payload, Writing
from engine.mapping.registry import MAPPINGS
from engine.services.context import Context, policy_of
from engine.services.credits import APPLY, application_request
from engine.services.deciding import carried_fields, problem_of, reason_of_code
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.lease import Lease, check
from engine.services.observing import reading_of
from engine.services.rounding import open_by_rounding
from engine.services.stopped import noted
from engine.store.database import new_id, writing
from engine.store.tables import Binding, CategorySettings, Object, Outbox

TAKE_OFF = timedelta(seconds=90)
"""How long after its claim a write may still leave: a worker that was paused must not send what others gave up on."""

LEASE = TAKE_OFF + timedelta(seconds=150)
"""How long a sent write may stay without an answer before it counts as in doubt; well over the longest request."""

BATCH = 30
"""Writes that travel together where the remote has batches (QuickBooks reference 7)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A write that may be sent now, with what its receipt will need. ``meant`` is what the replica shall be
    afterwards."""

    outbox_id: str
    object_id: str
    kind: Kind
    replica: Replica
    request: WriteRequest
    meant: dict[Path, Scalar]


def claim(
    deps: Deps,
    context: Context,
    directory: Directory,
    *,
    system: System,
    wave: int,
    limit: int,
    batches: bool,
    lease: Lease | None,
    only: Sequence[str] = (),
) -> list[Claimed]:
    """Take up to ``limit`` writes of one wave to one system. ``only`` names outbox rows (a person's act)."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        directory.follow(check(session, lease, context.id).log_sequence)
        rows = session.exec(_claimable(context, system, wave, limit, now, only)).all()
        claimed = [found for row in rows if (found := _claim_row(session, context, directory, row, now)) is not None]
        return _group(session, claimed, now) if batches else claimed


def _claimable(context: Context, system: System, wave: int, limit: int, now: datetime, only: Sequence[str]):  # type: ignore[no-untyped-def]  # SQLModel's select has no short name
    ready = or_(col(Outbox.retry_at).is_(None), col(Outbox.retry_at) <= now)
    statement = select(Outbox).where(
        Outbox.connection_id == context.id,
        Outbox.system == system.value,
        col(Outbox.state).in_(("planned", "retry")),
        ready,
    )
    statement = statement.where(col(Outbox.id).in_(only)) if only else statement.where(Outbox.wave == wave)
    return statement.order_by(col(Outbox.id)).limit(limit).with_for_update(skip_locked=True)


def _claim_row(session: Session, context: Context, directory: Directory, row: Outbox, now: datetime) -> Claimed | None:
    thing = session.get_one(Object, row.object_id)
    if not _still_wanted(session, row, thing):
        release_stale(session, row, thing, now)
        return None
    try:
        request, meant = _request_of(session, context, directory, row, thing)
    except MappingError as error:
        hold_back(session, row, thing, error, now)
        return None
    row.state, row.sent_at, row.claimed_until = "sent", now, now + LEASE
    row.attempts += 1
    row.group_key, row.ordinal, row.claim_token = "", 0, new_id(now)
    row.payload = {
        "type": request.type,
        "operation": request.operation.value,
        "body": request.body,
        "options": list(request.options),
    }
    session.add(row)
    return Claimed(row.id, row.object_id, Kind(row.kind), Replica(row.replica), request, meant)


def _request_of(
    session: Session, context: Context, directory: Directory, row: Outbox, thing: Object
) -> tuple[WriteRequest, dict[Path, Scalar]]:
    if row.operation == APPLY:
        return application_request(session, context, directory, row, thing), {}
    binding = session.exec(
        select(Binding).where(Binding.object_id == row.object_id, Binding.replica == row.replica)
    ).one_or_none()
    return build_request(context, directory, row, binding, thing.fields, _facts(session, row))


def _facts(session: Session, row: Outbox) -> dict[str, Scalar]:
    """What the other side computes about a document, for notes only (R19); of a receipt, what roundings leave open."""
    if row.kind == Kind.RECEIPT:
        return open_by_rounding(session, row)
    if Kind(row.kind) not in DOCUMENTS:
        return {}
    statement = select(Binding.facts).where(Binding.object_id == row.object_id, Binding.system != row.system)
    found = session.exec(statement).first()
    return dict(found or {})


def _still_wanted(session: Session, row: Outbox, thing: Object) -> bool:
    """The fence of direction and time: same epoch, never to the source except by a person (who may have decided to keep
    what was deleted there) or for a dependency, and the object is still the one that the decision was made on."""
    category = session.get_one(CategorySettings, (row.connection_id, row.category))
    if thing.version != row.object_version or thing.merged_into or thing.parked_by:
        return False
    if row.explicit_by:
        return True
    if category.epoch != row.epoch or not _is_due(row, thing):
        return False
    policy = policy_of(category)
    replica = Replica(row.replica)
    if replica.system is not policy.source or not row.values:
        return True
    if row.operation == "create":
        return replica.value in thing.facts.get("demanded", ()) or _by_person(thing, EXISTS)
    siblings = _siblings(session, row)
    return all(
        _by_person(thing, path) or any(shadow.get(path) == value for shadow in siblings)
        for path, value in row.values.items()
    )


def _is_due(row: Outbox, thing: Object) -> bool:
    """Whether the object's last decision still is to write: a write that had to wait may find that the other side has by now what
    it was to make, which is for a person to say."""
    return row.operation == APPLY or thing.disposition in (Disposition.PENDING, Disposition.FAILED)


def _siblings(session: Session, row: Outbox) -> list[State]:
    """What the other replicas of the same system say: a vendor follows its customer where QuickBooks is the source (R11)."""
    statement = select(Binding.shadow).where(
        Binding.object_id == row.object_id, Binding.system == row.system, Binding.replica != row.replica
    )
    return list(session.exec(statement))


def _by_person(thing: Object, path: Path) -> bool:
    dots = thing.dots
    root = "/".join(path.split("/")[:2]) if path.startswith("lines/") else path
    dot = dots.get(path) or dots.get(root) or dots.get("*")
    return dot is not None and dot[0] == HUB


def build_request(
    context: Context,
    directory: Directory,
    row: Outbox,
    binding: Binding | None,
    fields: State,
    facts: Mapping[str, Scalar],
) -> tuple[WriteRequest, dict[Path, Scalar]]:
    """The write in the remote's words, and the state it means. Raises ``MappingError``."""
    kind, replica = Kind(row.kind), Replica(row.replica)
    live = binding if binding is not None and not binding.gone else None
    payload, meant = build_payload(
        context,
        directory.locate,
        directory.state,
        directory.facts,
        kind,
        replica,
        row.operation,
        row.values,
        live,
        fields,
        facts,
    )
    row.notes = list(payload.notes)
    request = WriteRequest(
        key=f"{row.id}-{row.generation}",
        type=payload.type,
        operation=payload.operation,
        body=payload.body,
        id=live.remote_id if live else None,
        revision=live.revision if live else None,
        expected=expectation(context, directory, kind, live) if live else None,
        options=payload.options,
    )
    return request, meant


def build_payload(
    context: Context,
    locate: Locate,
    lookup: Lookup,
    facts_of: FactsOf,
    kind: Kind,
    replica: Replica,
    operation_name: str,
    values: Mapping[Path, Scalar | None],
    live: Binding | None,
    fields: State,
    facts: Mapping[str, Scalar],
) -> tuple[Payload, dict[Path, Scalar]]:
    """The body of a write, and the state it means: the replica's own shadow with ``values`` laid over it.
    Canonical ``fields`` that the replica does not carry are handed along, because names may depend on them
    (R11); so are the ``facts`` of the other side (R19). Raises ``MappingError``."""
    operation = Operation(operation_name) if live else Operation.CREATE
    meant = overlay(live.shadow if live else {}, values)
    if operation is Operation.DELETE:
        meant.pop(EXISTS, None)
    meant, left_out = _without_unbound(meant, locate, replica)
    carries = carried_fields(kind)[replica]
    beyond = {path: value for path, value in fields.items() if not carried(path, carries)}
    handed = Writing(
        settings=context.settings,
        locate=locate,
        lookup=lookup,
        state={**beyond, **meant},
        changed=frozenset(meant) if operation is Operation.CREATE else frozenset(values),
        remote_id=live.remote_id if live else None,
        line_ids=dict(live.line_ids) if live else {},
        extras=live.extras if live else {},
        facts=facts,
        facts_of=facts_of,
    )
    payload = MAPPINGS[kind].write[replica](handed, operation)
    return replace(payload, notes=(*payload.notes, *left_out)), meant


_OPTIONAL = frozenset({"project", "lines/project", "lines/class"})
"""References a document can go without: a project or class that the other system does not have holds nothing up
(R19)."""


def _without_unbound(
    meant: dict[Path, Scalar], locate: Locate, replica: Replica
) -> tuple[dict[Path, Scalar], tuple[str, ...]]:
    target = Replica.SCORO if replica is Replica.SCORO else Replica.QUICKBOOKS
    unbound: dict[Path, str] = {}
    for path, value in meant.items():
        if generic(path) not in _OPTIONAL:
            continue
        try:
            locate(str(value), target)
        except MappingError as error:
            unbound[path] = f"{error.message} The document goes without it."
    return {path: value for path, value in meant.items() if path not in unbound}, tuple(dict.fromkeys(unbound.values()))


def expectation(context: Context, directory: Directory, kind: Kind, binding: Binding) -> Callable[[RemoteRecord], bool]:
    """A test that a freshly read record still says what we last heard of it."""
    reading, known = reading_of(context, directory, System(binding.system), binding), binding.fingerprint

    def unchanged(record: RemoteRecord) -> bool:
        if record.deleted:
            return False
        try:
            return fingerprint(MAPPINGS[kind].read[record.type](record, reading).state) == known
        except ConcordError:
            return False

    return unchanged


def _group(session: Session, claimed: Sequence[Claimed], now: datetime) -> list[Claimed]:
    """Give writes that travel together their group, stored before they are sent."""
    grouped: list[Claimed] = []
    for start in range(0, len(claimed), BATCH):
        members = claimed[start : start + BATCH]
        key = new_id(now) if len(members) > 1 else ""
        for ordinal, member in enumerate(members):
            grouped.append(_in_group(session, member, key, ordinal))
    return grouped


def _in_group(session: Session, member: Claimed, key: str, ordinal: int) -> Claimed:
    if not key:
        return member
    row = session.get_one(Outbox, member.outbox_id)
    row.group_key, row.ordinal = key, ordinal
    session.add(row)
    old = member.request
    request = WriteRequest(
        old.key, old.type, old.operation, old.body, old.id, old.revision, old.expected, old.options, key, ordinal
    )
    return Claimed(member.outbox_id, member.object_id, member.kind, member.replica, request, member.meant)


def release_stale(session: Session, row: Outbox, thing: Object, now: datetime) -> None:
    """The base has moved: this write is void, and the object is decided anew."""
    row.state, row.open_slot, row.finished_at = "stale", None, now
    thing.dirty = True
    session.add_all([row, thing])


def hold_back(session: Session, row: Outbox, thing: Object, error: MappingError, now: datetime) -> None:
    """It cannot be put into the remote's words yet; what is missing may come, so it is tried anew at every run."""
    thing.facts = {**thing.facts, "problem": problem_of(error)}
    _reject(session, row, thing, reason_of_code(error.code), error, now)


def refuse(session: Session, row: Outbox, thing: Object, reason: Reason, error: ConcordError, now: datetime) -> None:
    """The remote does not take it as it is; it is not tried again until it changes or a person retries."""
    thing.facts = {**thing.facts, "refused": _refusal(reason, error)}
    _reject(session, row, thing, reason, error, now)


def _reject(session: Session, row: Outbox, thing: Object, reason: Reason, error: ConcordError, now: datetime) -> None:
    row.state, row.open_slot, row.finished_at = "rejected", None, now
    row.error, row.hint, row.error_code = error.message, error.hint, error.code
    row.error_detail, row.request_id = error.detail[:4000], error.request_id
    thing.disposition, thing.reason, thing.updated_at = Disposition.BLOCKED.value, reason.value, now
    thing.facts = noted(thing.facts, Disposition.BLOCKED, reason, now) or thing.facts
    thing.version += 1
    session.add_all([row, thing])


def _refusal(reason: Reason, error: ConcordError) -> dict[str, str]:
    return {
        "reason": reason.value,
        "message": error.message,
        "hint": error.hint,
        "code": error.code,
        "request_id": error.request_id,
    }
