"""The actions of the API, each answering the `data` of its envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from app.sandbox.common.calls import Call
from app.sandbox.common.journal import Actor
from app.sandbox.scoro import hooks
from app.sandbox.scoro.auth import ADMIN_ROLE, Caller
from app.sandbox.scoro.core import Core, Hand
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import WireStyle, iso_stamp, write_value
from app.sandbox.scoro.listing import (
    CONTACT_KINDS,
    is_visible,
    language_of,
    list_rows,
    page_of,
    plainer,
    require_user,
)
from app.sandbox.scoro.modules import Module, Scope
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.wire import Writer, with_full_address
from app.sandbox.scoro.world import MODULES, Entity

# Paths that are another module seen through a filter.
ALIASES: Mapping[str, tuple[str, dict[str, str]]] = {
    path: ("contacts", {"contact_type": kind}) for path, kind in CONTACT_KINDS.items()
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One authenticated request. `fixed` is what the path itself says about the rows."""

    core: Core
    caller: Caller
    module: Module
    fixed: Mapping[str, str]
    id: int
    body: Mapping[str, Any]
    call: Call
    web: httpx2.Client

    @property
    def request(self) -> Mapping[str, Any]:
        """The payload; an empty list stands for an empty object."""
        sent = self.body.get("request") or {}
        if not isinstance(sent, Mapping):
            raise ApiError(400, "request must be an object")
        return sent

    @property
    def office(self) -> Office:
        acting = self.caller.user_id or (self._owner if self.core.behaviours.key_acts_as_owner else 0)
        return Office(self.core, self.caller.entity, Hand(Actor("api", self.caller.name), self.call, acting))

    @property
    def _owner(self) -> int:
        """The first administrator, in whose name the key acts on some sites (Q17)."""
        users = self.caller.entity.table("users").rows()
        return next((row["id"] for row in users if row["role_id"] == ADMIN_ROLE), 0)

    def written(self, row: Row) -> dict[str, Any]:
        entity = self.caller.entity
        language = language_of(self.body, entity.site)
        writer = Writer(entity, self.core.behaviours, is_user=self.caller.is_user, language=language)
        answer = writer.write(self.module, plainer(self.module, self.body, row), detailed=True)
        if self.module.path == "receipts" and self.call.operation != "view":
            answer["receipts"] = [_with_number(entity, part) for part in answer["receipts"]]
        return answer

    def reachable(self, row: Row) -> bool:
        """Whether the path means this row and the caller's permissions reach it."""
        fits = all(row.get(name) == value for name, value in self.fixed.items())
        return fits and is_visible(self.caller, self.module, row)


def list_action(ask: Ask) -> Any:
    if ask.module.path == "bookmarks":
        return _list_bookmarks(ask)
    if ask.module.path == "comments":
        return _list_comments(ask)
    return list_rows(ask.core, ask.caller, ask.module, ask.body, ask.fixed)


def _list_bookmarks(ask: Ask) -> Any:
    require_user(ask.caller, ask.core.behaviours)
    module = ask.request.get("module")
    if not module:
        raise ApiError(400, "module is required")
    kinds = [str(module), *_contact_kinds(ask, str(module))]
    return list_rows(ask.core, ask.caller, ask.module, ask.body, {"module": kinds})


def _contact_kinds(ask: Ask, module: str) -> list[str]:
    """Where companies and persons are kept apart, asking for contacts brings the bookmarks of both (2.18)."""
    return list(CONTACT_KINDS) if module == "contacts" and not ask.core.behaviours.contacts_in_one_list else []


def _list_comments(ask: Ask) -> Any:
    missing = [name for name in ("module", "object_id") if not ask.request.get(name)]
    if missing:
        raise ApiError(400, *(f"{name} is required" for name in missing))
    fixed = {"module": str(ask.request["module"]), "object_id": ask.request["object_id"]}
    return list_rows(ask.core, ask.caller, ask.module, ask.body, fixed)


