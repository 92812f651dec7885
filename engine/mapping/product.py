"""Products ↔ Items. Bundles and categories of QuickBooks are no products; an item's type never changes after creation."""

from __future__ import annotations

from engine.connectors.base import Operation, RemoteRecord
from engine.core.records import Kind, Path, Replica, Scalar, State
from engine.errors import MappingError
from engine.mapping import normal
from engine.mapping.base import FieldRule, KindMapping, Payload, Picture, Reading, Writing
from engine.mapping.columns import Column, cells, read_cells, rules, write_cells
from engine.mapping.forms import (
    AMOUNT,
    BIT,
    FLAG,
    LINE_TEXT,
    Draft,
    quickbooks_reference,
    scoro_reference,
    shortened,
    text_form,
    whole_text_form,
)
from engine.mapping.parts import (
    both,
    deactivation,
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
    references_to,
    removal,
    speakable,
)
from engine.mapping.wire import Json, as_flag, as_id, as_text, ref

NAME_LIMIT = 100
_SERVICE, _GOODS, _INVENTORY = "service", "goods", "inventory"
_TYPES = {"Service": _SERVICE, "NonInventory": _GOODS, "Inventory": _INVENTORY}
_ITEM_TYPES = {_SERVICE: "Service", _GOODS: "NonInventory", _INVENTORY: "NonInventory"}

_PARAGRAPHS = text_form(normal.paragraphs)
_ACCOUNT_ID, _ACCOUNT_REF = scoro_reference("financeAccounts"), quickbooks_reference("Account")
_TAX_ID, _TAX_REF = scoro_reference("vatCodes"), quickbooks_reference("TaxCode")

COLUMNS = (
    Column(
        FieldRule(
            "name",
            "Name",
            "text",
            "name",
            "Name",
            transformation="colon, double quote and tab replaced in QuickBooks",
            limits="100 in QuickBooks",
        ),
        LINE_TEXT,
    ),
    Column(
        FieldRule("code", "Code", "text", "code", "Sku", limits="100 in QuickBooks"),
        LINE_TEXT,
        whole_text_form(normal.one_line, 100),
    ),
    Column(
        FieldRule("description", "Description", "text", "description", "Description", limits="4000 in QuickBooks"),
        _PARAGRAPHS,
        text_form(normal.paragraphs, 4000),
    ),
    Column(
        FieldRule(
            "price",
            "Price",
            "money",
            "price",
            "UnitPrice",
            transformation="zero is the same as none",
            limits="QuickBooks keeps it in the home currency",
        ),
        AMOUNT,
        AMOUNT,
    ),
    Column(
        FieldRule("cost", "Cost", "money", "buying_price", "PurchaseCost", transformation="zero is the same as none"),
        AMOUNT,
        AMOUNT,
    ),
    Column(
        FieldRule(
            "item_type",
            "Type",
            "code",
            "is_service",
            "Type",
            transformation="service, goods, inventory; Scoro tells service from goods only",
            limits="fixed after creation in QuickBooks; stock is never created",
        )
    ),
    Column(FieldRule("active", "Active", "flag", "is_active", "Active"), BIT, FLAG),
    Column(
        FieldRule(
            "income_account",
            "Income account",
            "reference",
            "sales_finance_account_id",
            "IncomeAccountRef",
            transformation="default income account where a new item has none (R41)",
            reference=Kind.ACCOUNT,
        ),
        _ACCOUNT_ID,
        _ACCOUNT_REF,
    ),
    Column(
        FieldRule(
            "expense_account",
            "Expense account",
            "reference",
            "purchases_finance_account_id",
            "ExpenseAccountRef",
            reference=Kind.ACCOUNT,
        ),
        _ACCOUNT_ID,
        _ACCOUNT_REF,
    ),
    Column(
        FieldRule(
            "sales_tax",
            "Sales tax",
            "reference",
            "default_sales_tax_id",
            "SalesTaxCodeRef",
            transformation="also Scoro's default_vat_code_id",
            limits="not in US companies",
            reference=Kind.TAX_RATE,
        )
    ),
    Column(
        FieldRule(
            "purchase_tax",
            "Purchase tax",
            "reference",
            "default_purchases_tax_id",
            "PurchaseTaxCodeRef",
            limits="not in US companies",
            reference=Kind.TAX_RATE,
        ),
        _TAX_ID,
    ),
)

_TAX_KEYS = (("sales_tax", "SalesTaxCodeRef"), ("purchase_tax", "PurchaseTaxCodeRef"))

_SCORO = cells(COLUMNS, Replica.SCORO)
_QUICKBOOKS = cells(COLUMNS, Replica.QUICKBOOKS)


