"""Plans that people look at: stored with their hash, approved, and applied exactly as they were shown."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.records import HUB
from engine.errors import Refused
from engine.services.context import Context
from engine.services.deciding import decide_objects
from engine.services.deps import Deps
from engine.services.planning import Plan as PlannedWrites
from engine.services.planning import PlannedWrite, plan_cases, queue_writes
from engine.store import log
from engine.store.database import new_id, writing
from engine.store.tables import Plan, PlanRow, Run

APPROVED = "plan"
"""The trigger of a run that applies a plan which a person has seen."""


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
    """Apply exactly this plan, in a run of its own: rows whose object has moved since are refused and say so, the rest is
    written. Returns the run."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        plan = session.get(Plan, plan_id)
        if plan is None or plan.state != "open":
            raise Refused("This plan was applied or replaced already.", hint="Make a new preview.")
        connection = log.lock(session, plan.connection_id)
        run = Run(
            id=new_id(now), connection_id=plan.connection_id, trigger=APPROVED, requested_by=person, queued_at=now,
            plan_id=plan_id,
        )  # fmt: skip
        session.add(run)
        plan.state, plan.approved_by = "approved", person
        session.add(plan)
        details = {"plan": plan_id, "digest": plan.digest, "brakes": plan.brakes}
        log.append(
            session, connection, [log.Entry("note", person=person, actor=HUB, details=details, run_id=run.id)], now
        )
        run_id = run.id
    deps.enqueue(run_id, True)
    return run_id


def queue_plan(session: Session, context: Context, run: Run, now: datetime) -> dict[str, int]:
    """Queue what an approved plan says; returns how many writes were planned, queued, and passed over as moved."""
    kept, planned = _unmoved(session, context, run.plan_id, now)
    queued = queue_writes(session, context, kept, run, now)
    return {"planned": planned, "queued": queued, "moved": planned - len(kept)}


def _unmoved(session: Session, context: Context, plan_id: str, now: datetime) -> tuple[list[PlannedWrite], int]:
    """The writes of a plan that are still the same, and how many it has."""
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
    return kept, len(rows)
