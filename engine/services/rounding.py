"""A payment can be more than QuickBooks takes: tax engines round, so that a document is a cent dearer in Scoro; and in Scoro a
document may be paid more than it comes to, which QuickBooks keeps as the unapplied rest of the payment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlmodel import Session, col, select

from engine.core.money import ZERO, field_decimal
from engine.core.records import LINES, Replica, Scalar, System, line_keys
from engine.store.tables import Binding, Outbox

OPEN = "open/"


def open_by_rounding(session: Session, row: Outbox) -> dict[str, Scalar]:
    """``open/<document>`` → what is open on it in QuickBooks, for documents of a new receipt that settles more than that by
    no more than the two systems' totals of the document differ and Scoro's document is overpaid."""
    if row.operation != "create" or row.system != System.QUICKBOOKS:
        return {}
    settled = line_keys(dict.fromkeys(row.values, True))
    facts: dict[str, dict[str, Mapping[str, Scalar]]] = defaultdict(dict)
    for binding in session.exec(select(Binding).where(col(Binding.object_id).in_(settled))):
        facts[binding.object_id][binding.replica] = binding.facts
    found = {key: _open(facts[key], row.values, f"{LINES}{key}/amount") for key in settled}
    return {OPEN + key: balance for key, balance in found.items() if balance is not None}


def _open(facts: Mapping[str, Mapping[str, Scalar]], values: Mapping[str, Scalar | None], path: str) -> Scalar | None:
    here, there = facts.get(Replica.SCORO, {}), facts.get(Replica.QUICKBOOKS, {})
    rounding = abs(field_decimal(here, "total") - field_decimal(there, "total"))
    overpaid = max(ZERO, field_decimal(here, "paid") - field_decimal(here, "total"))
    paid = {name: value for name, value in values.items() if value is not None}
    excess = field_decimal(paid, path) - field_decimal(there, "balance")
    return there.get("balance") if ZERO < excess <= rounding + overpaid else None
