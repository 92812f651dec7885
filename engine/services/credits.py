"""A credit note settles the invoice it credits: in QuickBooks by a payment of nothing that joins the two (R18, F28)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.connectors.base import Operation, WriteRequest
from engine.core.money import ZERO, money, to_decimal
from engine.core.reasons import Disposition
from engine.core.records import Kind, Replica, System
from engine.errors import MappingError
from engine.mapping.wire import json_number, ref
from engine.services.context import Context
from engine.services.directory import Directory
from engine.store import log
from engine.store.database import new_id
from engine.store.tables import Binding, Object, Outbox, Run

APPLY = "apply"
"""The operation of an outbox row that applies a credit; it makes a record of its own beside the object's replica."""

WAVE = 7
"""After documents and receipts."""


@dataclass(frozen=True, slots=True)
class Application:
    """A credit memo and the invoice that it credits, both in QuickBooks."""

    credit: Object
    memo: Binding
    invoice: Binding

    @property
    def amount(self) -> Decimal:
        """As much as is open on both."""
        return min(_balance(self.memo), _balance(self.invoice))


def due_applications(session: Session, context: Context) -> list[Application]:
    """Credit notes that arrived in QuickBooks and have not been applied there yet. Each is applied once: who undoes it in
    QuickBooks has their reason."""
    category = context.category(Kind.CREDIT_NOTE)
    if not category.enabled or category.source != System.SCORO:
        return []
    statement = select(Object, Binding).join(Binding, col(Binding.object_id) == Object.id)
    rows = session.exec(
        statement.where(
            Object.connection_id == context.id, Object.kind == Kind.CREDIT_NOTE.value, Object.merged_into == "",
            Object.disposition == Disposition.IN_STEP.value, Binding.replica == Replica.QUICKBOOKS.value,
            col(Binding.gone).is_(False), Binding.facts["balance"].as_string().not_in(("0", "0.00")),
        )
    )  # fmt: skip
    return list(_with_invoice(session, [(thing, memo) for thing, memo in rows if "applied" not in thing.facts]))


def _with_invoice(session: Session, rows: list[tuple[Object, Binding]]) -> Iterator[Application]:
    for thing, memo in rows:
        statement = select(Binding).where(
            Binding.object_id == str(thing.fields.get("credits", "")), Binding.replica == Replica.QUICKBOOKS.value
        )
        invoice = session.exec(statement).one_or_none()
        if invoice is not None and not invoice.gone:
            found = Application(thing, memo, invoice)
            if found.amount > ZERO:
                yield found


def _balance(binding: Binding) -> Decimal:
    return to_decimal(str(binding.facts.get("balance") or "0"))


def queue_applications(session: Session, context: Context, run: Run, now: datetime) -> int:
    """Put what is due into the outbox; returns how many rows are new."""
    due = due_applications(session, context)
    slots = {application.credit.id: f"{application.credit.id}:{APPLY}" for application in due}
    busy = set(session.exec(select(Outbox.open_slot).where(col(Outbox.open_slot).in_(slots.values()))))
    rows = [_row(context, application, run, now) for application in due if slots[application.credit.id] not in busy]
    if rows:
        session.connection().execute(sa.insert(Outbox), rows)
    return len(rows)


def _row(context: Context, application: Application, run: Run, now: datetime) -> dict[str, Any]:
    thing = application.credit
    return {
        "id": new_id(now), "connection_id": context.id, "run_id": run.id, "object_id": thing.id, "kind": thing.kind,
        "category": thing.category, "replica": Replica.QUICKBOOKS.value, "system": System.QUICKBOOKS.value,
        "operation": APPLY, "wave": WAVE, "epoch": context.policy(Kind.CREDIT_NOTE).epoch, "explicit_by": "",
        "object_version": thing.version, "base_revision": "", "base_fingerprint": "", "values": {}, "target_vector": {},
        "open_slot": f"{thing.id}:{APPLY}", "state": "planned", "generation": 1, "group_key": "", "ordinal": 0,
        "attempts": 0, "claim_token": "", "payload": {}, "remote_type": "", "remote_id": "", "error": "", "hint": "",
        "error_code": "", "error_detail": "", "request_id": "", "notes": [], "title": thing.title,
        "amount_minor": thing.amount_minor, "currency": thing.currency, "created_at": now,
    }  # fmt: skip


def application_request(
    session: Session, context: Context, directory: Directory, row: Outbox, thing: Object
) -> WriteRequest:
    """The payment that applies the credit. Raises ``MappingError`` when nothing is open any more."""
    memo = session.exec(
        select(Binding).where(Binding.object_id == thing.id, Binding.replica == Replica.QUICKBOOKS.value)
    ).one()
    application = next(_with_invoice(session, [(thing, memo)]), None)
    if application is None:
        raise MappingError("Nothing is open on the credit or on its invoice.", hint="", code="nothing_open")
    customer = directory.locate(str(thing.fields["contact"]), Replica.CUSTOMER)
    body = _body(application, customer, context)
    return WriteRequest(key=f"{row.id}-{row.generation}", type="Payment", operation=Operation.CREATE, body=body)


def _body(application: Application, customer: str, context: Context) -> dict[str, Any]:
    fields = application.credit.fields
    currency = str(fields.get("currency", ""))
    amount = json_number(money(application.amount, currency))
    body: dict[str, Any] = {
        "CustomerRef": ref(customer),
        "TotalAmt": 0,
        "TxnDate": str(fields.get("date", "")),
        "Line": [_part(application.invoice, "Invoice", amount), _part(application.memo, "CreditMemo", amount)],
    }
    if context.settings.multicurrency:
        body["CurrencyRef"] = ref(currency)
        if "exchange_rate" in fields:
            body["ExchangeRate"] = json_number(to_decimal(str(fields["exchange_rate"])))
    return body


def _part(binding: Binding, type: str, amount: Any) -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": binding.remote_id, "TxnType": type}]}


def confirm_application(session: Session, row: Outbox, remote_id: str, request_id: str, now: datetime) -> log.Entry:
    """The credit is applied; balances come with the next observation."""
    thing = session.get_one(Object, row.object_id)
    thing.facts = {**thing.facts, "applied": remote_id}
    row.state, row.open_slot, row.finished_at = "confirmed", None, now
    row.remote_type, row.remote_id, row.request_id = "Payment", remote_id, request_id
    session.add_all([row, thing])
    return log.Entry(
        action="written", object_id=thing.id, kind=thing.kind, actor=Replica.QUICKBOOKS.value,
        vector=dict(thing.vector), details={"operation": APPLY, "outbox": row.id, "request_id": request_id},
        noticed="receipt", run_id=row.run_id,
    )  # fmt: skip
