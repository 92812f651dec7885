"""The simple fields of a kind as rows: one row is its line in the field table, its reading and its writing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.core.records import Path, Replica, Scalar, System
from engine.mapping.base import FieldRule, Reading
from engine.mapping.forms import Draft, Form, Read, Write
from engine.mapping.wire import Json, as_map

ONLY_SCORO = frozenset({Replica.SCORO})
ONLY_QUICKBOOKS = frozenset({Replica.QUICKBOOKS})


@dataclass(frozen=True, slots=True)
class Column:
    """A rule of the table with the forms its value has on either side; None where a function of the kind does the work."""

    rule: FieldRule
    scoro: Form | None = None
    quickbooks: Form | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A column seen from one replica: where the value is (``outer`` or ``outer.inner``) and how it is read and written."""

    path: Path
    label: str
    outer: str
    inner: str
    read: Read
    write: Write


def cells(columns: Iterable[Column], replica: Replica) -> tuple[Cell, ...]:
    """The columns that ``replica`` carries and that need no function of their own."""
    return tuple(cell for cell in (_cell(column, replica) for column in columns) if cell is not None)


def _cell(column: Column, replica: Replica) -> Cell | None:
    on_scoro = replica.system is System.SCORO
    form = column.scoro if on_scoro else column.quickbooks
    place = column.rule.scoro if on_scoro else column.rule.quickbooks
    if form is None or replica not in column.rule.carried:
        return None
    outer, _, inner = place.partition(".")
    return Cell(column.rule.path, column.rule.label, outer, inner, form.read, form.write)


def read_cells(
    row: tuple[Cell, ...], data: Json, reading: Reading, state: dict[Path, Scalar], prefix: str = ""
) -> None:
    """Read the cells of ``data`` into ``state``; empty ones leave no trace."""
    for cell in row:
        raw = data.get(cell.outer)
        if cell.inner and raw is not None:
            raw = as_map(raw, cell.label).get(cell.inner)
        value = cell.read(raw, cell.label, reading)
        if value is not None:
            state[prefix + cell.path] = value


def write_cells(row: tuple[Cell, ...], draft: Draft) -> None:
    """Write the changed cells into the draft's body."""
    for cell in row:
        if draft.wants(cell.path):
            put(draft.body, cell, cell.write(draft.writing.state.get(cell.path), cell.label, draft))


def put(body: dict[str, Any], cell: Cell, value: object) -> None:
    """Set one value at the cell's place."""
    if cell.inner:
        body.setdefault(cell.outer, {})[cell.inner] = value
    else:
        body[cell.outer] = value


def rules(columns: Iterable[Column]) -> tuple[FieldRule, ...]:
    """The rows of the field table."""
    return tuple(column.rule for column in columns)
