"""`concord import`: older data of one category, once (R34)."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from app.commands import Exit, Subcommands, add_command, add_connection, add_json, add_person, add_yes, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "import", run, "let older records through, importing one category and period once")
    parser.add_argument("category")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--preview", action="store_true", help="say what it would bring and change nothing")
    for add in (add_connection, add_person, add_yes, add_json):
        add(parser)


def run(options: argparse.Namespace) -> Exit:
    """Read the period, say what it would bring, ask, let it through and synchronize."""
    from app.commands.sync import finish, known_categories
    from app.terminal import ask, connection_of, person_of
    from engine.core.records import Category
    from engine.services import history

    deps = options.open_deps()
    connection = connection_of(deps, options.connection)
    (category,) = known_categories([options.category])
    period = history.Period(Category(category), options.first, options.last)
    preview = history.preview_import(deps, connection.id, period)
    if options.preview and options.json:
        print_json({"read": preview.read, "objects": preview.object_ids, "amounts": preview.amounts})
    elif not options.json:
        _show(preview)
    if options.preview or not preview.object_ids:
        return Exit.DONE
    ask("Import them?", yes=options.yes)
    run_id = history.import_period(deps, connection.id, period, person_of(options))
    return finish(deps, run_id, as_json=options.json)


def _show(preview: Any) -> None:
    from app.words import plural
    from engine.core.money import minor_digits

    looked, kept = plural(preview.read, "record"), plural(len(preview.object_ids), "object")
    print(f"{looked} read; {kept} that the start date keeps out would be let through.")
    for currency, minor in preview.amounts.items():
        digits = minor_digits(currency)
        print(f"  {minor / 10**digits:,.{digits}f} {currency}")
