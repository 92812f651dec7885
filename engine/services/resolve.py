"""Settling conflicts: a person's choice per field, checked for balance, logged with all that loses, undone until it
is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engine.core.money import LookupRate, balances, document_totals, to_decimal
from engine.core.objects import CausalObject, Contest
from engine.core.policy import generic
from engine.core.records import DOCUMENTS, EXISTS, HUB, Kind, Path, Scalar, State
from engine.core.rules import resolve as settle_by_person
from engine.errors import ConcordError, Refused
from engine.services.context import load_context
from engine.services.deciding import decide_objects
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.labels import label_of, rule_of
from engine.services.listing import listing_columns
from engine.services.references import under_todays_names
from engine.services.typed import Place, check_fits, typed_value
from engine.store import log
from engine.store.causal import causal_object, object_columns
from engine.store.database import reading, writing
from engine.store.tables import Binding, Change, Object, Outbox

Choices = Mapping[Path, Mapping[str, str]]
"""Path → ``{"side": actor}`` or ``{"value": text}``."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Who made an edit known, when and how."""

    actor: str
    at: datetime
    how: str
    sequence: int


@dataclass(frozen=True, slots=True)
class ContestView:
    """One contested field for the review. ``sides``: actor → value; ``None``: empty or removed. ``lines``:
    for a contested line, its fields on each side."""

    path: Path
    label: str
    type: str
    base: Scalar | None
    sides: Mapping[str, Scalar | None]
    noticed: Mapping[str, Noticed]
    lines: Mapping[str, Mapping[str, Scalar]]


@dataclass(frozen=True, slots=True)
class ConflictView:
    """Everything the review screen shows. ``version`` guards against a second reviewer."""

    object_id: str
    connection_id: str
    kind: str
    title: str
    version: int
    contests: tuple[ContestView, ...]
    canonical: State
    shadows: Mapping[str, State]
    sentence: str


@dataclass(frozen=True, slots=True)
class ResolutionPreview:
    """What a choice would mean. ``imbalance``: why the amounts would not add up, or "".

    ``writes``: actor → the values it would get.
    """

    totals: Mapping[str, str]
    imbalance: str
    writes: Mapping[str, Mapping[Path, Scalar | None]]
    state: State


def conflict(deps: Deps, object_id: str) -> ConflictView:
    """The open conflict of an object. Raises ``Refused`` when there is none."""
    with reading(deps.database) as session:
        row = _open(session, object_id)
        thing = causal_object(row)
        bindings = session.exec(select(Binding).where(Binding.object_id == object_id)).all()
        history = _history(session, object_id)
    shadows = {binding.replica: binding.shadow for binding in bindings}
    views = tuple(_view(thing, path, contest, shadows, history) for path, contest in sorted(thing.contests.items()))
    return ConflictView(
        row.id, row.connection_id, row.kind, row.title, row.version, views, row.fields, shadows, _sentence(thing)
    )


def _open(session: Session, object_id: str) -> Object:
    row = session.get(Object, object_id)
    if row is None or not row.contests:
        raise Refused("This conflict is settled already.", hint="Go back to the list of conflicts.")
    return row


def _history(session: Session, object_id: str) -> list[Change]:
    statement = select(Change).where(
        Change.object_id == object_id, col(Change.action).in_(("edited", "created", "resolved"))
    )
    return list(session.exec(statement.order_by(col(Change.sequence).desc()).limit(200)))


def _view(
    thing: CausalObject, path: Path, contest: Contest, shadows: Mapping[str, State], history: Sequence[Change]
) -> ContestView:
    rule = rule_of(thing.kind, path)
    is_line = generic(path) == "lines"
    lines = {actor: _line(shadows.get(actor, {}), path) for actor in contest.sides} if is_line else {}
    return ContestView(
        path,
        label_of(thing.kind, path),
        rule.type if rule else "flag",
        contest.base,
        {actor: side.value for actor, side in contest.sides.items()},
        {
            actor: found
            for actor, side in contest.sides.items()
            if (found := _noticed(history, actor, side.dot.counter)) is not None
        },
        lines,
    )


def _line(shadow: State, path: Path) -> dict[str, Scalar]:
    return {key[len(path) + 1 :]: value for key, value in shadow.items() if key.startswith(path + "/")}


def _noticed(history: Sequence[Change], actor: str, counter: int) -> Noticed | None:
    for change in history:
        if change.actor == actor and change.counter == counter:
            return Noticed(actor, change.at, change.noticed, change.sequence)
    return None


def _sentence(thing: CausalObject) -> str:
    """Why these edits are concurrent, in one sentence."""
    sides = {actor for contest in thing.contests.values() for actor in contest.sides}
    actors = sorted(sides, key=list(_NAMES).index)
    names = " and ".join(_NAMES[actor] for actor in actors)
    if EXISTS in thing.contests:
        return f"{names}: one side deleted it while the other edited it, and neither had seen what the other did."
    return f"{names} were edited after they last agreed, and neither edit was made with knowledge of the other."


