"""`concord sandbox quickbooks|scoro`: a simulated system."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from pathlib import Path
from types import FrameType

from app.commands import Exit, Subcommands, add_command

PORTS = {"quickbooks": 9001, "scoro": 9002}
SERVERS = {"quickbooks": "app.sandbox.quickbooks.server", "scoro": "app.sandbox.scoro.sandbox"}


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "sandbox", run, "simulate QuickBooks Online or Scoro on this machine")
    parser.add_argument("system", choices=sorted(PORTS))
    parser.add_argument("--port", type=int, help="default: 9001 for quickbooks, 9002 for scoro")
    parser.add_argument("--profile", choices=("us", "uk"), default="us", help="the company's country")
    parser.add_argument("--seed", choices=("agency", "empty"), default="agency", help="the data it starts with")
    parser.add_argument("--state", type=Path, help="a file that keeps the data between starts")


def run(options: argparse.Namespace) -> Exit:
    """Serve until told to stop."""
    signal.signal(signal.SIGTERM, _leave)
    server = importlib.import_module(SERVERS[options.system])
    server.serve(options.port or PORTS[options.system], options.profile, options.seed, options.state)
    return Exit.DONE


def _leave(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM leaves by the front door too, so that the state is saved; a second one must not interrupt that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(Exit.DONE)