def view_action(ask: Ask) -> Any:
    if ask.module.path == "receipts" and not ask.core.behaviours.receipts_viewable:
        raise ApiError(404, "Unknown action view of receipts")
    row = ask.office.viewable(ask.module.path, ask.id)
    if not ask.reachable(row):
        raise _unknown(ask, ask.id)
    return ask.written(row)


def _unknown(ask: Ask, id: int) -> ApiError:
    return ApiError(404, f"Object {id} not found in {ask.module.path}")


def _require_reach(ask: Ask, id: int) -> None:
    row = ask.caller.entity.row(ask.module.path, id)
    if row is not None and not ask.reachable(row):
        raise _unknown(ask, id)


def modify_action(ask: Ask) -> Any:
    row = _save(ask, ask.id, ask.request)
    answer = ask.written(row)
    if str(ask.body.get("return_data", ask.request.get("return_data", 1))) == "0":
        return {ask.module.key: row["id"]}
    return answer


def _save(ask: Ask, id: int, sent: Mapping[str, Any]) -> Row:
    if ask.module.path == "comments" and not id and not ask.caller.is_user and not sent.get("user_id"):
        raise ApiError(400, "user_id is required")
    _require_reach(ask, id)
    patch = {**sent, **ask.fixed}
    return ask.office.modify(ask.module.path, id, patch) if id else ask.office.create(ask.module.path, patch)


def _with_number(entity: Entity, part: dict[str, Any]) -> dict[str, Any]:
    document = entity.row(part["sales_doc_type"], part["invoice_id"])
    return part | {"invoice_no": document["no"] if document else ""}


def delete_action(ask: Ask) -> Any:
    _require_reach(ask, ask.id)
    ask.office.delete(ask.module.path, ask.id)


def batch_modify_action(ask: Ask) -> Any:
    """Every object on its own: one that is refused does not stop the others."""
    objects = ask.body.get("request")
    if isinstance(objects, Mapping):
        objects = objects.get("objects")
    if not isinstance(objects, list) or not all(isinstance(each, Mapping) for each in objects):
        raise ApiError(400, "request must be a list of objects")
    return [_batch_item(ask, sent) for sent in objects]


def _batch_item(ask: Ask, sent: Mapping[str, Any]) -> dict[str, Any]:
    ask.core.stats.batch_item(ask.call)
    named = str(sent.get(ask.module.key) or sent.get("id") or 0)
    action = "create" if named == "0" else "modify"
    try:
        if not named.isdecimal():
            raise ApiError(400, f"{ask.module.key} is not valid")
        id = int(named)
        return {"object": ask.written(_save(ask, id, sent)), "action": action, "errors": []}
    except ApiError as refusal:
        return {"object": None, "action": action, "errors": list(refusal.messages)}


def related_action(ask: Ask) -> Any:
    """Ids of what belongs to a contact or a project, by module."""
    ask.office.existing(ask.module.path, ask.id)
    pointer = "project_id" if ask.module.path == "projects" else "company_id"
    related = {}
    for path, module in MODULES.items():
        if pointer in module.indexes:
            table = ask.caller.entity.table(path)
            related[path] = sorted((table.having(pointer, ask.id) or set()) - table.deleted())
    return {path: ids for path, ids in related.items() if ids}


def filters_action(ask: Ask) -> Any:
    return [{"id": name, "type": field.kind.name.lower()} for name, field in ask.module.fields.items()]


def pdf_action(ask: Ask) -> Any:
    row = ask.office.existing(ask.module.path, ask.id)
    now = iso_stamp(ask.core.now(), ask.caller.entity.site.zone)
    link = f"/documents/{ask.module.path}/{row['id']}.pdf"
    return {"template_id": 1, "datetime_created": now, "pdf_link": link}


def set_done_action(ask: Ask) -> Any:
    return ask.written(ask.office.modify(ask.module.path, ask.id, {"is_completed": 1}))


def settings_action(ask: Ask) -> Any:
    user = ask.office.existing("users", ask.id or ask.caller.user_id)
    site = ask.caller.entity.site
    return {
        "id": user["id"],
        "timezone": user["timezone"] or site.zone.key,
        "language": site.language,
        "date_format": "Y-m-d",
        "first_day_of_week": 1,
    }


