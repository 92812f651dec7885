"""Runs: the list, one run with its outcomes, and the plan it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.services.browse.paging import PAGE, Page, page_of, place
from engine.services.deps import Deps
from engine.services.runs import BESIDE
from engine.store.database import reading
from engine.store.tables import Outbox, Plan, PlanRow, Run

OPEN = ("queued", "running", "halted")
"""States in which a run is not over."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with the plan it made, and how many of its writes are in which state (empty while it is going on)."""

    run: Run
    plan: Plan | None
    outcomes: Mapping[str, int]


def runs(deps: Deps, cid: str, *, state: str = "", trigger: str = "", after: str = "", limit: int = PAGE) -> Page[Run]:
    """A page of runs, the latest first."""
    statement = select(Run).where(Run.connection_id == cid).order_by(col(Run.id).desc()).limit(limit + 1)
    if state:
        statement = statement.where(Run.state == state)
    if trigger:
        statement = statement.where(Run.trigger == trigger)
    if after:
        statement = statement.where(col(Run.id) < str(place(after, str)[0]))
    with reading(deps.database) as session:
        return page_of(session.exec(statement).all(), limit, lambda run: (run.id,))


def run_view(deps: Deps, run_id: str) -> RunView:
    """One run."""
    with reading(deps.database) as session:
        run = session.get_one(Run, run_id)
        plan = session.get(Plan, run.plan_id) if run.plan_id else None
        outcomes = _outcomes(session, run_id) if run.state not in {"queued", "running"} else {}
        return RunView(run, plan, outcomes)


def writes(deps: Deps, run_id: str, *, state: str = "", after: str = "", limit: int = PAGE) -> Page[Outbox]:
    """A page of a run's writes with what became of each, in the order they were queued."""
    statement = select(Outbox).where(Outbox.run_id == run_id).order_by(col(Outbox.id)).limit(limit + 1)
    if state:
        statement = statement.where(Outbox.state == state)
    if after:
        statement = statement.where(col(Outbox.id) > str(place(after, str)[0]))
    with reading(deps.database) as session:
        return page_of(session.exec(statement).all(), limit, lambda row: (row.id,))


def open_run(session: Session, cid: str) -> Run | None:
    """The latest run, if it goes on or waits for an answer."""
    statement = select(Run).where(Run.connection_id == cid, col(Run.trigger).not_in(BESIDE))
    latest = session.exec(statement.order_by(col(Run.id).desc()).limit(1)).first()
    return latest if latest is not None and latest.state in OPEN else None


def last_run(session: Session, cid: str) -> Run | None:
    """The last run that ended."""
    statement = select(Run).where(
        Run.connection_id == cid, col(Run.state).not_in(OPEN), col(Run.trigger).not_in(BESIDE)
    )
    return session.exec(statement.order_by(col(Run.id).desc()).limit(1)).first()


def _outcomes(session: Session, run_id: str) -> dict[str, int]:
    statement = sa.select(col(Outbox.state), sa.func.count()).where(col(Outbox.run_id) == run_id)
    rows = session.execute(statement.group_by(col(Outbox.state))).all()
    return {str(state): int(count) for state, count in rows}


def plan_rows(deps: Deps, plan_id: str, *, after: str = "", limit: int = PAGE) -> Page[PlanRow]:
    """A page of a plan's writes, in the order of writing."""
    statement = select(PlanRow).where(PlanRow.plan_id == plan_id).order_by(col(PlanRow.position)).limit(limit + 1)
    if after:
        statement = statement.where(col(PlanRow.position) > int(str(place(after, int)[0])))
    with reading(deps.database) as session:
        return page_of(session.exec(statement).all(), limit, lambda row: (row.position,))
