"""What the commands share: which connection and object is meant, tables, questions, and the progress of a run."""

from __future__ import annotations

import argparse
import getpass
import shutil
import sys
from collections.abc import Iterable, Sequence

from sqlmodel import col, select

from app.words import plural
from engine.errors import Refused
from engine.services.browse import ids_of
from engine.services.browse.listed import Line
from engine.services.browse.objects import Filters, objects
from engine.services.deps import Deps
from engine.store.database import reading
from engine.store.tables import Connection, Run

SHOWN = 8
"""Candidates that are named when a text fits several objects."""


def person_of(options: argparse.Namespace) -> str:
    """The name that the log gets."""
    return str(options.person or f"{getpass.getuser()} (command line)")


def connection_of(deps: Deps, name: str) -> Connection:
    """The connection called ``name``, or the only one. Raises ``Refused`` when there is none or more than one."""
    with reading(deps.database) as session:
        rows = session.exec(select(Connection).order_by(col(Connection.id))).all()
        session.expunge_all()
    if name:
        rows = [row for row in rows if name in {row.id, row.name}]
    elif len(rows) > 1:
        rows = [row for row in rows if row.state != "disconnected"] or rows
    if not rows:
        raise Refused(
            f"There is no connection called {name}." if name else "Nothing is connected yet.",
            hint="`concord status` lists the connections." if name else "Make one with `concord connect`.",
        )
    if len(rows) > 1:
        names = ", ".join(f"{row.name} ({row.id})" for row in rows)
        raise Refused(f"Several connections fit: {names}.", hint="Name one with --connection, by its id if need be.")
    return rows[0]


def object_of(deps: Deps, connection_id: str, text: str) -> str:
    """The object with this id, number, name, or id in either system. Raises ``Refused`` when none or several fit."""
    if ids_of(deps, connection_id, [text]):
        return text
    found = objects(deps, connection_id, Filters(search=text), limit=SHOWN).rows
    exact = [line for line in found if line.title.casefold() == text.casefold()] or list(found)
    if not exact:
        raise Refused(f"Nothing is called {text}.", hint="`concord objects --search` finds parts of a name or number.")
    if len(exact) > 1:
        raise Refused(f"{text} can be:\n" + "\n".join(map(_candidate, exact)), hint="Use the id in front of it.")
    return exact[0].id


def _candidate(line: Line) -> str:
    return f"  {line.id}  {line.kind}  {line.name}"


def ask(question: str, *, yes: bool) -> None:
    """Go on only when a person agrees. Raises ``Refused`` when they do not, or when there is nobody to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("This needs a confirmation.", hint="Repeat it with --yes to confirm.")
    if input(f"{question} [y/N] ").strip().casefold() not in {"y", "yes"}:
        raise Refused("Nothing was done.")


def print_table(rows: Iterable[Sequence[object]], *, head: Sequence[str] = ()) -> None:
    """Columns as wide as their widest cell; the last one is cut at the terminal's edge."""
    cells = [[_cell(value) for value in row] for row in ([head] if head else []) + list(rows)]
    if not cells:
        return
    widths = [max(len(row[position]) for row in cells) for position in range(len(cells[0]))]
    edge = shutil.get_terminal_size((200, 24)).columns if sys.stdout.isatty() else None
    for row in cells:
        text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(text[:edge])


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


def print_more(cursor: str) -> None:
    """How to see what comes after a page."""
    if cursor:
        print(f"More: --after {cursor}", file=sys.stderr)


class Progress:
    """The state of a run on one line of the terminal; silent where there is none."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def show(self, run: Run) -> None:
        """Write the line anew."""
        if self._shown:
            print(f"\r\x1b[K  {progress_of(run)}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave the line empty for what comes next."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


PHASES = {
    "": "Waiting to start",
    "recover": "Finding out what became of earlier writes",
    "observe": "Looking at both systems",
    "plan": "Deciding",
    "apply": "Writing",
}


def progress_of(run: Run) -> str:
    """What a run is doing, in a sentence."""
    counts = run.counts
    parts = [f"{name} {counts[name]}" for name in ("observed", "planned", "written", "refused") if counts.get(name)]
    return ", ".join([PHASES.get(run.phase, run.phase), *parts])


def summary_of(run: Run) -> str:
    """What a run has done, in a sentence."""
    counts = run.counts
    parts = [
        plural(int(counts.get("observed", 0)), "record looked at", "records looked at"),
        plural(int(counts.get("edited", 0)) + int(counts.get("new", 0)), "change"),
        plural(int(counts.get("planned" if run.dry else "written", 0)), "write" + (" planned" if run.dry else ""),
               "writes" + (" planned" if run.dry else "")),
    ]  # fmt: skip
    parts += [f"{counts['refused']} refused"] if counts.get("refused") else []
    parts += [f"{counts['retry']} to be sent again"] if counts.get("retry") else []
    parts += [plural(int(counts["conflicts"]), "new conflict")] if counts.get("conflicts") else []
    return ", ".join(parts) + "."


def progress_note(text: str) -> None:
    """What goes on, on one line of the terminal that the next one replaces; silent where there is none."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K  {text}", end="", file=sys.stderr, flush=True)
