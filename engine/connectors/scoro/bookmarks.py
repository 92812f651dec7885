"""Bookmarks: saved views of Scoro's lists, which belong to users (reference 2.18, R36-R38)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from engine.connectors.scoro.client import PLAIN, ScoroClient
from engine.connectors.scoro.modules import Module, Row, is_deleted, row_id
from engine.errors import Misconfigured

NOBODY = 0
STATUSES = ("paid", "unpaid")
"""All that was or was not received of an invoice (reference 2.8)."""


def views(client: ScoroClient, module: Module) -> dict[str, str]:
    """The bookmarks of a module that the user may see: id → title."""
    listed = client.call_as_user("bookmarks/list", {"request": {"module": module.name}}) or []
    return {str(row.get("bookmark_id")): str(row.get("title") or "") for row in listed}


def members(client: ScoroClient, module: Module, bookmark: str) -> frozenset[str]:
    """Ids of the living records that a bookmark shows, whoever owns them and whatever was received of an invoice."""
    _check(client, module, bookmark)
    view = {"bookmark": {"bookmark_id": bookmark}, "filter": _everything(client, module)}
    return frozenset(
        row_id(module, row) for rows in _pages(client, module.name, view) for row in rows if not is_deleted(row)
    )


def _check(client: ScoroClient, module: Module, bookmark: str) -> None:
    if bookmark not in views(client, module):
        raise Misconfigured(
            f"Scoro has no bookmark {bookmark} for {module.name} any more.",
            hint="Choose another bookmark in Settings, or none. Nothing is deleted because of it.",
        )


def _everything(client: ScoroClient, module: Module) -> dict[str, list[Any]]:
    """Named in a request, a filter takes the place of the bookmark's own of that name: every user counts (R37), and for
    invoices every status (R38)."""
    users = [row.get("id") or row.get("user_id") for rows in _pages(client, "users", {}) for row in rows]
    owner = "manager_id" if module.name == "contacts" else "owner_id"
    return {owner: [NOBODY, *users]} | ({"status": list(STATUSES)} if module.name == "invoices" else {})


def _pages(client: ScoroClient, module: str, view: Mapping[str, Any]) -> Iterator[list[Row]]:
    for number in count(1):
        asked = {**view, "page": number, "per_page": PLAIN}
        rows: list[Row] = list(client.call_as_user(f"{module}/list", asked) or [])
        yield rows
        if len(rows) < PLAIN:
            return
