"""`concord worker`: work through the queue."""

from __future__ import annotations

import argparse

from app.commands import Exit, Subcommands, add_command


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "worker", run, "take jobs from the queue until told to stop")
    parser.add_argument("--processes", type=int, help="how many runs at once (default: WORKER_PROCESSES)")
    parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")


def run(options: argparse.Namespace) -> Exit:
    """Start the processes and wait for them."""
    from app.jobs.queue import connect
    from app.jobs.worker import Crew
    from app.logs import configure_logs
    from app.settings import load_settings

    settings = load_settings()
    configure_logs(settings)
    connect(settings).close()  # so that an embedded Redis runs, and a wrong address is told now
    Crew(settings.redis_url, options.processes or settings.worker_processes, burst=options.burst).run()
    return Exit.DONE
