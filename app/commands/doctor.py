"""`concord doctor`: what is wrong, and the way out."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from app.commands import Exit, Subcommands, add_command, add_json, print_json

EXITS = {"person": Exit.NEEDS_PERSON, "later": Exit.TRY_LATER}


def register(commands: Subcommands) -> None:
    """Add the command."""
    add_json(add_command(commands, "doctor", run, "check settings, database, Redis, both systems' keys and the clock"))


def run(options: argparse.Namespace) -> Exit:
    """Check everything; the exit code is that of the first thing that is wrong."""
    from app.doctor import examine
    from app.settings import load_settings

    findings = []
    for finding in examine(load_settings(), options.open_deps):
        findings.append(finding)
        if not options.json:
            print(f"{'ok   ' if finding.ok else 'WRONG'} {finding.sentence}")
            if finding.way_out:
                print(f"      {finding.way_out}")
    if options.json:
        print_json([asdict(finding) for finding in findings])
    wrong = next((finding for finding in findings if not finding.ok), None)
    return Exit.DONE if wrong is None else EXITS.get(wrong.exit_hint, Exit.MISCONFIGURED)
