"""Vendor credits: a Scoro bill below zero ↔ VendorCredit, above zero."""

from __future__ import annotations

from engine.connectors.base import RemoteRecord
from engine.core.records import Kind
from engine.mapping.bill import below_zero
from engine.mapping.document import document_mapping
from engine.mapping.document_fields import Shape


def owns(record: RemoteRecord) -> bool:
    """Bills below zero."""
    return record.type != "bills" or below_zero(record)


VENDOR_CREDIT = document_mapping(Shape(Kind.VENDOR_CREDIT, "bills", "VendorCredit", purchase=True, negative=True), owns)
