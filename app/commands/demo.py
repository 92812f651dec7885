"""`concord demo`: try everything without an account."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from app.commands import Exit, Subcommands, add_command


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "demo", run, "start both sandboxes and Concord between them; Ctrl-C stops all")
    parser.add_argument("--wizard", action="store_true", help="connect nothing, to walk through the setup")
    parser.add_argument("--reset", action="store_true", help="forget the demo's data first")
    parser.add_argument("--port", type=int, default=8000, help="Concord's own port (default: 8000)")
    parser.add_argument("--quickbooks-port", type=int, default=9001, help="default: 9001")
    parser.add_argument("--scoro-port", type=int, default=9002, help="default: 9002")
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--guide", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Run the demo, or its guide when called from within."""
    from app.demo import Demo, Ports, demo_home, guide, reset, run_demo

    home = options.home or demo_home(os.environ, wizard=options.wizard)
    demo = Demo(home, Ports(options.port, options.quickbooks_port, options.scoro_port), connected=not options.wizard)
    if options.guide:
        guide(demo)
        return Exit.DONE
    if options.reset:
        reset(home)
    return run_demo(demo)
