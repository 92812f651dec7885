"""`concord sync`: one run, now and here."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.commands import Exit, Subcommands, add_command, add_connection, add_json, add_person, print_json

if TYPE_CHECKING:
    from engine.services.deps import Deps
    from engine.store.tables import Run

LOOK_SECONDS = 0.5
OPEN = ("queued", "running")


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(commands, "sync", run, "bring both systems into agreement now")
    add_connection(parser)
    add_person(parser)
    add_json(parser)
    parser.add_argument("--dry-run", action="store_true", help="look, decide and print the plan; write nothing")
    parser.add_argument("--category", action="append", default=[], help="write this category only; may be repeated")


def run(options: argparse.Namespace) -> Exit:
    """Ask for a run and carry it through; one that is going on already is followed to its end."""
    from app.terminal import connection_of, person_of
    from engine.services import sync

    deps = options.open_deps()
    connection = connection_of(deps, options.connection)
    run_id = sync.request_run(
        deps,
        connection.id,
        trigger="person",
        person=person_of(options),
        categories=known_categories(options.category),
        dry=options.dry_run,
    )
    return finish(deps, run_id, as_json=options.json)


def finish(deps: Deps, run_id: str, *, as_json: bool) -> Exit:
    """Carry the run through, print what it did, and say by the exit code what is left to do."""
    run = follow(deps, run_id)
    plan = _plan(deps, run) if run.dry or run.state == "halted" else []
    if as_json:
        print_json(_as_json(run, plan))
    else:
        _tell(run, plan)
    return _exit(deps, run)


def follow(deps: Deps, run_id: str) -> Run:
    """Work on the run until it is over, or watch while a worker does."""
    from app.terminal import Progress
    from engine.services import sync

    progress = Progress()

    def show() -> bool:
        progress.show(_load(deps, run_id))
        return False

    watched = replace(deps, yield_now=show)
    while (run := _load(deps, run_id)).state in OPEN:
        progress.show(run)
        if not sync.run_chunk(watched, run_id) and _load(deps, run_id).state in OPEN:
            time.sleep(LOOK_SECONDS)  # somebody else holds the lease; it runs out if they are dead
    progress.clear()
    return run


def _load(deps: Deps, run_id: str) -> Run:
    from engine.store.database import reading
    from engine.store.tables import Run

    with reading(deps.database) as session:
        return session.get_one(Run, run_id)


def known_categories(names: list[str]) -> list[str]:
    """The same names. Raises ``Refused`` for one that is no category."""
    from app.words import CATEGORIES
    from engine.errors import Refused

    for name in names:
        if name not in CATEGORIES:
            raise Refused(f"There is no category {name}.", hint=f"Categories are {', '.join(CATEGORIES)}.")
    return names


def _plan(deps: Deps, run: Run) -> list[Any]:
    from engine.services.browse import plan_rows

    return list(plan_rows(deps, run.plan_id, limit=1000).rows) if run.plan_id else []


def _as_json(run: Run, plan: list[Any]) -> dict[str, Any]:
    fields = ("object_id", "kind", "replica", "operation", "title", "before", "values")
    return {
        "id": run.id,
        "state": run.state,
        "dry": run.dry,
        "counts": run.counts,
        "error": run.error,
        "hint": run.hint,
        "brakes": run.halt.get("brakes", []),
        "plan": [{name: getattr(row, name) for name in fields} for row in plan],
    }


def _tell(run: Run, plan: list[Any]) -> None:
    import sys

    from app.terminal import print_table, summary_of
    from app.words import KINDS, REPLICAS

    print(summary_of(run))
    print_table([(row.operation, KINDS[row.kind], row.title, f"in {REPLICAS[row.replica]}") for row in plan])
    if run.error:
        print(f"{run.error}\n{run.hint}".strip(), file=sys.stderr)
    if run.state == "halted":
        print(f"`concord runs --continue {run.id}` goes on; nothing was written.", file=sys.stderr)
    if run.state == "stopped":
        print(f"Stopped by {run.stop_requested_by}.", file=sys.stderr)


def _exit(deps: Deps, run: Run) -> Exit:
    from engine.services.browse import conflicts
    from engine.store.database import reading
    from engine.store.tables import Connection

    with reading(deps.database) as session:
        lost = session.get_one(Connection, run.connection_id).state == "unauthorised"
    if lost or run.state == "halted":
        return Exit.NEEDS_PERSON
    if run.state != "done":
        return Exit.FAILED
    return Exit.NEEDS_PERSON if conflicts(deps, run.connection_id, limit=1).rows else Exit.DONE
