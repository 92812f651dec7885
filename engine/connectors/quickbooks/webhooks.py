"""Notifications of QuickBooks: proof that they come from there, and what they hint at (reference 8)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.connectors import wire
from engine.connectors.quickbooks.entities import ENTITIES
from engine.errors import RemoteRejected

_NAMES = {entity.segment: entity.name for entity in ENTITIES.values()}


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have happened to a record. ``event_id`` recognises repetitions, "" where the format has none.

    ``deleted``: the record is said to be gone. ``merged_id``: the record that went up in this one.
    """

    realm_id: str
    type: str
    id: str
    deleted: bool = False
    merged_id: str = ""
    event_id: str = ""


def is_genuine(body: bytes, signature: str, verifiers: Sequence[str]) -> bool:
    """Whether one of our verifier tokens signed exactly these bytes; takes the same time for every wrong signature."""
    given = signature.encode()
    matches = [hmac.compare_digest(_signature(body, verifier), given) for verifier in verifiers]
    return any(matches)


def parse_hints(body: bytes) -> tuple[Hint, ...]:
    """The hints of a notification in either format; ``RemoteRejected`` for a body that is neither.

    Entities that Concord does not know are left out.
    """
    try:
        parsed = wire.loads(body)
        hints = _cloud_events(parsed) if isinstance(parsed, list) else _classic(parsed)
        return tuple(hint for hint in hints if hint.type)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise RemoteRejected("This is not a QuickBooks notification.", code="webhook") from fault


def _signature(body: bytes, verifier: str) -> bytes:
    return base64.b64encode(hmac.digest(verifier.encode(), body, hashlib.sha256))


def _cloud_events(events: Iterable[Mapping[str, Any]]) -> list[Hint]:
    return [_cloud_event(event) for event in events]


def _cloud_event(event: Mapping[str, Any]) -> Hint:
    """``type`` is ``qbo.<entity>.<operation>.v1``."""
    _, entity, operation, *_ = str(event["type"]).split(".")
    data = event.get("data") or {}
    return Hint(
        realm_id=str(event["intuitaccountid"]),
        type=_NAMES.get(entity.lower(), ""),
        id=str(event["intuitentityid"]),
        deleted=operation == "deleted",
        merged_id=_merged(data),
        event_id=str(event["id"]),
    )


def _classic(parsed: Mapping[str, Any]) -> list[Hint]:
    return [
        Hint(
            realm_id=str(notification["realmId"]),
            type=_NAMES.get(str(entity["name"]).lower(), ""),
            id=str(entity["id"]),
            deleted=entity.get("operation") == "Delete",
            merged_id=_merged(entity),
        )
        for notification in parsed["eventNotifications"]
        for entity in (notification.get("dataChangeEvent") or {}).get("entities", [])
    ]


def _merged(data: Mapping[str, Any]) -> str:
    """The documentation spells the field in two ways."""
    return str(data.get("deletedId") or data.get("deletedID") or "")
