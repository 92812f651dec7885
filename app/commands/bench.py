"""`concord bench`: what Concord costs, in requests, time and memory."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from app.commands import Exit, Subcommands, add_command, add_json, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "bench", run, "measure: requests to both systems (api), time and memory (engine)")
    parser.add_argument("what", choices=("api", "engine"))
    parser.add_argument("--scale", type=int, default=1000, help="api: invoices of the big run (default: 1000)")
    parser.add_argument(
        "--objects",
        type=int,
        action="append",
        help="engine: how many objects; may be repeated (default: 1k, 10k, 100k)",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> Exit:
    """Measure in a world of its own; no settings, no network."""
    return _api(options) if options.what == "api" else _engine(options)


def _api(options: argparse.Namespace) -> Exit:
    from app.bench import api
    from app.terminal import print_table

    figures = list(api.measure(options.scale))
    if options.json:
        print_json([asdict(figure) | {"ok": figure.ok} for figure in figures])
    else:
        print_table(api.table(figures), head=("requests", "to", "counted", "limit", "", "here"))
    return Exit.DONE if all(figure.ok for figure in figures) else Exit.FAILED


def _engine(options: argparse.Namespace) -> Exit:
    from app.bench.engine import HEAD, measure, table
    from app.terminal import print_table

    figures = list(measure(tuple(options.objects or (1_000, 10_000, 100_000))))
    if options.json:
        print_json([asdict(figure) | {"ratio": figure.ratio, "ok": figure.ok} for figure in figures])
    else:
        print_table(table(figures), head=HEAD)
    return Exit.DONE if all(figure.ok for figure in figures) else Exit.FAILED
