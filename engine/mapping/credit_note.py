"""Credit notes: a Scoro invoice that credits another, with amounts below zero ↔ CreditMemo, with amounts above (R18)."""

from __future__ import annotations

from engine.connectors.base import RemoteRecord
from engine.core.records import Kind, Path, Replica, Scalar
from engine.errors import MappingError
from engine.mapping.base import FieldRule, Reading
from engine.mapping.columns import Column
from engine.mapping.document import document_mapping
from engine.mapping.document_fields import Extra, Shape
from engine.mapping.forms import Draft, scoro_id
from engine.mapping.wire import Json, as_id, as_list, ref_id

_CREDITS = Column(
    FieldRule(
        "credits",
        "Credited invoice",
        "reference",
        "credited_invoices",
        "InvoiceRef",
        transformation="the first one",
        limits="QuickBooks tells it through the payment that applies the credit; fixed there",
        reference=Kind.INVOICE,
    )
)


def owns(record: RemoteRecord) -> bool:
    """Invoices that credit another."""
    return record.type != "invoices" or bool(record.data.get("credited_invoices"))


def _read_scoro(data: Json, reading: Reading, state: dict[Path, Scalar]) -> None:
    ids = (as_id(id, "credited_invoices") for id in as_list(data.get("credited_invoices"), "credited_invoices"))
    first = next((id for id in ids if id), "")
    if first:
        state["credits"] = reading.resolve("invoices", first)


def _read_quickbooks(data: Json, reading: Reading, state: dict[Path, Scalar]) -> None:
    """Named on the memo in some countries only; what was known stays known."""
    named = ref_id(data.get("InvoiceRef"), "InvoiceRef")
    known = reading.resolve("Invoice", named) if named else reading.previous.get("credits")
    if known:
        state["credits"] = known


def _write_scoro(started: Draft) -> None:
    if not started.creates and not started.wants("credits"):
        return
    invoice = started.text("credits")
    if not invoice:
        raise MappingError(
            "Scoro has credit invoices only for invoices, and this credit memo names none.",
            hint="Choose the credited invoice on the object's page, or make the credit invoice in Scoro and link the two.",
            code="credit_without_invoice",
        )
    started.body["credited_invoices"] = [scoro_id(started.writing.locate(invoice, Replica.SCORO))]


CREDIT_NOTE = document_mapping(
    Shape(Kind.CREDIT_NOTE, "invoices", "CreditMemo", negative=True),
    owns,
    Extra((_CREDITS,), _read_scoro, _read_quickbooks, _write_scoro),
)
