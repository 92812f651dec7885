"""The tax of a document, told to QuickBooks to the cent (reference 11.2).

Scoro rounds the tax of every line, QuickBooks that of every rate, and so one document would have two totals. In VAT companies
QuickBooks takes the tax as it is told, one figure for each rate. It is told only where the figure is known for certain: the lines
are those that Scoro taxed, and every rate on them stands for exactly one rate of QuickBooks. Else QuickBooks computes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.core.money import ONE, ZERO, Rounding, TaxShare, minor_digits, net_total, tax_by_rate, to_decimal
from engine.core.records import Replica, line_keys
from engine.mapping.base import Writing
from engine.mapping.taxes import rate_of
from engine.mapping.wire import Json, as_map, as_number, as_rows, json_number, plain, ref

EXTRAS = "tax_lines"
"""In the extras of a document: tax that QuickBooks was told and did not compute itself."""


def told_before(data: Json) -> list[Any]:
    """The tax lines of a document of which one was told; they go back with every update, else they would be computed anew."""
    rows = as_rows(as_map(data.get("TxnTaxDetail"), "TxnTaxDetail").get("TaxLine"), "TaxLine")
    return [plain(row) for row in rows] if any(_is_told(row) for row in rows) else []


def _is_told(row: Json) -> bool:
    detail = as_map(row.get("TaxLineDetail"), "TaxLineDetail")
    delta = as_number(detail.get("OverrideDeltaAmount"), "OverrideDeltaAmount")
    return detail.get("PercentBased") is False or bool(delta)


def tax_lines(writing: Writing, *, purchase: bool) -> list[dict[str, Any]]:
    """``TxnTaxDetail.TaxLine`` for the document as it will be; empty where QuickBooks computes the same, or should."""
    shares = _as_taxed_in_scoro(writing)
    found: dict[str, TaxShare] = {}
    for tax, share in shares.items():
        name = "purchase_rate" if purchase else "sales_rate"
        rate = str(writing.facts_of(tax, Replica.QUICKBOOKS).get(name, ""))
        if not rate and share.tax:
            return []
        found[rate] = _together(found.get(rate), share)
    return [_line(rate, share) for rate, share in found.items() if rate]


def _as_taxed_in_scoro(writing: Writing) -> dict[str, TaxShare]:
    """Net and tax of each rate, with Scoro's total; empty where QuickBooks comes to the same, or where these are other lines."""
    state, facts = writing.state, writing.facts
    wanted, net = facts.get("tax_total"), facts.get("net_total")
    if wanted is None or net is None or state.get("amounts_include_tax") is True or to_decimal(net) != net_total(state):
        return {}
    total = to_decimal(wanted)

    def percent(tax: str) -> Decimal:
        return rate_of(tax, writing)

    if total == _sum(tax_by_rate(state, percent, Rounding.PER_RATE)):
        return {}
    return _with_odd_cents(writing, tax_by_rate(state, percent, Rounding.PER_LINE), total)


def _sum(shares: dict[str, TaxShare]) -> Decimal:
    return sum((share.tax for share in shares.values()), ZERO)


def _with_odd_cents(writing: Writing, shares: dict[str, TaxShare], total: Decimal) -> dict[str, TaxShare]:
    """What a discount on the whole leaves over is on the largest share; more than a cent a line is no rounding."""
    odd = total - _sum(shares)
    cent = ONE.scaleb(-minor_digits(str(writing.state.get("currency", ""))))
    if not shares or abs(odd) > cent * len(line_keys(writing.state)):
        return {}
    largest = max(shares, key=lambda tax: abs(shares[tax].tax))
    return shares | {largest: TaxShare(shares[largest].net, shares[largest].tax + odd)}


def _together(known: TaxShare | None, more: TaxShare) -> TaxShare:
    return more if known is None else TaxShare(known.net + more.net, known.tax + more.tax)


def _line(rate: str, share: TaxShare) -> dict[str, Any]:
    detail = {"TaxRateRef": ref(rate), "PercentBased": False, "NetAmountTaxable": json_number(share.net)}
    return {"Amount": json_number(share.tax), "DetailType": "TaxLineDetail", "TaxLineDetail": detail}
