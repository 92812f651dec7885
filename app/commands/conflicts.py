"""`concord conflicts` and `concord resolve`: what a person has to decide."""

from __future__ import annotations

import argparse
from typing import Any

from app.commands import (
    Exit,
    Subcommands,
    add_command,
    add_connection,
    add_json,
    add_listing,
    add_person,
    add_yes,
    print_json,
)


def register(commands: Subcommands) -> None:
    """Add both commands."""
    listing = add_listing(commands, "conflicts", list_conflicts, "list open conflicts, the most money first")
    listing.add_argument("--kind", default="")
    listing.add_argument("--order", choices=("money", "age"), default="money")
    parser = add_command(commands, "resolve", resolve, "settle the conflict of one object")
    parser.add_argument("object", help="its id, number or name")
    parser.add_argument(
        "--side", choices=("scoro", "quickbooks"), help="keep this system's value in every field not named by --set"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="keep this value; may be repeated"
    )
    for add in (add_connection, add_person, add_yes, add_json):
        add(parser)


def list_conflicts(options: argparse.Namespace) -> Exit:
    """A page of open conflicts."""
    from app.terminal import connection_of, print_more, print_table
    from app.words import KINDS
    from engine.services import browse

    deps = options.open_deps()
    connection = connection_of(deps, options.connection)
    page = browse.conflicts(
        deps, connection.id, order=options.order, kind=options.kind, after=options.after, limit=options.limit
    )
    if options.json:
        rows = [
            {"id": one.line.id, "kind": one.line.kind, "title": one.line.title, "fields": one.paths}
            for one in page.rows
        ]
        print_json({"conflicts": rows, "next": page.next})
    elif not page.rows:
        print("No conflict waits." if not options.after else "No further conflict.")
    else:
        print_table([(one.line.id, KINDS[one.line.kind], one.line.name, ", ".join(one.paths)) for one in page.rows])
        print_more(page.next)
    return Exit.DONE


def resolve(options: argparse.Namespace) -> Exit:
    """Show the conflict and what the choice means; with a choice, ask and keep it."""
    from app.terminal import ask, connection_of, object_of, person_of
    from engine.services import resolve as settling

    deps = options.open_deps()
    view = settling.conflict(deps, object_of(deps, connection_of(deps, options.connection).id, options.object))
    choices = _choices(view, options)
    if not options.json:
        _show(view)
    if not choices:
        return _left_open(options, view)
    preview = settling.preview_resolution(deps, view.object_id, choices)
    if not options.json:
        _show_choice(preview)
    ask("Keep this?", yes=options.yes)
    settling.resolve(deps, view.object_id, version=view.version, choices=choices, person=person_of(options))
    if options.json:
        print_json({"id": view.object_id, "resolved": choices, "writes": preview.writes})
    else:
        print("Settled. The next run writes it to where it is missing; until then it can be undone in the browser.")
    return Exit.DONE


def _choices(view: Any, options: argparse.Namespace) -> dict[str, dict[str, str]]:
    from engine.errors import Refused

    given = dict(text.partition("=")[::2] for text in options.set)
    paths = [contest.path for contest in view.contests]
    unknown = sorted(set(given) - set(paths))
    if unknown:
        raise Refused(f"{', '.join(unknown)} is not in conflict.", hint=f"In conflict: {', '.join(paths)}.")
    choices = {path: {"value": value} for path, value in given.items()}
    if options.side:
        sided = (contest for contest in view.contests if contest.path not in given)
        choices |= {contest.path: {"side": _actor(contest, options.side)} for contest in sided}
    return choices


def _actor(contest: Any, system: str) -> str:
    """The replica of that system which took part; a contact has two in QuickBooks."""
    from engine.errors import Refused

    for actor in contest.sides:
        if actor.partition(".")[0] == system:
            return str(actor)
    raise Refused(f"“{contest.label}” was not edited there.", hint=f"Choose it with --set {contest.path}=VALUE.")


def _left_open(options: argparse.Namespace, view: Any) -> Exit:
    """Nothing was chosen: the conflict is printed and stays open."""
    if options.json:
        print_json({"id": view.object_id, "version": view.version, "sentence": view.sentence,
                    "fields": {one.path: {"base": one.base, "sides": one.sides} for one in view.contests}})  # fmt: skip
    else:
        print("Choose with --side scoro, --side quickbooks or --set FIELD=VALUE.")
    return Exit.NEEDS_PERSON


def _show(view: Any) -> None:
    from app.terminal import print_table
    from app.words import REPLICAS

    print(f"{view.title}: {view.sentence}")
    actors = list(dict.fromkeys(actor for contest in view.contests for actor in contest.sides))
    head = ["field", "", "before", *(REPLICAS.get(actor, actor) for actor in actors)]
    rows = [
        [one.path, one.label, _text(one.base), *(_text(one.sides.get(actor)) for actor in actors)]
        for one in view.contests
    ]
    print_table(rows, head=head)


def _show_choice(preview: Any) -> None:
    from app.words import REPLICAS

    for actor, values in preview.writes.items():
        if values:
            written = ", ".join(f"{path} = {_text(value)}" for path, value in values.items())
            print(f"{REPLICAS.get(actor, actor)} gets {written}")
    if preview.totals:
        print("Then " + ", ".join(f"{name} {amount}" for name, amount in preview.totals.items()))
    if preview.imbalance:
        print(preview.imbalance)


def _text(value: object) -> str:
    return "—" if value is None else str(value)
