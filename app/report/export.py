"""The signed export of a tie-out: what was compared, by whom and when, under an HMAC that only this installation can make."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from app.settings import Settings
from engine.core.records import System
from engine.services import agreement
from engine.services.agreement import Document, Scope, Sums, TieOut
from engine.services.deps import Deps
from engine.store.tables import Connection

PURPOSE = b"concord agreement export 1"
"""Keeps this key apart from every other use of the installation's secret."""

MOST = 10_000
"""Differing documents that one export lists."""

VERDICTS = {
    "whole": "The file is whole: it says what this installation wrote, to the letter.",
    "altered": "The file is not what this installation wrote: it was altered, or made elsewhere.",
    "unreadable": "This is no export of the agreement.",
}


def key(settings: Settings) -> bytes:
    """The signing key, derived from the installation's secret."""
    return hmac.new(settings.secret_key.get_secret_value().encode(), PURPOSE, hashlib.sha256).digest()


def differing(deps: Deps, cid: str, scope: Scope) -> Iterator[Document]:
    """Every document of the period on which the systems differ, at most ``MOST``."""
    found = agreement.documents(deps, cid, scope, unequal=True, limit=MOST)
    return iter(found.rows)


def body(
    connection: Connection, found: TieOut, documents: Iterable[Document], made: datetime, by: str
) -> dict[str, Any]:
    """The report as plain data; amounts are decimal texts."""
    return {
        "report": "agreement",
        "connection": {"id": connection.id, "name": connection.name, "realm": connection.quickbooks_realm},
        "category": found.scope.category.value,
        "first": found.scope.first,
        "last": found.scope.last,
        "made_at": made.astimezone(UTC).isoformat(),
        "made_by": by,
        "log_sequence": connection.log_sequence,
        "log_hash": connection.log_hash,
        "agrees": found.agrees,
        "totals": [{"currency": currency} | _sums(sums) for currency, sums in found.totals.items()],
        "customers": [
            {"name": found.names.get(contact, ""), "currency": currency} | _sums(sums)
            for (contact, currency), sums in found.contacts.items()
        ],
        "differing": [_document(document) for document in documents],
    }


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "scoro": str(sums.scoro),
        "quickbooks": str(sums.quickbooks),
        "difference": str(sums.difference),
        "documents": sums.documents,
        "unequal": sums.unequal,
    }


def _document(document: Document) -> dict[str, Any]:
    line = document.line
    sides = {system.value: _side(document, system) for system in System}
    return {
        "id": line.id,
        "title": line.title,
        "date": line.document_date,
        "state": line.disposition,
        "reason": line.reason,
    } | sides


def _side(document: Document, system: System) -> dict[str, str] | None:
    told = document.sides.get(system.value)
    return {"amount": str(told[0]), "currency": told[1]} if told else None


def signed(report: Mapping[str, Any], secret: bytes) -> dict[str, Any]:
    """The report with its signature over the canonical form of everything else."""
    return dict(report) | {"signature": {"algorithm": "HMAC-SHA256", "value": _signature(report, secret)}}


def _signature(report: Mapping[str, Any], secret: bytes) -> str:
    canonical = json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(secret, canonical.encode(), hashlib.sha256).hexdigest()


def check(text: str, secret: bytes) -> str:
    """A key of ``VERDICTS``."""
    try:
        report = json.loads(text)
        claimed = str(report.pop("signature")["value"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "unreadable"
    return "whole" if hmac.compare_digest(claimed, _signature(report, secret)) else "altered"
