"""Settling what earlier runs left in doubt: every write whose answer was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from engine.connectors.base import NotWritten, RemoteRecord, Written
from engine.core.reasons import Reason
from engine.core.records import System
from engine.errors import RemoteMissing, Retryable, StaleRevision
from engine.services.applying import send, settle, window
from engine.services.claiming import LEASE, Claimed, expectation, refuse
from engine.services.credits import APPLY
from engine.services.job import Job
from engine.services.lease import check
from engine.services.observing import edited_since
from engine.services.receipts import Applied
from engine.services.recognising import binding_of, claimed_again, could_be, find_key, is_bound, rivals, says, told
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Binding, CategorySettings, Object, Outbox

REPLAY = timedelta(hours=23)
"""How long QuickBooks replays a request id (reference 2.2, U18); later a lost write is looked for instead."""


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
            total.add(_look(job, row))
    for members in replayable:
        total.add(_replay(job, members))
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
        record.created_at > _sent(row) + LEASE for row in late for record in rivals(job, row) if record.created_at
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
    claimed, in_time = [claimed_again(job, row) for row in members], window(job)
    if not _take_over(job, members) or _overruled(job, members):
        return Applied()
    return send(job, System.QUICKBOOKS, claimed, in_time)


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
    claimed = claimed_again(job, row)
    if row.operation == APPLY:
        return _drop(job, claimed, "Whether the credit was applied is told by what is open on it.")
    if row.operation == "create":
        return _look_for_created(job, row, claimed)
    return _look_at_existing(job, row, claimed)


def _look_at_existing(job: Job, row: Outbox, claimed: Claimed) -> Applied:
    """The record tells: as it was before, so send again; as it was to be, so that is the receipt; anything else is an edit."""
    connector, binding = job.connector(System(row.system)), binding_of(job, row)
    record = connector.read(row.payload["type"], [row.remote_id])[0]
    if record.deleted and row.operation == "delete":
        return settle(job, claimed, Written(claimed.request.key, record))
    if record.deleted:
        return settle(job, claimed, NotWritten(claimed.request.key, RemoteMissing("The record was deleted meanwhile.")))
    changed = "The record changed while an answer was lost."
    if edited_since(binding, row.target_vector):
        return _drop(job, claimed, changed)
    if binding is not None and _is_as_sent_to(job, row, binding, claimed, record):
        if _has_moved(job, row):
            return _drop(job, claimed, changed)
        return _send_again(job, row, claimed, record)
    if says(job, claimed, binding, record, row.values):
        return settle(job, claimed, Written(claimed.request.key, record))
    return _drop(job, claimed, changed)


def _drop(job: Job, claimed: Claimed, why: str) -> Applied:
    """It is observed and decided anew instead."""
    return settle(job, claimed, NotWritten(claimed.request.key, StaleRevision(why)))


def _is_as_sent_to(job: Job, row: Outbox, binding: Binding, claimed: Claimed, record: RemoteRecord) -> bool:
    """Whether the record still is what the write was decided on: the write did not take effect."""
    unmoved = binding.fingerprint == row.base_fingerprint
    return unmoved and expectation(job.context, job.directory, claimed.kind, binding)(record)


def _has_moved(job: Job, row: Outbox) -> bool:
    """Whether the object is another than the one decided on: then it is decided anew instead of being sent again."""
    with reading(job.deps.database) as session:
        return session.get_one(Object, row.object_id).version != row.object_version


def _look_for_created(job: Job, row: Outbox, claimed: Claimed) -> Applied:
    """Exactly one equal record made since the send: ours. None: send again, unless somebody has made one that may be the same.
    More: a person says which."""
    connector = job.connector(System(row.system))
    found = [record for record in connector.find(row.payload["type"], find_key(row)) if could_be(row, record)]
    unbound = [record for record in found if not is_bound(job, record) and says(job, claimed, None, record, told(row))]
    if len(unbound) == 1:
        return settle(job, claimed, Written(claimed.request.key, unbound[0]))
    if unbound:
        _ask(job, row)
        return Applied(refused=1, reread=[(record.type, record.id) for record in unbound], duplicates=[])
    if rivals(job, row):
        return _drop(job, claimed, "The other side has one that may be the same: somebody has to say so.")
    return _send_again(job, row, claimed, None)


def _send_again(job: Job, row: Outbox, claimed: Claimed, record: RemoteRecord | None) -> Applied:
    """Send once more what did not take effect: to ``record`` as it is now, or to be made."""
    in_time, binding = window(job), binding_of(job, row)
    if not _take_over(job, [row]):
        return Applied()
    if _overruled(job, [row]):
        return _drop(job, claimed, "It was decided otherwise while an answer was lost.")
    expected = (
        expectation(job.context, job.directory, claimed.kind, binding) if record is not None and binding else None
    )
    request = replace(
        claimed.request, revision=record.revision if record else None, expected=expected,
        group=None, ordinal=0, repeated=False,
    )  # fmt: skip
    return send(job, System(row.system), [replace(claimed, request=request)], in_time)


def _ask(job: Job, row: Outbox) -> None:
    error = Retryable(
        "The answer to a create was lost, and more than one record there could be it.",
        hint="Open the object and link it to the right one.",
    )
    with writing(job.deps.database) as session:
        log.lock(session, job.context.id)
        current = session.get_one(Outbox, row.id)
        if current.state == "sent":
            thing = session.get_one(Object, row.object_id)
            refuse(session, current, thing, Reason.WRITE_UNCERTAIN, error, job.deps.clock.now())
