"""The words of the field as types: systems, replicas, kinds, categories, and the canonical state of one object.

A canonical state is a flat mapping from field path to scalar. Lines of documents are addressed by a stable key:
``lines/<key>`` is the existence of the line, ``lines/<key>/<field>`` one of its fields. A path that is absent is empty;
``None`` is never stored. Money, quantities and rates are decimal texts in normal form (``core.money``), dates are
``YYYY-MM-DD``, references are object ids. So equality of states is equality of meaning, and a state is its own JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

Scalar: TypeAlias = str | int | bool
Path: TypeAlias = str
State: TypeAlias = Mapping[Path, Scalar]

EXISTS: Path = "@exists"
VOID: Path = "@void"
LINES = "lines/"


class System(StrEnum):
    """One of the two systems kept in agreement."""

    SCORO = "scoro"
    QUICKBOOKS = "quickbooks"

    @property
    def other(self) -> System:
        """The system on the other side."""
        return System.QUICKBOOKS if self is System.SCORO else System.SCORO


class Replica(StrEnum):
    """One copy of an object. A contact has up to three (R11), everything else two."""

    SCORO = "scoro"
    QUICKBOOKS = "quickbooks"
    CUSTOMER = "quickbooks.customer"
    VENDOR = "quickbooks.vendor"

    @property
    def system(self) -> System:
        """The system that holds this replica."""
        return System.SCORO if self is Replica.SCORO else System.QUICKBOOKS


HUB = "hub"
"""The actor on our own side: a person or a rule."""


class Kind(StrEnum):
    """What an object is."""

    ACCOUNT = "account"
    TAX_RATE = "tax_rate"
    TRACKING_CLASS = "tracking_class"
    PRODUCT = "product"
    CONTACT = "contact"
    PROJECT = "project"
    INVOICE = "invoice"
    BILL = "bill"
    CREDIT_NOTE = "credit_note"
    VENDOR_CREDIT = "vendor_credit"
    RECEIPT = "receipt"


class Category(StrEnum):
    """A row of the settings screen; ``reference`` holds what QuickBooks owns (R3, R4)."""

    REFERENCE = "reference"
    CLASSES = "classes"
    PRODUCTS = "products"
    CONTACTS = "contacts"
    PROJECTS = "projects"
    INVOICES = "invoices"
    BILLS = "bills"
    RECEIPTS = "receipts"


CATEGORY_OF: Mapping[Kind, Category] = {
    Kind.ACCOUNT: Category.REFERENCE,
    Kind.TAX_RATE: Category.REFERENCE,
    Kind.TRACKING_CLASS: Category.CLASSES,
    Kind.PRODUCT: Category.PRODUCTS,
    Kind.CONTACT: Category.CONTACTS,
    Kind.PROJECT: Category.PROJECTS,
    Kind.INVOICE: Category.INVOICES,
    Kind.CREDIT_NOTE: Category.INVOICES,
    Kind.BILL: Category.BILLS,
    Kind.VENDOR_CREDIT: Category.BILLS,
    Kind.RECEIPT: Category.RECEIPTS,
}
"""The category whose settings rule a kind (credit notes belong to invoices, R18)."""

WAVE: Mapping[Kind, int] = {
    Kind.ACCOUNT: 0,
    Kind.TAX_RATE: 0,
    Kind.TRACKING_CLASS: 1,
    Kind.PRODUCT: 2,
    Kind.CONTACT: 2,
    Kind.PROJECT: 3,
    Kind.INVOICE: 4,
    Kind.BILL: 4,
    Kind.CREDIT_NOTE: 5,
    Kind.VENDOR_CREDIT: 5,
    Kind.RECEIPT: 6,
}
"""The order of writing: what is referred to comes before what refers to it."""

ONE_WAY: Mapping[Category, System] = {
    Category.REFERENCE: System.QUICKBOOKS,
    Category.CLASSES: System.QUICKBOOKS,
    Category.PROJECTS: System.QUICKBOOKS,
}
"""Categories whose source can never be chosen (R3, R15, R23)."""

DOCUMENTS = frozenset({Kind.INVOICE, Kind.BILL, Kind.CREDIT_NOTE, Kind.VENDOR_CREDIT})
"""Kinds with lines, an amount and a counterparty."""


PRICED = ("quantity", "unit_price", "discount")
"""The fields of a line that make its amount together: none of them means money without the others."""


def line_key(path: Path) -> str | None:
    """The key of the line that ``path`` belongs to, or None for a header field."""
    if not path.startswith(LINES):
        return None
    return path[len(LINES) :].split("/", 1)[0]


def is_line(path: Path) -> bool:
    """Whether ``path`` is the existence of a line."""
    return path.startswith(LINES) and path.find("/", len(LINES)) < 0


def line_root(path: Path) -> Path | None:
    """The existence path of the line that a line field belongs to; None for headers and for the root itself."""
    if not path.startswith(LINES):
        return None
    end = path.find("/", len(LINES))
    return path[:end] if end >= 0 else None


def line_keys(state: State) -> list[str]:
    """The keys of the lines that exist in ``state``, in the order they are stored."""
    return [path[len(LINES) :] for path in state if path.startswith(LINES) and "/" not in path[len(LINES) :]]


def lines_of(state: State) -> dict[str, dict[str, Scalar]]:
    """The fields of every line that exists, by its key and their bare names, in the order of the state."""
    found: dict[str, dict[str, Scalar]] = {}
    for path, value in state.items():
        if path.startswith(LINES):
            key, _, name = path[len(LINES) :].partition("/")
            fields = found.setdefault(key, {})
            if name:
                fields[name] = value
    return {key: fields for key, fields in found.items() if LINES + key in state}


def line_fields(state: State, key: str) -> dict[str, Scalar]:
    """The fields of one line, by their bare names."""
    prefix = f"{LINES}{key}/"
    return {path[len(prefix) :]: value for path, value in state.items() if path.startswith(prefix)}
