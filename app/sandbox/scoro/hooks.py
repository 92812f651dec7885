"""Webhooks: who is told of what, in which form, and the check of an address (reference 2.19)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from app.sandbox.common.webhooks import Event, Message
from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.modules import Module
from app.sandbox.scoro.store import Row

if TYPE_CHECKING:
    from app.sandbox.scoro.office import Office

HOOK_MODULES = frozenset({
    "bills", "calendar", "companies", "persons", "expenses", "invoices", "orders", "prepayments", "projects",
    "purchaseOrders", "quotes", "tasks",
})  # fmt: skip
ACTIONS = frozenset({"any", "create", "modify", "delete"})


def announce(office: Office, module: Module, action: str, row: Row, changed: frozenset[str]) -> None:
    """Queue a notification for every subscription that this write concerns."""
    if not module.has_hook:
        return
    if office.hand.actor.kind == "api" and not office.behaviours.own_writes_fire_webhooks:
        return
    name = hook_name(module, row)
    for hook in office.entity.table("webhooks").rows():
        if _concerns(hook, name, action, changed) and _by_actor(hook, office.hand.user_id) and _of_owner(hook, row):
            entity = office.writer.write(module, row, detailed=True)
            payload = {"entityType": name, "entityId": row["id"], "action": action, "entity": entity}
            office.core.webhooks.put({"url": hook["url"], "payload": payload})


def hook_name(module: Module, row: Row) -> str:
    """Contacts are announced as companies or persons."""
    if module.path == "contacts":
        return "persons" if row["contact_type"] == "person" else "companies"
    return module.path


def changed_fields(before: Row | None, after: Row | None) -> frozenset[str]:
    former, present = before or {}, after or {}
    return frozenset(name for name in {*former, *present} if former.get(name) != present.get(name))


def _concerns(hook: Row, name: str, action: str, changed: frozenset[str]) -> bool:
    if hook["module"] != name or hook["action"] not in ("any", action):
        return False
    return action != "modify" or not hook["fields"] or bool(changed & set(hook["fields"]))


def _by_actor(hook: Row, user_id: int) -> bool:
    """`me` is the user who subscribed; the company's key acts as nobody (Q17)."""
    return _names(hook["actors"], user_id, hook.get("subscriber", 0))


def _of_owner(hook: Row, row: Row) -> bool:
    pointer = {"managed_by": "manager_id"}.get(hook["relation_type"], "owner_id")
    return _names(hook["owners"], row.get(pointer) or 0, hook.get("subscriber", 0))


def _names(wanted: list[str], user_id: int, subscriber: int) -> bool:
    is_me = "me" in wanted and user_id == subscriber != 0
    return not wanted or "any" in wanted or is_me or (user_id != 0 and str(user_id) in wanted)


def encode(events: Sequence[Event]) -> list[Message]:
    """One POST per event and subscription; there is no signature."""
    headers = {"content-type": "application/json", "user-agent": "Scoro/2.0"}
    return [Message(event["url"], json.dumps(event["payload"], default=str).encode(), headers) for event in events]


def check_subscription(hook: dict[str, Any]) -> None:
    """Raises ApiError for a module or action that has no webhooks."""
    if hook.get("module") not in HOOK_MODULES:
        raise ApiError(400, f"module must be one of {', '.join(sorted(HOOK_MODULES))}")
    if hook.get("action", "any") not in ACTIONS:
        raise ApiError(400, f"action must be one of {', '.join(sorted(ACTIONS))}")


def check_address(client: httpx2.Client, url: str, behaviours: Behaviours) -> None:
    """The address must answer 200 and its host must prove itself by /scoro.txt; raises ApiError."""
    if not behaviours.url_check:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ApiError(400, "url is not valid")
    if _answer(client, url) is None:
        raise ApiError(400, "url must respond with HTTP 200")
    proof = _answer(client, f"{parts.scheme}://{parts.netloc}/scoro.txt")
    if proof is None or behaviours.verification_text_required not in proof:
        raise ApiError(400, "url is not verified: scoro.txt was not found on its host")


def _answer(client: httpx2.Client, url: str) -> str | None:
    try:
        answer = client.get(url)
    except httpx2.HTTPError:
        return None
    return answer.text if answer.status_code == 200 else None