_NAMES = {
    "scoro": "Scoro",
    "quickbooks": "QuickBooks",
    "quickbooks.customer": "The QuickBooks customer",
    "quickbooks.vendor": "The QuickBooks vendor",
    HUB: "A decision made here",
}


def preview_resolution(deps: Deps, object_id: str, choices: Choices) -> ResolutionPreview:
    """What these choices would mean, without keeping anything. Undecided fields stay as they are."""
    with reading(deps.database) as session:
        row = _open(session, object_id)
        context = load_context(session, row.connection_id)
        thing = causal_object(row)
        shadows = _shadows(session, object_id)
    values = _values(thing, choices)
    settled = _settled(deps, thing, values, shadows)
    directory = Directory(deps.database, context.id)
    return ResolutionPreview(
        totals=_totals(directory, settled),
        imbalance=_imbalance(directory, settled),
        writes={
            actor: {path: settled.fields.get(path) for path in values if shadow.get(path) != settled.fields.get(path)}
            for actor, shadow in shadows.items()
        },
        state=settled.fields,
    )


def _shadows(session: Session, object_id: str) -> dict[str, State]:
    rows = session.exec(select(Binding.replica, Binding.shadow).where(Binding.object_id == object_id))
    return {replica: dict(shadow) for replica, shadow in rows}


def _values(thing: CausalObject, choices: Choices) -> dict[Path, Scalar | None]:
    """The chosen values. Raises ``Refused`` for a side or a value that cannot be."""
    return {path: _value(thing, path, choice) for path, choice in choices.items() if path in thing.contests}


def _value(thing: CausalObject, path: Path, choice: Mapping[str, str]) -> Scalar | None:
    if "side" in choice:
        sides = thing.contests[path].sides
        if choice["side"] not in sides:
            raise Refused(f"“{label_of(thing.kind, path)}” has no such side.", hint="Reload the page.")
        return sides[choice["side"]].value
    return typed_value(thing.kind, path, choice["value"], str(thing.fields.get("currency", "")))


def check_typed(deps: Deps, object_id: str, path: Path, text: str) -> None:
    """Whether a typed value could be kept by both systems. Raises ``Refused`` with what is wrong with it."""
    with reading(deps.database) as session:
        row = _open(session, object_id)
        thing = causal_object(row)
        value = typed_value(thing.kind, path, text, row.currency)
        check_fits(_place(deps, session, row), {path: value})


def _place(deps: Deps, session: Session, row: Object) -> Place:
    context = load_context(session, row.connection_id)
    bindings = session.exec(select(Binding).where(Binding.object_id == row.id)).all()
    return Place(context, Directory(deps.database, context.id), Kind(row.kind), row.fields, tuple(bindings))


def _settled(
    deps: Deps, thing: CausalObject, values: Mapping[Path, Scalar | None], shadows: Mapping[str, State]
) -> CausalObject:
    dot = thing.vector.next_dot(HUB, int(deps.clock.now().timestamp()))
    return settle_by_person(thing, values, dot, shadows)


def _totals(directory: Directory, thing: CausalObject) -> dict[str, str]:
    if thing.kind not in DOCUMENTS or EXISTS not in thing.fields:
        return {}
    try:
        totals = document_totals(thing.fields, _rate(directory))
    except ConcordError:
        return {}
    return {"net": str(totals.net), "tax": str(totals.tax), "total": str(totals.total)}


def _imbalance(directory: Directory, thing: CausalObject) -> str:
    if thing.kind not in DOCUMENTS or EXISTS not in thing.fields:
        return ""
    try:
        return balances(thing.fields, _rate(directory)) or ""
    except ConcordError as error:
        return error.message


def _rate(directory: Directory) -> LookupRate:
    return lambda tax: to_decimal(directory.state(tax).get("rate", "0"))


