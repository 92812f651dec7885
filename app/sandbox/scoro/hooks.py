"""Webhooks: who is told of what, in which form, and the check of an address (reference 2.19)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from app.sandbox.common.webhooks import Event, Message
from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.filters import Selection
from app.sandbox.scoro.modules import Module, Scope
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.wire import Writer
from app.sandbox.scoro.world import Entity

if TYPE_CHECKING:
    from app.sandbox.scoro.office import Office

HOOK_MODULES = frozenset({
    "bills", "calendar", "companies", "persons", "expenses", "invoices", "orders", "prepayments", "projects",
    "purchaseOrders", "quotes", "tasks",
})  # fmt: skip
# By which fields a row belongs to users; `creator` is known to the service only.
_RELATIONS = {
    "owned_by": ("owner_id",),
    "managed_by": ("manager_id",),
    "created_by": ("creator",),
    "assigned_to": ("related_users", "project_users", "contact_users"),
}
ACTIONS = frozenset({"any", "create", "modify", "delete"})


def announce(office: Office, module: Module, action: str, row: Row, changed: frozenset[str]) -> None:
    """Queue a notification for every subscription that this write concerns."""
    if not module.has_hook:
        return
    if office.hand.actor.kind == "api" and not office.behaviours.own_writes_fire_webhooks:
        return
    name = hook_name(module, row)
    for entity in _audience(office.entity, module, row):
        for hook in entity.table("webhooks").rows():
            if _concerns(hook, name, action, changed) and _wanted(office, entity, hook, module, row):
                picture = Writer(entity, office.behaviours).write(module, row, detailed=True)
                payload = {"entityType": name, "entityId": row["id"], "action": action, "entity": picture}
                office.core.webhooks.put({"url": hook["url"], "payload": payload})


def _audience(entity: Entity, module: Module, row: Row) -> list[Entity]:
    """The entities that have this row: what a site shares is news to all of them."""
    if module.scope is Scope.ENTITY:
        return [entity]
    return [each for each in entity.site.entities.values() if each.sees(module, row)]


def _wanted(office: Office, entity: Entity, hook: Row, module: Module, row: Row) -> bool:
    """By actor, by owner and by bookmark."""
    acting, subscriber = office.hand.user_id, hook.get("creator", 0)
    is_by_actor = _names(hook["actors"], {acting} - {0}, subscriber, entity)
    is_of_owner = _names(hook["owners"], related_users(hook["relation_type"], row), subscriber, entity)
    return is_by_actor and is_of_owner and _in_bookmark(office, entity, hook, module, row)


def _in_bookmark(office: Office, entity: Entity, hook: Row, module: Module, row: Row) -> bool:
    """A subscription that names a bookmark hears of what the bookmark shows."""
    bookmark = entity.row("bookmarks", hook["bookmark_id"] or 0)
    if bookmark is None:
        return True
    return Selection(entity, module, office.behaviours, office.core.now()).admits(row, bookmark["filter"])


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


def related_users(relation: str, row: Row) -> set[int]:
    """Whose a row is by a relation; which fields say so depends on the module."""
    named = [row.get(name) for name in _RELATIONS.get(relation, _RELATIONS["owned_by"])]
    return {user for each in named for user in (each if isinstance(each, list) else [each]) if user}


def _names(wanted: list[str], users: set[int], subscriber: int, entity: Entity) -> bool:
    """`me` is the user who subscribed, `group_<id>` all of a user group; the company's key acts as nobody (Q17)."""
    groups = entity.table("userGroups").rows()
    named = {str(user) for user in users} | {f"group_{group['id']}" for group in groups if users & set(group["users"])}
    is_me = "me" in wanted and subscriber in users
    return not wanted or "any" in wanted or is_me or bool(named & set(wanted))


def encode(events: Sequence[Event]) -> list[Message]:
    """One POST per event and subscription; there is no signature."""
    headers = {"content-type": "application/json", "user-agent": "Scoro/2.0"}
    return [Message(event["url"], json.dumps(event["payload"], default=str).encode(), headers) for event in events]


def check_subscription(entity: Entity, hook: Mapping[str, Any]) -> None:
    """Raises ApiError for a module or action that has no webhooks, and for a bookmark of something else."""
    if hook.get("module") not in HOOK_MODULES:
        raise ApiError(400, f"module must be one of {', '.join(sorted(HOOK_MODULES))}")
    if hook.get("action", "any") not in ACTIONS:
        raise ApiError(400, f"action must be one of {', '.join(sorted(ACTIONS))}")
    if hook.get("relation_type") and hook["relation_type"] not in _RELATIONS:
        raise ApiError(400, f"relation_type must be one of {', '.join(_RELATIONS)}")
    _check_bookmark(entity, hook)


def _check_bookmark(entity: Entity, hook: Mapping[str, Any]) -> None:
    named = str(hook.get("bookmark_id") or "")
    bookmark = entity.row("bookmarks", int(named)) if named.isdecimal() else None
    contacts = ("contacts", hook["module"]) if hook["module"] in ("companies", "persons") else (hook["module"],)
    if named and (bookmark is None or bookmark["module"] not in contacts):
        raise ApiError(400, "bookmark_id does not exist")


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
