"""`concord web`: serve the application."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from app.commands import Exit, Subcommands, add_command


def register(commands: Subcommands) -> None:
    """Add the command."""
    add_command(commands, "web", run, "serve the application with gunicorn on HOST and PORT")


def run(_options: argparse.Namespace) -> Exit:
    """Become gunicorn."""
    from app.settings import load_settings

    load_settings()  # so that a wrong setting is a sentence here and not a traceback of each process
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    os.execv(gunicorn, [gunicorn, "--config", "python:app.gunicorn", "app:create_app()"])  # noqa: S606 - no shell is meant
