"""`concord objects` and `concord show`: what is known, in a list and one by one."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.commands import Exit, Subcommands, add_command, add_connection, add_json, add_listing, print_json

if TYPE_CHECKING:
    from engine.services.browse.object_view import FieldRow, ObjectView
    from engine.services.deps import Deps


def register(commands: Subcommands) -> None:
    """Add both commands."""
    listing = add_listing(commands, "objects", list_objects, "list objects of both systems, the latest first")
    for name in ("search", "kind", "category", "disposition", "reason"):
        listing.add_argument(f"--{name}", default="")
    listing.add_argument("--side", default="", choices=("scoro", "quickbooks", "both"), help="where it lives")
    listing.add_argument("--from", dest="first", default="", metavar="DATE", help="documents from this day on")
    listing.add_argument("--to", dest="last", default="", metavar="DATE", help="documents up to this day")
    one = add_command(commands, "show", show, "show one object: its fields side by side, where it stands and why")
    one.add_argument("object", help="its id, number or name")
    add_connection(one)
    add_json(one)


def list_objects(options: argparse.Namespace) -> Exit:
    """A page of objects."""
    from app.terminal import connection_of, print_more, print_table
    from app.words import DISPOSITIONS, KINDS
    from engine.services import browse

    deps = options.open_deps()
    connection = connection_of(deps, options.connection)
    page = browse.objects(deps, connection.id, _filters(options), options.after, options.limit)
    if options.json:
        rows = [asdict(line) | {"systems": sorted(line.systems)} for line in page.rows]
        print_json({"objects": rows, "next": page.next})
        return Exit.DONE
    print_table(
        [
            (line.id, KINDS[line.kind], line.name, _amount(line), DISPOSITIONS[line.disposition].label, line.reason)
            for line in page.rows
        ]
    )
    print_more(page.next)
    return Exit.DONE


def _filters(options: argparse.Namespace) -> Any:
    from app.words import CATEGORIES, DISPOSITIONS, KINDS
    from engine.errors import Refused
    from engine.services.browse.objects import Filters

    for name, known in (("kind", KINDS), ("category", CATEGORIES), ("disposition", DISPOSITIONS)):
        given = getattr(options, name)
        if given and given not in known:
            raise Refused(f"There is no {name} {given}.", hint=f"It is one of {', '.join(known)}.")
    names = ("search", "kind", "category", "disposition", "reason", "side", "first", "last")
    return Filters(**{name: getattr(options, name) for name in names})


def _amount(line: Any) -> str:
    from engine.core.money import minor_digits

    if line.amount_minor is None:
        return ""
    digits = minor_digits(line.currency) if line.currency else 2
    return f"{line.amount_minor / 10**digits:.{digits}f} {line.currency}".rstrip()


def show(options: argparse.Namespace) -> Exit:
    """One object in full."""
    from app.terminal import connection_of, object_of
    from engine.services import browse, objects

    deps = options.open_deps()
    connection = connection_of(deps, options.connection)
    view = browse.object_view(deps, object_of(deps, connection.id, options.object))
    rungs = objects.explain(deps, view.row.id)
    if options.json:
        print_json(_view_as_json(view, rungs))
    else:
        _tell(deps, view, rungs)
    return Exit.DONE


def _view_as_json(view: ObjectView, rungs: list[Any]) -> dict[str, Any]:
    row = view.row
    return {
        "id": row.id,
        "kind": row.kind,
        "category": row.category,
        "title": row.title,
        "disposition": row.disposition,
        "reason": row.reason,
        "agreed": row.fields,
        "records": [
            {
                "replica": binding.replica,
                "type": binding.remote_type,
                "id": binding.remote_id,
                "revision": binding.revision,
                "gone": binding.gone,
                "fields": binding.shadow,
            }
            for binding in view.bindings
        ],
        "conflict": row.contests,
        "why": [asdict(rung) for rung in rungs],
        "refers_to": [line.id for line in view.refers_to],
        "used_by": [line.id for line in view.used_by],
        "writes": [
            {"id": write.id, "operation": write.operation, "replica": write.replica, "state": write.state,
             "error": write.error, "hint": write.hint}
            for write in view.writes
        ],
    }  # fmt: skip


def _tell(deps: Deps, view: ObjectView, rungs: list[Any]) -> None:
    from app.terminal import print_table
    from app.words import DISPOSITIONS, KINDS, REPLICAS
    from engine.services.objects import reason_words

    row = view.row
    sentence, way_out = reason_words(row.reason)
    print(f"{KINDS[row.kind]} {row.title}  ({row.id})")
    print(f"{DISPOSITIONS[row.disposition].label}. {sentence} {way_out}".rstrip())
    for teller in ("refused", "problem", "unreadable", "failure"):
        told = row.facts.get(teller)
        if told:
            print(f"{told['message']} {told['hint']}".rstrip())
            break
    print()
    sides = [binding.replica for binding in view.bindings]
    records = [_record(binding) for binding in view.bindings]
    head = ["", "", "agreed", *(REPLICAS[side] for side in sides)]
    rows = [*view.header, *(line for block in view.lines for line in (block.whole, *block.fields))]
    names = _names(deps, row.kind, rows)
    print_table([["", "", "", *records], *(_field(row.kind, field, sides, names) for field in rows)], head=head)
    print()
    print_table([("→" if rung.decisive else " ", rung.question, rung.answer) for rung in rungs])


def _record(binding: Any) -> str:
    return f"{binding.remote_type} {binding.remote_id}" + (" (gone)" if binding.gone else "")


def _names(deps: Deps, kind: str, rows: list[FieldRow]) -> dict[str, str]:
    from app import fields
    from engine.store.database import reading

    pairs = [(row.path, raw) for row in rows for raw in (row.agreed, *row.values.values())]
    with reading(deps.database) as session:
        return fields.titles(session, fields.references(kind, pairs))


def _field(kind: str, row: FieldRow, sides: list[str], names: dict[str, str]) -> list[str]:
    """A mark where the sides differ (≠ when it is a conflict), then the field everywhere."""
    mark = "≠" if row.contested else "*" if row.differs else ""
    values = ["" if side in row.absent else _text(kind, row.path, row.values.get(side), names) for side in sides]
    return [mark, _label(kind, row.path), _text(kind, row.path, row.agreed, names), *values]


def _label(kind: str, path: str) -> str:
    from app import fields

    return "Line" if path.startswith("lines/") and path.count("/") == 1 else fields.label(kind, path)


def _text(kind: str, path: str, raw: Any, names: dict[str, str]) -> str:
    from engine.core.records import Kind
    from engine.mapping.registry import rule_for

    if raw is None:
        return "—"
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    rule = rule_for(Kind(kind), path)
    return names.get(str(raw), str(raw)) if rule and rule.type == "reference" else str(raw)
