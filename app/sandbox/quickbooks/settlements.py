"""Payments and bill payments: links to documents, over-application, deposits (reference section 12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks import faults, ledger
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Key, Row
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
CHARGES = {"Payment": "Invoice", "BillPayment": "Bill"}
CREDITS = {"Payment": "CreditMemo", "BillPayment": "VendorCredit"}
_OTHERS = {"JournalEntry", "Expense", "Check", "CreditCardCredit", "Deposit"}
_MIRROR = {"Payment": "Payment", "BillPayment": "BillPaymentCheck"}


def prepare(booking: Booking, draft: Draft, contact: Row) -> None:
    """Check total and lines; lines are stored as amount plus one link each."""
    _check_total(draft)
    draft.data["Line"] = [_line(draft, line) for line in draft.data.get("Line") or [] if line.get("LinkedTxn")]
    for line in draft.data["Line"]:
        _check_link(booking, draft, contact, line)
    left = ledger.unapplied(booking.company, draft.kind.name, draft.data)
    if left < 0:
        raise faults.business("The amount you are trying to apply is larger than the amount received.")
    draft.data.update(ledger.carry_open(booking.company, draft.data, draft.kind.name, left))


def _check_total(draft: Draft) -> None:
    total = draft.data.get("TotalAmt")
    if total is None:
        raise faults.business("You must set a transaction amount.")
    if total < 0:
        raise faults.business("You must specify a transaction amount that is 0 or greater.")


def _line(draft: Draft, line: Mapping[str, Any]) -> Json:
    link = line["LinkedTxn"][0]
    if line.get("Amount") is None:
        raise faults.missing("Line.Amount")
    if line["Amount"] < 0:
        raise faults.fault("2290", "NegativeAmount : Line amounts must not be negative.", "Line.Amount")
    return {
        "Amount": line["Amount"],
        "LinkedTxn": [{"TxnId": str(link.get("TxnId", "")), "TxnType": str(link.get("TxnType", ""))}],
    }


def _check_link(booking: Booking, draft: Draft, contact: Row, line: Json) -> None:
    identity, kind = target_of(line)
    if kind in _OTHERS:
        return
    if kind not in {CHARGES[draft.kind.name], CREDITS[draft.kind.name]}:
        raise faults.unlinkable(f"{kind} cannot be linked here.")
    target = booking.company.find(kind, identity)
    if target is None:
        gone = identity in booking.company.tombstones[kind]
        raise faults.deleted_transaction() if gone else faults.unlinkable(f"{kind} {identity} does not exist.")
    _check_party(booking.company, contact, target)
    previous = booking.company.applied.get(target.key, {}).get(draft.before.key, ZERO) if draft.before else ZERO
    if line["Amount"] > ledger.open_amount(booking.company, target) + previous:
        raise faults.business("You can't apply more than the open balance of a transaction.")


def _check_party(company: Company, contact: Row, target: Row) -> None:
    """The document is the contact's own, or that of a sub-customer billed with it."""
    owner = ledger.contact_of(company, target.entity, target.data)
    if owner is None or contact.id not in {each.id for each in _billed_with(company, owner)}:
        raise faults.unlinkable("The transaction belongs to another customer or vendor.")
    if target.ref("CurrencyRef") != contact.ref("CurrencyRef"):
        raise faults.business("You can only use one currency per transaction.")


def _billed_with(company: Company, owner: Row) -> Iterator[Row]:
    """The contact and those above it who get its bills."""
    for each in company.family(owner):
        yield each
        if not each.data.get("BillWithParent"):
            return


def target_of(line: Mapping[str, Any]) -> tuple[str, str]:
    link = line["LinkedTxn"][0]
    return link["TxnId"], link["TxnType"]


def links_of(data: Mapping[str, Any] | None) -> dict[Key, Decimal]:
    """Documents a payment settles or uses up, with the amount on each."""
    found: dict[Key, Decimal] = {}
    for line in (data or {}).get("Line", []):
        identity, kind = target_of(line)
        if kind not in _OTHERS:
            found[kind, identity] = found.get((kind, identity), ZERO) + line["Amount"]
    return found


def relink(booking: Booking, settler: Row, before: Json | None, after: Json | None) -> list[Row]:
    """Carry changed links over to the documents: balance, mirror link, token and stamp. Answers those that moved."""
    old, new = links_of(before), links_of(after)
    moved = [booking.company.get(*key) for key in {**old, **new} if old.get(key) != new.get(key)]
    for row in moved:
        _set_applied(booking.company, row, settler, new.get(row.key))
        ledger.refresh(booking, row, bump=True)
    return moved


