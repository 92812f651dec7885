"""Plans that people look at: stored with their hash, approved, and applied exactly as they were shown."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.errors import Refused
from engine.services.context import Context, load_context
from engine.services.deciding import decide_objects
from engine.services.deps import Deps
from engine.services.planning import Plan as PlannedWrites
from engine.services.planning import PlannedWrite, plan_cases, queue_writes
from engine.store import log
from engine.store.database import new_id, writing
from engine.store.tables import Plan, PlanRow, Run


def store_plan(session: Session, context: Context, plan: PlannedWrites, run_id: str, now: datetime) -> str:
    """Keep a plan with its rows; returns its id."""
    row = Plan(
        id=new_id(now), connection_id=context.id, run_id=run_id, digest=plan.digest(), counts=plan.counts(),
        brakes=[{"name": brake.name, "category": brake.category, "sentence": brake.sentence} for brake in plan.brakes],
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    rows = [_plan_row(row.id, position, write) for position, write in enumerate(plan.writes)]
    if rows:
        session.connection().execute(sa.insert(PlanRow), rows)
    return row.id


def _plan_row(plan_id: str, position: int, write: PlannedWrite) -> dict[str, object]:
    case = write.case
    return {
        "plan_id": plan_id, "position": position, "object_id": case.row.id, "kind": case.row.kind,
        "category": case.row.category, "replica": write.write.replica.value, "operation": write.operation,
        "object_version": case.row.version, "title": case.row.title, "amount_minor": case.row.amount_minor,
        "currency": case.row.currency, "values": write.values, "before": write.before, "outcome": "",
    }  # fmt: skip


def approve_plan(deps: Deps, plan_id: str, person: str) -> str:
    """Apply exactly this plan: rows whose object has moved since are refused and say so, the rest is queued. Returns
    the run."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        plan = session.get(Plan, plan_id)
        if plan is None or plan.state != "open":
            raise Refused("This plan was applied or replaced already.", hint="Make a new preview.")
        connection = log.lock(session, plan.connection_id)
        context = load_context(session, plan.connection_id)
        run = Run(
            id=new_id(now), connection_id=plan.connection_id, trigger="person", requested_by=person, queued_at=now,
            phase="apply", plan_id=plan_id,
        )  # fmt: skip
        session.add(run)
        session.flush()
        queue_writes(session, context, _unmoved(session, context, plan_id, now), run, now)
        plan = session.get_one(Plan, plan_id)
        plan.state, plan.approved_by = "approved", person
        session.add(plan)
        connection = log.lock(session, context.id)
        entry = log.Entry(
            "note", person=person, actor="hub", details={"plan": plan_id, "digest": plan.digest}, run_id=run.id
        )
        log.append(session, connection, [entry], now)
        run_id = run.id
    deps.enqueue(run_id, True)
    return run_id


def _unmoved(session: Session, context: Context, plan_id: str, now: datetime) -> list[PlannedWrite]:
    rows = session.exec(select(PlanRow).where(PlanRow.plan_id == plan_id).order_by(col(PlanRow.position))).all()
    ids = list(dict.fromkeys(row.object_id for row in rows))
    writes = plan_cases(session, context, decide_objects(session, context, ids, now=now), now=now)
    current = {(write.case.row.id, write.write.replica.value): write for write in writes}
    kept: list[PlannedWrite] = []
    for row in rows:
        write = current.get((row.object_id, row.replica))
        unmoved = write is not None and write.case.row.version == row.object_version and write.values == row.values
        row.outcome = "queued" if unmoved else "moved"
        session.add(row)
        if write is not None and unmoved:
            kept.append(write)
    return kept
