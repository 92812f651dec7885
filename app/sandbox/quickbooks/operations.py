"""Create, update, delete, void, send: the accepted writes and everything they move."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks import automatic, effects, faults, ledger, lines, settlements
from app.sandbox.quickbooks.booking import Booking, Draft, begin
from app.sandbox.quickbooks.clean import clean
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.documents import refuse_closed
from app.sandbox.quickbooks.entities import KINDS, Kind, Operation
from app.sandbox.quickbooks.kinds import RULES
from app.sandbox.quickbooks.render import render
from app.sandbox.quickbooks.wire import Json, started

ZERO = Decimal(0)


def write(booking: Booking, kind: Kind, body: Json) -> Row:
    """Create when the body has no Id, otherwise a full or sparse update."""
    cleaned = clean(kind, body, strict=booking.behaviours.unknown_property_refused)
    identity = cleaned.pop("Id", None)
    if kind.name in {"CompanyInfo", "Preferences"}:
        identity = "1"
    if identity in {None, "0"}:
        return create(booking, kind, cleaned)
    return update(booking, kind, check_id(identity), cleaned)


def check_id(value: Any) -> str:
    """Ids are digits, except the two pseudo tax codes (2030)."""
    text = str(value)
    if not text.isdigit() and text not in {"TAX", "NON"}:
        raise faults.fault("2030", f"Id should be a valid number. Supplied value:{text}", "Id")
    return text


def create(booking: Booking, kind: Kind, body: Json, *, identity: str | None = None) -> Row:
    """`body` is cleaned. The row is indexed, posted, announced; automatic payments may follow."""
    _allow(booking, kind, Operation.CREATE)
    fresh = {name: value for name, value in body.items() if name not in {"SyncToken", "sparse"}}
    draft = begin(kind, None, fresh, RULES[kind.name].defaults(booking.company), sparse=False)
    RULES[kind.name].prepare(booking, draft)
    issued = _close(draft, 0)
    row = booking.company.insert(kind, draft.data, identity=identity, by=booking.person)
    row.lines_issued = issued
    effects.settle(booking, row, None)
    effects.tell(booking, "Create", row, None)
    _use_open_money(booking, row)
    return row


def update(booking: Booking, kind: Kind, identity: str, body: Json) -> Row:
    """`body` is cleaned and holds SyncToken; raises 610 or 5010. A no-op on a name list changes nothing."""
    _allow(booking, kind, Operation.UPDATE)
    row = held(booking, kind, identity, body.pop("SyncToken", None))
    sparse = bool(body.pop("sparse", False))
    before, picture = row.data, render(booking.company, row)
    draft = begin(kind, row, body, RULES[kind.name].defaults(booking.company), sparse=sparse)
    RULES[kind.name].prepare(booking, draft)
    issued = _close(draft, row.lines_issued)
    if _is_noop(booking, kind, draft, before):
        return row
    settlers = _give_back(booking, row, draft)
    booking.company.replace(row, draft.data, by=booking.person)
    row.lines_issued = issued
    effects.settle(booking, row, before)
    effects.tell(booking, "Update", row, picture)
    effects.tell_touched(booking, settlers)
    return row


def held(booking: Booking, kind: Kind, identity: str, token: str | None) -> Row:
    """The row a write is about, with its token checked."""
    row = booking.company.find(kind.name, identity)
    if row is None:
        gone = identity in booking.company.tombstones[kind.name]
        raise faults.deleted_transaction() if gone and kind.is_transaction else faults.inactive_or_missing()
    if token is None:
        raise faults.missing("SyncToken")
    if str(token) != str(row.token):
        raise faults.stale(row.modified_by or booking.person)
    return row


_ONLY_PEOPLE = {
    ("CreditMemo", Operation.VOID),
    ("TaxCode", Operation.UPDATE),
    ("TaxRate", Operation.UPDATE),
}


def _allow(booking: Booking, kind: Kind, operation: Operation) -> None:
    """People in the user interface may do a little more than the API."""
    by_hand = booking.actor == "person" and (kind.name, operation) in _ONLY_PEOPLE
    if operation not in kind.operations and not by_hand:
        raise faults.unsupported(f"{operation.value} on {kind.name}")


def _close(draft: Draft, issued: int) -> int:
    if draft.kind.is_transaction and draft.kind.bookkeeping and draft.kind.name not in ledger.SETTLERS:
        issued = lines.number_lines(draft, issued)
        if draft.kind.name in {"Invoice", "CreditMemo"}:
            lines.close_sales(draft)
    return issued


def _is_noop(booking: Booking, kind: Kind, draft: Draft, before: Json) -> bool:
    if draft.data != before:
        return False
    switches = booking.behaviours
    return not switches.noop_transaction_bumps if kind.is_transaction else switches.noop_list_update_silent


def _give_back(booking: Booking, row: Row, draft: Draft) -> list[Row]:
    """A total below what is paid returns the rest to the payments (U3)."""
    if row.entity in ledger.SETTLERS or row.entity not in ledger.SIGNS:
        return []
    settlers = settlements.shrink(booking, row, draft.data)
    if settlers and "LinkedTxn" in draft.data:
        draft.data["LinkedTxn"] = row.data["LinkedTxn"]
    return settlers


def delete(booking: Booking, kind: Kind, identity: str, token: str | None) -> Row:
    """Remove a transaction for good; answers the row as it was."""
    _allow(booking, kind, Operation.DELETE)
    row = held(booking, kind, identity, token)
    if kind.is_transaction:
        refuse_closed(booking, row.data.get("TxnDate"))
    settlements.refuse_processed(row, "6120")
    settlements.refuse_deposited(row, None)
    picture = render(booking.company, row)
    settlers = _release(booking, row, allowed=booking.behaviours.delete_with_payment_allowed)
    before = row.data
    booking.company.remove(row)
    effects.unsettle(booking, row, before)
    effects.tell(booking, "Delete", row, picture)
    effects.tell_touched(booking, settlers)
    return row


def _release(booking: Booking, row: Row, *, allowed: bool) -> list[Row]:
    """Unlink the payments of a document about to go, or refuse (U1, U2)."""
    if row.entity in ledger.SETTLERS or not settlements.has_payment(booking.company, row):
        return []
    if not allowed:
        raise faults.business(
            "You can't delete or void this transaction because a payment is applied to this linked transaction. "
            "Remove the linked payment first."
        )
    settlers = settlements.shrink(booking, row, {"TotalAmt": ZERO})
    ledger.refresh(booking, row, bump=False)
    return settlers


def void(booking: Booking, kind: Kind, identity: str, token: str | None) -> Row:
    """Zero amounts, mark the note, keep the row; voiding a payment frees its documents."""
    _allow(booking, kind, Operation.VOID)
    row = held(booking, kind, identity, token)
    refuse_closed(booking, row.data.get("TxnDate"))
    settlements.refuse_processed(row, "6110")
    settlements.refuse_deposited(row, None)
    picture = render(booking.company, row)
    settlers = _release(booking, row, allowed=booking.behaviours.void_with_payment_allowed)
    before = row.data
    booking.company.replace(row, voided(booking.company, before, row.entity), by=booking.person)
    effects.settle(booking, row, before)
    effects.tell(booking, "Void", row, picture)
    effects.tell_touched(booking, settlers)
    return row


def voided(company: Company, data: Json, entity: str) -> Json:
    note = str(data.get("PrivateNote") or "")
    blank = {
        **data,
        "PrivateNote": f"Voided - {note}" if note and not note.startswith("Voided") else note or "Voided",
        "TotalAmt": ZERO,
    }
    blank["Line"] = [] if entity in ledger.SETTLERS else lines.zeroed(data["Line"])
    if "TxnTaxDetail" in blank:
        blank["TxnTaxDetail"] = {"TotalTax": ZERO}
    blank.pop("Deposit", None)
    return ledger.carry_open(company, blank, entity, ZERO) if entity in ledger.SIGNS else blank


def send(booking: Booking, row: Row, address: str | None) -> Row:
    """E-mail a document: status, delivery info and stamp move, the token does not. Mails are limited per day."""
    _refuse_many_mails(booking)
    mail = {"Address": address} if address else row.data.get("BillEmail")
    if not mail:
        raise faults.fault("6420", "Email address is required : the customer has no e-mail address.", "BillEmail")
    delivery = {
        "DeliveryType": "Email",
        "DeliveryTime": started(booking.company.now())[:-10] + started(booking.company.now())[-6:],
    }
    picture = render(booking.company, row)
    row.data = {**row.data, "EmailStatus": "EmailSent", "BillEmail": mail, "DeliveryInfo": delivery}
    booking.company.touch(row)
    booking.company.mails[booking.company.today()] += 1
    effects.tell(booking, "Emailed", row, picture)
    return row


def _refuse_many_mails(booking: Booking) -> None:
    if booking.actor == "api" and booking.company.mails[booking.company.today()] >= booking.behaviours.mails_per_day:
        raise faults.throttled()


def _use_open_money(booking: Booking, row: Row) -> None:
    """Credits and payments that QuickBooks applies by itself, where the company wants it."""
    system = replace(booking, actor="system", person="System Administration", options=frozenset())
    for body in automatic.credit_links(booking.company, row):
        create(system, KINDS["Payment"], body)
    if booking.actor == "system":
        return
    for payment, body in automatic.applications(booking, row):
        update(system, KINDS["Payment"], payment.id, body)
