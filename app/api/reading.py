"""Operations that only look."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from app import fields
from app.access import Role, person, visible
from app.api import models
from app.api.operation import operation
from app.context import connection, database, deps
from engine.services import browse, objects, push, resolve
from engine.services.browse.changes import Filters as ChangeFilters
from engine.services.browse.objects import Filters as ObjectFilters

HERE = "/connections/<cid>"


def record(line: Any) -> dict[str, Any]:
    """A line of a list, or an object's row, as the API writes it."""
    names = ("id", "kind", "category", "title", "currency", "document_date", "disposition", "reason", "updated_at")
    return {name: getattr(line, name) for name in names} | {"amount": _amount(line.amount_minor, line.currency)}


def _amount(minor: int | None, currency: str) -> str | None:
    digits = get_currency_precision(currency) if currency else 2
    return None if minor is None else f"{Decimal(minor).scaleb(-digits):.{digits}f}"


@operation("GET", "/connections", Role.VIEWER, list[models.Connection])
def list_connections() -> Any:
    """The connections the token's owner may see."""
    with database() as session:
        return visible(session, person())


@operation("GET", HERE, Role.VIEWER, models.ConnectionState)
def show_connection(cid: str) -> Any:
    """A connection with its categories and how many records are in which state."""
    seen = browse.overview(deps(), cid, UTC)
    names = models.Connection.model_fields
    categories = [_category(line) for line in seen.categories]
    return {name: getattr(seen.connection, name) for name in names} | {"categories": categories}


def _category(line: Any) -> dict[str, Any]:
    names = ("category", "enabled", "source", "epoch", "automatic", "start_date")
    return {name: getattr(line.settings, name) for name in names} | {"counts": dict(line.counts)}


@operation("GET", f"{HERE}/objects", Role.VIEWER, models.Records, query=models.ObjectQuery)
def list_objects(cid: str, query: models.ObjectQuery) -> Any:
    """Records, filtered, in pages."""
    wanted = query.model_dump(exclude={"after", "limit"})
    page = browse.objects(deps(), cid, ObjectFilters(**wanted), query.after, query.limit)
    return {"items": [record(line) for line in page.rows], "next": page.next}


@operation("GET", f"{HERE}/objects/<oid>", Role.VIEWER, models.RecordInFull)
def show_object(cid: str, oid: str) -> Any:
    """A record with its fields side by side and why it is in its state."""
    seen = browse.object_view(deps(), oid)
    sentence, way_out = objects.reason_words(seen.row.reason)
    rows = [*seen.header, *(row for block in seen.lines for row in (block.whole, *block.fields))]
    return record(seen.row) | {
        "sentence": sentence,
        "way_out": way_out,
        "bindings": seen.bindings,
        "fields": [_field(seen.row.kind, row) for row in rows],
    }


def _field(kind: str, row: Any) -> dict[str, Any]:
    return {
        "path": row.path,
        "label": fields.label(kind, row.path),
        "agreed": row.agreed,
        "values": {str(replica): value for replica, value in row.values.items()},
        "differs": sorted(row.differs),
        "contested": row.contested,
    }


@operation("GET", f"{HERE}/objects/<oid>/explanation", Role.VIEWER, list[models.Rung])
def explain_object(cid: str, oid: str) -> Any:
    """The questions that were asked to decide where a record is, up to the one that decided."""
    return objects.explain(deps(), oid)


@operation("GET", f"{HERE}/objects/<oid>/push", Role.VIEWER, list[models.Option])
def show_push_options(cid: str, oid: str) -> Any:
    """Whether a record may be sent or pulled, and if not, why."""
    return push.push_options(deps(), oid)


@operation("GET", f"{HERE}/conflicts", Role.VIEWER, models.ConflictLines, query=models.ConflictQuery)
def list_conflicts(cid: str, query: models.ConflictQuery) -> Any:
    """Open conflicts, by money or by age."""
    page = browse.conflicts(
        deps(), cid, order=query.order, kind=query.kind, search=query.search, after=query.after, limit=query.limit
    )
    return {"items": [record(row.line) | {"paths": row.paths} for row in page.rows], "next": page.next}


@operation("GET", f"{HERE}/conflicts/<oid>", Role.VIEWER, models.Conflict)
def show_conflict(cid: str, oid: str) -> Any:
    """A conflict: each contested field with its base and both sides, and why the edits are concurrent."""
    return resolve.conflict(deps(), oid)


@operation("GET", f"{HERE}/runs", Role.VIEWER, models.Runs, query=models.RunQuery)
def list_runs(cid: str, query: models.RunQuery) -> Any:
    """Runs, newest first."""
    page = browse.runs(deps(), cid, state=query.state, after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


@operation("GET", f"{HERE}/runs/<run_id>", Role.VIEWER, models.Run)
def show_run(cid: str, run_id: str) -> Any:
    """A run with its state and counts."""
    return browse.run_view(deps(), run_id).run


@operation("GET", f"{HERE}/changes", Role.VIEWER, models.Changes, query=models.ChangeQuery)
def list_changes(cid: str, query: models.ChangeQuery) -> Any:
    """The change log, newest first."""
    wanted = ChangeFilters(kind=query.kind, person=query.person, object_id=query.object_id)
    page = browse.changes(deps(), cid, wanted, query.after, query.limit)
    return {"items": page.rows, "next": page.next}


@operation("GET", f"{HERE}/problems", Role.VIEWER, list[models.CauseLine])
def list_problems(cid: str) -> Any:
    """What could not be written, by cause."""
    return browse.problems(deps(), connection().id)
