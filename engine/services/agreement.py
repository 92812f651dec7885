"""Agreement: what both systems say is owed and paid, per customer and period, to the cent.

A document counts in the period of its agreed date, under its agreed contact, and on each side in the
currency it has there. Credits count against their documents. What was deleted on a side is nothing there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from engine.core.money import to_decimal
from engine.core.records import Category, Kind, System
from engine.services.browse.listed import COLUMNS, CONTACT, NOT_MERGED, Line, line_of, titles
from engine.services.browse.paging import PAGE, Page, page_of, place
from engine.services.deps import Deps
from engine.store.database import reading
from engine.store.tables import Binding, Object

ZERO = Decimal(0)

SIGNS: Mapping[Category, Mapping[Kind, int]] = {
    Category.INVOICES: {Kind.INVOICE: 1, Kind.CREDIT_NOTE: -1},
    Category.BILLS: {Kind.BILL: 1, Kind.VENDOR_CREDIT: -1},
    Category.RECEIPTS: {Kind.RECEIPT: 1},
}
"""Categories that can be tied out: their kinds, and how each counts."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared: a category and the dates (``YYYY-MM-DD``, both included) of its documents."""

    category: Category
    first: str
    last: str


Sides = Mapping[str, tuple[Decimal, str]]
"""What a document is on each side it lives on: system → (amount, currency)."""


def _amount(sides: Sides, system: System, currency: str) -> Decimal:
    amount, own = sides.get(system.value, (ZERO, currency))
    return amount if own == currency else ZERO


def _currencies(sides: Sides) -> tuple[str, ...]:
    return tuple(sorted({currency for _, currency in sides.values()}))


def _agree(sides: Sides) -> bool:
    return all(
        _amount(sides, System.SCORO, each) == _amount(sides, System.QUICKBOOKS, each) for each in _currencies(sides)
    )


@dataclass(slots=True)
class Sums:
    """Both totals of one group of documents in one currency. ``unequal`` counts documents whose totals differ."""

    scoro: Decimal = ZERO
    quickbooks: Decimal = ZERO
    documents: int = 0
    unequal: int = 0

    @property
    def difference(self) -> Decimal:
        """Scoro less QuickBooks."""
        return self.scoro - self.quickbooks

    def count(self, scoro: Decimal, quickbooks: Decimal, agrees: bool) -> None:
        """Count one document."""
        self.scoro += scoro
        self.quickbooks += quickbooks
        self.documents += 1
        self.unequal += not agrees

    def add(self, other: Sums) -> None:
        """Count what another one has counted."""
        self.scoro += other.scoro
        self.quickbooks += other.quickbooks
        self.documents += other.documents
        self.unequal += other.unequal


@dataclass(frozen=True, slots=True)
class Document:
    """One document with its total on each side it lives on."""

    line: Line
    contact: str
    sides: Sides

    def amount(self, system: System, currency: str) -> Decimal:
        """What one side says in ``currency``."""
        return _amount(self.sides, system, currency)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies the sides have it in: one, unless they disagree even on that."""
        return _currencies(self.sides)

    @property
    def agrees(self) -> bool:
        """Whether both sides have it and say the same to the cent. A total of nothing on one side only agrees too."""
        return _agree(self.sides)


Group = tuple[str, str]
"""(contact or month, currency)."""


@dataclass(frozen=True, slots=True)
class TieOut:
    """The whole comparison: by month, by contact, and over everything; ``names`` of the contacts."""

    scope: Scope
    months: Mapping[Group, Sums]
    contacts: Mapping[Group, Sums]
    totals: Mapping[str, Sums]
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether every document agrees."""
        return not any(sums.unequal for sums in self.totals.values())


def tie_out(deps: Deps, cid: str, scope: Scope) -> TieOut:
    """Compare all documents of a period. Reads them in chunks; memory grows with contacts and months only."""
    months: dict[Group, Sums] = defaultdict(Sums)
    contacts: dict[Group, Sums] = defaultdict(Sums)
    totals: dict[str, Sums] = defaultdict(Sums)
    with reading(deps.database) as session:
        for (month, contact, currency), counted in _counted(session, cid, scope).items():
            for sums in (months[month, currency], contacts[contact, currency], totals[currency]):
                sums.add(counted)
        names = titles(session, {contact for contact, _ in contacts})

    def rank(group: Group) -> tuple[Any, ...]:
        sums = contacts[group]
        return -abs(sums.difference), not sums.unequal, names.get(group[0], ""), group[1]

    by_size = sorted(contacts, key=rank)
    return TieOut(
        scope, {group: months[group] for group in sorted(months)}, {group: contacts[group] for group in by_size},
        dict(sorted(totals.items())), names,
    )  # fmt: skip


