"""The append-only change log: one hash chain per connection.

Every writing transaction of a connection begins with ``lock``: it takes the row of the connection, so that the chain
and the
objects of one connection change one transaction at a time, whoever they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.encoding import canonical_json
from engine.errors import Refused
from engine.store.tables import Change, Connection

_insert = sa.insert(Change)
_HASHED = (
    "connection_id", "sequence", "run_id", "actor", "person", "action", "object_id", "kind", "counter",
    "vector", "context", "fields", "details", "revision", "noticed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """What is appended; the log adds sequence, time and hash. Fields as in ``tables.Change``."""

    action: str
    object_id: str = ""
    kind: str = ""
    actor: str = ""
    person: str = ""
    counter: int = 0
    vector: Mapping[str, int] = field(default_factory=dict)
    context: Mapping[str, int] = field(default_factory=dict)
    fields: Sequence[Sequence[Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    revision: str = ""
    noticed: str = ""
    run_id: str = ""


def lock(session: Session, connection_id: str) -> Connection:
    """The connection's row, held until the transaction ends. ``Refused`` when its setup was discarded meanwhile."""
    statement = select(Connection).where(Connection.id == connection_id).with_for_update()
    row = session.exec(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise Refused(
            "This connection is not there any more.", hint="Its setup was discarded. Begin a new one to connect."
        )
    return row


def append(session: Session, connection: Connection, entries: Iterable[Entry], at: datetime) -> int:
    """Append in order, in bulk; the row of ``connection`` must be locked. Returns how many were appended."""
    rows: list[dict[str, Any]] = []
    sequence, previous = connection.log_sequence, connection.log_hash
    for entry in entries:
        sequence += 1
        row = _row(connection.id, sequence, entry, at)
        previous = row["hash"] = _link(previous, row)
        rows.append(row)
    if rows:
        session.connection().execute(_insert, rows)
        connection.log_sequence, connection.log_hash = sequence, previous
        session.add(connection)
    return len(rows)


def _row(connection_id: str, sequence: int, entry: Entry, at: datetime) -> dict[str, Any]:
    return {
        "connection_id": connection_id, "sequence": sequence, "at": at, "run_id": entry.run_id, "actor": entry.actor,
        "person": entry.person, "action": entry.action, "object_id": entry.object_id, "kind": entry.kind,
        "counter": entry.counter, "vector": entry.vector, "context": entry.context, "fields": entry.fields,
        "details": entry.details, "revision": entry.revision, "noticed": entry.noticed,
    }  # fmt: skip


def _link(previous: str, row: Mapping[str, Any]) -> str:
    content = canonical_json([row[name] for name in _HASHED] + [row["at"].timestamp()])
    return sha256(previous.encode() + content).hexdigest()


def entries(session: Session, connection_id: str, *, after: int = 0, chunk: int = 1000) -> Iterator[Change]:
    """The whole log in order, in chunks, so that memory does not grow with it."""
    while True:
        statement = (
            select(Change)
            .where(Change.connection_id == connection_id, col(Change.sequence) > after)
            .order_by(col(Change.sequence))
            .limit(chunk)
        )
        rows = session.exec(statement).all()
        yield from rows
        if len(rows) < chunk:
            return
        after = rows[-1].sequence
        session.expunge_all()


def broken_link(session: Session, connection_id: str) -> int | None:
    """The first sequence number whose hash does not follow from what stands before it; None when the chain holds."""
    previous, expected = "", 0
    for change in entries(session, connection_id):
        expected += 1
        row = {name: getattr(change, name) for name in _HASHED} | {"at": change.at}
        if change.sequence != expected or _link(previous, row) != change.hash:
            return change.sequence
        previous = change.hash
    head = session.get(Connection, connection_id)
    if head is not None and (head.log_sequence, head.log_hash) != (expected, previous):
        return expected + 1
    return None
