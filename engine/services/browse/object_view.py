"""One object in full: its fields on every side, its lines aligned, what it is linked with, what was written of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.objects import CausalObject, carried
from engine.core.policy import generic
from engine.core.records import EXISTS, LINES, Kind, Path, Replica, Scalar, State, line_key
from engine.errors import Refused
from engine.mapping.base import FieldRule
from engine.services.browse.listed import Line, lines_of
from engine.services.deciding import carried_fields
from engine.services.deps import Deps
from engine.services.labels import rules_of
from engine.store.causal import causal_binding, causal_object
from engine.store.database import reading
from engine.store.tables import Binding, Object, Outbox, Reference

LINKED = 20
"""Linked objects that are shown in each direction."""

WRITES = 10


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field side by side. ``values`` by replica; ``differs`` are the replicas that carry the field and have not caught up
    with what is agreed; ``own`` those that have and say otherwise all the same (a number the remote gives itself); ``absent``
    those that cannot carry it."""

    path: Path
    agreed: Scalar | None
    values: Mapping[str, Scalar | None]
    differs: frozenset[str]
    own: frozenset[str]
    absent: frozenset[str]
    contested: bool


@dataclass(frozen=True, slots=True)
class LineBlock:
    """One line of a document, aligned over all sides by its key."""

    key: str
    whole: FieldRow
    fields: tuple[FieldRow, ...]

    @property
    def differs(self) -> bool:
        """Whether any side says something else than agreed."""
        return bool(self.whole.differs or self.whole.contested) or any(
            row.differs or row.contested for row in self.fields
        )


@dataclass(frozen=True, slots=True)
class ObjectView:
    """Everything an object's page shows. ``refers_to`` and ``used_by`` are linked objects, at most ``LINKED`` each."""

    row: Object
    bindings: tuple[Binding, ...]
    header: tuple[FieldRow, ...]
    lines: tuple[LineBlock, ...]
    refers_to: tuple[Line, ...]
    used_by: tuple[Line, ...]
    writes: tuple[Outbox, ...]


def object_view(deps: Deps, oid: str) -> ObjectView:
    """One object. Raises ``Refused`` when there is none; one that was linked into another is shown as that."""
    with reading(deps.database) as session:
        row = _living(session, oid)
        found = session.exec(select(Binding).where(Binding.object_id == row.id).order_by(col(Binding.replica))).all()
        bindings = tuple(sorted(found, key=lambda binding: list(Replica).index(Replica(binding.replica))))
        refers_to, used_by = _linked(session, row)
        header, blocks = compare(causal_object(row), bindings, _survivors(session, row, bindings))
        writes = session.exec(
            select(Outbox).where(Outbox.object_id == row.id).order_by(col(Outbox.id).desc()).limit(WRITES)
        ).all()
        return ObjectView(row, bindings, header, blocks, refers_to, used_by, tuple(writes))


def _living(session: Session, oid: str) -> Object:
    row = session.get(Object, oid)
    while row is not None and row.merged_into:
        row = session.get(Object, row.merged_into)
    if row is None:
        raise Refused("There is no such record.", hint="Search for it.")
    return row


def _survivors(session: Session, row: Object, bindings: Iterable[Binding]) -> Mapping[Scalar, Scalar]:
    """Objects this one mentions that were linked into another → that other one: both names mean the same thing."""
    states = (row.fields, *(binding.shadow for binding in bindings))
    rules = rules_of(Kind(row.kind))
    named = {value for state in states for path, value in state.items() if _is_reference(rules, path)}
    merged = select(Object.id).where(col(Object.id).in_(named), Object.merged_into != "")
    return {oid: _living(session, oid).id for oid in session.exec(merged)}


def _is_reference(rules: Mapping[str, FieldRule], path: Path) -> bool:
    rule = rules.get(generic(path))
    return rule is not None and rule.type == "reference"


def _linked(session: Session, row: Object) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    targets = sa.select(col(Reference.target_id)).where(col(Reference.object_id) == row.id).limit(LINKED)
    owners = sa.select(col(Reference.object_id)).where(col(Reference.target_id) == row.id).limit(LINKED)
    found = (
        lines_of(session, row.connection_id, list(session.execute(query).scalars())) for query in (targets, owners)
    )
    first, second = (tuple(sorted(each.values(), key=lambda line: (line.kind, line.title))) for each in found)
    return first, second


def compare(
    thing: CausalObject, bindings: Iterable[Binding], survivors: Mapping[Scalar, Scalar]
) -> tuple[tuple[FieldRow, ...], tuple[LineBlock, ...]]:
    """Header fields in the order of the mapping's table, and lines by their keys. ``survivors``: objects that were linked into
    another one, which count as that one."""
    comparison = _Comparison(thing, bindings, survivors)
    paths = comparison.paths()
    header = [path for path in paths if line_key(path) is None and (path != EXISTS or path in thing.contests)]
    keys = dict.fromkeys(key for path in paths if (key := line_key(path)) is not None)
    return comparison.rows(header), tuple(comparison.block(key, paths) for key in keys)


class _Comparison:
    """An object held against its replicas."""

    def __init__(self, thing: CausalObject, bindings: Iterable[Binding], survivors: Mapping[Scalar, Scalar]) -> None:
        self._thing, self._survivors = thing, survivors
        found = list(bindings)
        self._sides = {binding.replica: causal_binding(binding) for binding in found}
        self._shadows: dict[str, State] = {b.replica: {} if b.gone else b.shadow for b in found}
        self._carries = {replica: carried_fields(thing.kind)[Replica(replica)] for replica in self._sides}
        self._order = _order(thing.kind)

    def paths(self) -> list[Path]:
        """Every path that has a value anywhere, or is contested, each once."""
        states = (self._thing.fields, *self._shadows.values())
        return list(dict.fromkeys(path for state in (*states, self._thing.contests) for path in state))

    def rows(self, paths: Iterable[Path]) -> tuple[FieldRow, ...]:
        """The rows of these paths in the order of the table."""
        return tuple(self._row(path) for path in sorted(paths, key=lambda path: self._order.get(generic(path), 0)))

    def block(self, key: str, paths: Iterable[Path]) -> LineBlock:
        """One line of a document."""
        root = LINES + key
        return LineBlock(key, self._row(root), self.rows(path for path in paths if path.startswith(f"{root}/")))

    def _row(self, path: Path) -> FieldRow:
        value, dot = self._alive(self._thing.fields.get(path)), self._thing.dot(path)
        said = {name: self._alive(shadow.get(path)) for name, shadow in self._shadows.items()}
        absent = frozenset(name for name in said if not carried(path, self._carries[name]))
        other = frozenset(name for name in said if said[name] != value) - absent
        own = frozenset(name for name in other if self._shadows[name] and self._sides[name].seen.includes(dot))
        return FieldRow(path, value, said, other - own, own, absent, path in self._thing.contests)

    def _alive(self, value: Scalar | None) -> Scalar | None:
        return self._survivors.get(value, value) if value is not None else None


def _order(kind: Kind) -> Mapping[str, int]:
    """Generic path → position in the field table, from 1."""
    return {name: position for position, name in enumerate(rules_of(kind), start=1)}
