"""What the documents themselves say about being written: payments, deposits, closed periods, fixed currencies,
refusals."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.core.decide import Lock
from engine.core.money import to_decimal
from engine.core.objects import CausalObject
from engine.core.reasons import Reason
from engine.core.records import DOCUMENTS, Kind, Replica
from engine.services.context import Context
from engine.services.scope import TROUBLE, is_limited
from engine.store.tables import Binding, Object

QUICKBOOKS_REPLICAS = (Replica.QUICKBOOKS, Replica.CUSTOMER, Replica.VENDOR)


def locks_of(
    context: Context, row: Object, thing: CausalObject, bindings: Mapping[Replica, Binding], *, by_hand: bool
) -> dict[Replica, tuple[Lock, ...]]:
    """Every lock on every replica, computed from what both sides really say (R13, R28, R29). ``by_hand``: a person is
    sending it, which lifts the limits of its category."""
    common = [*_refusal(row), *_payment(thing, bindings)]
    remote = [*common, *_currency(thing), *_period(context, thing), *_deposit(bindings)]
    if not by_hand and not row.required:
        remote += _bookmark(context, thing)
    return {Replica.SCORO: tuple(common), **dict.fromkeys(QUICKBOOKS_REPLICAS, tuple(remote))}


def is_paid(bindings: Mapping[Replica, Binding]) -> bool:
    """Whether either side says that something was paid on the document."""
    return any(_amount(binding, "paid") for binding in bindings.values())


def variance_of(row: Object, bindings: Mapping[Replica, Binding]) -> tuple[str, str] | None:
    """The totals as Scoro and QuickBooks compute them, when they differ and nobody has accepted that."""
    scoro, quickbooks = bindings.get(Replica.SCORO), bindings.get(Replica.QUICKBOOKS)
    if scoro is None or quickbooks is None or scoro.gone or quickbooks.gone:
        return None
    for name in ("total", "home_total"):
        ours, theirs = scoro.facts.get(name), quickbooks.facts.get(name)
        if ours is None or theirs is None or to_decimal(ours) == to_decimal(theirs):
            continue
        if row.accepted_variance != f"{ours}|{theirs}":
            return str(ours), str(theirs)
    return None


def _refusal(row: Object) -> list[Lock]:
    """The remote refused this very state; it is not sent again until something changes or a person retries."""
    refused = row.facts.get("refused")
    return [Lock(Reason(refused["reason"]), creates=True)] if refused else []


def _payment(thing: CausalObject, bindings: Mapping[Replica, Binding]) -> list[Lock]:
    paid = thing.kind in DOCUMENTS and is_paid(bindings)
    return [Lock(Reason.PAYMENT_ATTACHED)] if paid else []


def _currency(thing: CausalObject) -> list[Lock]:
    return [Lock(Reason.CURRENCY_FIXED, frozenset({"currency"}))] if thing.kind is Kind.CONTACT else []


def _bookmark(context: Context, thing: CausalObject) -> list[Lock]:
    """Nobody knows what a bookmark lets through that cannot be read (R36)."""
    category = context.category(thing.kind)
    unknown = is_limited(category) and TROUBLE in category.scope
    return [Lock(Reason.BOOKMARK_UNREADABLE, creates=True)] if unknown else []


def _period(context: Context, thing: CausalObject) -> list[Lock]:
    closed = context.settings.features.get("book_close_date", "")
    date = str(thing.fields.get("date", ""))
    return [Lock(Reason.PERIOD_LOCKED, creates=True)] if closed and date and date <= closed else []


def _deposit(bindings: Mapping[Replica, Binding]) -> list[Lock]:
    found = []
    for binding in bindings.values():
        if binding.facts.get("deposited"):
            found.append(Lock(Reason.DEPOSITED))
        if binding.facts.get("processed"):
            found.append(Lock(Reason.PROCESSED_ELSEWHERE))
    return found


def _amount(binding: Binding, name: str) -> Decimal:
    value = binding.facts.get(name)
    return Decimal(0) if value in (None, "") else to_decimal(value)