def subscribe_action(ask: Ask) -> Any:
    hook = dict(ask.request) | {"action": ask.request.get("action", "any")}
    for name in ("owners", "actors"):
        hook[name] = [str(each) for each in _listed(hook.get(name))]
    hooks.check_subscription(ask.caller.entity, hook)
    hooks.check_address(ask.web, str(hook.get("url") or ""), ask.core.behaviours)
    return ask.written(ask.office.create("webhooks", hook))


def _listed(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return value if isinstance(value, list) else [value]


def company_account(ask: Ask) -> Any:
    """`companyAccount/list`: facts about the account, its currencies and the site's entities."""
    entity = ask.caller.entity
    style = WireStyle(entity.site.zone, ask.core.behaviours)
    name_field = MODULES["contacts"].fields["name"]
    facts = dict(entity.facts) | {"company_name": write_value(name_field, entity.facts["company_name"], style)}
    entities = [
        {"entity_id": each.account_id, "entity_name": each.facts["company_name"]}
        for each in entity.site.entities.values()
    ]
    account = facts | {
        "site_version": "26.6",
        "base_currency": entity.base_currency,
        "active_currencies": list(entity.currencies),
        "language": entity.site.language,
        "active_entities": entities,
    }
    return [account] if ask.core.behaviours.company_account_in_list else account


def addresses(ask: Ask) -> Any:
    """`addresses/list`: the addresses of all contacts."""
    contacts = ask.caller.entity.table("contacts")
    rows = (contacts.get(id) for id in contacts.live())
    return _page(
        ask, [with_full_address(each) | {"contact_id": row["id"]} for row in rows if row for each in row["addresses"]]
    )


def _page(ask: Ask, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    page = page_of(ask.body, ask.core.behaviours, is_detailed=False)
    return rows[page.offset : page.offset + page.size]


def search(ask: Ask) -> Any:
    """`search/list`: contacts and projects whose name contains the query."""
    text = str(ask.request.get("query") or "").casefold()
    names = {"contacts": "search_name", "projects": "project_name", "products": "name"}
    found = [
        {"module": path, "object_id": row["id"], "title": row[name]}
        for path, name in names.items()
        for row in ask.caller.entity.table(path).rows()
        if text and not row["is_deleted"] and text in row[name].casefold()
    ]
    return _page(ask, found)


# Modules that are not tables: what their list answers.
VIRTUAL: Mapping[str, Callable[[Ask], Any]] = {
    "companyAccount": company_account,
    "addresses": addresses,
    "search": search,
}
_VIRTUAL_MODULE = Module("", "id", {}, frozenset({"list"}), Scope.SITE)

ACTIONS: Mapping[str, Callable[[Ask], Any]] = {
    "list": list_action,
    "view": view_action,
    "modify": modify_action,
    "delete": delete_action,
    "batchModify": batch_modify_action,
    "getRelatedObjects": related_action,
    "filters": filters_action,
    "pdf": pdf_action,
    "setDone": set_done_action,
    "settings": settings_action,
    "subscribe": subscribe_action,
    "unsubscribe": delete_action,
}


def find_module(path: str) -> tuple[Module, Mapping[str, str]]:
    """The module behind a path and the filter the path implies; raises ApiError 404."""
    path, fixed = ALIASES.get(path, (path, {}))
    if path in VIRTUAL:
        return _VIRTUAL_MODULE, fixed
    if path not in MODULES:
        raise ApiError(404, f"Unknown module {path}")
    return MODULES[path], fixed


def find_action(path: str, module: Module, action: str) -> Callable[[Ask], Any]:
    """Raises ApiError 404 for an action that the module does not have."""
    if path in VIRTUAL and action == "list":
        return VIRTUAL[path]
    is_batch = action == "batchModify" and "modify" in module.actions
    is_receipt_view = module.path == "receipts" and action == "view"
    if action not in module.actions and not is_batch and not is_receipt_view:
        raise ApiError(404, f"Unknown action {action}")
    return ACTIONS[action]
