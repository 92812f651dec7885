"""Agreement: what both systems say is owed and paid, per customer and period, to the cent.

A document counts in the period of its agreed date, under its agreed contact, and on each side in the currency it has
there.
Credits count against their documents. What was deleted on a side is nothing there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
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

    def add(self, document: Document, currency: str) -> None:
        """Count a document's part in ``currency``."""
        self.scoro += document.amount(System.SCORO, currency)
        self.quickbooks += document.amount(System.QUICKBOOKS, currency)
        self.documents += 1
        self.unequal += not document.agrees


@dataclass(frozen=True, slots=True)
class Document:
    """One document with its total on each side it lives on: system → (amount, currency)."""

    line: Line
    contact: str
    sides: Mapping[str, tuple[Decimal, str]]

    def amount(self, system: System, currency: str) -> Decimal:
        """What one side says in ``currency``."""
        amount, own = self.sides.get(system.value, (ZERO, currency))
        return amount if own == currency else ZERO

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies the sides have it in: one, unless they disagree even on that."""
        return tuple(sorted({currency for _, currency in self.sides.values()}))

    @property
    def agrees(self) -> bool:
        """Whether both sides have it and say the same to the cent. A total of nothing on one side only agrees too."""
        return all(self.amount(System.SCORO, each) == self.amount(System.QUICKBOOKS, each) for each in self.currencies)


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
    """Compare all documents of a period. Reads them in chunks; memory grows with the contacts only."""
    months: dict[Group, Sums] = defaultdict(Sums)
    contacts: dict[Group, Sums] = defaultdict(Sums)
    totals: dict[str, Sums] = defaultdict(Sums)
    with reading(deps.database) as session:
        for document in _documents(session, cid, scope):
            for currency in document.currencies:
                for sums in (
                    months[document.line.document_date[:7], currency],
                    contacts[document.contact, currency],
                    totals[currency],
                ):
                    sums.add(document, currency)
        names = titles(session, {contact for contact, _ in contacts})
    by_size = sorted(contacts, key=lambda group: (-abs(contacts[group].difference), names.get(group[0], ""), group[1]))
    return TieOut(
        scope, {group: months[group] for group in sorted(months)}, {group: contacts[group] for group in by_size},
        dict(sorted(totals.items())), names,
    )  # fmt: skip


def documents(
    deps: Deps, cid: str, scope: Scope, *, contact: str = "", unequal: bool = False, after: str = "", limit: int = PAGE
) -> Page[Document]:
    """A page of the documents of a period in the order of their dates; of one contact, or only those that differ."""
    found: list[Document] = []
    with reading(deps.database) as session:
        for document in _documents(session, cid, scope, contact=contact, after=after):
            if not unequal or not document.agrees:
                found.append(document)
            if len(found) > limit:
                break
    return page_of(found, limit, lambda document: (document.line.document_date, document.line.id))


def _documents(session: Session, cid: str, scope: Scope, *, contact: str = "", after: str = "") -> Iterator[Document]:
    statement = (
        sa.select(
            *COLUMNS, col(Binding.system), col(Binding.facts)["total"].as_string(),
            col(Binding.shadow)["amount"].as_string(), col(Binding.shadow)["currency"].as_string(), col(Binding.gone),
        )
        .join(Binding, col(Binding.object_id) == col(Object.id))
        .where(
            col(Object.connection_id) == cid, NOT_MERGED, col(Object.kind).in_([kind.value for kind in
            SIGNS[scope.category]]),
            col(Object.document_date) >= scope.first, col(Object.document_date) <= scope.last,
        )
        .order_by(col(Object.document_date), col(Object.id))
        .execution_options(yield_per=1000)
    )  # fmt: skip
    if contact:
        statement = statement.where(contact == CONTACT)
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
    sides = {row[-5]: _side(row, signs[Kind(line.kind)], line.currency) for row in rows if not row[-1]}
    return Document(line, line.contact or "", sides)


def _side(row: Any, sign: int, currency: str) -> tuple[Decimal, str]:
    total, amount, own = row[-4], row[-3], row[-2]
    return sign * to_decimal(total or amount or "0"), own or currency
