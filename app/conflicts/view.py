"""The review as its page shows it: contested fields to pick from, lines aligned, what the picks would mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from app import fields
from app.conflicts.forms import BOTH, VALUE, Pick, both_of, can_type, ordered
from app.objects.view import Row, referred, row_of, shown
from app.words import REPLICAS
from engine.core.policy import Policy
from engine.core.records import EXISTS, HUB, Kind, Replica, Scalar
from engine.services.browse.object_view import FieldRow, LineBlock, ObjectView
from engine.services.context import load_context
from engine.services.labels import label_of
from engine.services.resolve import ConflictView, ContestView, Noticed, ResolutionPreview
from engine.store.tables import Binding


@dataclass(frozen=True, slots=True)
class Option:
    """One radio button. ``changed``: it says something else than the base."""

    how: str
    text: str
    picked: bool
    changed: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """One contested field: the base, what each system says, and what else may be picked."""

    path: str
    label: str
    base: str
    scoro: tuple[Option, ...]
    quickbooks: tuple[Option, ...]
    here: tuple[Option, ...]
    both: Option | None
    typed: bool
    type: str
    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the document, aligned. ``choices`` ask; ``others`` were edited on one side only."""

    key: str
    title: str
    choices: tuple[Choice, ...]
    others: tuple[Row, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Who edited, when it changed there, when and how it was noticed."""

    actor: str
    changed_at: Any
    noticed: tuple[tuple[str, Noticed], ...]


@dataclass(frozen=True, slots=True)
class Write:
    """What one replica would get."""

    replica: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Everything the review shows. ``stays``: paths edited against the direction only, which settling does not carry."""

    conflict: ConflictView
    header: tuple[Choice, ...]
    others: tuple[Row, ...]
    lines: tuple[Line, ...]
    edits: tuple[Edit, ...]
    sides: tuple[tuple[str, Mapping[str, str]], ...]
    stays: frozenset[str]
    picked: int
    total: int


def review(
    session: Session, found: ConflictView, view: ObjectView, picks: Mapping[str, Pick], errors: Mapping[str, str]
) -> Review:
    """The review in people's words. ``errors``: path → what is wrong with a typed value."""
    kind, currency = found.kind, view.row.currency
    names = fields.titles(session, _mentioned(found, view))
    contests = {contest.path: contest for contest in found.contests}
    choices = {
        path: _choice(kind, contest, picks.get(path), names, currency, errors.get(path, ""))
        for path, contest in contests.items()
    }
    header = tuple(choices[row.path] for row in view.header if row.path in choices)
    others = tuple(
        _settles_itself(kind, row, names, currency) for row in view.header if row.differs and row.path not in choices
    )
    lines = tuple(
        _line(kind, block, choices, names, currency, place) for place, block in enumerate(view.lines, start=1)
    )
    return Review(
        conflict=found,
        header=header,
        others=others,
        lines=lines,
        edits=_edits(found, view.bindings),
        sides=_sides(view.bindings),
        stays=_stays(view, load_context(session, view.row.connection_id).policy(Kind(kind))),
        picked=len(picks),
        total=len(contests),
    )


def _mentioned(found: ConflictView, view: ObjectView) -> set[str]:
    rows = [*view.header, *(row for block in view.lines for row in (block.whole, *block.fields))]
    pairs = [(contest.path, value) for contest in found.contests for value in (contest.base, *contest.sides.values())]
    return referred(found.kind, rows) | fields.references(found.kind, pairs)


def _choice(
    kind: str, contest: ContestView, pick: Pick | None, names: Mapping[str, str], currency: str, error: str
) -> Choice:
    how = pick.how if pick else ""
    options = {
        actor: Option(
            actor, _said(kind, contest, actor, names, currency), how == actor, contest.sides[actor] != contest.base
        )
        for actor in ordered(contest.sides)
    }
    joined = both_of(contest)
    return Choice(
        path=contest.path,
        label=label_of(Kind(kind), contest.path),
        base=_value(kind, contest, contest.base, names, currency),
        scoro=tuple(option for actor, option in options.items() if actor == Replica.SCORO),
        quickbooks=tuple(option for actor, option in options.items() if actor not in (Replica.SCORO, HUB)),
        here=tuple(option for actor, option in options.items() if actor == HUB),
        both=Option(BOTH, joined, how == BOTH) if joined else None,
        typed=can_type(contest),
        type=contest.type,
        text=pick.text if pick and how == VALUE else "",
        error=error,
    )


def _said(kind: str, contest: ContestView, actor: str, names: Mapping[str, str], currency: str) -> str:
    text = _value(kind, contest, contest.sides[actor], names, currency)
    line = contest.lines.get(actor)
    if not line or contest.sides[actor] is None:
        return text
    told = [
        shown(kind, f"{contest.path}/{name}", value, names, currency)
        for name, value in line.items()
        if name != "line_type"
    ]
    return f"{text}: {' · '.join(told)}"


def _value(kind: str, contest: ContestView, value: Scalar | None, names: Mapping[str, str], currency: str) -> str:
    if contest.path == EXISTS:
        return "Deleted" if value is None else "Kept"
    if contest.type == "flag" and contest.path.count("/") == 1:
        return "Removed" if value is None else "Kept"
    return shown(kind, contest.path, value, names, currency)


def _line(
    kind: str, block: LineBlock, choices: Mapping[str, Choice], names: Mapping[str, str], currency: str, place: int
) -> Line:
    rows = [row_of(kind, row, names, currency) for row in block.fields]
    told = {row.path.rpartition("/")[2]: row.agreed for row in rows if row.agreed != "—"}
    asked = tuple(choices[row.path] for row in (block.whole, *block.fields) if row.path in choices)
    others = tuple(
        _settles_itself(kind, row, names, currency)
        for row in (block.whole, *block.fields)
        if row.differs and row.path not in choices
    )
    name = told.get("description") or told.get("product") or ""
    parts = [told.get("quantity", ""), told.get("unit_price", "")]
    return Line(
        block.key,
        f"Line {place}: {name[:80]}" if name else f"Line {place}",
        asked,
        others,
        " × ".join(p for p in parts if p),
    )


def _settles_itself(kind: str, row: FieldRow, names: Mapping[str, str], currency: str) -> Row:
    """A field edited on one side only, with what was agreed before: that is what the other side still says."""
    before = row.values[min(row.differs)]
    return replace(row_of(kind, row, names, currency), agreed=shown(kind, row.path, before, names, currency))


def _stays(view: ObjectView, policy: Policy) -> frozenset[str]:
    rows = [*view.header, *(row for block in view.lines for row in (block.whole, *block.fields))]
    behind = ((row.path, row.values.keys() - row.differs - row.absent) for row in rows if row.differs)
    return frozenset(path for path, edited in behind if not any(map(policy.propagates, edited)))


def _edits(found: ConflictView, bindings: tuple[Binding, ...]) -> tuple[Edit, ...]:
    changed = {binding.replica: binding.remote_modified_at for binding in bindings}
    actors = ordered({actor for contest in found.contests for actor in contest.sides})
    return tuple(Edit(actor, changed.get(actor), _noticed(found, actor)) for actor in actors)


def _noticed(found: ConflictView, actor: str) -> tuple[tuple[str, Noticed], ...]:
    """Each notice once, with the fields it brought."""
    labels: dict[int, list[str]] = {}
    notices: dict[int, Noticed] = {}
    for contest in found.contests:
        notice = contest.noticed.get(actor)
        if notice:
            notices[notice.sequence] = notice
            labels.setdefault(notice.sequence, []).append(contest.label)
    return tuple((", ".join(dict.fromkeys(labels[number])), notice) for number, notice in sorted(notices.items()))


def _sides(bindings: tuple[Binding, ...]) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """What each side computes: net, tax, total."""
    names = (("net", "net_total"), ("tax", "tax_total"), ("total", "total"))
    return tuple(
        (REPLICAS[binding.replica], {short: str(binding.facts[long]) for short, long in names if long in binding.facts})
        for binding in bindings
        if not binding.gone and "total" in binding.facts
    )


def writes(session: Session, found: ConflictView, preview: ResolutionPreview, currency: str) -> tuple[Write, ...]:
    """What each replica would get, in words; replicas that get nothing are told too."""
    pairs = [pair for values in preview.writes.values() for pair in values.items()]
    names = fields.titles(session, fields.references(found.kind, pairs))
    return tuple(
        Write(
            replica,
            tuple(
                (fields.label(found.kind, path), _written(found.kind, path, value, names, currency))
                for path, value in sorted(values.items())
            ),
        )
        for replica, values in sorted(preview.writes.items(), key=lambda item: ordered(preview.writes).index(item[0]))
    )


def _written(kind: str, path: str, value: Any, names: Mapping[str, str], currency: str) -> str:
    if path == EXISTS:
        return "deleted there" if value is None else "kept, or created again"
    if isinstance(value, bool) and path.count("/") == 1:
        return "the line is kept"
    return "cleared" if value is None else shown(kind, path, value, names, currency)
