"""The `concord` command.

Exit codes, for scripts: 0 done · 1 failed · 2 wrong command line · 3 a person has to decide (conflict, halt, lost
authorisation) · 4 a setting is missing or wrong · 5 a passing fault, try later · 6 a rule forbids it · 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from app import commands
from app.commands import Exit, OpenDeps, open_installation
from engine.errors import AuthorizationLost, ConcordError, Misconfigured, Refused, Retryable, SafetyHalt


def main(arguments: Sequence[str] | None = None, open_deps: OpenDeps = open_installation) -> int:
    """Run one command and return its exit code. ``open_deps`` gives a command its world when it needs one."""
    options = build_parser().parse_args(arguments)
    options.open_deps = open_deps
    try:
        return int(options.run(options))
    except ConcordError as error:
        _tell(error)
        return exit_code(error)
    except DBAPIError as error:
        _tell(_database_error(error))
        return Exit.MISCONFIGURED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone, as `| head` does; there is nobody left to tell
        return Exit.DONE


def _database_error(error: DBAPIError) -> Misconfigured:
    """A database that is away or not prepared; what it said is kept from the screen, since it may quote data."""
    return Misconfigured(
        f"The database cannot be used ({type(error.orig).__name__}).",
        hint="`concord migrate` prepares it; `concord doctor` says what is wrong with it.",
    )


def build_parser() -> argparse.ArgumentParser:
    """The parser with every module of app.commands registered."""
    parser = argparse.ArgumentParser(prog="concord", description="Keeps Scoro and QuickBooks Online in agreement.")
    subcommands = parser.add_subparsers(metavar="command", required=True)
    for module in sorted(pkgutil.iter_modules(commands.__path__), key=lambda module: module.name):
        importlib.import_module(f"{commands.__name__}.{module.name}").register(subcommands)
    return parser


def exit_code(error: ConcordError) -> Exit:
    """The code a script gets for this error."""
    match error:
        case Misconfigured():
            return Exit.MISCONFIGURED
        case AuthorizationLost() | SafetyHalt():
            return Exit.NEEDS_PERSON
        case Retryable():
            return Exit.TRY_LATER
        case Refused():
            return Exit.REFUSED
        case _:
            return Exit.FAILED


def _tell(error: ConcordError) -> None:
    print(error.message, file=sys.stderr)
    if error.hint:
        print(error.hint, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
