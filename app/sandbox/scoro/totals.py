"""The arithmetic of documents: line sums, discounts, tax. Pure; amounts in the document's currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.sandbox.scoro.behaviours import Behaviours

CENT = Decimal("0.01")
HEADING = -1
"""The product id of a sub-heading."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a document calls its quantity, its tax rate and its tax."""

    quantity: str
    percent: str
    code: str
    tax_sum: str


USUAL = Names("amount", "vat", "vat_code_id", "vat_sum")
EXPENSE = Names("quantity", "tax_percentage", "tax_code_id", "tax_sum")


def names_of(path: str) -> Names:
    return EXPENSE if path == "expenses" else USUAL


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def line_sum(line: Mapping[str, Any], names: Names, behaviours: Behaviours) -> Decimal:
    """Without tax, after the line's own discount."""
    if line.get("product_id") == HEADING:
        return Decimal(0)
    quantity = line[names.quantity] or Decimal(0)
    if behaviours.additional_amount and line.get("amount2"):
        quantity *= line["amount2"]
    discount = (line.get("discount") or Decimal(0)) if behaviours.line_discount else Decimal(0)
    return rounded((line["price"] or Decimal(0)) * quantity * _less(discount))


def document_sums(document: Mapping[str, Any], names: Names, behaviours: Behaviours) -> tuple[Decimal, Decimal]:
    """Net and tax of a document whose lines carry their sums."""
    factor = _overall_factor(document)
    net = rounded(sum((line["sum"] for line in document["lines"]), Decimal()) * factor)
    if not behaviours.line_taxes:
        return net, rounded(net * (document.get(names.percent) or Decimal(0)) / 100)
    taxes = [line["sum"] * factor * (line[names.percent] or Decimal(0)) / 100 for line in document["lines"]]
    if behaviours.round_tax_on_lines:
        taxes = [rounded(tax) for tax in taxes]
    return net, rounded(sum(taxes, Decimal()))


def _overall_factor(document: Mapping[str, Any]) -> Decimal:
    factor = Decimal(1)
    for name in ("discount", "discount2", "discount3"):
        factor *= _less(document.get(name) or Decimal(0))
    return factor


def _less(discount: Decimal) -> Decimal:
    return (100 - discount) / 100


def is_settled(total: Decimal, paid: Decimal) -> bool:
    """Nothing is due any more; a credit invoice is settled from below."""
    return paid >= total if total >= 0 else paid <= total
