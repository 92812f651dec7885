"""Which records a bookmark of Scoro shows, looked up at every run (R36–R39)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import col

from engine.connectors.base import SavedViews
from engine.core.records import Category, System
from engine.services.applying import Job
from engine.services.context import load_context
from engine.services.deciding import mark_dirty
from engine.services.scope import FILTERED
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import CategorySettings, Object

_TYPES: Mapping[Category, str] = {
    Category.CONTACTS: "contacts",
    Category.INVOICES: "invoices",
    Category.BILLS: "bills",
}


def renew_members(job: Job) -> None:
    """Read every bookmark in force anew; where its members moved, its category is decided anew."""
    moved = [category for category in sorted(FILTERED) if _renew(job, job.context.categories[category])]
    if moved:
        with reading(job.deps.database) as session:
            job.context = load_context(session, job.context.id)


def _renew(job: Job, row: CategorySettings) -> bool:
    if not row.enabled or row.source != System.SCORO or "bookmark" not in row.scope:
        return False
    connector = job.connector(System.SCORO)
    assert isinstance(connector, SavedViews)
    found = sorted(connector.members(_TYPES[Category(row.category)], str(row.scope["bookmark"])))
    if found == row.scope.get("members"):
        return False
    _store(job, row.category, found)
    return True


def _store(job: Job, category: str, members: list[str]) -> None:
    with writing(job.deps.database) as session:
        log.lock(session, job.context.id)
        row = session.get_one(CategorySettings, (job.context.id, category))
        row.scope = {**row.scope, "members": members}
        session.add(row)
        mark_dirty(session, job.context.id, col(Object.category) == category)
