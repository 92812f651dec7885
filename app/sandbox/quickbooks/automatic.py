"""What QuickBooks applies by itself: open credits (AutoApplyCredit) and open payments (AutoApplyPayments)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)


def credit_links(company: Company, row: Row) -> Iterator[Json]:
    """Bodies of the payments that let open credits and open invoices of one customer find each other (reference 3.11)."""
    if row.entity not in {"Invoice", "CreditMemo"} or not company.preference("SalesFormsPrefs", "AutoApplyCredit"):
        return
    for match in _of_customer(company, "CreditMemo" if row.entity == "Invoice" else "Invoice", row):
        amount = min(row.amount("Balance"), match.amount("Balance"))
        if amount > 0:
            yield _credit_link(*((row, match) if row.entity == "Invoice" else (match, row)), amount)


def _of_customer(company: Company, entity: str, row: Row) -> list[Row]:
    return [each for each in company.all(entity) if each.ref("CustomerRef") == row.ref("CustomerRef")]


def _credit_link(charge: Row, credit: Row, amount: Decimal) -> Json:
    return {
        "CustomerRef": {"value": charge.ref("CustomerRef")},
        "CurrencyRef": {"value": charge.ref("CurrencyRef")},
        "TotalAmt": ZERO,
        "PrivateNote": "Created by QB Online to link credits to charges.",
        "Line": [_part(charge, amount), _part(credit, amount)],
    }


def _part(document: Row, amount: Decimal) -> Json:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": document.id, "TxnType": document.entity}]}


def applications(booking: Booking, row: Row) -> Iterator[tuple[Row, Json]]:
    """Payments with money left, and the updates that spend it on the customer's open invoices, oldest first."""
    company = booking.company
    if row.entity not in {"Invoice", "Payment"} or not company.preference("SalesFormsPrefs", "AutoApplyPayments"):
        return
    payments = [row] if row.entity == "Payment" else _oldest_first(_of_customer(company, "Payment", row))
    invoices = [row] if row.entity == "Invoice" else _oldest_first(_of_customer(company, "Invoice", row))
    closing = company.preference("AccountingInfoPrefs", "BookCloseDate") or ""
    for payment in payments:
        parts = _parts(payment, invoices) if payment.data["TxnDate"] > closing else []
        if parts:
            lines = [*payment.data["Line"], *parts]
            yield payment, {"SyncToken": str(payment.token), "sparse": True, "Line": lines}


def _oldest_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.data["TxnDate"], int(row.id)))


def _parts(payment: Row, invoices: Iterable[Row]) -> list[Json]:
    left, parts = payment.amount("UnappliedAmt"), []
    for invoice in invoices:
        amount = min(left, invoice.amount("Balance"))
        if amount > 0:
            parts.append(_part(invoice, amount))
            left -= amount
    return parts
