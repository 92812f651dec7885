"""Stock of inventory items: transactions move it and thereby the item (reference 3.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.references import detail

DIRECTION = {"Invoice": -1, "CreditMemo": 1, "Bill": 1, "VendorCredit": -1}


def _moves(company: Company, entity: str, data: Mapping[str, Any] | None) -> dict[str, Decimal]:
    moves: dict[str, Decimal] = defaultdict(Decimal)
    for line in (data or {}).get("Line", []):
        inner = detail(line)
        item = tracked(company, inner)
        if item is not None:
            moves[item.id] += DIRECTION[entity] * Decimal(inner.get("Qty") or 0)
    return moves


def tracked(company: Company, inner: Mapping[str, Any]) -> Row | None:
    """The inventory item a line detail names."""
    row = company.find("Item", str((inner.get("ItemRef") or {}).get("value", "")))
    return row if row is not None and row.data.get("Type") == "Inventory" else None


def move(booking: Booking, entity: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Row]:
    """Carry the difference of two versions of a document over to the items; answers the items that moved."""
    old, new = _moves(booking.company, entity, before), _moves(booking.company, entity, after)
    changed = [item for item in {**old, **new} if old.get(item, Decimal(0)) != new.get(item, Decimal(0))]
    rows = [booking.company.get("Item", item) for item in changed]
    for row in rows:
        quantity = row.amount("QtyOnHand") + new.get(row.id, Decimal(0)) - old.get(row.id, Decimal(0))
        booking.company.replace(row, {**row.data, "QtyOnHand": quantity})
    return rows


def refuse_early(booking: Booking, draft: Draft) -> None:
    """Stock cannot move before its start date (6270)."""
    for line in draft.data["Line"]:
        item = tracked(booking.company, detail(line))
        if item is not None and draft.data["TxnDate"] < item.data["InvStartDate"]:
            text = "InventoryTxnDatedBeforeItemStartDate : The date is before the inventory start date of an item."
            raise faults.fault("6270", text, "TxnDate")
