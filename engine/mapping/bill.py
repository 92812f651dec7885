"""Bills ↔ Bill (R21, R22, R42). A Scoro bill below zero is a vendor credit."""

from __future__ import annotations

from engine.connectors.base import RemoteRecord
from engine.core.records import Kind
from engine.mapping.document import document_mapping
from engine.mapping.document_fields import Shape
from engine.mapping.wire import as_number


def owns(record: RemoteRecord) -> bool:
    """Bills that are not below zero."""
    return record.type != "bills" or not below_zero(record)


def below_zero(record: RemoteRecord) -> bool:
    """Whether a Scoro document's sum is negative."""
    total = as_number(record.data.get("sum"), "sum")
    return total is not None and total < 0


BILL = document_mapping(Shape(Kind.BILL, "bills", "Bill", purchase=True), owns)
