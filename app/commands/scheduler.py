"""`concord scheduler`: begin runs when they are due."""

from __future__ import annotations

import argparse

from app.commands import Exit, Subcommands, add_command


def register(commands: Subcommands) -> None:
    """Add the command."""
    add_command(commands, "scheduler", run, "begin the runs that are due, until told to stop")


def run(_options: argparse.Namespace) -> Exit:
    """Tick until told to stop."""
    from app import alerts
    from app.jobs.queue import RunQueue, connect
    from app.jobs.schedule import Duties, Scheduler, stop_on_signals
    from app.logs import configure_logs
    from app.settings import load_settings
    from app.wiring import build_deps
    from engine.services import sync

    settings = load_settings()
    configure_logs(settings)
    deps, queue = build_deps(settings), RunQueue(connect(settings))
    duties = Duties(
        due=lambda: sync.due_connections(deps),
        request=lambda connection_id: sync.request_run(deps, connection_id, trigger="schedule"),
        sweep=lambda: sync.sweep(deps),
        tell=lambda: queue.tell() if alerts.waiting(deps.database) else None,
    )
    Scheduler(duties, queue, settings.tick_seconds).run(stop_on_signals())
    return Exit.DONE
