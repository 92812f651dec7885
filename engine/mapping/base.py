"""What every mapping keeps to: pure functions, with everything they need to look up handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.connectors.base import Operation, RemoteRecord
from engine.core.records import Path, Replica, Scalar, State

Facts = Mapping[str, Scalar]
"""What the remote computes or controls: never an edit, never written. Names in ``FACTS``."""

FACTS: Mapping[str, str] = {
    "total": "document total with tax, in its currency",
    "tax_total": "tax of the document",
    "net_total": "document total without tax",
    "balance": "what is still open",
    "paid": "what has been paid or credited",
    "owed": "balance of a QuickBooks customer or vendor over all its documents",
    "home_total": "total in the home currency",
    "deposited": "true when the payment sits in a bank deposit",
    "processed": "true when a payment processor owns it",
    "sent": "true when it was sent to the customer",
    "name": "how the remote displays the record",
    "number": "document number as displayed",
    "projects": "number of different projects on the document",
    "party": "remote id of the contact that a QuickBooks document belongs to",
    "sales_rate": "remote id of the one QuickBooks rate that a tax code levies on sales",
    "purchase_rate": "the same on purchases",
    "unapplied": "part of a payment that settles nothing",
    "open/…": "what is open on a document that a receipt would settle by a rounding too much, by object id",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Facts of the connection a mapping may depend on.

    ``tax_model`` is ``us_automated``, ``us_manual``, ``vat`` or ``none`` (QuickBooks reference 11.2). ``default_income_account``
    and ``default_expense_account`` are object ids (R41, R42); ``default_deposit_account`` likewise, "" when unset.
    ``time_zone`` is Scoro's (naive stamps, reference 1.7). ``features`` are the QuickBooks company's (see ``CompanyProfile``).
    """

    home_currency: str = "USD"
    scoro_currency: str = "USD"
    multicurrency: bool = False
    tax_model: str = "vat"
    time_zone: str = "UTC"
    default_income_account: str = ""
    default_expense_account: str = ""
    default_deposit_account: str = ""
    features: Mapping[str, str] = field(default_factory=dict)


Resolve = Callable[[str, str], str]
"""(remote type, remote id) → object id. Raises ``MissingReference``."""

Locate = Callable[[str, Replica], str]
"""(object id, replica) → remote id. Raises ``MappingError`` when that object is not bound there."""

Lookup = Callable[[str], State]
"""object id → canonical state of a referred object (for rates of taxes, currency of contacts). Raises ``MappingError``."""

FactsOf = Callable[[str, Replica], Facts]
"""(object id, replica) → what that replica of a referred object computes or controls; empty when there is none."""


def no_facts(object_id: str, replica: Replica) -> Facts:
    """Nothing is known of referred objects."""
    return {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading mapping is handed: the look-ups and what we knew of this replica before.

    ``previous`` is the shadow (empty at first sight); ``line_ids`` remote line id → line key, in the replica's order.
    ``lenient``: references that a record can go without, and that nobody could read, are left out instead of raised.
    """

    settings: Settings
    resolve: Resolve
    lookup: Lookup
    previous: State = field(default_factory=dict)
    line_ids: Mapping[str, str] = field(default_factory=dict)
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A record in canonical form: the result of reading.

    ``line_ids`` remote line id → line key, in the remote's order. ``extras`` is what must be carried back unchanged when this
    replica's arrays are replaced as a whole (lines and parts of lines we do not map), opaque JSON of the mapping.
    """

    state: dict[Path, Scalar]
    facts: dict[str, Scalar] = field(default_factory=dict)
    line_ids: dict[str, str] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a writing mapping is handed.

    ``state`` is what the replica shall be after the write: its own shadow with the changed fields laid over, so held edits
    survive. ``changed`` are the changed paths (all paths for a create). ``line_ids``/``extras`` are the binding's.
    ``remote_id`` is None for a create. ``facts`` are the other system's of this object, ``facts_of`` those of referred objects.
    """

    settings: Settings
    locate: Locate
    lookup: Lookup
    state: State
    changed: frozenset[Path]
    remote_id: str | None = None
    line_ids: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    facts_of: FactsOf = no_facts


@dataclass(frozen=True, slots=True)
class Payload:
    """A write in the remote's words, without id and fence. ``notes`` are sentences for the object's page (R11, R19)."""

    type: str
    operation: Operation
    body: dict[str, Any]
    options: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One row of the generated field table; ``scoro`` and ``quickbooks`` are the remote names, "" where there is none.

    ``carried`` by which replicas; ``label`` for screens; ``type`` one of text, money, rate, quantity, date, flag, reference,
    code; ``money`` marks fields that change what is owed; ``transformation`` and ``limits`` are short sentences.
    """

    path: str
    label: str
    type: str
    scoro: str = ""
    quickbooks: str = ""
    direction: str = "both"
    transformation: str = ""
    limits: str = ""
    money: bool = False
    carried: frozenset[Replica] = frozenset(Replica)
    reference: str = ""


@dataclass(frozen=True, slots=True)
class KindMapping:
    """Everything the engine needs to know of one kind. Adding a kind is one of these and its tests.

    ``types``: remote type → replica it is (``{"contacts": SCORO, "Customer": CUSTOMER, "Vendor": VENDOR}``).
    ``read``: by remote type. ``write``: by replica. ``owns`` tells whether a record of a shared remote type is of this kind
    (Customer rows are contacts or projects; Scoro invoices are invoices or credit notes).
    ``replicas``: which replicas an object in this state should have (R10). ``keys``: exact natural keys for matching, by name.
    ``title``: one line for lists. ``amount``: (decimal text, currency) of documents for lists and brakes, else None.
    ``references``: object ids this state points to. ``version`` changes when fingerprints would.
    """

    kind: str
    version: int
    types: Mapping[str, Replica]
    rules: tuple[FieldRule, ...]
    read: Mapping[str, Callable[[RemoteRecord, Reading], Picture]]
    write: Mapping[Replica, Callable[[Writing, Operation], Payload]]
    owns: Callable[[RemoteRecord], bool]
    replicas: Callable[[State], frozenset[Replica]]
    keys: Callable[[State], tuple[tuple[str, str], ...]]
    title: Callable[[State], str]
    amount: Callable[[State], tuple[str, str] | None]
    references: Callable[[State], frozenset[str]]
