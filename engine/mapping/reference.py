"""Accounts, tax rates and tracking classes: what QuickBooks owns and Scoro follows (R3, R4, R5, R23)."""

from __future__ import annotations

from decimal import Decimal

from engine.connectors.base import Operation, RemoteRecord
from engine.core.money import ZERO
from engine.core.records import Kind, Path, Replica, Scalar, State
from engine.errors import MappingError
from engine.mapping import normal
from engine.mapping.base import FieldRule, KindMapping, Payload, Picture, Reading, Writing
from engine.mapping.columns import ONLY_QUICKBOOKS, Cell, Column, cells, read_cells, rules, write_cells
from engine.mapping.forms import BIT, LINE_TEXT, RATE
from engine.mapping.parts import (
    both,
    display_name,
    draft,
    finish,
    gone,
    inactive,
    keys_of,
    live,
    named,
    no_amount,
    nothing,
    owned_by_quickbooks,
    owns_all,
    references_to,
    removal,
)
from engine.mapping.wire import Json, as_flag, as_number, as_rows, as_text, ref_id

ONE_WAY = "QuickBooks → Scoro"
_UNTAXED = "NON"
"""The pseudo code of US companies for lines without tax (reference 3.8)."""

_CLASSES = {
    "Bank": "bank",
    "Accounts Receivable": "receivable",
    "Accounts Payable": "payable",
    "Credit Card": "credit_card",
    "Other Current Asset": "asset",
    "Fixed Asset": "asset",
    "Other Asset": "asset",
    "Other Current Liability": "liability",
    "Long Term Liability": "liability",
    "Equity": "equity",
    "Income": "income",
    "Other Income": "income",
    "Cost of Goods Sold": "expense",
    "Expense": "expense",
    "Other Expense": "expense",
}
"""AccountType (QuickBooks reference 3.6) → what it means to us."""


def _row(
    path: str,
    label: str,
    type: str,
    scoro: str,
    quickbooks: str,
    *,
    transformation: str = "",
    carried: frozenset[Replica] = frozenset(Replica),
) -> FieldRule:
    return FieldRule(path, label, type, scoro, quickbooks, ONE_WAY, transformation, carried=carried)


ACCOUNT_COLUMNS = (
    Column(
        _row(
            "name",
            "Name",
            "text",
            "name",
            "FullyQualifiedName",
            transformation="sub-accounts with their parents, “Parent:Child”",
        ),
        LINE_TEXT,
    ),
    Column(_row("number", "Number", "text", "account_symbol", "AcctNum"), LINE_TEXT, LINE_TEXT),
    Column(
        _row("account_class", "Class", "code", "", "AccountType", transformation="grouped", carried=ONLY_QUICKBOOKS)
    ),
    Column(
        _row("for_sales", "For sales", "flag", "is_sales_account", "AccountType", transformation="income accounts"), BIT
    ),
    Column(
        _row(
            "for_purchases",
            "For purchases",
            "flag",
            "is_purchases_account",
            "AccountType",
            transformation="expense accounts",
        ),
        BIT,
    ),
    Column(_row("active", "Active", "flag", "is_active", "Active"), BIT),
)

TAX_COLUMNS = (
    Column(_row("name", "Name", "text", "vat_name", "Name", transformation="also Scoro's vat_code"), LINE_TEXT),
    Column(
        _row(
            "rate",
            "Rate",
            "rate",
            "percent",
            "SalesTaxRateList",
            transformation="percent; of purchases where there is none for sales",
        ),
        RATE,
    ),
    Column(_row("for_sales", "For sales", "flag", "is_sales", "SalesTaxRateList"), BIT),
    Column(_row("for_purchases", "For purchases", "flag", "is_purchases", "PurchaseTaxRateList"), BIT),
    Column(_row("active", "Active", "flag", "is_active", "Active", transformation="hidden codes are inactive"), BIT),
)

CLASS_COLUMNS = (
    Column(
        _row(
            "name",
            "Name",
            "text",
            "name",
            "FullyQualifiedName",
            transformation="linked by name; Scoro's objects cannot be written",
        ),
        LINE_TEXT,
    ),
    Column(_row("active", "Active", "flag", "", "Active", carried=ONLY_QUICKBOOKS)),
)

