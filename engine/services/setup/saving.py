"""How far the setup is, and the Save that starts everything (R43)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import select

from engine.core.records import Category
from engine.errors import Refused
from engine.services.context import load_context
from engine.services.deciding import mark_dirty
from engine.services.deps import Deps
from engine.services.previews import approve_plan
from engine.services.setup.connecting import check_currencies
from engine.services.setup.settings import SHOWN, settings_entry
from engine.services.sync import request_run
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import CategorySettings, Object


@dataclass(frozen=True, slots=True)
class WizardState:
    """How far the set-up is. Steps: scoro, quickbooks, currencies, categories, accounts, match, preview."""

    done: Mapping[str, bool]
    next_step: str


def wizard_state(deps: Deps, connection_id: str) -> WizardState:
    """From what is stored, so that the set-up can be left and resumed at any step, in any browser."""
    with reading(deps.database) as session:
        context = load_context(session, connection_id)
        bound = (
            session.exec(select(Object.id).where(Object.connection_id == connection_id).limit(1)).first() is not None
        )
    connection = context.connection
    rows = [context.categories[category] for category in SHOWN]
    scoro, quickbooks = (
        connection.scoro_profile.get("currencies", []),
        connection.quickbooks_profile.get("currencies", []),
    )
    done = {
        "scoro": bool(connection.scoro_profile and connection.scoro_secret),
        "quickbooks": bool(connection.quickbooks_profile and connection.quickbooks_secret),
        "currencies": bool(scoro and quickbooks) and set(scoro) <= set(quickbooks),
        "categories": any(row.enabled for row in rows),
        "accounts": bool(connection.settings.get("income_account")),
        "match": bound and all(row.matched_at for row in rows if row.enabled) and any(row.enabled for row in rows),
        "preview": connection.state == "active",
    }
    return WizardState(done, next((step for step, finished in done.items() if not finished), "preview"))


def activate(deps: Deps, connection_id: str, person: str, *, plan_id: str = "") -> str:
    """Save: the connection becomes active and its first run starts (R43), which writes exactly ``plan_id`` where one is given.
    Returns the run.

    Raises ``Refused`` when something is missing.
    """
    check = check_currencies(deps, connection_id)
    if not check.ok:
        raise Refused(
            f"These currencies of Scoro are not in QuickBooks: {', '.join(check.unmatched)}.",
            hint=" ".join(check.remedies),
        )
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        rows = session.exec(select(CategorySettings).where(CategorySettings.connection_id == connection_id)).all()
        if not any(row.enabled and row.category != Category.REFERENCE for row in rows):
            raise Refused("No category is switched on.", hint="Switch on at least one category.")
        for row in rows:
            row.start_fixed = row.start_fixed or row.enabled
            row.matched_at = row.matched_at or now
            session.add(row)
        connection.state, connection.next_run_at = "active", now
        log.append(session, connection, [settings_entry(person, {"activated": True})], now)
        session.add(connection)
        mark_dirty(session, connection_id)
    if plan_id:
        return approve_plan(deps, plan_id, person)
    return request_run(deps, connection_id, trigger="person", person=person)
