"""The list of objects: both systems at once, filtered, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from engine.core.records import CATEGORY_OF, Category, Kind, System
from engine.mapping.registry import types_of
from engine.services.browse.listed import NOT_MERGED, Line, lines, listed
from engine.services.browse.paging import PAGE, Page, page_of, place
from engine.services.deps import Deps
from engine.store.database import reading
from engine.store.tables import Binding, Object

BOTH = "both"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of objects is narrowed to; empty means everything.

    ``search``: part of a name or number, or the id a record has in either system. ``side``: ``scoro`` or ``quickbooks`` for what
    lives there only, ``both``. ``first`` and ``last`` are document dates, ``YYYY-MM-DD``.
    """

    search: str = ""
    kind: str = ""
    category: str = ""
    disposition: str = ""
    reason: str = ""
    side: str = ""
    first: str = ""
    last: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can occur under these filters."""
        if self.kind:
            return (self.kind,)
        return tuple(kind.value for kind in Kind if not self.category or CATEGORY_OF[kind] == Category(self.category))


def objects(deps: Deps, cid: str, filters: Filters, after: str = "", limit: int = PAGE) -> Page[Line]:
    """A page of objects, the ones met last first."""
    with reading(deps.database) as session:
        before = str(place(after, str)[0]) if after else ""
        ids = _newest(session, cid, filters, before, limit + 1)
        rows = session.execute(listed().where(col(Object.id).in_(ids)).order_by(col(Object.id).desc()))
        return page_of(lines(session, rows), limit, lambda line: (line.id,))


def ids_of(deps: Deps, cid: str, ids: Sequence[str]) -> list[str]:
    """Those of ``ids`` that are objects of this connection, in their order."""
    with reading(deps.database) as session:
        statement = sa.select(col(Object.id)).where(
            col(Object.connection_id) == cid, col(Object.id).in_(ids), NOT_MERGED
        )
        mine = set(session.execute(statement).scalars())
    return [oid for oid in dict.fromkeys(ids) if oid in mine]


def _newest(session: Session, cid: str, filters: Filters, before: str, limit: int) -> list[str]:
    """Ids of one page. Asked kind by kind, because that is how the indexes are ordered."""
    if filters.side in set(System):
        return _newest_alone(session, cid, filters, before, limit)
    found: list[str] = []
    for kind in filters.kinds:
        statement = sa.select(col(Object.id)).where(
            col(Object.connection_id) == cid, col(Object.kind) == kind, NOT_MERGED, *_conditions(filters, cid, [kind])
        )
        if filters.side == BOTH:
            statement = statement.where(*[_lives_in(system, Object.id) for system in System])
        if before:
            statement = statement.where(col(Object.id) < before)
        found += session.execute(statement.order_by(col(Object.id).desc()).limit(limit)).scalars()
    return sorted(found, reverse=True)[:limit]


def _newest_alone(session: Session, cid: str, filters: Filters, before: str, limit: int) -> list[str]:
    """Ids of a page of what lives in one system only: few among very many, so the bindings are asked first."""
    side = System(filters.side)
    statement = (
        sa.select(col(Binding.object_id))
        .join(Object, col(Object.id) == col(Binding.object_id))
        .where(
            col(Binding.connection_id) == cid, col(Binding.system) == side.value, col(Binding.gone).is_(False),
            ~_lives_in(side.other, Binding.object_id), col(Object.kind).in_(filters.kinds), NOT_MERGED,
            *_conditions(filters, cid, filters.kinds),
        )
        .distinct()
    )  # fmt: skip
    if before:
        statement = statement.where(col(Binding.object_id) < before)
    return list(session.execute(statement.order_by(col(Binding.object_id).desc()).limit(limit)).scalars())


def _conditions(filters: Filters, cid: str, kinds: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    for column, value in ((Object.disposition, filters.disposition), (Object.reason, filters.reason)):
        if value:
            found.append(col(column) == value)
    if filters.first:
        found.append(col(Object.document_date) >= filters.first)
    if filters.last:
        found += [col(Object.document_date) <= filters.last, col(Object.document_date) != ""]
    if filters.search:
        found.append(_named(filters.search, cid, kinds))
    return found


def _named(search: str, cid: str, kinds: Sequence[str]) -> sa.ColumnElement[bool]:
    """Objects called like that, or whose record has that id in one of the systems."""
    types = [type for system in System for type in types_of(system, map(Kind, kinds))]
    by_id = sa.select(col(Binding.object_id)).where(
        col(Binding.connection_id) == cid,
        col(Binding.system).in_([system.value for system in System]),
        col(Binding.remote_type).in_(types),
        col(Binding.remote_id) == search,
    )
    named: Any = col(Object.title).icontains(search, autoescape=True)
    return sa.or_(named, col(Object.id).in_(by_id))


def _lives_in(system: System, object_id: Any) -> sa.ColumnElement[bool]:
    copy = aliased(Binding)
    return sa.exists().where(
        col(copy.object_id) == object_id, col(copy.system) == system.value, col(copy.gone).is_(False)
    )
