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
MOST_OBJECTS = 1000
LONGEST_BID = 10
Memory = Callable[[str, str, Callable[[], Json]], Json]


def run(booking: Booking, body: Mapping[str, Any], remember: Memory) -> Json:
    """Answers every item under its bId; `remember` replays items already done under the same request id."""
    items = body.get("BatchItemRequest")
    if not isinstance(items, list):
        raise faults.missing("BatchItemRequest")
    if not all(isinstance(item, dict) for item in items):
        raise faults.fault("2010", "Property Name:Can not construct instance of BatchItemRequest", None)
    if len(items) > LARGEST:
        raise faults.fault("1040", f"Batch size exceeds allowed limit : at most {LARGEST} items.", None)
    turns = list(enumerate(items))
    done = {turn: _answer(booking, item, remember) for turn, item in (turns if _in_order(booking) else reversed(turns))}
    answers = [done[turn] for turn in range(len(items))]
    return {"BatchItemResponse": _within_limit(answers)}


def check_names(body: Mapping[str, Any]) -> None:
    """With a request id every bId must be short, because the pair names the item (2130)."""
    items = body.get("BatchItemRequest")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and len(str(item.get("bId", ""))) > LONGEST_BID:
            text = f"bId should be at most {LONGEST_BID} characters. Supplied value:{item['bId']}"
            raise faults.fault("2130", text, None)


def _in_order(booking: Booking) -> bool:
    return booking.behaviours.batch_in_order


def _within_limit(answers: list[Json]) -> list[Json]:
    """One answer holds at most a thousand objects: a query that does not fit any more is a result set too big."""
    sizes = [_found(answer) for answer in answers]
    room, kept = MOST_OBJECTS - sizes.count(None), []
    for answer, size in zip(answers, sizes, strict=True):
        fits = size is None or size <= room
        room -= (size or 0) if fits else 0
        kept.append(answer if fits else {**faults.of_catalogue("10100").body(), "bId": answer["bId"]})
    return kept


def _found(answer: Mapping[str, Any]) -> int | None:
    """How many objects a query or capture found; None for the answer to a write."""
    groups = [answer["QueryResponse"]] if "QueryResponse" in answer else []
    groups += [group for part in answer.get("CDCResponse", []) for group in part["QueryResponse"]]
    if not groups:
        return None
    return sum(len(rows) for group in groups for rows in group.values() if isinstance(rows, list))


def _answer(booking: Booking, item: Mapping[str, Any], remember: Memory) -> Json:
    try:
        answer = remember(str(item.get("bId", "")), repr(item), lambda: _perform(booking, item))
    except faults.Fault as failure:
        answer = failure.body()
    return {**answer, "bId": item.get("bId")}


def _perform(booking: Booking, item: Mapping[str, Any]) -> Json:
    """One item; what is no object where one belongs is refused like any unreadable property (2010)."""
    if "Query" in item:
        return {"QueryResponse": query.run(booking.company, str(item["Query"]))}
    if "CDCQuery" in item:
        wanted = _object(item["CDCQuery"], "CDCQuery")
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
    return perform(with_options, kind, str(item.get("operation", "")).lower(), _object(item[kind.name], kind.name))


def _object(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise faults.fault("2010", f"Property Name:Can not construct instance of {name}", None)
    return value


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
    if body.get("Id") in (None, ""):
        raise faults.missing("Id")
    return operations.check_id(body["Id"])
