"""Who may have a plan applied."""

from __future__ import annotations

from flask import abort

from app.access import Role, person
from app.context import database
from engine.store.tables import Plan


def check_may_apply(plan_id: str) -> None:
    """A plan that a brake would halt is let through by those only who may let a halted run go on."""
    with database() as session:
        braked = bool(session.get_one(Plan, plan_id).brakes)
    if braked and not person().may(Role.REVIEWER):
        abort(403, description=Role.REVIEWER)
