"""Invoices, bills and receipts of the seeded world."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from app.sandbox.seed.names import COSTS
from app.sandbox.seed.world import (
    BOTH,
    CENT,
    ONLY_QUICKBOOKS,
    ONLY_SCORO,
    Books,
    Contact,
    Document,
    Line,
    Product,
    Project,
    Receipt,
    ReceiptPart,
    Sides,
    TrackingClass,
)

_FIRST_DAY = date(2026, 1, 5)
_DAYS = 290
_LAST_PAYMENT = date(2026, 10, 30)


@dataclass(frozen=True, slots=True)
class DocumentMaker:
    """Draws documents whose contacts, products and projects exist on every side the document starts on."""

    books: Books
    contacts: tuple[Contact, ...]
    products: tuple[Product, ...]
    projects: tuple[Project, ...]
    classes: tuple[TrackingClass, ...]
    dice: random.Random

    def invoices(self, count: int) -> tuple[Document, ...]:
        """A third on both sides, the rest only in Scoro; among those a few credit invoices and old rates."""
        credit_count = count // 50
        plain = [self._invoice(index, count) for index in range(count - credit_count)]
        candidates = [invoice for invoice in plain if invoice.sides == ONLY_SCORO]
        credited = candidates[len(candidates) - credit_count :]
        credits = [_credit(invoice, len(plain) + index) for index, invoice in enumerate(credited)]
        return tuple(plain + credits)

    def bills(self, count: int) -> tuple[Document, ...]:
        """A third on both sides, a third only in Scoro, a third only in QuickBooks."""
        return tuple(self._bill(index, count) for index in range(count))

    def receipts(self, sold: Iterable[Document], bought: Iterable[Document]) -> tuple[Receipt, ...]:
        """Payments for about half of the documents: in full, in part, and some for two documents at once."""
        credited = {document.credits for document in sold}
        open_sales = [d for d in sold if d.credits is None and d.key not in credited]
        return tuple(self._paid(open_sales, of_bills=False) + self._paid(list(bought), of_bills=True))

    def _invoice(self, index: int, count: int) -> Document:
        sides = BOTH if index % 3 == 0 else ONLY_SCORO
        contact = self.dice.choice([c for c in self.contacts if c.is_client and sides <= c.sides])
        project = self._project_of(contact, sides)
        day = _day(index, count)
        return Document(
            key=f"invoice-{index + 1}",
            number=str(1001 + index),
            contact=contact.key,
            issued=day,
            due=day + timedelta(days=contact.term_days),
            currency=contact.currency,
            rate=self.books.rate_of(contact.currency),
            lines=tuple(self._sales_line(contact, project, sides) for _ in range(self.dice.randint(1, 6))),
            project=project,
            memo=self.dice.choice(("", "", "Thank you for your business.", "As agreed.")),
            is_sent=self.dice.random() < 0.8,
            credits=None,
            sides=sides,
        )

    def _sales_line(self, contact: Contact, project: str | None, sides: Sides) -> Line:
        product = self.dice.choice([p for p in self.products if p.active and sides <= p.sides])
        on_both = sides == BOTH
        price = (
            product.price if contact.currency == self.books.home_currency else _foreign(product, self.books, contact)
        )
        return Line(
            product=product.key,
            account=None,
            description=product.description,
            quantity=self._quantity(product, on_both),
            unit=product.unit,
            price=price,
            discount_percent=Decimal(0) if on_both else Decimal(self.dice.choice((0, 0, 0, 5, 10))),
            tax_code=self._sales_tax(contact, product, on_both),
            project=project,
            tracking_class=self._class_of(sides),
        )

    def _quantity(self, product: Product, on_both: bool) -> Decimal:
        """Many of what is cheap, few of what is dear; half units only where nothing has to add up twice."""
        most = 24 if product.price < 200 else 3
        return Decimal(self.dice.randint(1, most)) / (2 if product.is_service and not on_both else 1)

    def _sales_tax(self, contact: Contact, product: Product, on_both: bool) -> str:
        if contact.address.country != self.books.address.country:
            return "exempt"
        if not on_both and self.dice.random() < 0.05:
            return "old"
        return "standard" if self.books.home_currency == "GBP" else product.tax_code

    def _bill(self, index: int, count: int) -> Document:
        sides = (BOTH, ONLY_SCORO, ONLY_QUICKBOOKS)[index % 3]
        contact = self.dice.choice([c for c in self.contacts if c.is_supplier and sides <= c.sides])
        day = _day(index, count)
        return Document(
            key=f"bill-{index + 1}",
            number=str(70_001 + 7 * index),
            contact=contact.key,
            issued=day,
            due=day + timedelta(days=contact.term_days),
            currency=contact.currency,
            rate=self.books.rate_of(contact.currency),
            lines=tuple(self._cost_line(contact, sides) for _ in range(self.dice.randint(1, 3))),
            project=None,
            memo="",
            is_sent=False,
            credits=None,
            sides=sides,
        )

    def _cost_line(self, contact: Contact, sides: Sides) -> Line:
        description, account = self.dice.choice(
            [cost for cost in COSTS if cost[1] in {known.key for known in self.books.accounts}]
        )
        projects = [p.key for p in self.projects if sides <= p.sides]
        return Line(
            product=None,
            account=account,
            description=description,
            quantity=Decimal(1),
            unit="",
            price=Decimal(self.dice.randrange(40, 1_800, 20)),
            discount_percent=Decimal(0),
            tax_code=self._purchase_tax(contact),
            project=self.dice.choice([None, None, *projects]),
            tracking_class=self._class_of(sides),
        )

    def _purchase_tax(self, contact: Contact) -> str:
        is_domestic = contact.address.country == self.books.address.country
        return "standard" if is_domestic and self.books.home_currency == "GBP" else "exempt"

    def _project_of(self, contact: Contact, sides: Sides) -> str | None:
        keys = [p.key for p in self.projects if p.client == contact.key and sides <= p.sides]
        return self.dice.choice([None, *keys])

    def _class_of(self, sides: Sides) -> str | None:
        return self.dice.choice([None, None, *(c.key for c in self.classes if sides <= c.sides)])

    def _paid(self, documents: list[Document], *, of_bills: bool) -> list[Receipt]:
        receipts: list[Receipt] = []
        settled: set[str] = set()
        for document in documents:
            if document.key in settled or self.dice.random() < 0.5:
                continue
            together = [document, *self._paid_along(document, documents, settled)]
            settled.update(each.key for each in together)
            receipts.append(self._receipt(len(receipts), together, of_bills))
        return receipts

    def _paid_along(self, first: Document, documents: list[Document], settled: set[str]) -> list[Document]:
        fellows = [
            other
            for other in documents
            if (other.contact, other.sides) == (first.contact, first.sides)
            and other.key not in settled | {first.key}
            and abs((other.issued - first.issued).days) < 60
        ]
        return fellows[:1] if self.dice.random() < 0.2 else []

    def _receipt(self, index: int, documents: list[Document], of_bills: bool) -> Receipt:
        first = documents[0]
        is_partial = len(documents) == 1 and self.dice.random() < 0.2
        latest = max(each.issued for each in documents)
        return Receipt(
            key=f"{'payment' if of_bills else 'receipt'}-{index + 1}",
            of_bills=of_bills,
            paid=min(latest + timedelta(days=self.dice.randrange(2, 40)), _LAST_PAYMENT),
            contact=first.contact,
            currency=first.currency,
            rate=first.rate,
            bank_account="bank",
            parts=tuple(ReceiptPart(each.key, self._amount(each, is_partial)) for each in documents),
            sides=first.sides,
        )

    def _amount(self, document: Document, is_partial: bool) -> Decimal:
        total = self.books.total_of(document)
        return (total / 2).quantize(CENT) if is_partial else total


def _day(index: int, count: int) -> date:
    return _FIRST_DAY + timedelta(days=index * _DAYS // count)


def _foreign(product: Product, books: Books, contact: Contact) -> Decimal:
    """A price list in the contact's currency, in whole units where the product's own price is whole."""
    price = product.price / books.rate_of(contact.currency)
    return price.quantize(Decimal(1) if product.price >= 10 else Decimal("0.001"))


def _credit(invoice: Document, index: int) -> Document:
    lines = tuple(replace(line, quantity=-line.quantity) for line in invoice.lines)
    return replace(
        invoice,
        key=f"invoice-{index + 1}",
        number=str(1001 + index),
        lines=lines,
        memo=f"Credits invoice {invoice.number}",
        credits=invoice.key,
    )
