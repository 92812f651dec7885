"""Invoices ↔ Invoice (R17, R19). A Scoro invoice that credits others is a credit note."""

from __future__ import annotations

from engine.connectors.base import RemoteRecord
from engine.core.records import Kind
from engine.mapping.document import document_mapping
from engine.mapping.document_fields import Shape


def owns(record: RemoteRecord) -> bool:
    """Invoices that credit no other."""
    return record.type != "invoices" or not record.data.get("credited_invoices")


INVOICE = document_mapping(Shape(Kind.INVOICE, "invoices", "Invoice"), owns)