def resolve(deps: Deps, object_id: str, *, version: int, choices: Choices, person: str) -> None:
    """Keep a person's choice for every contested field. Raises ``Refused`` when somebody else was first,
    when a field is left out, or when the amounts would not add up."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        row = _open(session, object_id)
        connection = log.lock(session, row.connection_id)
        session.refresh(row)
        thing = causal_object(row)
        if row.version != version or not thing.contests:
            raise Refused(
                "Somebody else, or a new edit, changed this in the meantime.",
                hint="Look at it again; nothing was overwritten.",
            )
        left_out = sorted(thing.contests.keys() - choices.keys())
        if left_out:
            names = ", ".join(label_of(thing.kind, path) for path in left_out)
            raise Refused(f"Choose for each field; still open: {names}.", hint="Pick a side or type a value.")
        context = load_context(session, row.connection_id)
        values, shadows = _values(thing, choices), _shadows(session, object_id)
        check_fits(_place(deps, session, row), {path: values[path] for path in values if "value" in choices[path]})
        settled = _settled(deps, thing, values, shadows)
        directory = Directory(deps.database, context.id)
        imbalance = _imbalance(directory, settled)
        if imbalance:
            raise Refused(imbalance, hint="Choose so that lines and tax add up to the total.")
        row = session.get_one(Object, object_id)
        _keep(session, row, settled, _totals(directory, settled), now)
        connection = log.lock(session, row.connection_id)
        log.append(session, connection, [_entry(thing, settled, values, person)], now)
        session.flush()
        decide_objects(session, context, [object_id], now=now)


def _keep(session: Session, row: Object, thing: CausalObject, totals: Mapping[str, str], now: datetime) -> None:
    for name, value in {**object_columns(thing), **listing_columns(thing, totals)}.items():
        setattr(row, name, value)
    row.version += 1
    row.dirty, row.updated_at = True, now
    session.add(row)


def _entry(before: CausalObject, after: CausalObject, values: Mapping[Path, Scalar | None], person: str) -> log.Entry:
    """The resolution with everything that loses, so that it can be brought back."""
    columns = object_columns(before)
    return log.Entry(
        action="resolved",
        object_id=after.id,
        kind=after.kind.value,
        actor=HUB,
        person=person,
        counter=after.vector[HUB],
        vector=dict(after.vector.counters),
        fields=[[path, before.fields.get(path), value, "superseded"] for path, value in sorted(values.items())],
        details={
            "contests": columns["contests"],
            "before": {name: columns[name] for name in ("fields", "dots")},
            "state": dict(after.fields),
        },
        noticed="manual",
    )


def undo(deps: Deps, object_id: str, person: str) -> None:
    """Take back the last resolution, as long as nothing of it was written. Raises ``Refused`` afterwards."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        row = session.get_one(Object, object_id)
        connection = log.lock(session, row.connection_id)
        session.refresh(row)
        statement = select(Change).where(Change.object_id == object_id).order_by(col(Change.sequence).desc()).limit(1)
        last = session.exec(statement).first()
        if last is None or last.action != "resolved" or last.actor != HUB or "contests" not in last.details:
            raise Refused(
                "This resolution was written or followed by an edit.", hint="Make a new edit, or send one side by hand."
            )
        if _is_on_its_way(session, object_id):
            raise Refused("This resolution is being written right now.", hint="Look at it again after the next run.")
        before = _as_before(session, row, last)
        _keep(session, row, before, _totals(Directory(deps.database, row.connection_id), before), now)
        entry = log.Entry(
            "reopened", object_id=object_id, kind=row.kind, actor=HUB, person=person, vector=dict(row.vector),
            details={"undone": last.sequence, "state": row.fields, "contests": row.contests}, noticed="manual",
        )  # fmt: skip
        log.append(session, connection, [entry], now)
        session.flush()
        decide_objects(session, load_context(session, row.connection_id), [object_id], now=now)


def _as_before(session: Session, row: Object, resolution: Change) -> CausalObject:
    """The object as it was when its conflict was settled; what was linked since keeps its new name."""
    row.fields, row.dots = resolution.details["before"]["fields"], resolution.details["before"]["dots"]
    row.contests = resolution.details["contests"]
    return under_todays_names(session, causal_object(row))


def _is_on_its_way(session: Session, object_id: str) -> bool:
    """Whether a write of the object was sent whose answer is not known: it may have taken effect."""
    statement = select(Outbox.id).where(Outbox.object_id == object_id, Outbox.state == "sent").limit(1)
    return session.exec(statement).first() is not None


@dataclass(frozen=True, slots=True)
class Similar:
    """Another conflict to which the same choice could be applied."""

    object_id: str
    title: str
    version: int


def similar(deps: Deps, object_id: str, choices: Choices, *, limit: int = 100) -> list[Similar]:
    """Open conflicts of the same kind over the same fields, settled by choosing sides only."""
    if any("side" not in choice for choice in choices.values()):
        return []
    wanted = {generic(path) for path in choices}
    with reading(deps.database) as session:
        row = session.get_one(Object, object_id)
        statement = select(Object).where(
            Object.connection_id == row.connection_id, Object.kind == row.kind, Object.disposition == "conflict",
            Object.id != object_id, Object.merged_into == "",
        )  # fmt: skip
        rows = session.exec(statement.order_by(col(Object.id)).limit(limit)).all()
    return [
        Similar(found.id, found.title, found.version)
        for found in rows
        if {generic(path) for path in found.contests} == wanted
    ]


def same_choices(deps: Deps, object_id: str, choices: Choices) -> Choices:
    """The choices of one conflict, transferred to another one's paths."""
    by_generic = {generic(path): choice for path, choice in choices.items()}
    with reading(deps.database) as session:
        row = _open(session, object_id)
        return {path: by_generic[generic(path)] for path in row.contests if generic(path) in by_generic}
