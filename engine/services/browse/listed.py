"""How objects appear in lists: the few columns that a row shows, and on which sides the object lives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from engine.store.tables import Binding, Object

NOT_MERGED = col(Object.merged_into) == sa.literal_column("''")
"""Rows that are listed. A literal, because a partial index is not found through a bound value."""

COLUMNS: tuple[Any, ...] = (
    Object.id, Object.kind, Object.category, Object.title, Object.amount_minor, Object.currency, Object.document_date,
    Object.disposition, Object.reason, Object.updated_at, Object.assigned_to,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One object in a list. ``systems`` are those it lives in now; amounts are in minor units."""

    id: str
    kind: str
    category: str
    title: str
    amount_minor: int | None
    currency: str
    document_date: str
    disposition: str
    reason: str
    updated_at: datetime
    assigned_to: str
    systems: frozenset[str] = frozenset()


def listed() -> sa.Select[Any]:
    """The columns of ``Line`` of every object that is listed anywhere."""
    return sa.select(*COLUMNS).where(NOT_MERGED)


def line_of(cells: Sequence[Any], systems: frozenset[str]) -> Line:
    """The values of ``COLUMNS`` as a line."""
    return replace(Line(*cells), systems=systems)


def lines(session: Session, rows: Iterable[Sequence[Any]]) -> list[Line]:
    """Rows of ``listed`` with the systems they live in, in the same order."""
    found = [tuple(row) for row in rows]
    systems = systems_of(session, [row[0] for row in found])
    return [line_of(row, systems.get(row[0], frozenset())) for row in found]


def systems_of(session: Session, ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Object → the systems in which it lives."""
    statement = sa.select(col(Binding.object_id), col(Binding.system)).where(
        col(Binding.object_id).in_(ids), col(Binding.gone).is_(False)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for object_id, system in session.execute(statement):
        found[object_id].add(system)
    return {object_id: frozenset(systems) for object_id, systems in found.items()}


def lines_of(session: Session, connection_id: str, ids: Sequence[str]) -> dict[str, Line]:
    """These objects of one connection, by id."""
    statement = listed().where(col(Object.connection_id) == connection_id, col(Object.id).in_(ids))
    return {line.id: line for line in lines(session, session.execute(statement))}