def _set_applied(company: Company, row: Row, settler: Row, amount: Decimal | None) -> None:
    if amount is None:
        company.applied[row.key].pop(settler.key, None)
    else:
        company.applied[row.key][settler.key] = amount
    if row.entity != "CreditMemo":  # an applied credit memo shows no link
        row.data = {**row.data, "LinkedTxn": [*_foreign_links(row), *mirror(company, row.key)]}


def _foreign_links(row: Row) -> list[Json]:
    """Links to estimates, orders and time that are not payments."""
    return [link for link in row.data.get("LinkedTxn", []) if link["TxnType"] not in _MIRROR.values()]


def mirror(company: Company, key: Key) -> list[Json]:
    settlers = company.applied.get(key, {})
    return [{"TxnId": identity, "TxnType": _MIRROR[entity]} for entity, identity in settlers]


def has_payment(company: Company, row: Row) -> bool:
    return bool(company.applied.get(row.key))


def is_deposited(row: Row) -> bool:
    return any(link["TxnType"] == "Deposit" for link in row.data.get("LinkedTxn", []))


def redeposit(company: Company, deposit: Row, before: Json | None, after: Json | None) -> None:
    """Payments in a deposit show a link to it; neither their token nor their stamp moves."""
    link = [{"TxnId": deposit.id, "TxnType": "Deposit"}]
    for data, links in ((before, []), (after, link)):
        for payment in _deposited(company, data):
            payment.data = {**payment.data, "LinkedTxn": links}


def _deposited(company: Company, data: Json | None) -> list[Row]:
    links = [link for line in (data or {}).get("Line", []) for link in line.get("LinkedTxn", [])]
    found = (company.find("Payment", str(link.get("TxnId", ""))) for link in links if link.get("TxnType") == "Payment")
    return [payment for payment in found if payment is not None]


def refuse_processed(row: Row, code: str) -> None:
    """A payment that went through QuickBooks Payments is neither edited (6110) nor deleted (6120)."""
    if row.entity == "Payment" and row.data.get("ProcessPayment"):
        raise faults.fault(code, f"{faults.MESSAGES[code]} : the payment was processed by QuickBooks Payments.")


def refuse_deposited(row: Row, after: Json | None) -> None:
    """A deposited payment keeps its money: no deletion, void or change of amount (6540)."""
    if is_deposited(row) and (after is None or after["TotalAmt"] != row.data["TotalAmt"]):
        detail = (
            "This transaction has been deposited. If you want to change or delete it, "
            "you must first edit the deposit it appears on and remove it."
        )
        raise faults.fault("6540", detail)


def shrink(booking: Booking, row: Row, data: Json) -> list[Row]:
    """Give back what a document no longer needs: later payments lose their share first (U3). Answers them."""
    excess = ledger.paid(booking.company, row.key) - (data["TotalAmt"] - Decimal(data.get("Deposit") or 0))
    touched: list[Row] = []
    for key in reversed(list(booking.company.applied.get(row.key, {}))):
        if excess <= 0:
            break
        settler = booking.company.get(*key)
        excess -= _take_back(booking, settler, row, excess)
        touched.append(settler)
    return touched


def _take_back(booking: Booking, settler: Row, row: Row, wanted: Decimal) -> Decimal:
    share = booking.company.applied[row.key][settler.key]
    taken = min(share, wanted)
    before = settler.data
    lines = list(_without(before["Line"], row.key, taken))
    after = {**before, "Line": lines}
    after = ledger.carry_open(
        booking.company, after, settler.entity, ledger.unapplied(booking.company, settler.entity, after)
    )
    booking.company.replace(settler, after)
    _set_applied(booking.company, row, settler, share - taken or None)
    ledger.post(booking, settler.entity, before, after)
    return taken


def _without(lines: Iterable[Json], key: Key, amount: Decimal) -> Iterable[Json]:
    for line in lines:
        identity, kind = target_of(line)
        if (kind, identity) != key or not amount:
            yield line
            continue
        taken = min(line["Amount"], amount)
        amount -= taken
        if line["Amount"] > taken:
            yield {**line, "Amount": line["Amount"] - taken}
