"""Sending what the outbox holds, wave by wave, and clearing up what earlier runs left in doubt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from engine.connectors.base import (
    Connector,
    NotWritten,
    Operation,
    RemoteRecord,
    WriteOutcome,
    WriteRequest,
    Written,
)
from engine.core.objects import overlay
from engine.core.reasons import Reason
from engine.core.records import EXISTS, Kind, Path, Replica, Scalar, State, System
from engine.errors import ConcordError, DuplicateRemote, MappingError, RemoteMissing, Retryable, StaleRevision
from engine.mapping.base import Reading
from engine.mapping.registry import MAPPINGS
from engine.services.claiming import LEASE, TAKE_OFF, Claimed, claim, expectation, refuse
from engine.services.context import Context
from engine.services.credits import APPLY
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.lease import Lease, check
from engine.services.observing import edited_since, reading_of
from engine.services.receipts import Applied, record_outcomes
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Binding, CategorySettings, Object, Outbox

REPLAY = timedelta(hours=23)
"""How long QuickBooks replays a request id (reference 2.2, U18); later a lost write is looked for instead."""

SKEW = timedelta(minutes=10)
"""How far the remote's clock may be behind ours when looking for a record made by a lost create."""


@dataclass(slots=True)
class Job:
    """The tools of one job: open connectors, one directory, the lease if it is a run."""

    deps: Deps
    context: Context
    directory: Directory
    run_id: str
    lease: Lease | None = None
    connectors: dict[System, Connector] = field(default_factory=dict)

    def connector(self, system: System) -> Connector:
        """The connector to a system, opened when first needed."""
        if system not in self.connectors:
            self.connectors[system] = self.deps.connect(self.context.id, system)
        return self.connectors[system]

    def close(self) -> None:
        """Give everything back."""
        for connector in self.connectors.values():
            connector.close()


def send_wave(job: Job, system: System, wave: int, *, limit: int, only: Sequence[str] = ()) -> Applied:
    """Claim and send up to ``limit`` writes of one wave; receipts are committed group by group as the answers come."""
    connector = job.connector(system)
    in_time = _window(job)
    claimed = claim(
        job.deps, job.context, job.directory, system=system, wave=wave, limit=limit,
        batches=connector.replays_writes, lease=job.lease, only=only,
    )  # fmt: skip
    return send(job, system, claimed, in_time)


def _window(job: Job) -> Callable[[], bool]:
    """Whether writes that are claimed now may still leave."""
    end = job.deps.clock.now() + TAKE_OFF
    return lambda: job.deps.clock.now() < end


def send(job: Job, system: System, claimed: Sequence[Claimed], in_time: Callable[[], bool]) -> Applied:
    """Send claimed writes and record what becomes of each; one that could not leave in time is in doubt like a lost one."""
    total = Applied(reread=[], duplicates=[])
    if not claimed:
        return total
    by_key = {member.request.key: member for member in claimed}
    requests = [replace(member.request, may_leave=in_time) for member in claimed]
    for batch in _by_group(by_key, _outcomes(job, system, requests)):
        _add(total, record_outcomes(job.deps, job.context, job.directory, batch, run_id=job.run_id))
    return total


