"""Links that are not payments: an estimate, an order or time, and the document made of it (reference 3.10, 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Key, Row
from app.sandbox.quickbooks.wire import Json

ORIGINS = {"Estimate": "CustomerRef", "PurchaseOrder": "VendorRef", "TimeActivity": "CustomerRef"}
MADE = {"Invoice", "Bill"}


def check(booking: Booking, link: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """An origin exists and is of the same party, or the link is refused (620)."""
    kind, identity = str(link.get("TxnType", "")), str(link.get("TxnId", ""))
    if kind not in ORIGINS:
        return
    origin = booking.company.find(kind, identity)
    if origin is None:
        raise faults.unlinkable(f"{kind} {identity} does not exist.")
    name = ORIGINS[kind]
    if origin.ref(name) != str((data.get(name) or {}).get("value", "")):
        raise faults.unlinkable("The transaction belongs to another customer or vendor.")


def relate(booking: Booking, row: Row, before: Json | None, after: Json | None) -> list[Row]:
    """Mirror the document's new and lost links on their origins, whose token and stamp move; answers those."""
    old, new = _origins(before), _origins(after)
    moved = [booking.company.find(*key) for key in {**old, **new} if (key in old) != (key in new)]
    origins = [origin for origin in moved if origin is not None]
    for origin in origins:
        booking.company.replace(origin, _mirrored(origin, row, linked=origin.key in new))
    return origins


def _origins(data: Json | None) -> dict[Key, None]:
    links = (data or {}).get("LinkedTxn", [])
    return {(str(link["TxnType"]), str(link["TxnId"])): None for link in links if link["TxnType"] in ORIGINS}


def _mirrored(origin: Row, row: Row, *, linked: bool) -> Json:
    if origin.entity == "TimeActivity":
        return {**origin.data, "BillableStatus": "HasBeenBilled" if linked else "Billable"}
    kept = [link for link in origin.data.get("LinkedTxn", []) if link["TxnId"] != row.id]
    made = [{"TxnId": row.id, "TxnType": row.entity}] if linked else []
    return {**origin.data, "LinkedTxn": [*kept, *made]}


def forget(booking: Booking, origin: Row, before: Json) -> list[Row]:
    """A deleted origin vanishes from the documents that were made of it; answers those."""
    links = [link for link in before.get("LinkedTxn", []) if link["TxnType"] in MADE]
    found = [booking.company.find(link["TxnType"], str(link["TxnId"])) for link in links]
    made = [row for row in found if row is not None]
    for row in made:
        kept = [link for link in row.data["LinkedTxn"] if (link["TxnType"], link["TxnId"]) != origin.key]
        booking.company.replace(row, {**row.data, "LinkedTxn": kept})
    return made
