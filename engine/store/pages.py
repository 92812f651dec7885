"""Objects and bindings of one page: read in sets as plain rows, changed in memory, written back in bulk.

A row has the attributes of its table and nothing of the ORM's bookkeeping, which costs more than all the rest where
thousands of records changed. Rows that are read here must not be changed through a session at the same time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from engine.store.tables import Binding, MatchKey, Object

CHUNK = 500

_OBJECT_COLUMNS = (
    "id", "kind", "category", "retry_at", "parked_by", "accepted_variance", "required", "merged_into",
)  # fmt: skip
_BINDING_COLUMNS = ("id", "object_id", "replica", "system", "remote_type", "remote_id", "remote_created_at")
_MOVING_OBJECT_COLUMNS = (
    "fields", "dots", "vector", "contests", "title", "amount_minor", "currency", "document_date", "facts", "version",
    "disposition", "reason", "dirty", "updated_at",
)  # fmt: skip
_MOVING_BINDING_COLUMNS = (
    "revision", "shadow", "fingerprint", "seen", "line_ids", "facts", "extras", "mapping_version", "remote_modified_at",
    "observed_at", "digest", "gone",
)  # fmt: skip


class RowPage:
    """The rows that one transaction works on. Objects are held once, each with all its bindings. Only columns that have
    changed are written."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._objects: dict[str, Any] = {}
        self._bindings: dict[tuple[str, str, str], Any] = {}
        self._by_object: dict[str, list[Any]] = defaultdict(list)
        self._keyed: set[str] = set()
        self._stored: dict[str, dict[str, Any]] = {}
        self._changed_objects: dict[str, Any] = {}
        self._changed_bindings: dict[str, Any] = {}
        self._keys: dict[str, list[dict[str, Any]]] = {}

    def load(self, object_ids: Iterable[str]) -> None:
        """Read these objects, their bindings, and which of them have match keys, in as few queries as there are chunks."""
        ids = list(dict.fromkeys(object_ids))
        for row in self._read(Object, col(Object.id), ids, (*_OBJECT_COLUMNS, *_MOVING_OBJECT_COLUMNS)):
            self._objects[row.id] = row
        for row in self._read(Binding, col(Binding.object_id), ids, (*_BINDING_COLUMNS, *_MOVING_BINDING_COLUMNS)):
            self._bindings[row.system, row.remote_type, row.remote_id] = row
            self._by_object[row.object_id].append(row)
        for part in _chunks(ids):
            statement = sa.select(col(MatchKey.object_id)).where(col(MatchKey.object_id).in_(part)).distinct()
            self._keyed.update(self._connection.execute(statement).scalars())

    def _read(self, table: type[SQLModel], column: Any, values: Sequence[str], columns: Sequence[str]) -> Iterator[Any]:
        for row in plain_rows(self._connection, table, column, values, only=columns):
            self._stored[row.id] = vars(row).copy()
            yield row

    def object(self, id: str) -> Any:
        """An object's row."""
        return self._objects[id]

    def binding(self, system: str, type: str, id: str) -> Any:
        """The row of the binding of one remote record."""
        return self._bindings[system, type, id]

    def bindings_of(self, object_id: str) -> list[Any]:
        """All replicas of an object, as this page has changed them already."""
        return self._by_object[object_id]

    def is_paired(self, object_id: str) -> bool:
        """Whether the object is in both systems."""
        return len({row.system for row in self._by_object[object_id]}) > 1

    def has_keys(self, object_id: str) -> bool:
        """Whether the object has match keys: it lives on one side only."""
        return object_id in self._keyed

    def change(self, *, object: Any = None, binding: Any = None) -> None:
        """These rows are to be written back."""
        if object is not None:
            self._changed_objects[object.id] = object
        if binding is not None:
            self._changed_bindings[binding.id] = binding

    def renew_keys(self, object_id: str, rows: list[dict[str, Any]]) -> None:
        """The match keys of an object from now on."""
        self._keys[object_id] = rows

    def flush(self) -> None:
        """Write everything that changed."""
        self._update(Object, _MOVING_OBJECT_COLUMNS, self._changed_objects.values())
        self._update(Binding, _MOVING_BINDING_COLUMNS, self._changed_bindings.values())
        for part in _chunks(list(self._keys)):
            self._connection.execute(sa.delete(MatchKey).where(col(MatchKey.object_id).in_(part)))
        if keys := [row for rows in self._keys.values() for row in rows]:
            self._connection.execute(sa.insert(MatchKey), keys)

    def _update(self, table: type[SQLModel], columns: Sequence[str], rows: Iterable[Any]) -> None:
        """One statement for all rows in which the same columns have changed."""
        changed: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            now, before = vars(row), self._stored[row.id]
            names = tuple(name for name in columns if now[name] != before[name])
            changed[names].append({"row": row.id, **{name: now[name] for name in names}})
        for names, values in changed.items():
            if names:
                self._connection.execute(_update_statement(table, names), values)


def known_records(
    connection: sa.Connection, connection_id: str, system: str, type: str, ids: Sequence[str]
) -> dict[str, tuple[str, str, bool]]:
    """Those of the records that are bound: remote id → (object, digest of the raw record, whether it is gone)."""
    found: dict[str, tuple[str, str, bool]] = {}
    for part in _chunks(ids):
        statement = sa.select(
            col(Binding.remote_id), col(Binding.object_id), col(Binding.digest), col(Binding.gone)
        ).where(
            col(Binding.connection_id) == connection_id, col(Binding.system) == system,
            col(Binding.remote_type) == type, col(Binding.remote_id).in_(part),
        )  # fmt: skip
        for id, object_id, digest, gone in connection.execute(statement).all():
            found[id] = (object_id, digest, gone)
    return found


def plain_rows(
    connection: sa.Connection,
    table: type[SQLModel],
    column: Any,
    values: Sequence[str],
    *conditions: Any,
    only: Sequence[str],
) -> Iterator[Any]:
    """Rows whose ``column`` is among ``values``, with the columns that somebody will ask for as attributes."""
    every = table.__table__.c  # type: ignore[attr-defined]  # SQLModel sets it on every table
    columns = [every[name] for name in only]
    for part in _chunks(values):
        result = connection.execute(sa.select(*columns).where(column.in_(part), *conditions))
        for row in result.all():
            yield SimpleNamespace(**dict(zip(only, row, strict=True)))


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


@cache
def _update_statement(table: type[SQLModel], columns: tuple[str, ...]) -> sa.Update:
    rows = table.__table__  # type: ignore[attr-defined]  # SQLModel sets it on every table
    return (
        sa.update(rows).where(rows.c.id == sa.bindparam("row")).values({name: sa.bindparam(name) for name in columns})
    )
