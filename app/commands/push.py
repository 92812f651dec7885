"""`concord push` and `concord pull`: one object by hand, whatever the direction (R27-R31)."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.commands import Exit, Subcommands, add_command, add_connection, add_json, add_person, add_yes, print_json

EXITS = {"written": Exit.DONE, "nothing": Exit.DONE, "waiting": Exit.TRY_LATER, "refused": Exit.FAILED}


def register(commands: Subcommands) -> None:
    """Add both commands."""
    _add(commands, "push", push, "send one object to QuickBooks now")
    parser = _add(commands, "pull", pull, "pull one object into Scoro now")
    parser.add_argument(
        "--receipts", action="store_true", help="pull the payments of this invoice or bill instead (R31)"
    )


def _add(commands: Subcommands, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser = add_command(commands, name, run, text)
    parser.add_argument("object", help="its id, number or name")
    parser.add_argument("--preview", action="store_true", help="show the exact write and send nothing")
    for add in (add_connection, add_person, add_yes, add_json):
        add(parser)
    return parser


def push(options: argparse.Namespace) -> Exit:
    """To QuickBooks."""
    from engine.core.records import System

    return _move(options, System.QUICKBOOKS)


def pull(options: argparse.Namespace) -> Exit:
    """Into Scoro."""
    from engine.core.records import System

    return _pull_receipts(options) if options.receipts else _move(options, System.SCORO)


def _move(options: argparse.Namespace, to: Any) -> Exit:
    """Show the exact write, ask, write, tell."""
    from app.terminal import ask, connection_of, object_of, person_of
    from engine.services import push as pushing

    deps = options.open_deps()
    object_id = object_of(deps, connection_of(deps, options.connection).id, options.object)
    preview = pushing.preview_push(deps, object_id, to)
    if options.preview and options.json:
        print_json(asdict(preview))
    elif not options.json:
        _show(preview)
    if options.preview:
        return Exit.DONE
    ask("Write this?", yes=options.yes)
    outcome = pushing.push(deps, object_id, to, person_of(options))
    return _tell(options, [outcome])


def _show(preview: Any) -> None:
    from app.terminal import print_table

    print(", ".join(preview.operations) + (f"; first {', '.join(preview.along)}" if preview.along else ""))
    print_table([(row.label, _text(row.before), "→", _text(row.after)) for row in preview.rows])
    for note in preview.notes:
        print(note)


def _text(value: object) -> str:
    return "—" if value is None else str(value)


def _pull_receipts(options: argparse.Namespace) -> Exit:
    from app.terminal import ask, connection_of, object_of, person_of
    from engine.services import push as pushing

    deps = options.open_deps()
    object_id = object_of(deps, connection_of(deps, options.connection).id, options.object)
    ask("Pull every payment of this document into Scoro?", yes=options.yes)
    return _tell(options, pushing.pull_receipts(deps, object_id, person_of(options)))


def _tell(options: argparse.Namespace, outcomes: list[Any]) -> Exit:
    if options.json:
        print_json([asdict(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            print(f"{outcome.title}: {outcome.sentence} {outcome.hint}".rstrip())
    return max((EXITS[outcome.state] for outcome in outcomes), default=Exit.DONE)
