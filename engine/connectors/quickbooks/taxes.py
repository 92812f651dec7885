"""Tax codes with their percentages: a code names rates, the percentages stand in another list (reference 3.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.connectors.base import RemoteRecord
from engine.connectors.quickbooks.entities import to_record
from engine.connectors.quickbooks.reading import Reader

SIDES = {"SalesRateValue": "SalesTaxRateList", "PurchaseRateValue": "PurchaseTaxRateList"}
"""The key that is added to a code → the list of rates it is the sum of."""


class TaxReader:
    """Reads tax codes and joins the percentages in. The rates are read once per instance."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._rates: dict[str, Decimal] | None = None

    def codes(self) -> tuple[RemoteRecord, ...]:
        """Every tax code, deactivated ones included."""
        rows = (row for page in self._reader.walk("TaxCode") for row in page.rows)
        return tuple(self.joined(to_record("TaxCode", row) for row in rows))

    def joined(self, codes: Iterable[RemoteRecord]) -> list[RemoteRecord]:
        """The same codes with ``SalesRateValue`` and ``PurchaseRateValue``, percent; absent where a side has no rates."""
        rates = self._percentages()
        return [code if code.deleted else replace(code, data=_with_rates(code.data, rates)) for code in codes]

    def _percentages(self) -> dict[str, Decimal]:
        if self._rates is None:
            rows = (row for page in self._reader.walk("TaxRate") for row in page.rows)
            self._rates = {str(row["Id"]): Decimal(str(row.get("RateValue") or 0)) for row in rows}
        return self._rates


def _with_rates(code: Mapping[str, Any], rates: Mapping[str, Decimal]) -> dict[str, Any]:
    sums = {key: _combined((code.get(side) or {}).get("TaxRateDetail") or [], rates) for key, side in SIDES.items()}
    return {**code, **{key: value for key, value in sums.items() if value is not None}}


def _combined(details: list[Mapping[str, Any]], rates: Mapping[str, Decimal]) -> Decimal | None:
    """One percentage of the net amount; rates on amount plus tax, or on tax, build on those before them."""
    total: Decimal | None = None
    for detail in sorted(details, key=lambda one: int(one.get("TaxOrder") or 0)):
        rate = rates.get(str(detail["TaxRateRef"]["value"]), Decimal(0))
        total = (total or Decimal(0)) + rate * _base(detail.get("TaxTypeApplicable"), total or Decimal(0))
    return total


def _base(applicable: object, so_far: Decimal) -> Decimal:
    match applicable:
        case "TaxOnAmountPlusTax":
            return 1 + so_far / 100
        case "TaxOnTax":
            return so_far / 100
        case _:
            return Decimal(1)
