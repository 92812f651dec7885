"""Notifications of Scoro: unsigned hints, so the address holds a secret and the record is always read anew (reference 2.19)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.connectors import wire
from engine.connectors.scoro.client import ScoroClient
from engine.connectors.scoro.modules import MODULES
from engine.errors import RemoteRejected

SUBSCRIBABLE = ("companies", "persons", "invoices", "bills", "projects")
"""The modules that Concord reads and Scoro notifies about."""

_TYPES = {"companies": "contacts", "persons": "contacts", "company": "contacts", "person": "contacts"}


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have happened to a record; ``deleted`` when it is said to be gone."""

    type: str
    id: str
    deleted: bool = False


def subscribe(client: ScoroClient, module: str, url: str) -> str:
    """Ask for notifications of everything in a module; the subscription's id. Scoro calls the address back at once."""
    request = {"module": module, "action": "any", "url": url}
    data = client.call("webhooks/subscribe", {"request": request}, writes=True)
    return str(data["id"])


def unsubscribe(client: ScoroClient, id: str) -> None:
    """End a subscription."""
    client.call(f"webhooks/unsubscribe/{id}", writes=True)


def parse_hint(body: bytes) -> Hint | None:
    """The hint of a notification; None for a module that Concord does not know or for the empty call of the address check."""
    if not body.strip():
        return None
    try:
        parsed = wire.loads(body)
        name, id = str(parsed["entityType"]), str(parsed["entityId"])
    except (ValueError, KeyError, TypeError) as fault:
        raise RemoteRejected("This is not a Scoro notification.", code="webhook") from fault
    type = _known(name)
    return Hint(type, id, deleted=parsed.get("action") == "delete") if type else None


def _known(name: str) -> str | None:
    """Modules are named in the singular here and in the plural there."""
    named = _TYPES.get(name, name)
    return next((type for type in (named, f"{named}s") if type in MODULES), None)
