"""How records of both systems read, in plain words: what the machine's oracle watches of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Value = str | None
EXISTS, VOID, TOTAL = "@exists", "@void", "@total"


@dataclass(frozen=True, slots=True)
class Picture:
    """One record in plain words. ``marker`` names the thing for ever; "" when nobody of this history made it."""

    family: str
    replica: str
    marker: str
    fields: Mapping[str, Value]


_MARKER = re.compile(r"\bK\d+\b")


def number(value: Any) -> Value:
    """A number in one form."""
    if value in (None, ""):
        return None
    return format(Decimal(str(value)).normalize(), "f")


def _marker(*texts: Any) -> str:
    return next((found.group() for text in texts if (found := _MARKER.search(str(text or "")))), "")


def _text(value: Any) -> Value:
    return str(value).replace("&amp;", "&").strip() or None if value else None


def _first(row: Row, name: str) -> Value:
    means = row.get("means_of_contact") or {}
    return _text((means.get(name) or [None])[0]) if isinstance(means, Mapping) else None


def _name(text: Any) -> Value:
    return _text(str(text or "").replace(" (deleted)", "").replace(" (v)", ""))


def _scoro_contact(row: Row) -> Picture:
    fields = {EXISTS: _yes(not int(row["is_deleted"])), "name": _name(row["name"])}
    fields |= {"email": _first(row, "email"), "phone": _first(row, "phone")}
    return Picture("contact", "scoro", _marker(row["name"]), fields)


def _yes(value: Any) -> Value:
    return "yes" if value else None


def _quickbooks_contact(replica: str, row: Row) -> Picture:
    if row.get("IsProject"):
        return Picture("project", replica, "", {})
    fields = {
        EXISTS: _yes(row.get("Active", True)),
        "name": _name(row.get("DisplayName")),
        "email": _text((row.get("PrimaryEmailAddr") or {}).get("Address")),
        "phone": _text((row.get("PrimaryPhone") or {}).get("FreeFormNumber")),
    }
    return Picture("contact", replica, _marker(row.get("DisplayName")), fields)


def _scoro_product(row: Row) -> Picture:
    fields = {
        EXISTS: _yes(not int(row["is_deleted"]) and int(row["is_active"])),
        "name": _name(row["name"]),
        "price": number(row["price"] or 0),
        "description": _text(row["description"]),
    }
    return Picture("product", "scoro", _marker(row["code"]), fields)


def _item(row: Row) -> Picture:
    fields = {
        EXISTS: _yes(row.get("Active", True)),
        "name": _name(row.get("Name")),
        "price": number(row.get("UnitPrice") or 0),
        "description": _text(row.get("Description")),
    }
    return Picture("product", "quickbooks", _marker(row.get("Sku")), fields)


def _line(name: str, quantity: Any, price: Any) -> dict[str, Value]:
    return {f"{name}/quantity": number(abs(Decimal(str(quantity)))), f"{name}/price": number(price)}


def _amount(name: str, amount: Any) -> dict[str, Value]:
    return {f"{name}/amount": number(abs(Decimal(str(amount))))}


def _scoro_document(family: str, row: Row) -> Picture:
    if row.get("credited_invoices"):
        family = "credit"
    fields: dict[str, Value] = {
        EXISTS: _yes(not int(row["is_deleted"])),
        "message": _text(row["description"]),
        TOTAL: number(abs(Decimal(str(row["sum"])) + Decimal(str(row["vat_sum"])))),
    }
    if family != "credit":
        fields["due"] = _text(row["deadline"])
    for line in row["lines"]:
        if name := _line_name(line.get("comment")):
            is_bill = family == "bill"
            fields |= _amount(name, line["sum"]) if is_bill else _line(name, line["amount"], line["price"])
    return Picture(family, "scoro", _marker(*(line.get("comment") for line in row["lines"])), fields)


def _line_name(text: Any) -> str:
    found = re.search(r"\bK\d+\.\d+\b", str(text or ""))
    return found.group() if found else ""


def _quickbooks_document(family: str, row: Row) -> Picture:
    lines = [line for line in row.get("Line") or () if _line_name(line.get("Description"))]
    note = row.get("PrivateNote") if family == "bill" else (row.get("CustomerMemo") or {}).get("value")
    fields: dict[str, Value] = {EXISTS: "yes", "message": _text(note), TOTAL: number(row["TotalAmt"])}
    if family != "credit":
        fields["due"] = _text(row.get("DueDate"))
    for line in lines:
        name = _line_name(line["Description"])
        detail = line.get("SalesItemLineDetail")
        if detail is None:
            fields |= _amount(name, line["Amount"])
        else:
            fields |= _line(name, detail.get("Qty", 1), detail.get("UnitPrice", line["Amount"]))
    marker = _marker(*(line["Description"] for line in lines))
    if _is_void(row):
        return Picture(family, "quickbooks", marker, {EXISTS: "yes", VOID: "yes", TOTAL: "0"})
    return Picture(family, "quickbooks", marker, fields)


def _is_void(row: Row) -> bool:
    return not Decimal(str(row["TotalAmt"])) and str(row.get("PrivateNote") or "").startswith("Voided")


def _scoro_receipt(row: Row) -> Picture:
    amount = number(row["sum"])
    fields = {EXISTS: _yes(not int(row["is_deleted"])), "date": _text(row["date"]), "amount": amount}
    return Picture("receipt", "scoro", _paid(amount), fields)


def _payment(row: Row) -> Picture:
    amount = number(row["TotalAmt"])
    fields = {EXISTS: "yes", "date": _text(row["TxnDate"]), "amount": amount}
    if _is_void(row):
        fields = {EXISTS: "yes", VOID: "yes"}
    return Picture("receipt", "quickbooks", _paid(amount), fields)


def _paid(amount: Value) -> str:
    """Every payment of a history has its own amount; nothing at all is a credit applied."""
    return amount if amount and amount != "0" else ""


READERS = {
    "contacts": _scoro_contact,
    "Customer": lambda row: _quickbooks_contact("quickbooks.customer", row),
    "Vendor": lambda row: _quickbooks_contact("quickbooks.vendor", row),
    "products": _scoro_product,
    "Item": _item,
    "invoices": lambda row: _scoro_document("invoice", row),
    "bills": lambda row: _scoro_document("bill", row),
    "Invoice": lambda row: _quickbooks_document("invoice", row),
    "CreditMemo": lambda row: _quickbooks_document("credit", row),
    "Bill": lambda row: _quickbooks_document("bill", row),
    "receipts": _scoro_receipt,
    "Payment": _payment,
    "BillPayment": _payment,
}
"""Remote type → how its rows read."""