_ACCOUNT_SCORO = cells(ACCOUNT_COLUMNS, Replica.SCORO)
_TAX_SCORO = cells(TAX_COLUMNS, Replica.SCORO)
_CLASS_SCORO = cells(CLASS_COLUMNS, Replica.SCORO)
_ACCOUNT_QUICKBOOKS = cells(ACCOUNT_COLUMNS, Replica.QUICKBOOKS)


def _read_scoro(row: tuple[Cell, ...], record: RemoteRecord, reading: Reading) -> Picture:
    if gone(record):
        return nothing()
    state = live()
    read_cells(row, record.data, reading, state)
    return Picture(state, {"name": named(state)})


def _read_quickbooks(record: RemoteRecord, name: str) -> dict[Path, Scalar]:
    state = live()
    label = display_name(record.data, name) or display_name(record.data, "Name")
    if label:
        state["name"] = label
    state["active"] = not inactive(record.data)
    return state


def account_from_scoro(record: RemoteRecord, reading: Reading) -> Picture:
    """A Scoro finance account."""
    return _read_scoro(_ACCOUNT_SCORO, record, reading)


def account_from_quickbooks(record: RemoteRecord, reading: Reading) -> Picture:
    """A QuickBooks account; what it is for follows from its type."""
    if gone(record):
        return nothing()
    state = _read_quickbooks(record, "FullyQualifiedName")
    read_cells(_ACCOUNT_QUICKBOOKS, record.data, reading, state)
    of = _CLASSES.get(as_text(record.data.get("AccountType"), "AccountType"), "other")
    state |= {"account_class": of, "for_sales": of == "income", "for_purchases": of == "expense"}
    return Picture(state, {"name": named(state)})


def account_to_scoro(writing: Writing, operation: Operation) -> Payload:
    """A finance account as QuickBooks has it."""
    return _write_scoro(_ACCOUNT_SCORO, "financeAccounts", writing, operation)


def _write_scoro(row: tuple[Cell, ...], type: str, writing: Writing, operation: Operation) -> Payload:
    if operation is Operation.DELETE:
        return removal(type, operation)
    started = draft(writing, Replica.SCORO, operation)
    write_cells(row, started)
    return finish(started, type, operation)


def tax_rate_from_scoro(record: RemoteRecord, reading: Reading) -> Picture:
    """A Scoro VAT code; its code stands in where it has no name."""
    picture = _read_scoro(_TAX_SCORO, record, reading)
    code = normal.one_line(as_text(record.data.get("vat_code"), "vat_code"))
    if picture.state and code:
        picture.state.setdefault("name", code)
    return picture


def tax_rate_from_quickbooks(record: RemoteRecord, reading: Reading) -> Picture:
    """A QuickBooks tax code with the percentages that the connector joined from its rates."""
    if gone(record):
        return nothing()
    data = record.data
    state = _read_quickbooks(record, "Name")
    sales, purchases = as_number(data.get("SalesRateValue"), "rate"), as_number(data.get("PurchaseRateValue"), "rate")
    rate = sales if sales is not None else purchases
    if rate is None and record.id == _UNTAXED:
        rate = ZERO
    if rate is not None:
        state["rate"] = str(RATE.read(rate, "rate", reading))
    state["for_sales"] = sales is not None or _has_rates(data, "SalesTaxRateList")
    state["for_purchases"] = purchases is not None or _has_rates(data, "PurchaseTaxRateList")
    state["active"] = bool(state["active"]) and not as_flag(data.get("Hidden"), "Hidden")
    return Picture(state, {"name": named(state), **_levied(data, rate)})


