"""Credit invoices: negative invoices that settle those they credit by an automatic receipt (Q8)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.sandbox.common.journal import Actor
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.store import Row

CREDIT_ACCOUNT_TYPE = "credit"
# What the automatic receipt is made of.
BASIS = ("credited_invoices", "sum", "vat_sum", "company_id", "currency", "date")
_AUTOMATIC = Actor("system", "credit invoice")


def check(office: Office, draft: Row) -> None:
    """What is credited must be invoices of the same contact and currency; not every site lets programs credit."""
    if office.hand.actor.kind == "api" and not office.behaviours.credit_invoices_by_api:
        raise ApiError(400, "credited_invoices is not valid")
    for id in draft["credited_invoices"]:
        original = office.entity.row("invoices", id)
        if original is None or original["is_deleted"]:
            raise ApiError(400, f"credited_invoices {id} does not exist")
        if (original["company_id"], original["currency"]) != (draft["company_id"], draft["currency"]):
            raise ApiError(400, f"credited_invoices {id} is of another contact or currency")


def settle(office: Office, credit: Row) -> None:
    """Bring the automatic receipt in line with the credit invoice as it is now."""
    if not office.behaviours.credit_settles_original:
        return
    withdraw(office, credit)
    parts = _parts(office, credit) if credit["credited_invoices"] else []
    if parts:
        receipt = _receipt(office, credit, parts)
        _automatic(office).create("receipts", receipt, credit_of=credit["id"])


def withdraw(office: Office, credit: Row) -> None:
    """Delete the automatic receipt of a credit invoice."""
    for receipt in _automatic_receipts(office, credit):
        _automatic(office).delete("receipts", receipt["id"])


def _automatic(office: Office) -> Office:
    return Office(office.core, office.entity, replace(office.hand, actor=_AUTOMATIC))


def only_settled_by_credit(office: Office, invoice: Row) -> bool:
    """Whether all receipts of a credit invoice are the automatic one."""
    receipts = office.entity.payments.get(("invoices", invoice["id"]), {})
    automatic = {receipt["id"] for receipt in _automatic_receipts(office, invoice)}
    return bool(invoice["credited_invoices"]) and set(receipts) <= automatic


def _automatic_receipts(office: Office, credit: Row) -> list[Row]:
    ids = list(office.entity.payments.get(("invoices", credit["id"]), {}))
    rows = [office.entity.row("receipts", id) for id in ids]
    return [row for row in rows if row is not None and row.get("credit_of") == credit["id"]]


def _parts(office: Office, credit: Row) -> list[dict[str, object]]:
    """As much of each credited invoice as is due, and the same amount off the credit invoice."""
    left = -(credit["sum"] + credit["vat_sum"])
    parts: list[dict[str, object]] = []
    for id in credit["credited_invoices"]:
        original = office.entity.row("invoices", id)
        is_open = original is not None and not original["is_deleted"]
        taken = min(left, original["receivable_sum"]) if original and is_open else Decimal(0)
        if taken > 0:
            parts.append({"invoice_id": id, "sum": taken})
            left -= taken
    used = sum((part["sum"] for part in parts if isinstance(part["sum"], Decimal)), Decimal())
    return [*parts, {"invoice_id": credit["id"], "sum": -used}] if parts else []


def _receipt(office: Office, credit: Row, parts: list[dict[str, object]]) -> dict[str, object]:
    return {
        "date": credit["date"],
        "contact_id": credit["company_id"],
        "sum": Decimal(0),
        "currency": credit["currency"],
        "receipt_account_id": _credit_account(office),
        "receipts": parts,
    }


def _credit_account(office: Office) -> int:
    accounts = office.entity.table("receiptAccounts").rows()
    return next((row["id"] for row in accounts if row["type"] == CREDIT_ACCOUNT_TYPE), 0)
