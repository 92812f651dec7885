"""`concord flip`: turn the direction of a category round."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.commands import Exit, Subcommands, add_command, add_connection, add_json, add_person, add_yes, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "flip", run, "turn the direction of a category round, after a preview")
    parser.add_argument("category")
    parser.add_argument("--preview", action="store_true", help="count what it would do and change nothing")
    for add in (add_connection, add_person, add_yes, add_json):
        add(parser)


def run(options: argparse.Namespace) -> Exit:
    """Count, ask, flip."""
    from app.commands.sync import known_categories
    from app.terminal import ask, connection_of, person_of
    from engine.services import directions

    deps = options.open_deps()
    connection = connection_of(deps, options.connection)
    (category,) = known_categories([options.category])
    preview = directions.preview_flip(deps, connection.id, category)
    if not options.json:
        _show(preview)
    if not options.preview:
        ask("Turn it round?", yes=options.yes)
        directions.flip(deps, connection.id, category, epoch=preview.epoch, person=person_of(options))
    if options.json:
        print_json(asdict(preview) | {"flipped": not options.preview})
    return Exit.DONE


def _show(preview: Any) -> None:
    from app.words import CATEGORIES, SYSTEMS

    name, now, then = CATEGORIES[preview.category], SYSTEMS[preview.source], SYSTEMS[preview.new_source]
    print(f"{name}: from {now} now, from {then} afterwards.")
    print(f"  {preview.becoming_pending} held edits would be sent, {preview.becoming_held} would be held instead,")
    print(f"  {preview.meeting_in_conflict} are in conflict, {preview.queued_refused} queued writes would be void.")
