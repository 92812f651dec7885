"""What a payment settles, in canonical form: one amount per document, and the credits it uses up beside the money.

Both systems let one payment take money and a credit together (QuickBooks reference 3.11, 12). Only the money is a receipt: the
credits' share is taken off the documents when read and put back when written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.core.money import ZERO, decimal_text, money_text
from engine.core.records import LINES, Path, Scalar, State, line_keys
from engine.mapping.forms import number_of
from engine.mapping.wire import plain


@dataclass(slots=True)
class Settled:
    """Parts as (line id, remote document id, object id, amount); credits and other rows as the remote told them."""

    parts: list[tuple[str, str, str, Decimal]] = field(default_factory=list)
    credit: Decimal = ZERO
    credits: list[Any] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)


def read_settled(settled: Settled, state: dict[Path, Scalar]) -> tuple[dict[str, str], dict[str, Any]]:
    """Put the parts into ``state``; returns line ids and what goes back verbatim."""
    shares = _shares(settled)
    line_ids: dict[str, str] = {}
    for line_id, remote, object_id, amount in settled.parts:
        line_ids[line_id] = object_id
        money = amount - shares.pop(remote, ZERO) if remote in shares else amount
        if money:
            _add(state, object_id, money)
    kept = {"credits": plain(settled.credits), "shares": _texts(_shares(settled)), "others": plain(settled.others)}
    return line_ids, {name: rows for name, rows in kept.items() if rows}


def _shares(settled: Settled) -> dict[str, Decimal]:
    """How much of the credits each document gets: the first ones first."""
    left, shares = settled.credit, {}
    for _, remote, _, amount in settled.parts:
        share = min(left, amount)
        if share > 0 and remote not in shares:
            shares[remote] = share
            left -= share
    return shares


def _texts(shares: dict[str, Decimal]) -> dict[str, str]:
    return {remote: decimal_text(share) for remote, share in shares.items()}


def _add(state: dict[Path, Scalar], object_id: str, money: Decimal) -> None:
    root = LINES + object_id
    state[root] = True
    state[f"{root}/amount"] = decimal_text(number_of(state.get(f"{root}/amount")) + money)


def parts_of(state: State) -> list[tuple[str, Decimal]]:
    """Object id and amount of every settled document."""
    return [(key, number_of(state.get(f"{LINES}{key}/amount"))) for key in line_keys(state)]


def unapplied(state: State, others: Iterable[Decimal] = ()) -> str:
    """What settles nothing, with the digits of its currency."""
    used = sum((amount for _, amount in parts_of(state)), ZERO) + sum(others, ZERO)
    return money_text(number_of(state.get("amount")) - used, str(state.get("currency", "")))