def _levied(data: Json, rate: Decimal | None) -> dict[str, Scalar]:
    """The rates behind the code where each side has just one, of the percentage that the code stands for."""
    sides = {
        "sales_rate": ("SalesTaxRateList", "SalesRateValue"),
        "purchase_rate": ("PurchaseTaxRateList", "PurchaseRateValue"),
    }
    facts: dict[str, Scalar] = {}
    for name, (key, value) in sides.items():
        listed = data.get(key)
        details = as_rows(listed.get("TaxRateDetail"), key) if isinstance(listed, dict) else []
        if len(details) == 1 and as_number(data.get(value), value) == rate:
            facts[name] = ref_id(details[0].get("TaxRateRef"), "TaxRateRef")
    return facts


def _has_rates(data: Json, key: str) -> bool:
    rates = data.get(key)
    return isinstance(rates, dict) and bool(as_rows(rates.get("TaxRateDetail"), key))


def tax_rate_to_scoro(writing: Writing, operation: Operation) -> Payload:
    """A VAT code as QuickBooks has it; code and name are the same text."""
    payload = _write_scoro(_TAX_SCORO, "vatCodes", writing, operation)
    if "vat_name" in payload.body:
        payload.body["vat_code"] = payload.body["vat_name"]
    return payload


def class_from_scoro(record: RemoteRecord, reading: Reading) -> Picture:
    """A Scoro accounting object, known by its name."""
    return _read_scoro(_CLASS_SCORO, record, reading)


def class_from_quickbooks(record: RemoteRecord, reading: Reading) -> Picture:
    """A QuickBooks class, with its parents in its name."""
    if gone(record):
        return nothing()
    state = _read_quickbooks(record, "FullyQualifiedName")
    return Picture(state, {"name": named(state)})


def class_to_scoro(writing: Writing, operation: Operation) -> Payload:
    """Refuses: accounting objects are read-only over Scoro's API (reference 2)."""
    raise MappingError(
        f"Scoro has no accounting object named “{named(writing.state)}”, and none can be created over its interface.",
        hint="Create it in Scoro under Settings, Sales and finance, Accounting objects, with exactly this name.",
        code="class_not_in_scoro",
    )


def _where_rates_live(state: State) -> frozenset[Replica]:
    """QuickBooks' mark for "taxed" in the US has no rate of its own, and so no place in Scoro (reference 11.2)."""
    return both(state) if "rate" in state or not state else frozenset({Replica.QUICKBOOKS})


ACCOUNT = KindMapping(
    kind=Kind.ACCOUNT,
    version=1,
    types={"financeAccounts": Replica.SCORO, "Account": Replica.QUICKBOOKS},
    rules=rules(ACCOUNT_COLUMNS),
    read={"financeAccounts": account_from_scoro, "Account": account_from_quickbooks},
    write={Replica.SCORO: account_to_scoro, Replica.QUICKBOOKS: owned_by_quickbooks("Accounts")},
    owns=owns_all,
    replicas=both,
    keys=keys_of("number", "name"),
    title=lambda state: f"{state['number']} {named(state)}" if "number" in state else named(state),
    amount=no_amount,
    references=references_to(),
)

TAX_RATE = KindMapping(
    kind=Kind.TAX_RATE,
    version=1,
    types={"vatCodes": Replica.SCORO, "TaxCode": Replica.QUICKBOOKS},
    rules=rules(TAX_COLUMNS),
    read={"vatCodes": tax_rate_from_scoro, "TaxCode": tax_rate_from_quickbooks},
    write={Replica.SCORO: tax_rate_to_scoro, Replica.QUICKBOOKS: owned_by_quickbooks("Tax rates")},
    owns=owns_all,
    replicas=_where_rates_live,
    keys=keys_of("name", "rate"),
    title=named,
    amount=no_amount,
    references=references_to(),
)

TRACKING_CLASS = KindMapping(
    kind=Kind.TRACKING_CLASS,
    version=1,
    types={"financeObjects": Replica.SCORO, "Class": Replica.QUICKBOOKS},
    rules=rules(CLASS_COLUMNS),
    read={"financeObjects": class_from_scoro, "Class": class_from_quickbooks},
    write={Replica.SCORO: class_to_scoro, Replica.QUICKBOOKS: owned_by_quickbooks("Classes")},
    owns=owns_all,
    replicas=both,
    keys=keys_of("name"),
    title=named,
    amount=no_amount,
    references=references_to(),
)
