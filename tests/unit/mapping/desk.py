"""The surroundings of a mapping in tests: a desk with bindings, and two remotes that store what they are sent.

The remotes know only what the mappings rely on: ids for new lines, totals, sparse updates. The full simulations live elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from engine.connectors.base import Operation, RemoteRecord
from engine.core.records import EXISTS, Kind, Replica, Scalar, State, System
from engine.errors import MappingError, MissingReference
from engine.mapping.base import Payload, Picture, Reading, Settings, Writing
from engine.mapping.registry import MAPPINGS, rule_for

SETTINGS = Settings(
    home_currency="EUR",
    scoro_currency="EUR",
    multicurrency=True,
    tax_model="vat",
    time_zone="Europe/Tallinn",
    default_income_account="sales",
    default_expense_account="costs",
    default_deposit_account="bank",
)

SCORO_TYPES = {
    Kind.ACCOUNT: "financeAccounts",
    Kind.TAX_RATE: "vatCodes",
    Kind.TRACKING_CLASS: "financeObjects",
    Kind.PRODUCT: "products",
    Kind.CONTACT: "contacts",
    Kind.PROJECT: "projects",
    Kind.INVOICE: "invoices",
    Kind.BILL: "bills",
    Kind.CREDIT_NOTE: "invoices",
    Kind.VENDOR_CREDIT: "bills",
    Kind.RECEIPT: "receipts",
}
QUICKBOOKS_TYPES = {
    Kind.ACCOUNT: "Account",
    Kind.TAX_RATE: "TaxCode",
    Kind.TRACKING_CLASS: "Class",
    Kind.PRODUCT: "Item",
    Kind.PROJECT: "Customer",
    Kind.INVOICE: "Invoice",
    Kind.BILL: "Bill",
    Kind.CREDIT_NOTE: "CreditMemo",
    Kind.VENDOR_CREDIT: "VendorCredit",
}


@dataclass
class Desk:
    """Objects with their states, and the remote ids they are bound to: Scoro 100 and up, QuickBooks 500 and up."""

    settings: Settings = SETTINGS
    states: dict[str, dict[str, Scalar]] = field(default_factory=dict)
    bound: dict[tuple[str, Replica], str] = field(default_factory=dict)
    types: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, object_id: str, kind: Kind, **state: Scalar) -> str:
        """An object that is bound on both sides, contacts three times."""
        number = len(self.states)
        self.states[object_id] = {EXISTS: True, **state}
        self._bind(object_id, Replica.SCORO, SCORO_TYPES[kind], str(100 + number))
        if kind is Kind.CONTACT:
            self._bind(object_id, Replica.CUSTOMER, "Customer", str(500 + number))
            self._bind(object_id, Replica.VENDOR, "Vendor", str(700 + number))
        else:
            self._bind(object_id, Replica.QUICKBOOKS, QUICKBOOKS_TYPES[kind], str(500 + number))
        return object_id

    def _bind(self, object_id: str, replica: Replica, type: str, id: str) -> None:
        self.bound[object_id, replica] = id
        self.types[type, id] = object_id

    def id_of(self, object_id: str, replica: Replica = Replica.QUICKBOOKS) -> str:
        return self.bound[object_id, replica]

    def resolve(self, type: str, id: str) -> str:
        if (type, id) not in self.types:
            raise MissingReference(type, id)
        return self.types[type, id]

    def locate(self, object_id: str, replica: Replica) -> str:
        if (object_id, replica) not in self.bound:
            raise MappingError(f"{object_id} is not in {replica}", code="not_bound")
        return self.bound[object_id, replica]

    def lookup(self, object_id: str) -> State:
        return self.states[object_id]

    def reading(self, previous: State | None = None, line_ids: Mapping[str, str] | None = None) -> Reading:
        return Reading(self.settings, self.resolve, self.lookup, previous or {}, line_ids or {})

    def read(self, kind: Kind, record: RemoteRecord, previous: Picture | State | None = None) -> Picture:
        """Read a record, knowing what a former picture (or what was written) told."""
        before = previous if isinstance(previous, Picture) else Picture(dict(previous or {}))
        return MAPPINGS[kind].read[record.type](record, self.reading(before.state, before.line_ids))

    def write(
        self, kind: Kind, replica: Replica, state: State, operation: Operation = Operation.CREATE, **more: Any
    ) -> Payload:
        """Write a state, by default all of it and as a new record; the body is JSON."""
        changed = frozenset(more.pop("changed", state))
        writing = Writing(self.settings, self.locate, self.lookup, state, changed, **more)
        payload = MAPPINGS[kind].write[replica](writing, operation)
        json.dumps(payload.body)
        return payload


def full_desk(settings: Settings = SETTINGS) -> Desk:
    """A desk with everything that documents refer to."""
    desk = Desk(settings)
    desk.add("sales", Kind.ACCOUNT, name="Sales", account_class="income")
    desk.add("costs", Kind.ACCOUNT, name="Costs", account_class="expense")
    desk.add("travel", Kind.ACCOUNT, name="Travel", account_class="expense")
    desk.add("bank", Kind.ACCOUNT, name="Bank", account_class="bank")
    desk.add("card", Kind.ACCOUNT, name="Card", account_class="credit_card")
    desk.add("vat20", Kind.TAX_RATE, name="20%", rate="20")
    desk.add("vat9", Kind.TAX_RATE, name="9%", rate="9")
    desk.add("vat0", Kind.TAX_RATE, name="0%", rate="0")
    desk.add("north", Kind.TRACKING_CLASS, name="North")
    desk.add("design", Kind.PRODUCT, name="Design")
    desk.add("chair", Kind.PRODUCT, name="Chair")
    desk.add("acme", Kind.CONTACT, name="Acme", is_person=False, currency="EUR")
    desk.add("site", Kind.PROJECT, name="Site", contact="acme")
    desk.add("shop", Kind.PROJECT, name="Shop", contact="acme")
    desk.add("inv1", Kind.INVOICE, number="1", exchange_rate="1.25")
    desk.add("inv2", Kind.INVOICE, number="2")
    desk.add("bill1", Kind.BILL, number="3")
    return desk


def scoro(type: str, data: Mapping[str, Any], id: str = "1") -> RemoteRecord:
    """A Scoro record."""
    return RemoteRecord(System.SCORO, type, id, "", data)


def quickbooks(type: str, data: Mapping[str, Any], id: str = "1") -> RemoteRecord:
    """A QuickBooks record."""
    return RemoteRecord(System.QUICKBOOKS, type, id, "0", data)


def wired(body: Any) -> Any:
    """A body after its trip over the wire: fractions are Decimals."""
    return json.loads(json.dumps(body), parse_float=Decimal)


def stored(payload: Payload, before: RemoteRecord | None = None) -> RemoteRecord:
    """What the remote holds after the write."""
    held = dict(before.data) if before else {}
    on_scoro = payload.type[0].islower()
    body = {key: value for key, value in wired(payload.body).items() if key != "sparse"}
    held |= body
    if on_scoro:
        return scoro(payload.type, _scoro_totals(held), before.id if before else "1")
    held = {key: value for key, value in held.items() if value not in (None, "", {})}
    has_totals = "Line" in held and not payload.type.endswith("Payment")
    return quickbooks(payload.type, _quickbooks_totals(held) if has_totals else held, before.id if before else "1")


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _scoro_totals(held: dict[str, Any]) -> dict[str, Any]:
    if "lines" not in held:
        return held
    used = [int(line["id"]) for line in held["lines"] if line.get("id")]
    fresh = max([900, *used])
    total = Decimal(0)
    for line in held["lines"]:
        if not line.get("id"):
            fresh += 1
            line["id"] = fresh
        price = Decimal(str(line.get("price", 0))) * (100 - Decimal(str(line.get("discount", 0)))) / 100
        total += _cents(price * Decimal(str(line.get("amount", 0))))
    return held | {"sum": total}


def _quickbooks_totals(held: dict[str, Any]) -> dict[str, Any]:
    kept = [line for line in held["Line"] if line.get("DetailType") != "SubTotalLineDetail"]
    used = [int(line["Id"]) for line in kept if line.get("Id")]
    fresh, subtotal, off = max([0, *used]), Decimal(0), Decimal(0)
    for line in kept:
        if not line.get("Id"):
            fresh += 1
            line["Id"] = str(fresh)
        if line["DetailType"] == "DiscountLineDetail":
            off = line["Amount"] = _cents(subtotal * Decimal(str(line["DiscountLineDetail"]["DiscountPercent"])) / 100)
        else:
            subtotal += Decimal(str(line.get("Amount", 0)))
    end = {"Amount": subtotal, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    return held | {"Line": [*kept, end], "TotalAmt": subtotal - off}


def lost(kind: Kind, replica: Replica, sent: State, read: State) -> dict[str, tuple[Scalar | None, Scalar | None]]:
    """Paths that the table says this replica carries, and that came back otherwise; and paths nobody sent."""
    wrong = {}
    for path in {*sent, *read}:
        rule = rule_for(kind, path)
        carried = path == EXISTS or (rule is not None and replica in rule.carried)
        if carried and sent.get(path) != read.get(path):
            wrong[path] = (sent.get(path), read.get(path))
        if not carried and path in read:
            wrong[path] = (None, read[path])
    return wrong
