"""A plan for a person: how many writes of which sort, how much money, and a few of them with their values."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import fields
from app.objects.view import shown
from engine.store.tables import Plan, PlanRow

SAMPLES = 3
FIELDS = 12

VERBS = {"create": "Create", "update": "Change", "delete": "Delete", "void": "Void"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One write of a plan: its record, and (field, before, after) of what it writes."""

    oid: str
    title: str
    amount_minor: int | None
    currency: str
    fields: tuple[tuple[str, str, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Group:
    """Writes of one sort: category, operation and where. ``sums`` are (amount in minor units, currency)."""

    category: str
    operation: str
    replica: str
    count: int
    sums: tuple[tuple[int, str], ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """Everything the preview shows of a plan."""

    plan: Plan
    groups: tuple[Group, ...]
    total: int


def view(session: Session, plan_id: str) -> PlanView | None:
    """The plan with its groups in the order of the categories, if there is such a plan."""
    plan = session.get(Plan, plan_id)
    if plan is None:
        return None
    keys = (col(PlanRow.category), col(PlanRow.operation), col(PlanRow.replica))
    grouped = sa.select(*keys, sa.func.count()).where(col(PlanRow.plan_id) == plan_id).group_by(*keys)
    counted = session.execute(grouped.order_by(sa.func.min(col(PlanRow.position)))).all()
    groups = tuple(_group(session, plan_id, *row) for row in counted)
    return PlanView(plan, groups, sum(group.count for group in groups))


def _group(session: Session, plan_id: str, category: str, operation: str, replica: str, count: int) -> Group:
    mine = (
        col(PlanRow.plan_id) == plan_id,
        col(PlanRow.category) == category,
        col(PlanRow.operation) == operation,
        col(PlanRow.replica) == replica,
    )
    sums = session.execute(
        sa.select(sa.func.sum(col(PlanRow.amount_minor)), col(PlanRow.currency))
        .where(*mine, col(PlanRow.amount_minor).is_not(None))
        .group_by(col(PlanRow.currency))
        .order_by(col(PlanRow.currency))
    ).all()
    rows = session.exec(select(PlanRow).where(*mine).order_by(col(PlanRow.position)).limit(SAMPLES)).all()
    samples = tuple(_sample(session, row) for row in rows)
    return Group(
        category, operation, replica, count, tuple((int(amount), currency) for amount, currency in sums), samples
    )


def _sample(session: Session, row: PlanRow) -> Sample:
    before, after = row.before, row.values
    referred = fields.references(row.kind, [*before.items(), *after.items()])
    titles = fields.titles(session, referred)
    paths = [path for path in after if not path.startswith("@")][:FIELDS]
    return Sample(
        oid=row.object_id,
        title=row.title,
        amount_minor=row.amount_minor,
        currency=row.currency,
        fields=tuple(
            (
                fields.label(row.kind, path),
                shown(row.kind, path, before.get(path), titles, row.currency),
                shown(row.kind, path, after[path], titles, row.currency),
            )
            for path in paths
        ),
        more=max(0, len(after) - len(paths)),
    )
