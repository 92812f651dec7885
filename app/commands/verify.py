"""`concord verify`: is everything as the log tells it?"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from app.commands import Exit, Subcommands, add_command, add_connection, add_json, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "verify", run, "check the log's hash chain, and every object against the log")
    add_connection(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> Exit:
    """Check one connection."""
    from app.terminal import connection_of
    from engine.services.verify import verify

    deps = options.open_deps()
    connection = connection_of(deps, options.connection)
    verdict = verify(deps, connection.id)
    if options.json:
        print_json(asdict(verdict) | {"holds": verdict.holds, "entries": connection.log_sequence})
    elif verdict.holds:
        print(
            f"{connection.log_sequence} entries: the chain holds. {verdict.objects} objects are what the log adds up to."
        )
    if verdict.broken is not None:
        print(f"The log was changed: entry {verdict.broken} does not follow from those before it.", file=sys.stderr)
    for one in verdict.differences:
        print(f"{one.title} ({one.object_id}): {one.path} is {one.stored}, logged {one.logged}.", file=sys.stderr)
    if not verdict.holds:
        print("Restore the last backup that verifies; the next run then catches up.", file=sys.stderr)
    return Exit.DONE if verdict.holds else Exit.FAILED
