"""Bookmarks: saved views of Scoro's lists, which belong to users (reference 2.18, R36-R38)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from engine.connectors.scoro.client import PLAIN, ScoroClient
from engine.connectors.scoro.modules import Module, Row, is_deleted, row_id
from engine.errors import Misconfigured

USERS = frozenset({"owner_id", "user_id", "users", "owners", "related_users"})
"""Filters by user, which count for all users (R37)."""

STATUS = frozenset({"status", "statuses"})
"""Filters of invoices by what was received, which count for all (R38)."""


def members(client: ScoroClient, module: Module, bookmark: str) -> frozenset[str]:
    """Ids of the living records that a bookmark shows, without regard to users and, for invoices, to receipts."""
    view = _view(client, module, bookmark)
    return frozenset(
        row_id(module, row) for rows in _pages(client, module, view) for row in rows if not is_deleted(row)
    )


def _view(client: ScoroClient, module: Module, bookmark: str) -> dict[str, Any]:
    """How to ask for the list: by the bookmark's own filter where it is told, else by its id."""
    listed = client.call_as_user("bookmarks/list", {"request": {"module": module.name}}) or []
    found = next((row for row in listed if str(row.get("bookmark_id")) == bookmark), None)
    if found is None:
        raise Misconfigured(
            f"Scoro has no bookmark {bookmark} for {module.name} any more.",
            hint="Choose another bookmark in Settings, or none. Nothing is deleted because of it.",
        )
    told = found.get("filter")
    return {"filter": _widened(module, told)} if isinstance(told, Mapping) else {"bookmark": {"bookmark_id": bookmark}}


def _widened(module: Module, told: Mapping[str, Any]) -> dict[str, Any]:
    ignored = USERS | STATUS if module.name == "invoices" else USERS
    return {name: value for name, value in told.items() if name not in ignored}


def _pages(client: ScoroClient, module: Module, view: Mapping[str, Any]) -> Iterator[list[Row]]:
    for number in count(1):
        asked = {**view, "page": number, "per_page": PLAIN}
        rows: list[Row] = list(client.call_as_user(f"{module.name}/list", asked) or [])
        yield rows
        if len(rows) < PLAIN:
            return
