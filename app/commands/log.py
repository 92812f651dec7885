"""`concord log`: every change, as the append-only log tells it."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from app.commands import Exit, Subcommands, add_listing, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_listing(commands, "log", run, "the change log, the latest entry first")
    for name in ("kind", "actor", "action"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--by", default="", metavar="EMAIL", help="what this person did")
    parser.add_argument("--object", default="", help="of this object only (id, number or name)")
    parser.add_argument("--run", dest="run_id", default="", help="of this run only")
    parser.add_argument("--from", dest="first", type=_day, metavar="DATE")
    parser.add_argument("--to", dest="last", type=_day, metavar="DATE", help="up to the beginning of this day, UTC")


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def run(options: argparse.Namespace) -> Exit:
    """A page of the log."""
    from app.terminal import connection_of, object_of, print_more, print_table
    from engine.services import browse
    from engine.services.browse.changes import Filters

    deps = options.open_deps()
    connection = connection_of(deps, options.connection)
    filters = Filters(
        kind=options.kind,
        actor=options.actor,
        action=options.action,
        person=options.by,
        object_id=object_of(deps, connection.id, options.object) if options.object else "",
        run_id=options.run_id,
        first=options.first,
        last=options.last,
    )
    page = browse.changes(deps, connection.id, filters, options.after, options.limit)
    if options.json:
        print_json({"changes": [_as_json(row) for row in page.rows], "next": page.next})
    else:
        print_table([_line(row) for row in page.rows])
        print_more(page.next)
    return Exit.DONE


def _as_json(row: Any) -> dict[str, Any]:
    names = ("sequence", "at", "run_id", "actor", "person", "action", "object_id", "kind", "counter", "vector",
             "context", "fields", "details", "revision", "noticed", "hash")  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _line(row: Any) -> tuple[object, ...]:
    from app.changes.told import sentence

    who = row.person or row.actor
    what = ", ".join(_field(row, *field) for field in row.fields) or sentence(row)
    return row.sequence, row.at.strftime("%Y-%m-%d %H:%M:%S"), row.action, row.kind, row.object_id, who, what


def _field(row: Any, path: str, before: object, after: object, _effect: str) -> str:
    """What became of a field; of a settled conflict, what was chosen and what gave way."""
    from app.changes.told import gave_way

    if aside := gave_way(row, path, after):
        return f"{path}: {_text(after)} chosen, kept aside {' and '.join(f'{_text(v)} ({side})' for side, v in aside)}"
    return f"{path}: {_text(before)} → {_text(after)}"


def _text(value: object) -> str:
    return "—" if value is None else str(value)
