"""The change log: in pages from the latest back, and as a stream for export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.services.browse.paging import PAGE, Page, cursor, place
from engine.services.deps import Deps
from engine.store.database import reading
from engine.store.tables import Change, Connection, Run

WINDOW = 50_000
"""Entries that one request looks through; a filter that fits nothing in them offers to look further back."""

CHUNK = 1000

A_MOMENT = timedelta(minutes=1)
"""What a run's last entry may come after its end."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the log is narrowed to; empty means everything. ``first`` is included, ``last`` is not."""

    kind: str = ""
    actor: str = ""
    action: str = ""
    person: str = ""
    object_id: str = ""
    run_id: str = ""
    first: datetime | None = None
    last: datetime | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The same for a query."""
        named = (
            (Change.kind, self.kind), (Change.actor, self.actor), (Change.action, self.action),
            (Change.person, self.person), (Change.object_id, self.object_id), (Change.run_id, self.run_id),
        )  # fmt: skip
        found = [col(column) == value for column, value in named if value]
        if self.first:
            found.append(col(Change.at) >= self.first)
        if self.last:
            found.append(col(Change.at) < self.last)
        return found


@dataclass(frozen=True, slots=True)
class LogPage(Page[Change]):
    """A page of the log. ``looked_to``: the entry at which the search paused with nothing left to show, 0 when it did not."""

    looked_to: int = 0


def changes(deps: Deps, cid: str, filters: Filters, after: str = "", limit: int = PAGE) -> LogPage:
    """A page of the log, the latest entry first."""
    with reading(deps.database) as session:
        filters = _within_run(session, filters)
        end = session.get_one(Connection, cid).log_sequence + 1
        top = int(str(place(after, int)[0])) if after else _first_since(session, cid, filters.last, end)
        oldest = _first_since(session, cid, filters.first, top) - 1 if filters.first else 0
        floor = oldest if filters.object_id else max(oldest, top - WINDOW)
        found = session.exec(
            select(Change)
            .where(Change.connection_id == cid, col(Change.sequence) < top, col(Change.sequence) > floor)
            .where(*filters.conditions())
            .order_by(col(Change.sequence).desc())
            .limit(limit + 1)
        ).all()
    rows = tuple(found[:limit])
    if len(found) > limit:
        return LogPage(rows, cursor(rows[-1].sequence))
    more = floor > oldest
    return LogPage(rows, cursor(floor + 1) if more else "", floor + 1 if more else 0)


def _within_run(session: Session, filters: Filters) -> Filters:
    """A run's entries stand between its beginning and its end, so that those of an old run are found at once."""
    run = session.get(Run, filters.run_id) if filters.run_id else None
    if run is None:
        return filters
    over = run.finished_at + A_MOMENT if run.finished_at else None
    first = max(filter(None, (filters.first, run.queued_at)))
    return replace(filters, first=first, last=min(filter(None, (filters.last, over)), default=None))


def _first_since(session: Session, cid: str, moment: datetime | None, end: int) -> int:
    """The first entry at or after ``moment``, ``end`` when there is none: the log is in the order of time, so it is found by
    halving."""
    low, high = 1, end
    while moment is not None and low < high:
        middle = (low + high) // 2
        entry = session.get(Change, (cid, middle))
        if entry is None or entry.at < moment:
            low = middle + 1
        else:
            high = middle
    return end if moment is None else low


def history(session: Session, object_id: str, *, before: int = 0, limit: int = PAGE) -> Page[Change]:
    """A page of one object's changes, the latest first."""
    statement = select(Change).where(Change.object_id == object_id).order_by(col(Change.sequence).desc())
    if before:
        statement = statement.where(col(Change.sequence) < before)
    found = session.exec(statement.limit(limit + 1)).all()
    rows = tuple(found[:limit])
    return Page(rows, str(rows[-1].sequence) if len(found) > limit else "")


def stream(deps: Deps, cid: str, filters: Filters) -> Iterator[Change]:
    """The filtered log from its beginning, in chunks, so that memory does not grow with it. Each chunk reads anew."""
    after = 0
    while True:
        statement = (
            select(Change)
            .where(Change.connection_id == cid, col(Change.sequence) > after, *filters.conditions())
            .order_by(col(Change.sequence))
            .limit(CHUNK)
        )
        with reading(deps.database) as session:
            rows = session.exec(statement).all()
        yield from rows
        if len(rows) < CHUNK:
            return
        after = rows[-1].sequence