def _outcomes(job: Job, system: System, requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
    """The connector's outcomes; what the whole connection stopped at is every unanswered request's outcome."""
    open_keys = {request.key for request in requests}
    try:
        for outcome in job.connector(system).write(requests):
            open_keys.discard(outcome.key)
            yield outcome
    except ConcordError as error:
        yield from (NotWritten(key, error) for key in sorted(open_keys))


def _by_group(
    by_key: dict[str, Claimed], outcomes: Iterator[WriteOutcome]
) -> Iterator[list[tuple[Claimed, WriteOutcome]]]:
    """Outcomes together with their claims, a whole group at a time."""
    sizes: dict[str | None, int] = defaultdict(int)
    for member in by_key.values():
        sizes[member.request.group] += 1
    waiting: dict[str, list[tuple[Claimed, WriteOutcome]]] = defaultdict(list)
    for outcome in outcomes:
        member = by_key[outcome.key]
        group = member.request.group
        if group is None:
            yield [(member, outcome)]
            continue
        waiting[group].append((member, outcome))
        if len(waiting[group]) == sizes[group]:
            yield waiting.pop(group)
    yield from waiting.values()


def _add(total: Applied, more: Applied) -> None:
    for name in ("written", "refused", "retry", "stale", "doubtful", "unfinished"):
        setattr(total, name, getattr(total, name) + getattr(more, name))
    total.reread = [*(total.reread or ()), *(more.reread or ())]
    total.duplicates = [*(total.duplicates or ()), *(more.duplicates or ())]
    total.stop = more.stop or total.stop


def recover(job: Job) -> Applied:
    """Settle every write whose answer was lost. QuickBooks replays by request id; Scoro has to be looked at, and so has what
    would not be sent any more."""
    total = Applied(reread=[], duplicates=[])
    now = job.deps.clock.now()
    doubtful = _doubtful(job, now)
    replayable = _replayable(job, [row for row in doubtful if _is_replayed(row, now)])
    replayable = [members for members in replayable if not _overruled(job, members) and not _overtaken(job, members)]
    replayed = {row.id for members in replayable for row in members}
    for row in doubtful:
        if row.id not in replayed:
            _add(total, _look(job, row))
    for members in replayable:
        _add(total, _replay(job, members))
    return total


def _is_replayed(row: Outbox, now: datetime) -> bool:
    return row.system == System.QUICKBOOKS and row.sent_at is not None and now - row.sent_at < REPLAY


def _overruled(job: Job, rows: Sequence[Outbox]) -> bool:
    """Whether one of these would not be sent any more. A person's own act stands."""
    with reading(job.deps.database) as session:
        mine = select(CategorySettings).where(CategorySettings.connection_id == job.context.id)
        categories = {row.category: row for row in session.exec(mine)}
        ids = [row.object_id for row in rows if not row.explicit_by]
        things = {row.id: row for row in session.exec(select(Object).where(col(Object.id).in_(ids)))}
        decided = [row for row in rows if row.object_id in things and not row.explicit_by]
        return any(_is_unwanted(row, categories[row.category], things[row.object_id]) for row in decided)


def _is_unwanted(row: Outbox, category: CategorySettings, thing: Object) -> bool:
    """The direction was turned round, the category switched off, or the object set aside since the write was claimed."""
    is_off = not category.enabled and not thing.required
    return category.epoch != row.epoch or is_off or bool(thing.parked_by)


def _overtaken(job: Job, rows: Sequence[Outbox]) -> bool:
    """Whether one of these would make what somebody has made by hand since it could still leave: that it is not ours is certain,
    and that ours is there is not."""
    late = [row for row in rows if row.operation == "create" and job.deps.clock.now() - _sent(row) > LEASE]
    return any(
        record.created_at > _sent(row) + LEASE for row in late for record in _rivals(job, row) if record.created_at
    )


def _sent(row: Outbox) -> datetime:
    return row.sent_at or row.created_at


def _doubtful(job: Job, now: datetime) -> list[Outbox]:
    with reading(job.deps.database) as session:
        statement = (
            select(Outbox)
            .where(Outbox.connection_id == job.context.id, Outbox.state == "sent", col(Outbox.claimed_until) <= now)
            .order_by(col(Outbox.id))
        )
        rows = list(session.exec(statement))
        session.expunge_all()
        return rows


def _replayable(job: Job, doubtful: Sequence[Outbox]) -> list[list[Outbox]]:
    """Doubtful QuickBooks writes with all members of their group: the very same request has to be repeated."""
    alone = [[row] for row in doubtful if not row.group_key]
    groups = {row.group_key for row in doubtful if row.group_key}
    with reading(job.deps.database) as session:
        for group in sorted(groups):
            members = list(session.exec(select(Outbox).where(Outbox.group_key == group).order_by(col(Outbox.ordinal))))
            session.expunge_all()
            alone.append(members)
    return alone


def _replay(job: Job, members: Sequence[Outbox]) -> Applied:
    claimed, in_time = [_claimed_again(job, row) for row in members], _window(job)
    if not _take_over(job, members) or _overruled(job, members):
        return Applied()
    return send(job, System.QUICKBOOKS, claimed, in_time)


def _claimed_again(job: Job, row: Outbox) -> Claimed:
    """The stored request, word for word."""
    binding = _binding(job, row)
    request = WriteRequest(
        key=f"{row.id}-{row.generation}",
        type=row.payload["type"],
        operation=Operation(row.payload["operation"]),
        body=row.payload["body"],
        id=(row.remote_id or None) if row.operation != "create" else None,
        revision=row.base_revision or None,
        options=tuple(row.payload["options"]),
        group=row.group_key or None,
        ordinal=row.ordinal,
        repeated=True,
    )
    return Claimed(row.id, row.object_id, Kind(row.kind), Replica(row.replica), request, _meant(row, binding))


def _meant(row: Outbox, binding: Binding | None) -> dict[Path, Scalar]:
    meant = overlay(binding.shadow if binding is not None and not binding.gone else {}, row.values)
    if row.operation == "delete":
        meant.pop(EXISTS, None)
    return meant


def _binding(job: Job, row: Outbox) -> Binding | None:
    with reading(job.deps.database) as session:
        statement = select(Binding).where(Binding.object_id == row.object_id, Binding.replica == row.replica)
        found = session.exec(statement).one_or_none()
        session.expunge_all()
        return found


def _take_over(job: Job, rows: Sequence[Outbox]) -> bool:
    """Whether these doubtful writes are ours to send again; no when somebody has cleared all of them up, or is about to."""
    with writing(job.deps.database) as session:
        check(session, job.lease, job.context.id)
        until = job.deps.clock.now() + LEASE
        ours = [current for row in rows if (current := _untouched(session, row)) is not None]
        for current in ours:
            current.claimed_until = until
        session.add_all(ours)
        return bool(ours)


def _untouched(session: Session, row: Outbox) -> Outbox | None:
    current = session.get_one(Outbox, row.id)
    return current if current.state == "sent" and current.claimed_until == row.claimed_until else None


def _look(job: Job, row: Outbox) -> Applied:
    """Find out by reading what became of a write without an idempotency key."""
    claimed = _claimed_again(job, row)
    if row.operation == APPLY:
        again = StaleRevision("Whether the credit was applied is told by what is open on it.")
        return _settle(job, claimed, NotWritten(claimed.request.key, again))
    connector = job.connector(System(row.system))
    if row.operation == "create":
        return _look_for_created(job, row, claimed, connector)
    record = connector.read(row.payload["type"], [row.remote_id])[0]
    if record.deleted and row.operation == "delete":
        return _settle(job, claimed, Written(claimed.request.key, record))
    if record.deleted:
        return _settle(
            job, claimed, NotWritten(claimed.request.key, RemoteMissing("The record was deleted meanwhile."))
        )
    binding = _binding(job, row)
    stale = StaleRevision("The record changed while an answer was lost.")
    if edited_since(binding, row.target_vector):
        return _settle(job, claimed, NotWritten(claimed.request.key, stale))
    if binding is not None and _is_as_sent_to(job, row, binding, claimed, record):
        if _has_moved(job, row):
            return _settle(job, claimed, NotWritten(claimed.request.key, stale))
        return _send_again(job, row, claimed, connector, record)
    if _says(job, claimed, binding, record, row.values):
        return _settle(job, claimed, Written(claimed.request.key, record))
    return _settle(job, claimed, NotWritten(claimed.request.key, stale))


def _is_as_sent_to(job: Job, row: Outbox, binding: Binding, claimed: Claimed, record: RemoteRecord) -> bool:
    """Whether the record still is what the write was decided on: the write did not take effect."""
    unmoved = binding.fingerprint == row.base_fingerprint
    return unmoved and expectation(job.context, job.directory, claimed.kind, binding)(record)


def _has_moved(job: Job, row: Outbox) -> bool:
    """Whether the object is another than the one decided on: then it is decided anew instead of being sent again."""
    with reading(job.deps.database) as session:
        return session.get_one(Object, row.object_id).version != row.object_version


def _look_for_created(job: Job, row: Outbox, claimed: Claimed, connector: Connector) -> Applied:
    """Exactly one equal record made since the send: ours. None: send again. More: a person says which."""
    found = [record for record in connector.find(row.payload["type"], _find_key(row)) if _could_be(row, record)]
    unbound = [
        record for record in found if not _is_bound(job, record) and _says(job, claimed, None, record, _told(row))
    ]
    if len(unbound) == 1:
        return _settle(job, claimed, Written(claimed.request.key, unbound[0]))
    if not unbound and _rivals(job, row):
        made = StaleRevision("The other side has one that may be the same: somebody has to say so.")
        return _settle(job, claimed, NotWritten(claimed.request.key, made))
    if not unbound:
        return _send_again(job, row, claimed, connector, None)
    _ask(job, row)
    return Applied(refused=1, reread=[(record.type, record.id) for record in unbound], duplicates=[])


def _rivals(job: Job, row: Outbox) -> list[RemoteRecord]:
    """Records made since the send that nothing is bound to and that have an exact key in common with what was to be made."""
    claimed, connector = _claimed_again(job, row), job.connector(System(row.system))
    told = {path: value for path, value in row.values.items() if value is not None}
    keys = set(MAPPINGS[claimed.kind].keys(told))
    return [
        record
        for record in connector.find(row.payload["type"], _find_key(row))
        if _could_be(row, record)
        and not _is_bound(job, record)
        and not keys.isdisjoint(MAPPINGS[claimed.kind].keys(_state(job, claimed, None, record) or {}))
    ]


def _find_key(row: Outbox) -> dict[str, str]:
    """The natural key to look for a created record by, in the protocol's words."""
    body = row.payload["body"]
    key: dict[str, str] = {}
    for name, sources in _FIND.items():
        for source in sources:
            value = body.get(source)
            if isinstance(value, dict):
                value = value.get("value")
            if value not in (None, "", 0):
                key[name] = str(value)
                break
    return key


_FIND = {
    "name": ("DisplayName", "Name", "project_name", "name", "vat_name"),
    "number": ("DocNumber", "no"),
    "contact": ("CustomerRef", "VendorRef", "company_id", "contact_id"),
    "date": ("TxnDate", "date"),
}


def _told(row: Outbox) -> dict[Path, Scalar | None]:
    """What a create told the remote: where it told no number, the remote gave one of its own."""
    numbered = "number" in _find_key(row)
    return {path: value for path, value in row.values.items() if numbered or path != "number"}


def _could_be(row: Outbox, record: RemoteRecord) -> bool:
    return record.created_at is None or row.sent_at is None or record.created_at >= row.sent_at - SKEW


def _is_bound(job: Job, record: RemoteRecord) -> bool:
    with reading(job.deps.database) as session:
        statement = select(Binding.object_id).where(
            Binding.connection_id == job.context.id,
            Binding.system == record.system.value,
            Binding.remote_type == record.type,
            Binding.remote_id == record.id,
        )
        object_id = session.exec(statement).one_or_none()
        if object_id is None:
            return False
        count = session.exec(select(Binding.id).where(Binding.object_id == object_id)).all()
        return len(count) > 1


def _says(
    job: Job, claimed: Claimed, binding: Binding | None, record: RemoteRecord, values: dict[str, Scalar | None]
) -> bool:
    """Whether the record holds what was sent. A new record may lack what its system does not keep, and is still the one; in an
    existing one a field that is missing was cleared there."""
    state = _state(job, claimed, binding, record)
    if state is None:
        return False
    kept = values if binding is not None else {path: value for path, value in values.items() if path in state}
    return all(state.get(path) == value for path, value in kept.items())


def _state(job: Job, claimed: Claimed, binding: Binding | None, record: RemoteRecord) -> State | None:
    """The record in canonical form, read like the echo of the write; None when it cannot be read."""
    base = reading_of(job.context, job.directory, record.system, binding)
    handed = Reading(base.settings, base.resolve, base.lookup, claimed.meant, base.line_ids, lenient=True)
    try:
        return MAPPINGS[claimed.kind].read[record.type](record, handed).state
    except MappingError:
        return None


def _send_again(job: Job, row: Outbox, claimed: Claimed, connector: Connector, record: RemoteRecord | None) -> Applied:
    in_time = _window(job)
    if not _take_over(job, [row]):
        return Applied()
    if _overruled(job, [row]):
        unwanted = StaleRevision("It was decided otherwise while an answer was lost.")
        return _settle(job, claimed, NotWritten(claimed.request.key, unwanted))
    old = claimed.request
    binding = _binding(job, row)
    expected = (
        expectation(job.context, job.directory, claimed.kind, binding) if record is not None and binding else None
    )
    request = WriteRequest(
        old.key, old.type, old.operation, old.body, old.id, record.revision if record else None, expected, old.options
    )
    again = Claimed(claimed.outbox_id, claimed.object_id, claimed.kind, claimed.replica, request, claimed.meant)
    return send(job, System(row.system), [again], in_time)


def _settle(job: Job, claimed: Claimed, outcome: WriteOutcome) -> Applied:
    return record_outcomes(job.deps, job.context, job.directory, [(claimed, outcome)], run_id=job.run_id)


def _ask(job: Job, row: Outbox) -> None:
    error = Retryable(
        "The answer to a create was lost, and more than one record there could be it.",
        hint="Open the object and link it to the right one.",
    )
    with writing(job.deps.database) as session:
        log.lock(session, job.context.id)
        current = session.get_one(Outbox, row.id)
        if current.state == "sent":
            refuse(
                session,
                current,
                session.get_one(Object, row.object_id),
                Reason.WRITE_UNCERTAIN,
                error,
                job.deps.clock.now(),
            )


def adopt_duplicate(job: Job, claimed: Claimed, error: DuplicateRemote) -> Applied:
    """The remote already has one with this name or number: what was to be made is adopted where the very same is there and
    unbound; anything else asks, and a record that only wanted that name stays itself."""
    connector = job.connector(claimed.replica.system)
    row = _outbox(job, claimed.outbox_id)
    if error.existing_id:
        found = connector.read(claimed.request.type, [error.existing_id])
    else:
        found = connector.find(claimed.request.type, _find_key(row))
    equal = [
        record
        for record in found
        if not record.deleted and not _is_bound(job, record) and _says(job, claimed, None, record, _told(row))
    ]
    if len(equal) == 1 and claimed.request.operation is Operation.CREATE:
        _reopen(job, row)
        return _settle(job, claimed, Written(claimed.request.key, equal[0]))
    return Applied(reread=[(record.type, record.id) for record in found if not record.deleted], duplicates=[])


def _outbox(job: Job, outbox_id: str) -> Outbox:
    with reading(job.deps.database) as session:
        row = session.get_one(Outbox, outbox_id)
        session.expunge_all()
        return row


def _reopen(job: Job, row: Outbox) -> None:
    with writing(job.deps.database) as session:
        log.lock(session, job.context.id)
        current = session.get_one(Outbox, row.id)
        current.state, current.open_slot = "sent", f"{row.object_id}:{row.replica}"
        session.add(current)
