"""The navigation: which pages there are, for whom, and what stands around every page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for

from app.access import Role, someone, visible
from app.context import database, deps, settings
from app.links import record_link, sandbox_sites
from engine.services.browse import waiting
from engine.services.browse.waiting import MOST


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the navigation. ``area`` is the blueprint that the entry stands for."""

    area: str
    endpoint: str
    label: str
    role: Role = Role.VIEWER


OF_CONNECTION = (
    Item("overview", "overview.page", "Overview"),
    Item("conflicts", "conflicts.inbox", "Conflicts"),
    Item("problems", "problems.page", "Problems"),
    Item("objects", "objects.page", "Records"),
    Item("runs", "runs.page", "Runs"),
    Item("changes", "changes.page", "Changes"),
    Item("report", "report.page", "Agreement"),
    Item("settings", "settings.page", "Settings", Role.ADMINISTRATOR),
)

OF_INSTALLATION = (
    Item("home", "home.connections", "Connections"),
    Item("people", "people.page", "People", Role.ADMINISTRATOR),
    Item("activity", "activity.page_of_activity", "Activity"),
)


OPTIONAL = {
    "has_settings": "settings.page",
    "has_flip": "settings.flip",
    "has_import": "settings.history",
    "has_api": "api.description",
}


def around() -> dict[str, Any]:
    """What the layout shows beside the page: who is signed in, the connections to switch between, the entries."""
    who = someone()
    if who is None:
        return {"person": None, "here": None, "connections": [], "entries": [], "general_entries": []}
    with database() as session:
        connections = visible(session, who)
    here = g.get("connection")
    return {
        "person": who,
        "here": here,
        "connections": connections,
        "entries": _of_connection(here.id) if here else [],
        "general_entries": _entries(OF_INSTALLATION),
        "sandbox_sites": sandbox_sites(settings(), here),
        "most_counted": MOST,
        "record_link": lambda binding: record_link(settings(), here, binding) if here else "",
        **{name: endpoint in current_app.view_functions for name, endpoint in OPTIONAL.items()},
    }


def _of_connection(cid: str) -> list[dict[str, Any]]:
    """The entries of one connection; two of them say how much waits there for a person."""
    found = waiting(deps(), cid)
    counts = {"conflicts": found.conflicts, "problems": found.problems}
    return [entry | {"count": counts.get(str(entry["area"]), 0)} for entry in _entries(OF_CONNECTION, cid=cid)]


def _entries(items: tuple[Item, ...], **values: Any) -> list[dict[str, Any]]:
    who = someone()
    return [
        {
            "area": item.area,
            "label": item.label,
            "address": url_for(item.endpoint, **values),
            "current": item.area == _area(),
        }
        for item in items
        if who and who.may(item.role) and item.endpoint in current_app.view_functions
    ]


def _area() -> str:
    named = (request.endpoint or "").split(".")
    return getattr(g, "area", named[0])


def asset(name: str) -> str:
    """The address of a file of ours, with a mark that changes when the file does."""
    return url_for("static", filename=name, v=current_app.extensions["concord_assets"].get(name, "0"))


def asset_marks(folder: Path) -> dict[str, str]:
    """For each file of the static folder its mark; a file that is not there has none."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): f"{path.stat().st_mtime_ns:x}"[-8:] for path in files}


def install(app: Flask) -> None:
    """Give the layout what it needs."""
    app.extensions["concord_assets"] = asset_marks(Path(app.static_folder or "static"))
    app.context_processor(around)
    app.jinja_env.globals.update(asset=asset, has_asset=app.extensions["concord_assets"].__contains__)
