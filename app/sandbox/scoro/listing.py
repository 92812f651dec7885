"""The list action: filter, deleted rows, bookmarks, pages (reference 1.3 and 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.sandbox.scoro.auth import Caller
from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.core import Core
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import read_flag
from app.sandbox.scoro.filters import Selection
from app.sandbox.scoro.modules import Module
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.wire import Writer
from app.sandbox.scoro.world import Entity, Site

PLAIN_CAP = 100
DETAILED_CAP = 25
DEFAULT_SIZE = 50
CONTACT_KINDS = {"companies": "company", "persons": "person"}
"""Modules that are contacts of one type."""
# Deliberately simple: a tag without an end is text.
_MARKUP = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are wanted; `size` is the effective one."""

    number: int
    size: int
    offset: int


def list_rows(
    core: Core, caller: Caller, module: Module, body: Mapping[str, Any], fixed: Mapping[str, Any]
) -> list[Any]:
    """One page of answers. `fixed` is a filter that the address itself implies."""
    behaviours = core.behaviours
    is_detailed = _is_set(body.get("detailed_response"))
    page = page_of(body, behaviours, is_detailed=is_detailed)
    wanted = filter_of(caller, module, body, behaviours) | dict(fixed)
    selection = Selection(caller.entity, module, behaviours, core.now())
    ids = selection.ids(wanted, include_deleted=_with_deleted(body, behaviours))
    visible = _visible(caller, module, _without_subtasks(caller.entity, module, body, ids))
    table = caller.entity.table(module.path)
    rows = [row for id in visible[page.offset : page.offset + page.size] if (row := table.get(id))]
    writer = Writer(caller.entity, behaviours, is_user=caller.is_user, language=language_of(body, caller.entity.site))
    if _is_set(body.get("basic_data")):
        return [writer.essentials(module, row) for row in rows]
    return [writer.write(module, plainer(module, body, row), detailed=is_detailed) for row in rows]


def language_of(body: Mapping[str, Any], site: Site) -> str:
    """Of the request, else of the site."""
    return str(body.get("lang") or site.language)


def plainer(module: Module, body: Mapping[str, Any], row: Row) -> Row:
    """Without markup: comments unless `html` is asked for, descriptions of projects and tasks where `stripDescription` is."""
    if module.path == "comments" and not option(body, "html"):
        return row | {"comment": _MARKUP.sub("", row["comment"])}
    if module.path in ("projects", "tasks") and option(body, "stripDescription"):
        return row | {"description": _MARKUP.sub("", row["description"])}
    return row


def option(body: Mapping[str, Any], name: str) -> bool:
    """A flag of the request, at the top or inside `request`."""
    request = body.get("request")
    inner = request.get(name) if isinstance(request, Mapping) else None
    return _is_set(body.get(name)) or _is_set(inner)


def _without_subtasks(entity: Entity, module: Module, body: Mapping[str, Any], ids: list[int]) -> list[int]:
    """Tasks that belong to another one are listed with `include_subtasks` only."""
    if module.path != "tasks" or option(body, "include_subtasks"):
        return ids
    rows = ((id, entity.row("tasks", id)) for id in ids)
    return [id for id, row in rows if row is not None and not row["parent_id"]]


def page_of(body: Mapping[str, Any], behaviours: Behaviours, *, is_detailed: bool) -> Page:
    """Pages count from 1; plain pages hold up to 100 rows, detailed ones up to 25, whatever is asked."""
    asked = _positive(body.get("per_page"), DEFAULT_SIZE)
    number = _positive(body.get("page"), 1)
    size = min(asked, DETAILED_CAP if is_detailed else PLAIN_CAP)
    step = min(asked, PLAIN_CAP) if behaviours.detailed_offset_by_asked else size
    return Page(number, size, (number - 1) * step)


def filter_of(caller: Caller, module: Module, body: Mapping[str, Any], behaviours: Behaviours) -> dict[str, Any]:
    """The filter of the request and of its bookmark; a filter inside `request` is not looked at."""
    sent = body.get("filter") or {}
    if not isinstance(sent, Mapping):
        raise ApiError(400, "filter must be an object")
    return _bookmark_filter(caller, module, body, behaviours) | dict(sent)


def _bookmark_filter(caller: Caller, module: Module, body: Mapping[str, Any], behaviours: Behaviours) -> dict[str, Any]:
    if not body.get("bookmark"):
        return {}
    require_user(caller, behaviours)
    sent = body["bookmark"]
    named = str(sent.get("bookmark_id")) if isinstance(sent, Mapping) else ""
    bookmark = caller.entity.row("bookmarks", int(named)) if named.isdecimal() else None
    if bookmark is None or not is_own_or_shared(caller, bookmark) or not _is_view_of(bookmark, module):
        raise ApiError(400, "bookmark_id does not exist")
    kind = CONTACT_KINDS.get(bookmark["module"])
    return dict(bookmark["filter"]) | ({"contact_type": kind} if kind else {})


def _is_view_of(bookmark: Row, module: Module) -> bool:
    return bookmark["module"] == module.path or (module.path == "contacts" and bookmark["module"] in CONTACT_KINDS)


def is_own_or_shared(caller: Caller, bookmark: Row) -> bool:
    """Bookmarks are personal and may be shared; the company's key is nobody."""
    return not caller.is_user or bookmark["is_shared"] or bookmark["user_id"] == caller.user_id


def require_user(caller: Caller, behaviours: Behaviours) -> None:
    """Bookmarks are personal (Q27)."""
    if behaviours.bookmarks_need_user and not caller.is_user:
        raise ApiError(403, "user_token required")


def _with_deleted(body: Mapping[str, Any], behaviours: Behaviours) -> bool:
    """`include_deleted` may stand at the top, in `request`, or either (Q3)."""
    request = body.get("request")
    inner = request.get("include_deleted") if isinstance(request, Mapping) else None
    places = {"top": (body.get("include_deleted"),), "request": (inner,)}
    return any(map(_is_set, places.get(behaviours.include_deleted_places, (body.get("include_deleted"), inner))))


def _visible(caller: Caller, module: Module, ids: list[int]) -> list[int]:
    if module.path != "bookmarks" and (not module.is_document or caller.sees_all):
        return ids
    return [id for id in ids if is_visible(caller, module, caller.entity.row(module.path, id))]


def is_visible(caller: Caller, module: Module, row: Row | None) -> bool:
    """Whether the caller's permissions reach this row."""
    if row is not None and module.path == "bookmarks":
        return is_own_or_shared(caller, row)
    if row is None or not module.is_document or caller.sees_all:
        return row is not None
    return bool(row.get("owner_id") == caller.user_id)


def _positive(value: Any, default: int) -> int:
    try:
        return max(1, int(str(value))) if value not in (None, "") else default
    except ValueError as problem:
        raise ApiError(400, "page and per_page must be numbers") from problem


def _is_set(value: Any) -> bool:
    try:
        return read_flag(value)
    except KeyError:
        return False
