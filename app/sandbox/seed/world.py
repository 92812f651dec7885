"""Companies, contacts and documents as plain facts. Each sandbox gives them its own shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

CENT = Decimal("0.01")


class Side(StrEnum):
    SCORO = "scoro"
    QUICKBOOKS = "quickbooks"


Sides = frozenset[Side]
BOTH: Sides = frozenset(Side)
ONLY_SCORO: Sides = frozenset({Side.SCORO})
ONLY_QUICKBOOKS: Sides = frozenset({Side.QUICKBOOKS})


class AccountKind(StrEnum):
    BANK = "bank"
    RECEIVABLE = "receivable"
    PAYABLE = "payable"
    INCOME = "income"
    COST_OF_SALES = "cost_of_sales"
    EXPENSE = "expense"
    INVENTORY = "inventory"
    OTHER_ASSET = "other_asset"
    LIABILITY = "liability"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class Account:
    key: str
    number: str
    name: str
    kind: AccountKind
    sides: Sides = BOTH


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A rate that lines carry. `percent` 0 with `taxable` false means outside of the tax."""

    key: str
    name: str
    description: str
    percent: Decimal
    taxable: bool = True
    sales: bool = True
    purchases: bool = True
    sides: Sides = BOTH


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    city: str
    region: str
    postcode: str
    country: str
    """ISO 3166 alpha-2."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How QuickBooks' people wrote down a contact or product they share with Scoro; None: just the same."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    key: str
    name: str
    """The company's name, or given and family name of a person."""
    given: str
    family: str
    is_person: bool
    is_client: bool
    is_supplier: bool
    email: str
    phone: str
    website: str
    vat_number: str
    registry_number: str
    address: Address
    currency: str
    term_days: int
    sides: Sides
    quickbooks: Spelling = Spelling()
    employer: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    key: str
    code: str
    name: str
    description: str
    price: Decimal
    cost: Decimal
    unit: str
    is_service: bool
    income_account: str
    expense_account: str
    tax_code: str
    active: bool
    sides: Sides
    quickbooks: Spelling = Spelling()


@dataclass(frozen=True, slots=True)
class Project:
    key: str
    name: str
    client: str
    status: str
    """`inprogress`, `completed`, `pending` or `future`."""
    start: date
    deadline: date
    sides: Sides


@dataclass(frozen=True, slots=True)
class TrackingClass:
    key: str
    name: str
    sides: Sides


@dataclass(frozen=True, slots=True)
class Line:
    """Price in the document's currency. Either a product or, on bills, an account."""

    product: str | None
    account: str | None
    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    discount_percent: Decimal
    tax_code: str
    project: str | None = None
    tracking_class: str | None = None

    def net(self) -> Decimal:
        return (self.price * self.quantity * (100 - self.discount_percent) / 100).quantize(CENT)


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a bill. `rate` is home currency for one unit of the document's currency."""

    key: str
    number: str
    contact: str
    issued: date
    due: date
    currency: str
    rate: Decimal
    lines: tuple[Line, ...]
    project: str | None
    memo: str
    is_sent: bool
    credits: str | None
    """The key of the invoice that this credit invoice credits; its quantities are negative."""
    sides: Sides


@dataclass(frozen=True, slots=True)
class ReceiptPart:
    document: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in for invoices, or went out for bills."""

    key: str
    of_bills: bool
    paid: date
    contact: str
    currency: str
    rate: Decimal
    bank_account: str
    parts: tuple[ReceiptPart, ...]
    sides: Sides

    def total(self) -> Decimal:
        return sum((part.amount for part in self.parts), Decimal())


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in to both systems."""

    key: str
    name: str
    email: str
    is_admin: bool


@dataclass(frozen=True, slots=True)
class Books:
    """One company: an entity in Scoro (`scoro_account`) and its company in QuickBooks (`realm_id`)."""

    key: str
    name: str
    legal_name: str
    scoro_account: str
    realm_id: str
    address: Address
    email: str
    phone: str
    vat_number: str
    registry_number: str
    home_currency: str
    scoro_currencies: tuple[str, ...]
    quickbooks_currencies: tuple[str, ...]
    rates: tuple[tuple[str, Decimal], ...]
    """Home currency for one unit of each other currency."""
    time_zone: str
    people: tuple[Person, ...]
    accounts: tuple[Account, ...]
    tax_codes: tuple[TaxCode, ...]
    contacts: tuple[Contact, ...] = ()
    products: tuple[Product, ...] = ()
    projects: tuple[Project, ...] = ()
    tracking_classes: tuple[TrackingClass, ...] = ()
    invoices: tuple[Document, ...] = ()
    bills: tuple[Document, ...] = ()
    receipts: tuple[Receipt, ...] = ()

    def rate_of(self, currency: str) -> Decimal:
        return Decimal(1) if currency == self.home_currency else dict(self.rates)[currency]

    def percent_of(self, tax_code: str) -> Decimal:
        return next(code.percent for code in self.tax_codes if code.key == tax_code)

    def total_of(self, document: Document) -> Decimal:
        """Net and tax of a document, the tax rounded on each line."""
        return sum((self._gross(line) for line in document.lines), Decimal())

    def _gross(self, line: Line) -> Decimal:
        net = line.net()
        return net + (net * self.percent_of(line.tax_code) / 100).quantize(CENT)


@dataclass(frozen=True, slots=True)
class World:
    seed: str
    profile: str
    state: int
    books: tuple[Books, ...]
    """The agency first, then a smaller company for trying the set-up."""
