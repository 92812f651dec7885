"""Whether a record of the other side is what a write of ours made of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import select

from engine.connectors.base import Operation, RemoteRecord, WriteRequest
from engine.core.objects import overlay
from engine.core.records import EXISTS, Kind, Path, Replica, Scalar, State, System, is_line
from engine.errors import MappingError
from engine.mapping.base import Reading
from engine.mapping.registry import MAPPINGS
from engine.services.claiming import Claimed
from engine.services.job import Job
from engine.services.observing import reading_of
from engine.store.database import reading
from engine.store.tables import Binding, Outbox

SKEW = timedelta(minutes=10)
"""How far the remote's clock may be behind ours when looking for a record made by a lost create."""


def claimed_again(job: Job, row: Outbox) -> Claimed:
    """The stored request, word for word."""
    binding = binding_of(job, row)
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


def binding_of(job: Job, row: Outbox) -> Binding | None:
    """What is known of the record that the write goes to; None when it is to be made."""
    with reading(job.deps.database) as session:
        statement = select(Binding).where(Binding.object_id == row.object_id, Binding.replica == row.replica)
        found = session.exec(statement).one_or_none()
        session.expunge_all()
        return found


def says(
    job: Job, claimed: Claimed, binding: Binding | None, record: RemoteRecord, values: dict[str, Scalar | None]
) -> bool:
    """Whether the record holds what was sent. A new record may lack what its system does not keep, and is still the one unless it
    has lines that were not sent; in an existing one a field that is missing was cleared there."""
    state = canonical(job, claimed, binding, record)
    if state is None:
        return False
    if binding is None:
        return _could_hold(state, values)
    return all(state.get(path) == value for path, value in values.items())


def _could_hold(state: State, values: Mapping[Path, Scalar | None]) -> bool:
    unknown = {path for path in state if is_line(path)} - values.keys()
    return not unknown and all(state[path] == value for path, value in values.items() if path in state)


def canonical(job: Job, claimed: Claimed, binding: Binding | None, record: RemoteRecord) -> State | None:
    """The record in canonical form, read like the echo of the write; None when it cannot be read."""
    base = reading_of(job.context, job.directory, record.system, binding)
    handed = Reading(base.settings, base.resolve, base.lookup, claimed.meant, base.line_ids, lenient=True)
    try:
        return MAPPINGS[claimed.kind].read[record.type](record, handed).state
    except MappingError:
        return None


def find_key(row: Outbox) -> dict[str, str]:
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


def told(row: Outbox) -> dict[Path, Scalar | None]:
    """What a create told the remote: where it told no number, the remote gave one of its own."""
    numbered = "number" in find_key(row)
    return {path: value for path, value in row.values.items() if numbered or path != "number"}


def could_be(row: Outbox, record: RemoteRecord) -> bool:
    """Whether the record is young enough to have been made by this write."""
    return record.created_at is None or row.sent_at is None or record.created_at >= row.sent_at - SKEW


def is_bound(job: Job, record: RemoteRecord) -> bool:
    """Whether the record has its counterpart already."""
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


def rivals(job: Job, row: Outbox) -> list[RemoteRecord]:
    """Records made since the send that nothing is bound to and that have an exact key in common with what was to be made."""
    claimed, connector = claimed_again(job, row), job.connector(System(row.system))
    keys_of = MAPPINGS[claimed.kind].keys
    wanted = set(keys_of({path: value for path, value in row.values.items() if value is not None}))
    young = [record for record in connector.find(row.payload["type"], find_key(row)) if could_be(row, record)]
    return [
        record
        for record in young
        if not is_bound(job, record) and not wanted.isdisjoint(keys_of(canonical(job, claimed, None, record) or {}))
    ]
