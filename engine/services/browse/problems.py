"""What went wrong, by cause: one row per cause, and behind it the objects it holds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.reasons import Reason
from engine.services.browse.listed import COLUMNS, NOT_MERGED, Line, lines
from engine.services.browse.paging import PAGE, Page, page_of, place
from engine.services.deps import Deps
from engine.services.stopped import STATES, STOPPED
from engine.store.database import reading
from engine.store.tables import Object, Outbox

TELLERS = ("refused", "problem", "unreadable", "failure")
"""Where an object's facts keep what stopped it, the strongest first."""


def _told(name: str) -> Any:
    """What stopped an object, out of its facts."""
    return sa.func.coalesce(*(col(Object.facts)[(teller, name)].as_string() for teller in TELLERS), "")


CODE = _told("code")

SINCE = col(Object.facts)[(STOPPED, "since")].as_string()
UNTOLD = sa.case((SINCE.is_(None), col(Object.updated_at)))
"""When an object last changed, of those whose facts do not say since when they have their problem."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Everything that one cause holds up. ``code`` is the remote's or the mapping's, "" when there is none; ``message`` is what
    one of the objects says, ``since`` when the first of them got it; ``about``: the object that the message speaks of, where that
    is another one."""

    disposition: str
    reason: str
    code: str
    count: int
    message: str
    since: datetime
    about: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One object behind a cause. ``detail`` is what the remote said and may hold customers' data; ``about`` is the object that
    has to be settled first."""

    line: Line
    message: str
    hint: str
    code: str
    request_id: str
    detail: str
    failures: int
    retry_at: datetime | None
    about: str = ""


def problems(deps: Deps, cid: str) -> tuple[Cause, ...]:
    """The causes, those with the most objects first."""
    keys = (col(Object.disposition), col(Object.reason), CODE)
    statement = (
        sa.select(*keys, sa.func.count(), sa.func.max(_told("message")), sa.func.min(SINCE), sa.func.min(UNTOLD))
        .where(*_mine(cid))
        .group_by(*keys)
        .order_by(sa.func.count().desc(), *keys)
    )
    with reading(deps.database) as session:
        found = [_cause(*row) for row in session.execute(statement)]
        return tuple(replace(cause, about=_about(session, cid, cause)) for cause in found)


def _cause(
    disposition: str, reason: str, code: str, count: int, message: str, told: str | None, changed: datetime | None
) -> Cause:
    return Cause(disposition, reason, code, count, message, _earliest(told, changed))


def _earliest(told: str | None, changed: datetime | None) -> datetime:
    moments = [datetime.fromisoformat(told)] if told else []
    return min([*moments, changed] if changed else moments)


def _about(session: Session, cid: str, cause: Cause) -> str:
    """The object that a cause's message names."""
    if cause.reason != Reason.DEPENDENCY_WAITS:
        return ""
    same = _behind(cid, cause.disposition, cause.reason, cause.code, (_told("about"),))
    return str(session.execute(same.where(_told("message") == cause.message).limit(1)).scalar() or "")


def behind(
    deps: Deps, cid: str, *, disposition: str, reason: str, code: str, after: str = "", limit: int = PAGE
) -> Page[Problem]:
    """A page of the objects behind one cause."""
    statement = _behind(
        cid, disposition, reason, code, (*COLUMNS, col(Object.failures), col(Object.retry_at), col(Object.facts))
    )
    if after:
        statement = statement.where(col(Object.id) > str(place(after, str)[0]))
    with reading(deps.database) as session:
        rows = session.execute(statement.limit(limit + 1)).all()
        found = lines(session, [row[: len(COLUMNS)] for row in rows])
        answers = _answers(session, [line.id for line in found])
    told = [_problem(line, row, answers.get(line.id)) for line, row in zip(found, rows, strict=True)]
    return page_of(told, limit, lambda problem: (problem.line.id,))


def held_up(cid: str, states: Sequence[str], reason: str, code: str | None) -> sa.Select[Any]:
    """Ids of the objects in one of these dispositions for one reason, and with one code unless that is None; in no order."""
    statement = sa.select(col(Object.id)).where(
        *_mine(cid), col(Object.disposition).in_(states), col(Object.reason) == reason
    )
    return statement if code is None else statement.where(code == CODE)


def _behind(cid: str, disposition: str, reason: str, code: str, columns: Sequence[Any]) -> sa.Select[Any]:
    mine = (*_mine(cid), col(Object.disposition) == disposition, col(Object.reason) == reason, code == CODE)
    return sa.select(*columns).where(*mine).order_by(col(Object.id))


def _mine(cid: str) -> tuple[Any, ...]:
    return (
        col(Object.connection_id) == cid,
        col(Object.disposition).in_([state.value for state in STATES]),
        NOT_MERGED,
    )


def _answers(session: Session, ids: Sequence[str]) -> dict[str, Outbox]:
    """The last write of each object that was answered with an error."""
    statement = select(Outbox).where(col(Outbox.object_id).in_(ids), Outbox.error != "").order_by(col(Outbox.id))
    return {row.object_id: row for row in session.exec(statement)}


def _problem(line: Line, row: Any, answer: Outbox | None) -> Problem:
    facts: Mapping[str, Any] = row.facts
    told: Mapping[str, Any] = next((facts[teller] for teller in TELLERS if teller in facts), {})
    return Problem(
        line=line,
        message=str(told.get("message", "")),
        hint=str(told.get("hint", "")),
        code=str(told.get("code", "")),
        request_id=str(told.get("request_id", "") or (answer.request_id if answer else "")),
        detail=answer.error_detail if answer else "",
        failures=row.failures,
        retry_at=row.retry_at,
        about=str(told.get("about", "")),
    )
