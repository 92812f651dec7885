"""What documents leave open and what that makes contacts owe: the posting rules of reference section 4."""

from __future__ import annotations

from decimal import Decimal

from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Company, Key, Row
from app.sandbox.quickbooks.currency import home_amounts
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
# What one unit left open on a document adds to its contact's balance.
SIGNS = {"Invoice": 1, "CreditMemo": -1, "Payment": -1, "Bill": 1, "VendorCredit": -1, "BillPayment": -1}
CREDITS = {"CreditMemo", "VendorCredit"}
SETTLERS = {"Payment": ("CustomerRef", "Customer"), "BillPayment": ("VendorRef", "Vendor")}
_CONTACTS = {
    "Invoice": ("CustomerRef", "Customer"),
    "CreditMemo": ("CustomerRef", "Customer"),
    "Bill": ("VendorRef", "Vendor"),
    "VendorCredit": ("VendorRef", "Vendor"),
    **SETTLERS,
}


def paid(company: Company, key: Key) -> Decimal:
    return sum(company.applied.get(key, {}).values(), ZERO)


def open_amount(company: Company, row: Row) -> Decimal:
    """What a document still leaves open, in its own currency."""
    if row.entity in SETTLERS:
        return unapplied(company, row.entity, row.data)
    return row.amount("TotalAmt") - row.amount("Deposit") - paid(company, row.key)


def unapplied(company: Company, entity: str, data: Json) -> Decimal:
    """A payment's money that no document has taken: total, plus credits used, minus charges settled."""
    left = Decimal(data.get("TotalAmt") or 0)
    for line in data.get("Line", []):
        kind = line["LinkedTxn"][0]["TxnType"] if line.get("LinkedTxn") else ""
        left += line["Amount"] if kind in CREDITS else -line["Amount"]
    return left


def carry_open(company: Company, data: Json, entity: str, left: Decimal) -> Json:
    """The data of a document with its open amount written where its kind shows it."""
    if entity == "Payment":
        return {**data, "UnappliedAmt": left}
    if entity == "BillPayment":
        return data
    carried = {**data, "Balance": left}
    if entity == "CreditMemo":
        carried["RemainingCredit"] = left
    home_amounts(company, carried)
    return carried


def contact_of(company: Company, entity: str, data: Json) -> Row | None:
    name, kind = _CONTACTS[entity]
    return company.find(kind, str((data.get(name) or {}).get("value", "")))


def contribution(company: Company, entity: str, data: Json) -> Decimal:
    if entity == "BillPayment":
        return -unapplied(company, entity, data)
    left = data["UnappliedAmt"] if entity == "Payment" else data["Balance"]
    return SIGNS[entity] * Decimal(left)


def post(booking: Booking, entity: str, before: Json | None, after: Json | None) -> None:
    """Move contact balances by what changed; every contact concerned is touched (stamp only, not token)."""
    company = booking.company
    for data, sign in ((before, -1), (after, 1)):
        contact = contact_of(company, entity, data) if data is not None else None
        if contact is not None and data is not None:
            _move(booking, contact, sign * contribution(company, entity, data))


def _move(booking: Booking, contact: Row, amount: Decimal) -> None:
    for step, each in enumerate(booking.company.family(contact)):
        changed = dict(each.data)
        if step == 0:
            changed["Balance"] = each.amount("Balance") + amount
        if each.entity == "Customer":
            changed["BalanceWithJobs"] = each.amount("BalanceWithJobs") + amount
        each.data = changed
        if booking.behaviours.balance_touches_contact:
            booking.company.touch(each)


def carry_family(company: Company, customer: Row, amount: Decimal) -> None:
    """A branch with `amount` open joins (or, negative, leaves) a customer and all above it."""
    for each in company.family(customer) if amount else ():
        each.data = {**each.data, "BalanceWithJobs": each.amount("BalanceWithJobs") + amount}
        if company.behaviours.balance_touches_contact:
            company.touch(each)


def refresh(booking: Booking, row: Row, *, bump: bool) -> None:
    """Recompute a document's open amount after a link changed; `bump` moves its token as well as its stamp."""
    company = booking.company
    before = row.data
    after = carry_open(company, before, row.entity, open_amount(company, row))
    if bump and booking.behaviours.payment_bumps_document:
        company.replace(row, after)
    else:
        row.data = after
    post(booking, row.entity, before, after)
