"""`concord backup` and `concord restore`: everything in one file and back, while everything runs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.commands import Exit, Subcommands, add_command, add_json, add_person, add_yes, print_json


def register(commands: Subcommands) -> None:
    """Add both commands."""
    parser = add_command(commands, "backup", backup, "write everything to one file; nothing has to be stopped")
    parser.add_argument("file", type=Path)
    add_json(parser)
    back = add_command(
        commands, "restore", restore, "put everything back as a backup has it; nothing has to be stopped"
    )
    back.add_argument("file", type=Path)
    add_person(back)
    add_yes(back)
    add_json(back)


def backup(options: argparse.Namespace) -> Exit:
    """Write the archive. It holds keys and tokens, encrypted with SECRET_KEY, which is not in it."""
    import app.tables  # noqa: F401 - so that the application's tables are among those that are kept
    from engine.services import backup as keeping

    return _tell(options, keeping.backup(options.open_deps(), options.file), "Kept")


def restore(options: argparse.Namespace) -> Exit:
    """Put the archive back, after asking."""
    import app.tables  # noqa: F401 - so that the application's tables are among those that are put back
    from app.terminal import ask, person_of
    from engine.services import backup as keeping

    ask("Everything that is stored now is replaced by the backup. Go on?", yes=options.yes)
    return _tell(options, keeping.restore(options.open_deps(), options.file, person_of(options)), "Restored")


def _tell(options: argparse.Namespace, archive: Any, verb: str) -> Exit:
    from app.words import plural

    if options.json:
        print_json(asdict(archive))
    else:
        objects, changes = (
            plural(archive.rows["objects"], "object"),
            plural(archive.rows["changes"], "log entry", "log entries"),
        )
        print(f"{verb}: {objects}, {changes}.")
    return Exit.DONE
