"""The inbox of conflicts: the most money or the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from engine.core.reasons import Disposition
from engine.core.records import HUB
from engine.services.browse.listed import COLUMNS, NOT_MERGED, Line, lines, lines_of
from engine.services.browse.paging import PAGE, Page, page_of, place
from engine.services.deps import Deps
from engine.store.database import reading
from engine.store.tables import Change, Connection, Object

LOOK_BACK = 5_000
"""Entries of the log that are looked through for settlements that can be undone."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open conflict in the inbox. ``paths`` are the contested fields."""

    line: Line
    paths: tuple[str, ...]


def conflicts(
    deps: Deps, cid: str, *, order: str = "money", kind: str = "", search: str = "", after: str = "", limit: int = PAGE
) -> Page[Waiting]:
    """A page of open conflicts. ``order``: ``money`` (the largest amount first) or ``age`` (the longest waiting first)."""
    amount = sa.func.abs(sa.func.coalesce(col(Object.amount_minor), 0))
    rank = -amount if order == "money" else sa.cast(col(Object.updated_at), sa.String)
    statement = sa.select(*COLUMNS, col(Object.contests), rank.label("rank")).where(
        col(Object.connection_id) == cid, col(Object.disposition) == Disposition.CONFLICT.value, NOT_MERGED
    )
    if kind:
        statement = statement.where(col(Object.kind) == kind)
    if search:
        statement = statement.where(col(Object.title).icontains(search, autoescape=True))
    if after:
        known, oid = place(after, int if order == "money" else str, str)
        statement = statement.where(sa.or_(rank > known, sa.and_(rank == known, col(Object.id) > oid)))
    with reading(deps.database) as session:
        rows = session.execute(statement.order_by(rank, col(Object.id)).limit(limit + 1)).all()
        found = lines(session, [row[: len(COLUMNS)] for row in rows])
    ranks = {row.id: row.rank for row in rows}
    waiting = [Waiting(line, tuple(sorted(row.contests))) for line, row in zip(found, rows, strict=True)]
    return page_of(waiting, limit, lambda one: (ranks[one.line.id], one.line.id))


def next_conflict(deps: Deps, cid: str, oid: str) -> str:
    """The conflict to review after this one: the inbox's first that is another one, "" when none is left."""
    page = conflicts(deps, cid, limit=2)
    return next((one.line.id for one in page.rows if one.line.id != oid), "")


@dataclass(frozen=True, slots=True)
class Settled:
    """A conflict that a person settled and that nothing has followed yet: it can be undone."""

    line: Line
    person: str
    at: datetime


def settled(deps: Deps, cid: str, limit: int = 20) -> tuple[Settled, ...]:
    """The last settlements that can still be undone, the latest first."""
    later = aliased(Change)
    with reading(deps.database) as session:
        head = session.get_one(Connection, cid).log_sequence
        followed = sa.exists().where(
            col(later.object_id) == col(Change.object_id), col(later.sequence) > col(Change.sequence)
        )
        statement = (
            select(Change)
            .where(
                Change.connection_id == cid, col(Change.sequence) > head - LOOK_BACK, Change.action == "resolved",
                Change.actor == HUB, Change.person != "", ~followed,
            )
            .order_by(col(Change.sequence).desc())
            .limit(limit)
        )  # fmt: skip
        found = session.exec(statement).all()
        known = lines_of(session, cid, [change.object_id for change in found])
    return tuple(
        Settled(known[change.object_id], change.person, change.at) for change in found if change.object_id in known
    )
