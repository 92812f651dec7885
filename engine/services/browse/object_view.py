"""One object in full: its fields on every side, its lines aligned, what it is linked with, what was written of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.objects import carried
from engine.core.policy import generic
from engine.core.records import EXISTS, LINES, Kind, Path, Replica, Scalar, State, line_key
from engine.errors import Refused
from engine.mapping.registry import MAPPINGS
from engine.services.browse.listed import Line, lines_of
from engine.services.deciding import carried_fields
from engine.services.deps import Deps
from engine.store.database import reading
from engine.store.tables import Binding, Object, Outbox, Reference

LINKED = 20
"""Linked objects that are shown in each direction."""

WRITES = 10


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field side by side. ``values`` by replica; ``differs`` are the replicas that carry the field and say otherwise than
    agreed; ``absent`` those that cannot carry it."""

    path: Path
    agreed: Scalar | None
    values: Mapping[str, Scalar | None]
    differs: frozenset[str]
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
        header, blocks = compare(Kind(row.kind), row.fields, bindings, frozenset(row.contests))
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


def _linked(session: Session, row: Object) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    targets = sa.select(col(Reference.target_id)).where(col(Reference.object_id) == row.id).limit(LINKED)
    owners = sa.select(col(Reference.object_id)).where(col(Reference.target_id) == row.id).limit(LINKED)
    found = (
        lines_of(session, row.connection_id, list(session.execute(query).scalars())) for query in (targets, owners)
    )
    first, second = (tuple(sorted(each.values(), key=lambda line: (line.kind, line.title))) for each in found)
    return first, second


def compare(
    kind: Kind, agreed: State, bindings: Iterable[Binding], contested: frozenset[Path]
) -> tuple[tuple[FieldRow, ...], tuple[LineBlock, ...]]:
    """Header fields in the order of the mapping's table, and lines by their keys."""
    shadows = {binding.replica: {} if binding.gone else binding.shadow for binding in bindings}
    carries = {replica: carried_fields(kind)[Replica(replica)] for replica in shadows}
    paths = {path: None for state in (agreed, *shadows.values()) for path in state} | dict.fromkeys(contested)
    order = _order(kind)
    own = (path for path in paths if line_key(path) is None)
    shown = [path for path in own if path != EXISTS or path in contested]
    header = sorted(shown, key=lambda path: order.get(path, 0))
    rows = tuple(_row(path, agreed, shadows, carries, contested) for path in header)
    keys = dict.fromkeys(key for path in paths if (key := line_key(path)) is not None)
    blocks = tuple(_block(key, paths, order, agreed, shadows, carries, contested) for key in keys)
    return rows, blocks


def _order(kind: Kind) -> dict[str, int]:
    """Generic path → position in the field table, from 1."""
    names = (_bare(rule.path) for rule in MAPPINGS[kind].rules)
    return {name: position for position, name in enumerate(names, start=1)}


def _bare(path: Path) -> str:
    return LINES + path.rsplit("/", 1)[-1] if path.startswith(f"{LINES}*/") else path


def _block(
    key: str,
    paths: Iterable[Path],
    order: Mapping[str, int],
    agreed: State,
    shadows: Mapping[str, State],
    carries: Mapping[str, frozenset[str]],
    contested: frozenset[Path],
) -> LineBlock:
    root = LINES + key
    inner = sorted(
        (path for path in paths if path.startswith(f"{root}/")), key=lambda path: order.get(generic(path), 0)
    )
    fields = tuple(_row(path, agreed, shadows, carries, contested) for path in inner)
    return LineBlock(key, _row(root, agreed, shadows, carries, contested), fields)


def _row(
    path: Path,
    agreed: State,
    shadows: Mapping[str, State],
    carries: Mapping[str, frozenset[str]],
    contested: frozenset[Path],
) -> FieldRow:
    value = agreed.get(path)
    absent = frozenset(name for name in shadows if not carried(path, carries[name]))
    differs = frozenset(name for name, shadow in shadows.items() if shadow.get(path) != value) - absent
    said = {name: shadow.get(path) for name, shadow in shadows.items()}
    return FieldRow(path, value, said, differs, absent, path in contested)
