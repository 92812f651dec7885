"""Scoro's document lines (reference 2.8). Signs of credits are turned here: canonical credits are positive."""

from __future__ import annotations

from typing import Any

from engine.core.money import decimal_text
from engine.core.records import Replica, State
from engine.mapping import normal
from engine.mapping.base import FieldRule, Reading
from engine.mapping.columns import Column, cells, read_cells
from engine.mapping.forms import NUMBER, PERCENT, Draft, number_of, scoro_id, scoro_reference, text_form
from engine.mapping.lines import HEADING, ITEM, Fields, Seen, outgoing
from engine.mapping.wire import Json, as_id, as_rows, as_text, json_number

HEADING_PRODUCT = -1

_TEXT = text_form(normal.paragraphs)


def _column(path: str, scoro: str, form: Any) -> Column:
    return Column(FieldRule(path, path, form.type, scoro), form)


_COLUMNS = (
    _column("product", "product_id", scoro_reference("products")),
    _column("description", "comment", _TEXT),
    _column("quantity", "amount", NUMBER),
    _column("unit_price", "price", NUMBER),
    _column("discount", "discount", PERCENT),
    _column("tax", "vat_code_id", scoro_reference("vatCodes")),
    _column("account", "finance_account_id", scoro_reference("financeAccounts")),
    _column("class", "finance_object_id", scoro_reference("financeObjects")),
)
_PROJECT = _column("project", "project_id", scoro_reference("projects"))
_SALES = cells(_COLUMNS, Replica.SCORO)
_PURCHASE = cells((*_COLUMNS, _PROJECT), Replica.SCORO)
_SALES_KEPT = (
    "comment2",
    "amount2",
    "unit",
    "cost",
    "supplier_id",
    "doer_id",
    "role_id",
    "is_internal",
    "dates",
    "custom_fields",
    "depot_amounts",
    "project_id",
)
_PURCHASE_KEPT = _SALES_KEPT[:-1]


def read_lines(data: Json, reading: Reading, *, purchase: bool, negative: bool) -> list[Seen]:
    """The lines of a Scoro document. Where taxes are set on the whole document, every line gets its rate."""
    defaults = {"vat_code_id": as_id(data.get("vat_code_id"), "vat_code_id")}
    if purchase:
        defaults["project_id"] = as_id(data.get("project_id"), "project_id")
    return [_read(row, defaults, reading, purchase, negative) for row in as_rows(data.get("lines"), "lines")]


def _read(row: Json, defaults: dict[str, str], reading: Reading, purchase: bool, negative: bool) -> Seen:
    id = as_id(row.get("id"), "id")
    if as_text(row.get("product_id"), "product_id") == str(HEADING_PRODUCT):
        return Seen(id, _heading(row, reading))
    fields: Fields = {"line_type": ITEM}
    read_cells(_PURCHASE if purchase else _SALES, _filled(row, defaults), reading, fields)
    fields.setdefault("quantity", "1")
    fields.setdefault("unit_price", "0")
    if negative:
        _turn(fields)
    kept = {key: row[key] for key in (_PURCHASE_KEPT if purchase else _SALES_KEPT) if row.get(key)}
    return Seen(id, fields, extras=kept)


def _heading(row: Json, reading: Reading) -> Fields:
    fields: Fields = {"line_type": HEADING}
    text = _TEXT.read(row.get("comment"), "comment", reading)
    return fields if text is None else {**fields, "description": text}


def _filled(row: Json, defaults: dict[str, str]) -> Json:
    missing = {key: value for key, value in defaults.items() if value and not as_id(row.get(key), key)}
    return {**row, **missing} if missing else row


def _turn(fields: Fields) -> None:
    """A credit's line the other way round: less of the quantity, or else less of the price."""
    name = "unit_price" if not number_of(fields["quantity"]) < 0 and number_of(fields["unit_price"]) < 0 else "quantity"
    fields[name] = decimal_text(-number_of(fields[name]))


def write_lines(started: Draft, *, purchase: bool, negative: bool, void: bool = False) -> None:
    """All lines with their ids; a common tax rate goes on the document too, for sites that tax whole documents."""
    kept = started.writing.extras.get("lines", {})
    lines = outgoing(started)
    started.body["lines"] = [
        _write(id, fields, kept.get(id, {}), started, purchase, negative, void) for _, id, fields in lines
    ]
    taxes = {fields.get("tax") for _, _, fields in lines if fields.get("line_type") != HEADING}
    if len(taxes) == 1 and (tax := taxes.pop()):
        started.body["vat_code_id"] = scoro_id(started.writing.locate(str(tax), Replica.SCORO))
    if purchase:
        started.body["project_id"] = -1 if any("project" in fields for _, _, fields in lines) else 0


def _write(
    id: str, fields: State, kept: Json, started: Draft, purchase: bool, negative: bool, void: bool
) -> dict[str, Any]:
    line: dict[str, Any] = {"id": scoro_id(id)} if id else {}
    if fields.get("line_type") == HEADING:
        return line | {"product_id": HEADING_PRODUCT, "comment": str(fields.get("description", ""))}
    line |= dict(kept)
    if started.wants("project"):
        line.pop("project_id", None)
    for cell in _PURCHASE if purchase else _SALES:
        line[cell.outer] = cell.write(fields.get(cell.path), cell.label, started)
    quantity = number_of(fields.get("quantity", "1"))
    line["amount"] = 0 if void else json_number(-quantity if negative else quantity)
    return line
