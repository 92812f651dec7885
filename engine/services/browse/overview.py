"""The overview: where every category stands, what waits for a person, and what went to and fro in the last days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.reasons import Disposition
from engine.core.records import Category, System
from engine.services.browse.listed import NOT_MERGED
from engine.services.browse.runs import last_run, open_run
from engine.services.deps import Deps
from engine.store.database import new_id, reading
from engine.store.tables import CategorySettings, Connection, Object, Outbox, Run

DAYS = 14
"""Days of traffic that are drawn."""

OLDEST = 200
"""Pending objects looked at for the lag: ids grow with time, so the first ones are the oldest."""

WAITING = (
    Disposition.CONFLICT, Disposition.DELETED_THERE, Disposition.VARIANCE, Disposition.FAILED, Disposition.BLOCKED,
    Disposition.AWAITING_MATCH,
)  # fmt: skip
"""Dispositions that end only by a person."""


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One category: its settings row, disposition → how many, and since when its oldest pending edit waits."""

    settings: CategorySettings
    counts: Mapping[str, int]
    waits_since: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """Confirmed writes of one day in the reader's zone."""

    day: date
    to_scoro: int
    to_quickbooks: int


@dataclass(frozen=True, slots=True)
class Budget:
    """A quota of API calls, as the system last told it."""

    system: str
    limit: int
    remaining: int
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the overview shows. ``run`` is the one in progress or waiting for an answer, ``last`` the last that ended."""

    connection: Connection
    categories: tuple[CategoryLine, ...]
    totals: Mapping[str, int]
    waiting: Mapping[str, int]
    run: Run | None
    last: Run | None
    budgets: tuple[Budget, ...]
    traffic: tuple[Day, ...]


def overview(deps: Deps, cid: str, zone: tzinfo) -> Overview:
    """The state of one connection. ``zone`` tells where a day begins."""
    with reading(deps.database) as session:
        connection = session.get_one(Connection, cid)
        counts = count_by_category(session, cid)
        totals = Counter[str]()
        for own in counts.values():
            totals.update(own)
        return Overview(
            connection=connection,
            categories=_categories(session, cid, counts),
            totals=totals,
            waiting={name.value: totals[name] for name in WAITING if totals[name]},
            run=open_run(session, cid),
            last=last_run(session, cid),
            budgets=_budgets(connection.budget),
            traffic=_traffic(session, cid, deps.clock.now(), zone),
        )


def count_by_category(session: Session, cid: str) -> dict[str, Counter[str]]:
    """Category → disposition → how many: one pass over one index."""
    keys = (col(Object.category), col(Object.disposition))
    statement = sa.select(*keys, sa.func.count()).where(col(Object.connection_id) == cid, NOT_MERGED).group_by(*keys)
    found: dict[str, Counter[str]] = {category.value: Counter() for category in Category}
    for category, disposition, count in session.execute(statement):
        found[category][disposition] = count
    return found


def _categories(session: Session, cid: str, counts: Mapping[str, Counter[str]]) -> tuple[CategoryLine, ...]:
    rows = session.exec(select(CategorySettings).where(CategorySettings.connection_id == cid)).all()
    known = {row.category: row for row in rows}
    return tuple(
        CategoryLine(known[name], counts[name], _waits_since(session, cid, name) if counts[name]["pending"] else None)
        for name in counts
        if name in known
    )


def _waits_since(session: Session, cid: str, category: str) -> datetime | None:
    oldest = (
        sa.select(col(Object.updated_at))
        .where(
            col(Object.connection_id) == cid,
            col(Object.disposition) == Disposition.PENDING.value,
            col(Object.category) == category,
            NOT_MERGED,
        )
        .order_by(col(Object.id))
        .limit(OLDEST)
        .subquery()
    )
    return session.execute(sa.select(sa.func.min(oldest.c.updated_at))).scalar()


def _budgets(stored: Mapping[str, Any]) -> tuple[Budget, ...]:
    found = []
    for system in System:
        told = stored.get(system.value)
        if told and told.get("remaining") is not None:
            resets = datetime.fromisoformat(told["resets_at"]) if told.get("resets_at") else None
            found.append(Budget(system.value, int(told["limit"]), int(told["remaining"]), resets))
    return tuple(found)


def _traffic(session: Session, cid: str, now: datetime, zone: tzinfo) -> tuple[Day, ...]:
    """Confirmed writes per day; ids carry the time of birth, so that only the last days are read."""
    since = now - timedelta(days=DAYS)
    hour = sa.func.substr(sa.cast(col(Outbox.finished_at), sa.String), 1, 13)
    statement = (
        sa.select(hour, col(Outbox.system), sa.func.count())
        .where(
            col(Outbox.id) >= new_id(since)[:10],
            col(Outbox.connection_id) == cid,
            col(Outbox.state) == "confirmed",
            col(Outbox.finished_at).is_not(None),
        )
        .group_by(hour, col(Outbox.system))
    )
    counts: Counter[tuple[date, str]] = Counter()
    for text, system, count in session.execute(statement):
        moment = datetime.fromisoformat(f"{text.replace(' ', 'T')}:00:00+00:00")
        counts[moment.astimezone(zone).date(), system] += count
    last = now.astimezone(zone).date()
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return tuple(Day(day, counts[day, System.SCORO], counts[day, System.QUICKBOOKS]) for day in days)
