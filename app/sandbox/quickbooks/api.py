"""The REST API under `/v3/company/{realmId}/`: addresses to operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.sandbox.quickbooks import attachments, batch, cdc, faults, operations, query, rates
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.entities import BY_PATH, Family, Kind, Operation
from app.sandbox.quickbooks.render import render
from app.sandbox.quickbooks.requestid import BATCH_LIMIT, Replays, check_form
from app.sandbox.quickbooks.wire import Json, parse_json, started

_MAILED = {"Invoice", "CreditMemo", "Estimate", "SalesReceipt", "Payment", "RefundReceipt", "PurchaseOrder"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request on one company. `segments` are the path parts after the realm."""

    method: str
    segments: tuple[str, ...]
    args: Mapping[str, str]
    content: bytes
    content_type: str
    url: str
    path: str
    started: datetime
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def request_id(self) -> str:
        return self.args.get("requestid", "")

    @property
    def options(self) -> frozenset[str]:
        return frozenset(part.strip() for part in self.args.get("include", "").split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Binary:
    """An answer that is not an envelope."""

    content: bytes
    content_type: str


def answer(booking: Booking, request: Request, replays: Replays) -> Json | Binary:
    """Perform the request; raises Fault. Runs under the company's lock."""
    match request.segments:
        case ("query",):
            return {"QueryResponse": query.run(booking.company, _statement(request), invoice_link=_wants_link(request))}
        case ("cdc",):
            return cdc.capture(booking.company, request.args.get("entities", ""), request.args.get("changedSince", ""))
        case ("batch",) if request.method == "POST":
            return _batch(booking, request, replays)
        case ("upload",) if request.method == "POST":
            return attachments.upload(booking, request.content, request.content_type)
        case ("exchangerate",) if request.method == "GET":
            return rates.read_rate(
                booking.company, request.args.get("sourcecurrencycode", ""), request.args.get("asofdate", "")
            )
        case ("exchangerate",):
            return rates.write_rate(booking, _body(request))
        case ("taxservice", "taxcode") if request.method == "POST":
            return _once(booking, request, replays, lambda: rates.make_tax_code(booking, _body(request)))
        case (name,) | (name, _) | (name, _, _) if name in BY_PATH:
            return _entity(booking, request, replays, BY_PATH[name])
        case _:
            raise _no_such_path(request)


def _entity(booking: Booking, request: Request, replays: Replays, kind: Kind) -> Json | Binary:
    match request.method, request.segments[1:]:
        case "POST", ():
            return _once(booking, request, replays, lambda: _write(booking, request, kind))
        case "GET", () if kind.name == "Preferences":
            return _read(booking, request, kind, "1")
        case "GET", (identity,):
            return _read(booking, request, kind, identity)
        case "GET", (identity, "pdf") if kind.is_transaction:
            return _pdf(booking, kind, identity)
        case "POST", (identity, "send") if kind.name in _MAILED:
            row = operations.send(booking, _find(booking, kind, identity), request.args.get("sendTo"))
            return {kind.name: render(booking.company, row)}
        case _:
            raise _no_such_path(request)


def _write(booking: Booking, request: Request, kind: Kind) -> Json:
    return batch.perform(booking, kind, request.args.get("operation", "").lower(), _body(request))


def _read(booking: Booking, request: Request, kind: Kind, identity: str) -> Json:
    row = _find(booking, kind, "1" if kind.family is Family.SINGLETON else identity)
    return {kind.name: render(booking.company, row, invoice_link=_wants_link(request))}


def _find(booking: Booking, kind: Kind, identity: str) -> Any:
    if Operation.READ not in kind.operations:
        raise faults.unsupported(f"read on {kind.name}")
    row = booking.company.find(kind.name, operations.check_id(identity))
    if row is None:
        raise faults.inactive_or_missing()
    return row


def _pdf(booking: Booking, kind: Kind, identity: str) -> Binary:
    row = _find(booking, kind, identity)
    text = f"{kind.name} {row.data.get('DocNumber', row.id)}"
    return Binary(b"%PDF-1.4\n% " + text.encode("ascii", "replace") + b"\n%%EOF\n", "application/pdf")


def _wants_link(request: Request) -> bool:
    return "invoiceLink" in request.options


def _statement(request: Request) -> str:
    if request.method == "POST" and request.content:
        return _text(request.content)
    return request.args.get("query", "")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        detail = "MalformedByteSequenceException: Invalid byte 1 of 1-byte UTF-8 sequence."
        raise faults.fault("500", detail, None) from None


def _body(request: Request) -> Json:
    if "xml" in request.content_type:
        raise faults.fault("1050", "Invalid Content Type : this service reads application/json.", None, status=415)
    try:
        body = parse_json(_text(request.content))
    except ValueError:
        raise faults.fault("2310", "ObjectParserError : the request body is empty or broken.", None) from None
    if not isinstance(body, dict):
        raise faults.fault("2310", "ObjectParserError : the request body must be an object.", None)
    return body


def _batch(booking: Booking, request: Request, replays: Replays) -> Json:
    if request.request_id:
        check_form(request.request_id, BATCH_LIMIT)
        batch.check_names(_body(request))

    def remember(item: str, content: str, perform: Callable[[], Json]) -> Json:
        return _replayed(booking, request, replays, item, content, perform)

    return batch.run(booking, _body(request), remember)


def _once(booking: Booking, request: Request, replays: Replays, perform: Callable[[], Json]) -> Json:
    """Perform, or answer byte for byte what the same request id was answered before."""
    if request.request_id:
        check_form(request.request_id)
    content = f"{request.path}?{request.args.get('operation', '')} {request.content!r}"
    return _replayed(booking, request, replays, "", content, lambda: {**perform(), "time": started(request.started)})


def _replayed(
    booking: Booking, request: Request, replays: Replays, item: str, content: str, perform: Callable[[], Json]
) -> Json:
    if not request.request_id or not booking.behaviours.replays_requests:
        return perform()
    key = booking.company.realm, request.request_id, item
    return replays.once(key, content, booking.company.now(), perform)


def _no_such_path(request: Request) -> faults.Fault:
    return faults.unsupported(f"Could not find resource for relative : {request.path} of full path: {request.url}")