def _counted(session: Session, cid: str, scope: Scope) -> dict[tuple[str, str, str], Sums]:
    """(month, contact, currency) → sums. Only figures are read, with both sides of a document in one row."""
    signs = {kind.value: sign for kind, sign in SIGNS[scope.category].items()}
    sums: dict[tuple[str, str, str], Sums] = defaultdict(Sums)
    for month, contact, kind, own, *told in session.execute(_figures(cid, scope)):
        sides = {
            system.value: _side(told[at : at + 3], signs[kind], own)
            for system, at in ((System.SCORO, 1), (System.QUICKBOOKS, 5))
            if told[at - 1]
        }
        agrees = _agree(sides)
        for currency in _currencies(sides):
            scoro, quickbooks = (_amount(sides, system, currency) for system in System)
            sums[month, contact or "", currency].count(scoro, quickbooks, agrees)
    return sums


def _figures(cid: str, scope: Scope) -> sa.Select[Any]:
    scoro, quickbooks = aliased(Binding), aliased(Binding)
    statement = sa.select(
        sa.func.substr(col(Object.document_date), 1, 7), CONTACT, col(Object.kind), col(Object.currency),
        *_told(scoro), *_told(quickbooks),
    )  # fmt: skip
    for copy, system in ((scoro, System.SCORO), (quickbooks, System.QUICKBOOKS)):
        lives = (col(copy.object_id) == col(Object.id)) & (col(copy.system) == system.value) & col(copy.gone).is_(False)
        statement = statement.outerjoin(copy, lives)
    return statement.where(*_in_scope(cid, scope)).execution_options(yield_per=1000)


def _told(copy: Any) -> tuple[Any, ...]:
    """Whether it is there, its total, the amount of a receipt, and its currency."""
    shadow = col(copy.shadow)
    total = col(copy.facts)["total"].as_string()
    return col(copy.id), total, shadow["amount"].as_string(), shadow["currency"].as_string()


def _told_alike() -> sa.ColumnElement[bool]:
    """Whether both sides say the same to the letter, so that nobody need look closer."""
    one, other = aliased(Binding), aliased(Binding)
    alike = [mine == theirs for mine, theirs in zip(_told(one)[1::2], _told(other)[1::2], strict=True)]
    living = [col(copy.gone).is_(False) & (col(copy.object_id) == col(Object.id)) for copy in (one, other)]
    return sa.exists().where(
        *living, col(one.system) == System.SCORO.value, col(other.system) == System.QUICKBOOKS.value, *alike
    )


def _in_scope(cid: str, scope: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(Object.connection_id) == cid,
        NOT_MERGED,
        col(Object.kind).in_([kind.value for kind in SIGNS[scope.category]]),
        col(Object.document_date) >= scope.first,
        col(Object.document_date) <= scope.last,
    )


def documents(
    deps: Deps, cid: str, scope: Scope, *, contact: str = "", unequal: bool = False, after: str = "", limit: int = PAGE
) -> Page[Document]:
    """A page of the documents of a period in the order of their dates; of one contact, or only those that differ."""
    found: list[Document] = []
    with reading(deps.database) as session:
        for document in _documents(session, cid, scope, contact=contact, unequal=unequal, after=after):
            if not unequal or not document.agrees:
                found.append(document)
            if len(found) > limit:
                break
    return page_of(found, limit, lambda document: (document.line.document_date, document.line.id))


def _documents(
    session: Session, cid: str, scope: Scope, *, contact: str = "", unequal: bool = False, after: str = ""
) -> Iterator[Document]:
    statement = (
        sa.select(*COLUMNS, col(Binding.system), *_told(Binding)[1:], col(Binding.gone))
        .join(Binding, col(Binding.object_id) == col(Object.id))
        .where(*_in_scope(cid, scope))
        .order_by(col(Object.document_date), col(Object.id))
        .execution_options(yield_per=1000)
    )
    if contact:
        statement = statement.where(contact == CONTACT)
    if unequal:
        statement = statement.where(~_told_alike())
    if after:
        day, oid = place(after, str, str)
        later = sa.and_(col(Object.document_date) == day, col(Object.id) > oid)
        statement = statement.where(sa.or_(col(Object.document_date) > day, later))
    yield from _assembled(session.execute(statement), SIGNS[scope.category])


def _assembled(rows: Iterable[Any], signs: Mapping[Kind, int]) -> Iterator[Document]:
    """One document out of the rows of its replicas, which follow each other."""
    held: list[Any] = []
    for row in rows:
        if held and held[0][0] != row[0]:
            yield _document(held, signs)
            held = []
        held.append(row)
    if held:
        yield _document(held, signs)


def _document(rows: list[Any], signs: Mapping[Kind, int]) -> Document:
    line = line_of(rows[0][: len(COLUMNS)], frozenset(row[-5] for row in rows if not row[-1]))
    sides = {row[-5]: _side(row[-4:-1], signs[Kind(line.kind)], line.currency) for row in rows if not row[-1]}
    return Document(line, line.contact or "", sides)


def _side(told: Sequence[str | None], sign: int, currency: str) -> tuple[Decimal, str]:
    total, amount, own = told
    return sign * to_decimal(total or amount or "0"), own or currency
