"""One record as its page shows it: fields side by side in people's words, lines aligned, totals, linked records, timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_decimal
from sqlmodel import Session

from app import fields
from app.formatting import reader_locale
from engine.core.money import minor_digits
from engine.core.records import Kind, line_fields
from engine.mapping.base import FACTS
from engine.mapping.registry import rule_for
from engine.services.browse.object_view import FieldRow, LineBlock, ObjectView
from engine.services.labels import label_of
from engine.store.tables import Binding

TOTALS = ("net_total", "tax_total", "total", "paid", "balance", "home_total")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one side says. ``mark``: "" same, "diff" has not caught up, "own" says otherwise and may, "absent" cannot say it."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One field over all sides, with the agreed value between."""

    path: str
    label: str
    agreed: str
    cells: Mapping[str, Cell]
    contested: bool

    @property
    def differs(self) -> bool:
        """Whether this row wants attention."""
        return self.contested or any(cell.mark == "diff" for cell in self.cells.values())

    @property
    def own(self) -> bool:
        """Whether a side keeps a value of its own that is never carried over."""
        return any(cell.mark == "own" for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a document: its title, whether each side has it, and its fields."""

    title: str
    whole: Row
    rows: tuple[Row, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The comparison of one record."""

    replicas: tuple[str, ...]
    header: tuple[Row, ...]
    blocks: tuple[Block, ...]
    totals: tuple[Row, ...]

    @property
    def differences(self) -> int:
        """How many fields differ or are contested."""
        return sum(row.differs for row in self.header) + sum(block.differs for block in self.blocks)


def sheet(session: Session, view: ObjectView) -> Sheet:
    """The comparison in words."""
    kind, currency = view.row.kind, view.row.currency
    every = [*view.header, *(row for block in view.lines for row in block.fields)]
    names = fields.titles(session, referred(kind, every))
    header = tuple(row_of(kind, row, names, currency) for row in view.header)
    blocks = tuple(_block(kind, block, names, currency, place) for place, block in enumerate(view.lines, start=1))
    replicas = tuple(binding.replica for binding in view.bindings)
    return Sheet(replicas, header, blocks, _totals(view.bindings, currency))


def referred(kind: str, rows: Iterable[FieldRow]) -> set[str]:
    """The records that these rows mention."""
    return fields.references(kind, [(row.path, value) for row in rows for value in (row.agreed, *row.values.values())])


def row_of(kind: str, row: FieldRow, names: Mapping[str, str], currency: str) -> Row:
    """One field in words."""
    agreed = shown(kind, row.path, row.agreed, names, currency)
    cells = {
        replica: _cell(shown(kind, row.path, value, names, currency), agreed, _mark(row, replica))
        for replica, value in row.values.items()
    }
    return Row(row.path, label_of(Kind(kind), row.path), agreed, cells, row.contested)


NAMESAKE = "another record of this name, not linked"


def _cell(text: str, agreed: str, mark: str) -> Cell:
    """A side that refers to a namesake says so: the same word twice, marked as differing, would explain nothing."""
    return Cell(f"{text} ({NAMESAKE})" if mark == "diff" and text == agreed != "—" else text, mark)


def _mark(row: FieldRow, replica: str) -> str:
    if replica in row.absent:
        return "absent"
    if replica in row.own and not row.contested:
        return "own"
    return "diff" if replica in row.differs or row.contested else ""


def shown(kind: str, path: str, value: Any, names: Mapping[str, str], currency: str = "") -> str:
    """A value for the reader: amounts with their digits, everything else as ``app.fields`` has it."""
    rule = rule_for(Kind(kind), path)
    if rule and rule.type in ("money", "quantity", "rate") and value not in (None, ""):
        return _number(str(value), minor_digits(currency) if rule.type == "money" else 0)
    return fields.value(kind, path, value, names)


def _number(text: str, digits: int) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    places = max(digits, -int(value.as_tuple().exponent))
    return format_decimal(value, "#,##0" + ("." + "0" * places if places else ""), locale=reader_locale())


def _block(kind: str, block: LineBlock, names: Mapping[str, str], currency: str, place: int) -> Block:
    rows = tuple(row_of(kind, row, names, currency) for row in block.fields if not _is_plain_item(row))
    whole = row_of(kind, block.whole, names, currency)
    return Block(_line_title(block, rows, place), whole, rows, block.differs)


def _is_plain_item(row: FieldRow) -> bool:
    """Lines are items unless they say otherwise: a row for that alone would only be noise."""
    return row.path.endswith("/line_type") and row.agreed == "item" and not row.differs


def _line_title(block: LineBlock, rows: Iterable[Row], place: int) -> str:
    told = {row.path.rpartition("/")[2]: row.agreed for row in rows if row.agreed != "—"}
    name = told.get("description") or told.get("product") or ""
    return f"Line {place}: {name[:80]}" if name else f"Line {place}"


def line_title(state: Mapping[str, Any], key: str, place: int) -> str:
    """The same from a state alone."""
    name = str(line_fields(state, key).get("description", ""))
    return f"Line {place}: {name[:80]}" if name else f"Line {place}"


def _totals(bindings: Iterable[Binding], currency: str) -> tuple[Row, ...]:
    """What each side computes itself; differing totals are marked."""
    sides = {binding.replica: binding.facts for binding in bindings if not binding.gone}
    found = []
    for name in TOTALS:
        told = {replica: facts.get(name) for replica, facts in sides.items()}
        if any(value is not None for value in told.values()):
            values = {_decimal(value) for value in told.values() if value is not None}
            mark = "diff" if len(values) > 1 and name != "home_total" else ""
            cells = {
                r: Cell(_number(str(v), minor_digits(currency)) if v is not None else "—", mark)
                for r, v in told.items()
            }
            found.append(Row(name, TOTAL_WORDS[name], "", cells, False))
    return tuple(found)


TOTAL_WORDS = {
    "net_total": "Total without tax",
    "tax_total": "Tax",
    "total": "Total",
    "paid": "Paid",
    "balance": "Open",
    "home_total": "Total in the home currency",
}
assert TOTAL_WORDS.keys() <= FACTS.keys()


def _decimal(value: Any) -> Decimal | str:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return str(value)


def counters(vector: Mapping[str, int]) -> str:
    """A version vector as text."""
    return ", ".join(f"{actor} {count}" for actor, count in sorted(vector.items())) or "empty"
