"""`concord version`: what is installed."""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import version

from app.commands import Exit, Subcommands, add_command, add_json, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    add_json(add_command(commands, "version", run, "print the version of Concord and of Python"))


def run(options: argparse.Namespace) -> Exit:
    """Print both versions."""
    installed = {"concord": version("concord"), "python": platform.python_version()}
    if options.json:
        print_json(installed)
    else:
        print(*(f"{name} {number}" for name, number in installed.items()), sep="\n")
    return Exit.DONE
