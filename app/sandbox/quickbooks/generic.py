"""Create, read, update and delete for the entities kept without bookkeeping, driven by their table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks import faults, references, relations, uniqueness
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.clean import as_number
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.generic_table import GENERIC
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
_UNCOUNTED = {"SubTotalLineDetail", "DescriptionOnly"}


def defaults(company: Company) -> Json:
    return {"TxnDate": company.today().isoformat(), "CurrencyRef": {"value": company.home}}


def plain_defaults(company: Company) -> Json:
    return {}


def prepare(booking: Booking, draft: Draft) -> None:
    entity = GENERIC[draft.kind.name]
    for name in entity.required:
        if not draft.data.get(name):
            raise faults.missing(name)
    if draft.kind.name in relations.ORIGINS and "LinkedTxn" in draft.kind.fields:
        draft.data["LinkedTxn"] = draft.was.get("LinkedTxn", [])  # what was made of it says so itself
    references.check(booking, draft)
    uniqueness.assign_number(booking, draft)
    if draft.data.get("Line"):
        draft.data["Line"] = [
            dict(line) for line in draft.data["Line"] if line.get("DetailType") != "SubTotalLineDetail"
        ]
    if draft.kind.name == "JournalEntry":
        _balance_journal(draft)
    if entity.total:
        draft.data["TotalAmt"] = _total(draft.data.get("Line") or [])


def _total(lines: list[Json]) -> Decimal:
    return sum((_amount(line) for line in lines if line.get("DetailType") not in _UNCOUNTED), ZERO)


def _amount(line: Json) -> Decimal:
    amount = as_number(line.get("Amount") or 0, "Line.Amount")
    return -amount if line.get("DetailType") == "DiscountLineDetail" else amount


def _balance_journal(draft: Draft) -> None:
    sides: dict[Any, Decimal] = {"Debit": ZERO, "Credit": ZERO}
    for line in draft.data["Line"]:
        side = (line.get("JournalEntryLineDetail") or {}).get("PostingType")
        if side in sides:
            sides[side] += _amount(line)
    if sides["Debit"] != sides["Credit"]:
        raise faults.fault("2300", "Amount on debits not equal to credits", "Line")
    draft.data["TotalAmt"] = sides["Debit"]
