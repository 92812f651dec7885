"""How objects appear in lists: the few columns that a row shows, and on which sides the object lives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from engine.services.deps import Deps
from engine.store.database import reading
from engine.store.tables import Binding, Object

NOT_MERGED = col(Object.merged_into) == sa.literal_column("''")
"""Rows that are listed. A literal, because a partial index is not found through a bound value."""

CHUNK = 500

CONTACT: Any = col(Object.fields)["contact"].as_string()
"""Whom a document is with: the id of a contact."""

COLUMNS: tuple[Any, ...] = (
    Object.id, Object.kind, Object.category, Object.title, Object.amount_minor, Object.currency, Object.document_date,
    Object.disposition, Object.reason, Object.updated_at, Object.assigned_to, CONTACT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One object in a list; amounts are in minor units.

    ``contact`` is whom a document is with, ``party`` that contact's name; ``systems`` are those it lives in now.
    """

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
    contact: str | None = None
    party: str = ""
    systems: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What the object is called where nothing else stands beside it."""
        return f"{self.title} · {self.party}" if self.party else self.title


def listed() -> sa.Select[Any]:
    """The columns of ``Line`` of every object that is listed anywhere."""
    return sa.select(*COLUMNS).where(NOT_MERGED)


def line_of(cells: Sequence[Any], systems: frozenset[str]) -> Line:
    """The values of ``COLUMNS`` as a line."""
    return replace(Line(*cells), systems=systems)


def lines(session: Session, rows: Iterable[Sequence[Any]]) -> list[Line]:
    """Rows of ``COLUMNS`` with their parties and the systems they live in, in the same order."""
    found = [Line(*row) for row in rows]
    systems = systems_of(session, [line.id for line in found])
    names = titles(session, {line.contact for line in found if line.contact})
    return [
        replace(line, systems=systems.get(line.id, frozenset()), party=names.get(line.contact or "", ""))
        for line in found
    ]


def titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """What objects are called, by id."""
    wanted, found = sorted(ids), dict[str, str]()
    for start in range(0, len(wanted), CHUNK):
        statement = sa.select(col(Object.id), col(Object.title)).where(
            col(Object.id).in_(wanted[start : start + CHUNK])
        )
        found.update((str(oid), str(title)) for oid, title in session.execute(statement))
    return found


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
    if not ids:
        return {}
    statement = listed().where(col(Object.connection_id) == connection_id, col(Object.id).in_(ids))
    return {line.id: line for line in lines(session, session.execute(statement))}


def titles_of(deps: Deps, ids: Iterable[str]) -> dict[str, str]:
    """The same, for those who hold no session."""
    with reading(deps.database) as session:
        return titles(session, set(ids))
