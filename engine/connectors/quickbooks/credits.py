"""Credit memos with the invoice they were applied to, which only the payment that applies one tells (reference 3.11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.connectors.base import RemoteRecord
from engine.connectors.quickbooks import query
from engine.connectors.quickbooks.reading import Reader

KEY = "InvoiceRef"
"""The key that is added to a credit memo's data, as India's companies have it."""


class CreditReader:
    """Joins the credited invoice into credit memos of which something was applied."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def joined(self, memos: Iterable[RemoteRecord]) -> list[RemoteRecord]:
        """The same memos; one query for each customer whose credit was applied."""
        found = list(memos)
        invoices: dict[str, str] = {}
        for customer in sorted({_customer(memo) for memo in found if _is_applied(memo)}):
            invoices |= self._applications(customer)
        return [_with_invoice(memo, invoices.get(memo.id, "")) for memo in found]

    def _applications(self, customer: str) -> dict[str, str]:
        """Credit memo → the first invoice it was applied to, of one customer."""
        payments = self._reader.live("Payment", [query.equals("CustomerRef", customer)])
        found: dict[str, str] = {}
        for payment in sorted(payments, key=lambda payment: int(payment.id), reverse=True):
            linked = _linked(payment.data)
            if linked["Invoice"]:
                found |= dict.fromkeys(linked["CreditMemo"], linked["Invoice"][0])
        return found


def _linked(payment: Mapping[str, Any]) -> dict[str, list[str]]:
    links: dict[str, list[str]] = {"Invoice": [], "CreditMemo": []}
    for line in payment.get("Line") or []:
        for link in line.get("LinkedTxn") or []:
            links.setdefault(str(link["TxnType"]), []).append(str(link["TxnId"]))
    return links


def _is_applied(memo: RemoteRecord) -> bool:
    if memo.type != "CreditMemo" or memo.deleted or memo.data.get(KEY):
        return False
    return Decimal(str(memo.data.get("Balance") or 0)) < Decimal(str(memo.data.get("TotalAmt") or 0))


def _customer(memo: RemoteRecord) -> str:
    return str((memo.data.get("CustomerRef") or {}).get("value", ""))


def _with_invoice(memo: RemoteRecord, invoice: str) -> RemoteRecord:
    return replace(memo, data={**memo.data, KEY: {"value": invoice}}) if invoice else memo
