"""Which records a bookmark of Scoro shows, looked up at every run (R36–R39)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import col

from engine.connectors.base import SavedViews
from engine.core.records import HUB, Category, System
from engine.errors import Misconfigured, RemoteMissing, RemoteRejected
from engine.services.context import load_context
from engine.services.deciding import mark_dirty
from engine.services.deps import Deps
from engine.services.job import Job
from engine.services.scope import FILTERED, MEMBERS, NAME, TROUBLE
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import CategorySettings, Object

_TYPES: Mapping[Category, str] = {
    Category.CONTACTS: "contacts",
    Category.INVOICES: "invoices",
    Category.BILLS: "bills",
}


def saved_views(deps: Deps, connection_id: str, category: str) -> Mapping[str, str]:
    """The bookmarks that a category can be limited by: id → title, in the order of their titles. Asks Scoro, and raises what it
    answers, ``Misconfigured`` for want of a user's token."""
    connector = deps.connect(connection_id, System.SCORO)
    assert isinstance(connector, SavedViews)
    try:
        found = connector.views(_TYPES[Category(category)])
    finally:
        connector.close()
    return dict(sorted(found.items(), key=lambda view: view[1].casefold()))


def renew_members(job: Job) -> None:
    """Read every bookmark in force anew; where its members moved, its category is decided anew. One that cannot be read, for
    want of a user's token or because it is gone, stops its category until it can (R36)."""
    moved = [category for category in sorted(FILTERED) if _renew(job, job.context.categories[category])]
    if moved:
        with reading(job.deps.database) as session:
            job.context = load_context(session, job.context.id)


def _renew(job: Job, row: CategorySettings) -> bool:
    if not row.enabled or row.source != System.SCORO or "bookmark" not in row.scope:
        return False
    connector = job.connector(System.SCORO)
    assert isinstance(connector, SavedViews)
    try:
        found = sorted(connector.members(_TYPES[Category(row.category)], str(row.scope["bookmark"])))
    except (Misconfigured, RemoteRejected, RemoteMissing) as error:
        return _note(job, row, {MEMBERS: row.scope.get(MEMBERS, []), TROUBLE: f"{error.message} {error.hint}"})
    return _note(job, row, {MEMBERS: found})


def _note(job: Job, row: CategorySettings, told: Mapping[str, Any]) -> bool:
    """Keep what was read, or why nothing could be, when it is something new. It stops its own category and no other."""
    named = {key: row.scope[key] for key in ("bookmark", NAME) if key in row.scope}
    scope = {**named, **told}
    if scope == row.scope:
        return False
    with writing(job.deps.database) as session:
        connection = log.lock(session, job.context.id)
        current = session.get_one(CategorySettings, (job.context.id, row.category))
        if current.scope.get("bookmark") != row.scope["bookmark"]:
            return True  # somebody chose another one meanwhile; the next run reads that
        current.scope = scope
        session.add(current)
        mark_dirty(session, job.context.id, col(Object.category) == row.category)
        if scope.get(TROUBLE, "") != row.scope.get(TROUBLE, ""):
            log.append(session, connection, [_entry(job, row.category, scope)], job.deps.clock.now())
    return True


def _entry(job: Job, category: str, scope: Mapping[str, Any]) -> log.Entry:
    """What the change log says of a bookmark that cannot be read, and of one that can be read again."""
    details = {"category": category, "bookmark": scope["bookmark"], TROUBLE: scope.get(TROUBLE, "")}
    return log.Entry("note", actor=HUB, details=details, noticed="poll", run_id=job.run_id)
