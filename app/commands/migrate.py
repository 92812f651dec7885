"""`concord migrate`: bring the database to the current form."""

from __future__ import annotations

import argparse

from app.commands import Exit, Subcommands, add_command


def register(commands: Subcommands) -> None:
    """Add the command."""
    add_command(commands, "migrate", run, "create the database's tables or bring them up to date")


def run(_options: argparse.Namespace) -> Exit:
    """Apply the migrations that are missing."""
    from app.settings import load_settings
    from engine.store.database import migrate

    settings = load_settings()
    settings.concord_home.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    return Exit.DONE
