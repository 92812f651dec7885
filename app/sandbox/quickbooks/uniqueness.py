"""Names and numbers that must not repeat (codes 6240 and 6140), kept as indexes."""

from __future__ import annotations

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Key, Row

PEOPLE = {"Customer", "Vendor", "Employee"}
_HOLDERS = {
    "Item": "product or service",
    "Account": "account",
    "Class": "class",
    "Department": "location",
    "Term": "term",
    "PaymentMethod": "payment method",
    "TaxCode": "tax rate",
    "TaxRate": "tax rate",
    "TaxAgency": "tax agency",
    "CompanyCurrency": "currency",
}
_POOLS = {
    "Invoice": "sales",
    "CreditMemo": "sales",
    "SalesReceipt": "sales",
    "RefundReceipt": "sales",
    "Estimate": "estimate",
    "Bill": "bill",
    "VendorCredit": "vendor credit",
}
_NUMBERED = {"Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate"}


def name_key(entity: str, data: dict[str, object]) -> tuple[str, str, str] | None:
    """The slot a name occupies: people share one pool, hierarchies have one per parent."""
    if entity in PEOPLE:
        return "people", "", str(data["DisplayName"]).casefold()
    if entity not in _HOLDERS:
        return None
    label = data.get("Code") or data.get("Name") or data.get("DisplayName")
    parent = data.get("ParentRef")
    return entity, str(parent["value"]) if isinstance(parent, dict) else "", str(label).casefold()


def check_name(booking: Booking, draft: Draft) -> None:
    slot = name_key(draft.kind.name, draft.data)
    if slot is None:
        return
    holder = booking.company.names.get(slot)
    if holder is not None and (draft.before is None or holder != draft.before.key):
        raise faults.duplicate_name(_holders(draft.kind.name))


def _holders(entity: str) -> str:
    return "customer, vendor or employee" if entity in PEOPLE else _HOLDERS[entity]


def index_name(company: Company, row: Row, before: dict[str, object] | None) -> None:
    """Free the old slot and take the new one."""
    if before is not None:
        release_name(company, row, before)
    slot = name_key(row.entity, row.data)
    if slot is not None:
        company.names[slot] = row.key


def release_name(company: Company, row: Row, data: dict[str, object]) -> None:
    slot = name_key(row.entity, data)
    if slot is not None and company.names.get(slot) == row.key:
        del company.names[slot]


def number_slot(booking: Booking, entity: str, data: dict[str, object]) -> tuple[str, str] | None:
    pool, number = _POOLS.get(entity), data.get("DocNumber")
    if pool is None or not number:
        return None
    vendor = data.get("VendorRef")
    if isinstance(vendor, dict) and booking.behaviours.bill_number_per_vendor:
        pool = f"{pool} {vendor['value']}"
    return pool, str(number)


def assign_number(booking: Booking, draft: Draft) -> None:
    """Draw the next number where the company numbers by itself, then refuse one in use."""
    if draft.kind.name in _NUMBERED and not draft.data.get("DocNumber") and _numbers_itself(booking, draft):
        draft.data["DocNumber"] = _next_number(booking.company, _POOLS[draft.kind.name])
    if draft.before is None or draft.changed("DocNumber"):
        _refuse_duplicate(booking, draft)


def _numbers_itself(booking: Booking, draft: Draft) -> bool:
    return draft.before is None and not booking.company.preference("SalesFormsPrefs", "CustomTxnNumbers")


def _next_number(company: Company, pool: str) -> str:
    number = company.last_number.get(pool, 1000) + 1
    while company.numbers.get((pool, str(number))):
        number += 1
    return str(number)


def _refuse_duplicate(booking: Booking, draft: Draft) -> None:
    slot = number_slot(booking, draft.kind.name, draft.data)
    if slot is None or "allowduplicatedocnum" in booking.options or not _warns(booking, draft.kind.name):
        return
    for entity, identity in booking.company.numbers.get(slot, {}):
        if draft.before is None or (entity, identity) != draft.before.key:
            raise faults.duplicate_number(slot[1], entity, identity)


def _warns(booking: Booking, entity: str) -> bool:
    if entity in {"Bill", "VendorCredit"}:
        return booking.company.other_preference("WarnDuplicateBillNumber")
    return True


def index_number(booking: Booking, row: Row, before: dict[str, object] | None) -> None:
    if before is not None:
        release_number(booking, row.key, before)
    slot = number_slot(booking, row.entity, row.data)
    if slot is None:
        return
    booking.company.numbers[slot][row.key] = None
    is_given = before is None or before.get("DocNumber") != slot[1]  # saving a document again enters no number
    if slot[1].isdigit() and is_given:
        booking.company.last_number[slot[0]] = int(slot[1])


def release_number(booking: Booking, key: Key, data: dict[str, object]) -> None:
    slot = number_slot(booking, key[0], data)
    if slot is None:
        return
    holders = booking.company.numbers[slot]
    holders.pop(key, None)
    if not holders:
        del booking.company.numbers[slot]
