"""`concord status`: where everything stands."""

from __future__ import annotations

import argparse
from typing import Any

from app.commands import Exit, Subcommands, add_command, add_connection, add_json, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "status", run, "where every category stands, and what waits for a person")
    add_connection(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> Exit:
    """Every connection, or the one that is named."""
    from app.terminal import connection_of

    deps = options.open_deps()
    ids = [connection_of(deps, options.connection).id] if options.connection else _connections(deps)
    found = [_state(deps, connection_id) for connection_id in ids]
    if options.json:
        print_json(found)
    elif not found:
        print("Nothing is connected yet: `concord connect`, or the setup in the browser.")
    else:
        for state in found:
            _tell(state)
    return Exit.DONE


def _connections(deps: Any) -> list[str]:
    from sqlmodel import col, select

    from engine.store.database import reading
    from engine.store.tables import Connection

    with reading(deps.database) as session:
        return list(session.exec(select(Connection.id).order_by(col(Connection.id))))


def _state(deps: Any, connection_id: str) -> dict[str, Any]:
    from datetime import UTC
    from zoneinfo import ZoneInfo

    from engine.services.browse import overview

    found = overview(deps, connection_id, ZoneInfo(UTC.tzname(None) or "UTC"))
    row = found.connection
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "scoro": row.scoro_profile.get("name", ""),
        "quickbooks": row.quickbooks_profile.get("name", ""),
        "objects": sum(found.totals.values()),
        "dispositions": dict(found.totals),
        "categories": {line.settings.category: _category(line) for line in found.categories},
        "waiting": dict(found.waiting),
        "run": _run(found.run),
        "last_run": _run(found.last),
        "next_run_at": row.next_run_at,
        "budgets": {
            budget.system: {"limit": budget.limit, "remaining": budget.remaining, "resets_at": budget.resets_at}
            for budget in found.budgets
        },
    }


def _category(line: Any) -> dict[str, Any]:
    settings = line.settings
    return {
        "enabled": settings.enabled,
        "source": settings.source,
        "automatic": settings.automatic,
        "objects": sum(line.counts.values()),
        "dispositions": {name: count for name, count in line.counts.items() if count},
        "waits_since": line.waits_since,
    }


def _run(run: Any) -> dict[str, Any] | None:
    if run is None:
        return None
    return {"id": run.id, "state": run.state, "finished_at": run.finished_at, "error": run.error, "hint": run.hint}


def _tell(state: dict[str, Any]) -> None:
    from app.terminal import print_table
    from app.words import CATEGORIES, CONNECTION_STATES, DISPOSITIONS, SYSTEMS, plural

    print(f"{state['name']}: {CONNECTION_STATES[state['state']][0].lower()}  ({state['id']})")
    print(f"  {state['scoro'] or 'Scoro not connected'} ↔ {state['quickbooks'] or 'QuickBooks not connected'}")
    used = [name for name in DISPOSITIONS if state["dispositions"].get(name)]
    head = ["", "from", "objects", *(DISPOSITIONS[name].label for name in used)]
    rows = [
        [CATEGORIES[name], _source(row), row["objects"], *(row["dispositions"].get(one, "·") for one in used)]
        for name, row in state["categories"].items()
    ]
    total = ["Together", "", state["objects"], *(state["dispositions"][name] for name in used)]
    print_table([*rows, total], head=head)
    for name, run in (("Now", state["run"]), ("Last run", state["last_run"])):
        if run:
            print(f"{name}: {run['state']} ({run['id']}){_told(run)}")
    if state["next_run_at"] and state["state"] == "active":
        print(f"Next run: {state['next_run_at']:%Y-%m-%d %H:%M:%S} UTC")
    for system, budget in state["budgets"].items():
        print(f"{SYSTEMS[system]}: {budget['remaining']} of {plural(budget['limit'], 'request')} left today")


def _source(row: dict[str, Any]) -> str:
    from app.words import SYSTEMS

    return SYSTEMS[row["source"]] if row["enabled"] else "off"


def _told(run: dict[str, Any]) -> str:
    return f": {run['error']} {run['hint']}".rstrip() if run["error"] else ""
