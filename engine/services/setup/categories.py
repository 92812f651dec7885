"""The settings screen: which categories take part, in which direction, from which day and how much of them (R6, R15, R23, R24,
R32–R38)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import col, select

from engine.core.records import ONE_WAY, Category, Replica, System
from engine.errors import Refused
from engine.services.context import load_context
from engine.services.deciding import mark_dirty
from engine.services.deps import Deps
from engine.services.scope import FILTERED, in_scope
from engine.services.setup.settings import SHOWN, settings_entry
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Binding, CategorySettings, Connection, Object


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One row of the settings screen. ``gate``: a sentence why it cannot be switched on, or ""."""

    category: str
    enabled: bool
    source: str
    sources_allowed: tuple[str, ...]
    automatic: bool
    start_date: date | None
    earliest_start: date | None
    start_fixed: bool
    scope: Mapping[str, Any]
    conflicts: str
    deletions: str
    epoch: int
    gate: str = ""


@dataclass(frozen=True, slots=True)
class CategoryForm:
    """What a person wants a row to be. The direction of a category that has run before is changed by a flip, not
    here."""

    category: str
    enabled: bool
    source: str
    automatic: bool = True
    start_date: date | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)
    conflicts: str = "ask"
    deletions: str = "ask"


def category_rows(deps: Deps, connection_id: str) -> list[CategoryRow]:
    """The settings screen."""
    with reading(deps.database) as session:
        context = load_context(session, connection_id)
    earliest = context.connection.first_connected_at
    return [
        CategoryRow(
            category=category.value,
            enabled=row.enabled,
            source=row.source,
            sources_allowed=_allowed(category),
            automatic=row.automatic,
            start_date=row.start_date,
            earliest_start=earliest.date() if earliest else None,
            start_fixed=row.start_fixed,
            scope=row.scope,
            conflicts=row.conflicts,
            deletions=row.deletions,
            epoch=row.epoch,
            gate=_gate(category, context.settings.features),
        )
        for category in SHOWN
        for row in (context.categories[category],)
    ]


def _allowed(category: Category) -> tuple[str, ...]:
    return (ONE_WAY[category].value,) if category in ONE_WAY else (System.SCORO.value, System.QUICKBOOKS.value)


def _gate(category: Category, features: Mapping[str, str]) -> str:
    """Why a category cannot be switched on (R24)."""
    if category is Category.CLASSES and features.get("classes_per_line") != "true":
        return (
            "QuickBooks does not track classes per line. Switch it on there: Settings, Account and settings, Advanced, "
            "Categories, Track classes, one to each row in transaction."
        )
    if category is Category.PROJECTS and features.get("projects") == "false":
        return "QuickBooks has no projects switched on: Settings, Account and settings, Advanced, Projects."
    return ""


def save_categories(deps: Deps, connection_id: str, forms: Sequence[CategoryForm], person: str) -> None:
    """Check every row against the rules, then keep all or none. Raises ``Refused`` naming the row."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        context = load_context(session, connection_id)
        changes: dict[str, Any] = {}
        for form in forms:
            _check_form(form, context.categories[Category(form.category)], connection, context.settings.features)
            row = session.get_one(CategorySettings, (connection_id, form.category))
            changes[form.category] = _apply_form(row, form)
            session.add(row)
        connection = log.lock(session, connection_id)
        log.append(session, connection, [settings_entry(person, {"categories": changes})], now)
        mark_dirty(session, connection_id)


def _check_form(form: CategoryForm, row: CategorySettings, connection: Connection, features: Mapping[str, str]) -> None:
    category = Category(form.category)
    name = form.category.title()
    if form.source not in _allowed(category):
        raise Refused(f"{name} go only from QuickBooks to Scoro.", hint="Leave the direction as it is (R15, R23).")
    if form.enabled and (gate := _gate(category, features)):
        raise Refused(f"{name} cannot be switched on.", hint=gate)
    if row.start_fixed and form.source != row.source:
        raise Refused(
            f"The direction of {name} is changed by a flip.", hint="Use “Flip the direction”, which shows what it does."
        )
    if row.start_fixed and form.start_date != row.start_date:
        raise Refused(
            f"The start date of {name} is fixed since the first run.",
            hint="Use the historical import for older data (R34, R35).",
        )
    earliest = connection.first_connected_at
    if form.start_date and earliest and form.start_date < earliest.date():
        raise Refused(
            f"The start date of {name} cannot be earlier than {earliest.date().isoformat()}.",
            hint="That is the day QuickBooks was first connected. Use the historical import for older data (R33, R34).",
        )
    if form.scope and category not in FILTERED:
        raise Refused(
            f"{name} cannot be limited by a bookmark or filter.", hint="Only contacts, invoices and bills can (R36)."
        )


def _apply_form(row: CategorySettings, form: CategoryForm) -> dict[str, Any]:
    values: dict[str, Any] = {
        "enabled": form.enabled, "source": form.source, "automatic": form.automatic, "start_date": form.start_date,
        "scope": dict(form.scope), "conflicts": form.conflicts, "deletions": form.deletions,
    }  # fmt: skip
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in changed.items()}


def scope_count(deps: Deps, connection_id: str, category: str, scope: Mapping[str, Any]) -> int:
    """How many known objects of a category a filter would let through."""
    with reading(deps.database) as session:
        context = load_context(session, connection_id)
        row = context.categories[Category(category)]
        row.scope = dict(scope)
        statement = select(Object.fields, Binding).join(Binding, col(Binding.object_id) == Object.id)
        statement = statement.where(
            Object.connection_id == connection_id, Object.category == category, Binding.system == System.SCORO.value
        )
        return sum(in_scope(row, fields, {Replica.SCORO: binding}) for fields, binding in session.exec(statement))
