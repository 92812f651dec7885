"""`concord runs`: what ran, what halted, what became of each write."""

from __future__ import annotations

import argparse
from typing import Any

from app.commands import Exit, Subcommands, add_listing, add_person, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_listing(commands, "runs", run, "list runs, the latest first; or show, continue or stop one")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--show", default="", metavar="RUN", help="one run with its writes")
    act.add_argument("--continue", dest="go_on", default="", metavar="RUN", help="go on although a brake halted it")
    act.add_argument("--stop", default="", metavar="RUN", help="have it stop after the step it is in")
    act.add_argument("--approve", default="", metavar="RUN", help="apply exactly the plan of this dry run")
    parser.add_argument("--state", default="", choices=("queued", "running", "halted", "done", "failed", "stopped"))
    add_person(parser)


def run(options: argparse.Namespace) -> int:
    """List, or do what was asked with one run."""
    deps = options.open_deps()
    for text, act in (
        (options.show, _show),
        (options.go_on, _go_on),
        (options.stop, _stop),
        (options.approve, _approve),
    ):
        if text:
            return act(options, deps, _known(deps, text))
    return _list(options, deps)


def _known(deps: Any, run_id: str) -> Any:
    from engine.errors import Refused
    from engine.store.database import reading
    from engine.store.tables import Run

    with reading(deps.database) as session:
        found = session.get(Run, run_id)
    if found is None:
        raise Refused(f"There is no run {run_id}.", hint="`concord runs` lists them.")
    return found


def _list(options: argparse.Namespace, deps: Any) -> Exit:
    from app.terminal import connection_of, print_more, print_table, summary_of
    from engine.services import browse

    connection = connection_of(deps, options.connection)
    page = browse.runs(deps, connection.id, state=options.state, after=options.after, limit=options.limit)
    if options.json:
        print_json({"runs": [_as_json(row) for row in page.rows], "next": page.next})
    else:
        print_table(
            [(row.id, row.queued_at.strftime("%Y-%m-%d %H:%M"), row.trigger, row.state, row.error or summary_of(row))
             for row in page.rows]
        )  # fmt: skip
        print_more(page.next)
    return Exit.DONE


def _as_json(row: Any) -> dict[str, Any]:
    names = ("id", "trigger", "state", "dry", "requested_by", "categories", "counts", "error", "hint", "plan_id",
             "queued_at", "started_at", "finished_at", "overridden_by", "stop_requested_by")  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _show(options: argparse.Namespace, deps: Any, row: Any) -> Exit:
    from app.terminal import print_more, print_table, summary_of
    from app.words import KINDS, REPLICAS, RUN_STATES
    from engine.services import browse

    page = browse.writes(deps, row.id, after=options.after, limit=options.limit)
    if options.json:
        names = ("id", "object_id", "kind", "title", "replica", "operation", "state", "values", "error", "hint",
                 "remote_id", "attempts")  # fmt: skip
        writes = [{name: getattr(write, name) for name in names} for write in page.rows]
        print_json(_as_json(row) | {"writes": writes, "next": page.next})
        return Exit.DONE
    print(f"{RUN_STATES[row.state][0]}. {summary_of(row)} {row.error} {row.hint}".rstrip())
    print_table(
        [
            (write.state, write.operation, KINDS[write.kind], write.title, f"in {REPLICAS[write.replica]}", write.error)
            for write in page.rows
        ]
    )
    print_more(page.next)
    return Exit.DONE


def _go_on(options: argparse.Namespace, deps: Any, row: Any) -> Exit:
    from app.commands.sync import finish
    from app.terminal import person_of
    from engine.services import sync

    sync.continue_halted(deps, row.id, person_of(options))
    return finish(deps, row.id, as_json=options.json)


def _stop(options: argparse.Namespace, deps: Any, row: Any) -> Exit:
    from app.terminal import person_of
    from engine.services import sync

    sync.stop_run(deps, row.id, person_of(options))
    print("It stops after the step it is in.")
    return Exit.DONE


def _approve(options: argparse.Namespace, deps: Any, row: Any) -> Exit:
    from app.commands.sync import finish
    from app.terminal import person_of
    from engine.services.previews import approve_plan

    return finish(deps, approve_plan(deps, row.plan_id, person_of(options)), as_json=options.json)
