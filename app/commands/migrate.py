"""`concord migrate`: bring the database to the current form, and what it keeps secret under the current key."""

from __future__ import annotations

import argparse

from app.commands import Exit, Subcommands, add_command


def register(commands: Subcommands) -> None:
    """Add the command."""
    add_command(commands, "migrate", run, "create the database's tables or bring them up to date")


def run(_options: argparse.Namespace) -> Exit:
    """Apply the migrations that are missing; with SECRET_KEYS set, encrypt anew what earlier keys hold."""
    from app.rekey import reseal
    from app.settings import load_settings
    from app.vault import FernetVault
    from engine.store.database import make_engine, migrate

    settings = load_settings()
    settings.concord_home.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    if settings.secret_keys:
        count = reseal(make_engine(settings.database_url), FernetVault(settings.all_secret_keys))
        print(f"{count} secrets are encrypted with SECRET_KEY now; SECRET_KEYS is not needed for them any more.")
    return Exit.DONE
