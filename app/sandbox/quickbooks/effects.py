"""What an accepted write moves besides its own row: indexes, links, balances, accounts, stock, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from app.sandbox.quickbooks import ledger, postings, relations, settlements, stock, uniqueness
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Change, Company, Row
from app.sandbox.quickbooks.contacts import rename_children
from app.sandbox.quickbooks.render import render
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
_HIERARCHIES = {"Customer", "Item", "Account", "Class", "Department"}


def settle(booking: Booking, row: Row, before: Json | None) -> None:
    """Everything follows a row that was created (`before` None) or changed."""
    company = booking.company
    uniqueness.index_name(company, row, before)
    uniqueness.index_number(booking, row, before)
    if row.entity in _HIERARCHIES:
        _reparent(company, row, before)
    if row.entity in postings.POSTING or (before is None and row.entity in postings.OPENING):
        postings.repost(company, row, row.data)
    if row.entity in ledger.SIGNS:
        ledger.post(booking, row.entity, before, row.data)
    if row.entity in stock.DIRECTION:
        tell_touched(booking, stock.move(booking, row.entity, before, row.data))
    _relink(booking, row, before, row.data)


def unsettle(booking: Booking, row: Row, before: Json) -> None:
    """Everything follows a row that is gone."""
    company = booking.company
    uniqueness.release_number(booking, row.key, before)
    uniqueness.release_name(company, row, before)
    _relink(booking, row, before, None)
    if row.entity in ledger.SIGNS:
        ledger.post(booking, row.entity, before, None)
    postings.repost(company, row, None)
    if row.entity in stock.DIRECTION:
        tell_touched(booking, stock.move(booking, row.entity, before, None))
    company.applied.pop(row.key, None)


def _relink(booking: Booking, row: Row, before: Json | None, after: Json | None) -> None:
    if row.entity == "Deposit":
        settlements.redeposit(booking.company, row, before, after)
    if row.entity in ledger.SETTLERS:
        tell_touched(booking, settlements.relink(booking, row, before, after))
    if row.entity in relations.MADE:
        tell_touched(booking, relations.relate(booking, row, before, after))
    if row.entity in relations.ORIGINS and before is not None and after is None:
        tell_touched(booking, relations.forget(booking, row, before))


def _reparent(company: Company, row: Row, before: Json | None) -> None:
    old = str(((before or {}).get("ParentRef") or {}).get("value", ""))
    new = row.ref("ParentRef")
    if old != new:
        _move_below(company, row, old, new)
    if before is not None and before.get("FullyQualifiedName") != row.data.get("FullyQualifiedName"):
        rename_children(company, row)


def _move_below(company: Company, row: Row, old: str, new: str) -> None:
    """Leave one parent for another; what accounts carry up moves along."""
    for identity, sign in ((old, -1), (new, 1)):
        parent = company.find(row.entity, identity)
        if parent is None:
            continue
        if sign > 0:
            company.children[parent.key][row.id] = None
        else:
            company.children[parent.key].pop(row.id, None)
        if row.entity == "Account":
            postings.carry_family(company, parent, sign * row.amount("CurrentBalanceWithSubAccounts"))
        if row.entity == "Customer":
            ledger.carry_family(company, parent, sign * row.amount("BalanceWithJobs"))


def tell(booking: Booking, operation: str, row: Row, before: Json | None, *, deleted_id: str | None = None) -> None:
    """Report an accepted write to the journal and the webhooks; `deleted_id` is the loser of a merge."""
    company = booking.company
    after = None if operation == "Delete" else render(company, row)
    who = booking.actor, booking.person
    company.announce(
        Change(company.realm, company.now(), who, operation, row.entity, row.id, before, after, deleted_id)
    )


def tell_touched(booking: Booking, rows: Iterable[Row]) -> None:
    for row in rows:
        tell(booking, "Update", row, None)
