"""The sub-commands of `concord`, one module each.

A module has a function ``register(commands)`` that adds its parser and sets the default ``run`` to a function that
takes the parsed arguments and returns an Exit. Heavy imports stand inside functions, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.services.deps import Deps

Subcommands = Any  # argparse keeps the type of what add_subparsers returns to itself


class Exit(IntEnum):
    """What a script learns from the exit code."""

    DONE = 0
    FAILED = 1  # something went wrong that is not named below
    USAGE = 2  # the command line itself was wrong
    NEEDS_PERSON = 3  # conflicts, a halt, a lost authorisation: someone has to decide
    MISCONFIGURED = 4  # a setting, an address or a key is missing or wrong
    TRY_LATER = 5  # a passing fault: the same command may succeed later
    REFUSED = 6  # a rule forbids it; the message names the way out
    INTERRUPTED = 130  # Ctrl-C


Run = Callable[[argparse.Namespace], int]
OpenDeps = Callable[[], "Deps"]


def open_installation() -> Deps:
    """The world of this installation, from its settings."""
    from app.logs import configure_logs
    from app.settings import load_settings
    from app.wiring import build_deps

    settings = load_settings()
    configure_logs(settings)
    return build_deps(settings)


def add_command(commands: Subcommands, name: str, run: Run, text: str) -> argparse.ArgumentParser:
    """A sub-command called ``name`` that calls ``run``; ``text`` is its line in the help."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """The switch every command has that prints data."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def add_connection(parser: argparse.ArgumentParser) -> None:
    """The option that names a connection; with a single one it can be left out."""
    parser.add_argument("--connection", default="", metavar="NAME", help="the connection, by name or id")


def add_person(parser: argparse.ArgumentParser) -> None:
    """The option that says whose act it is."""
    parser.add_argument(
        "--person", default="", metavar="EMAIL", help="who does this, for the log (default: your login)"
    )


def add_yes(parser: argparse.ArgumentParser) -> None:
    """The option for scripts that cannot be asked."""
    parser.add_argument("--yes", action="store_true", help="do not ask")


def add_listing(commands: Subcommands, name: str, run: Run, text: str) -> argparse.ArgumentParser:
    """A command that lists something of one connection, in keyset pages."""
    parser = add_command(commands, name, run, text)
    add_connection(parser)
    add_json(parser)
    parser.add_argument("--limit", type=int, default=50, help="rows of a page (default: 50)")
    parser.add_argument("--after", default="", metavar="CURSOR", help="go on behind a page; its last line says how")
    return parser


def print_json(value: object) -> None:
    """Print ``value`` for a script: amounts and times as texts, keys in the order given."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=_as_text))


def _as_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
