"""Change data capture: the current state of what changed, and stubs of what was deleted (reference section 6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.entities import KINDS, Kind
from app.sandbox.quickbooks.render import deleted, render
from app.sandbox.quickbooks.wire import Json, parse_moment, stamp

_LOWER = {name.lower(): kind for name, kind in KINDS.items()}


def capture(company: Company, entities: str, changed_since: str) -> Json:
    """The CDCResponse body; one group per entity asked for, `{}` where nothing changed."""
    kinds = [_kind(name.strip()) for name in entities.split(",") if name.strip()]
    if not kinds:
        raise faults.missing("entities")
    since = _since(company, changed_since)
    groups = [_group(company, kind, since) for kind in kinds]
    if not any(groups):
        groups = [{}]
    return {"CDCResponse": [{"QueryResponse": groups}]}


def _kind(name: str) -> Kind:
    kind = _LOWER.get(name.lower())
    if kind is None:
        raise faults.fault("2000", f"Invalid or unsupported object name : {name}", None)
    if not kind.captured:
        raise faults.unsupported(f"cdc on {kind.name}")
    return kind


def _since(company: Company, text: str) -> datetime:
    if not text:
        raise faults.missing("changedSince")
    try:
        since = parse_moment(text)
    except ValueError:
        raise faults.fault("2060", f"Invalid date: {text}", "changedSince") from None
    limit = timedelta(days=company.behaviours.cdc_days)
    if company.behaviours.cdc_checks_age and company.now() - since > limit:
        raise faults.unsupported(f"cdc with changedSince date {text} which is older than fixed days")
    return since


def _group(company: Company, kind: Kind, since: datetime) -> Json:
    rows = [row for row in company.all(kind.name) if row.updated >= since]
    gone = [(identity, at) for identity, at in company.tombstones[kind.name].items() if at >= since]
    total = len(rows) + len(gone)
    if not total:
        return {}
    rows.sort(key=lambda row: (row.updated, row.revision))
    cap = company.behaviours.cdc_cap
    objects = [_live(company, row) for row in rows[:cap]]
    objects += [_stub(kind, identity, at) for identity, at in gone[: cap - len(objects)]]
    body: Json = {kind.name: objects, "maxResults": len(objects)}
    if rows:
        body["startPosition"] = 1
    if gone or total > len(objects) or kind.counts:
        body["totalCount"] = total
    return body


def _live(company: Company, row: Row) -> Json:
    return render(company, row)


def _stub(kind: Kind, identity: str, at: datetime) -> Json:
    return {**deleted(kind.name, identity), "MetaData": {"LastUpdatedTime": stamp(at)}}
