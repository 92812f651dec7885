"""Batches: independent items, each with its own answer or fault (reference section 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.sandbox.quickbooks import cdc, faults, operations, query, rates
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Row
from app.sandbox.quickbooks.entities import KINDS, Family, Kind
from app.sandbox.quickbooks.render import deleted, render
from app.sandbox.quickbooks.wire import Json

LARGEST = 30
Memory = Callable[[str, str, Callable[[], Json]], Json]


def run(booking: Booking, body: Mapping[str, Any], remember: Memory) -> Json:
    """Answers every item under its bId; `remember` replays items already done under the same request id."""
    items = body.get("BatchItemRequest")
    if not isinstance(items, list):
        raise faults.missing("BatchItemRequest")
    if len(items) > LARGEST:
        raise faults.fault("1040", f"Batch size exceeds allowed limit : at most {LARGEST} items.", None)
    return {"BatchItemResponse": [_answer(booking, item, remember) for item in items]}


def _answer(booking: Booking, item: Mapping[str, Any], remember: Memory) -> Json:
    try:
        answer = remember(str(item.get("bId", "")), repr(item), lambda: _perform(booking, item))
    except faults.Fault as failure:
        answer = failure.body()
    return {**answer, "bId": item.get("bId")}


def _perform(booking: Booking, item: Mapping[str, Any]) -> Json:
    if "Query" in item:
        return {"QueryResponse": query.run(booking.company, str(item["Query"]))}
    if "CDCQuery" in item:
        wanted = item["CDCQuery"]
        return {
            "CDCResponse": cdc.capture(
                booking.company, str(wanted.get("Entities", "")), str(wanted.get("ChangedSince", ""))
            )["CDCResponse"]
        }
    kind = next((KINDS[name] for name in item if name in KINDS), None)
    if kind is None:
        raise faults.fault("2000", "Invalid or unsupported object name : the batch item has no entity", None)
    options = str(item.get("optionsData") or "")
    with_options = replace(booking, options=booking.options | frozenset(options.split(",")) - {""})
    return perform(with_options, kind, str(item.get("operation", "")).lower(), item[kind.name])


def perform(booking: Booking, kind: Kind, operation: str, body: Json) -> Json:
    """One write under the entity's key. `void` may come as operation or as an option of an update."""
    if booking.company.subscription_ended:
        raise faults.subscription_ended(booking.company.profile.sku)
    if operation == "void" or (operation in {"update", ""} and "void" in booking.options):
        row = operations.void(booking, kind, _identity(body), body.get("SyncToken"))
        return {kind.name: render(booking.company, row)}
    if operation == "delete":
        row = operations.delete(booking, kind, _identity(body), body.get("SyncToken"))
        return {kind.name: deleted(kind.name, row.id)}
    if kind.name == "ExchangeRate":
        return rates.write_rate(booking, body)
    if operation in {"create", "update", ""}:
        return {kind.name: render(booking.company, _write(booking, kind, operation, body))}
    raise faults.unsupported(operation)


def _write(booking: Booking, kind: Kind, operation: str, body: Json) -> Row:
    if operation == "create":
        return operations.write(booking, kind, {key: value for key, value in body.items() if key != "Id"})
    if operation == "update" and kind.family is not Family.SINGLETON:
        _identity(body)
    return operations.write(booking, kind, body)


def _identity(body: Mapping[str, Any]) -> str:
    if body.get("Id") in {None, ""}:
        raise faults.missing("Id")
    return operations.check_id(body["Id"])