def from_scoro(record: RemoteRecord, reading: Reading) -> Picture:
    """A Scoro product."""
    if gone(record):
        return nothing()
    data = record.data
    state = live()
    read_cells(_SCORO, data, reading, state)
    state["item_type"] = _scoro_type(as_flag(data.get("is_service"), "is_service"), reading.previous)
    id = as_id(data.get("default_sales_tax_id"), "default_sales_tax_id") or data.get("default_vat_code_id")
    tax = _TAX_ID.read(id, "Sales tax", reading)
    if tax is not None:
        state["sales_tax"] = tax
    return Picture(state, {"name": named(state)})


def _scoro_type(service: bool, previous: State) -> str:
    """Scoro cannot tell stock from other goods: what was known as stock stays so."""
    if service:
        return _SERVICE
    return _INVENTORY if previous.get("item_type") == _INVENTORY else _GOODS


def from_quickbooks(record: RemoteRecord, reading: Reading) -> Picture:
    """A QuickBooks item; sub-items of a category keep their own name."""
    if gone(record):
        return nothing()
    data = record.data
    state = live()
    read_cells(_QUICKBOOKS, data, reading, state)
    name = display_name(data, "Name")
    if name:
        state["name"] = name
    state["active"] = not inactive(data)
    state["item_type"] = _TYPES.get(as_text(data.get("Type"), "Type"), _SERVICE)
    if reading.settings.tax_model == "vat":
        _read_taxes(data, reading, state)
    return Picture(state, {"name": name})


def _read_taxes(data: Json, reading: Reading, state: dict[Path, Scalar]) -> None:
    for path, key in _TAX_KEYS:
        tax = _TAX_REF.read(data.get(key), key, reading)
        if tax is not None:
            state[path] = tax


def to_scoro(writing: Writing, operation: Operation) -> Payload:
    """A product card. Type and both names of the sales tax are written together."""
    if operation is Operation.DELETE:
        return removal("products", operation)
    started = draft(writing, Replica.SCORO, operation)
    write_cells(_SCORO, started)
    if started.wants("item_type"):
        started.body["is_service"] = int(writing.state.get("item_type") == _SERVICE)
    if started.wants("sales_tax"):
        tax = _TAX_ID.write(writing.state.get("sales_tax"), "Sales tax", started)
        started.body |= {"default_sales_tax_id": tax, "default_vat_code_id": tax}
    return finish(started, "products", operation)


def to_quickbooks(writing: Writing, operation: Operation) -> Payload:
    """An item. Deleting makes it inactive; a new one gets an income account (R41)."""
    if operation is Operation.DELETE:
        return deactivation("Item")
    started = draft(writing, Replica.QUICKBOOKS, operation)
    write_cells(_QUICKBOOKS, started)
    if started.wants("name"):
        name = speakable(started.text("name"), "The name", started)
        started.body["Name"] = shortened(name, NAME_LIMIT, "The name", started)
    if writing.settings.tax_model == "vat":
        _write_taxes(started)
    _write_type(started)
    return finish(started, "Item", operation)


def _write_taxes(started: Draft) -> None:
    for path, key in _TAX_KEYS:
        if started.wants(path):
            started.body[key] = _TAX_REF.write(started.writing.state.get(path), key, started)


def _write_type(started: Draft) -> None:
    if started.creates:
        started.body["Type"] = _ITEM_TYPES.get(started.text("item_type"), "Service")
        started.body.setdefault("IncomeAccountRef", _default_income(started.writing))
    elif started.wants("item_type"):
        started.note("The type of an item cannot be changed in QuickBooks; it stays as it was created.")


def _default_income(writing: Writing) -> dict[str, str]:
    account = writing.settings.default_income_account
    if not account:
        raise MappingError(
            f"The product “{named(writing.state)}” has no income account and there is no default one.",
            hint="Choose a default income account in the settings, or an income account on the product card.",
            code="income_account_missing",
        )
    return ref(writing.locate(account, Replica.QUICKBOOKS))


def owns(record: RemoteRecord) -> bool:
    """Bundles and categories are no products (reference 3.5)."""
    return record.type != "Item" or record.data.get("Type") not in ("Category", "Group")


PRODUCT = KindMapping(
    kind=Kind.PRODUCT,
    version=1,
    types={"products": Replica.SCORO, "Item": Replica.QUICKBOOKS},
    rules=rules(COLUMNS),
    read={"products": from_scoro, "Item": from_quickbooks},
    write={Replica.SCORO: to_scoro, Replica.QUICKBOOKS: to_quickbooks},
    owns=owns,
    replicas=both,
    keys=keys_of("code", "name"),
    title=named,
    amount=no_amount,
    references=references_to("income_account", "expense_account", "sales_tax", "purchase_tax"),
)
