"""The blueprint of the REST API: the order in which a call is checked, performed, spoiled and recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, current_app
from flask import request as flask_request

from app.sandbox.common.calls import Call as ApiCall
from app.sandbox.common.faults import FaultKind
from app.sandbox.quickbooks import api, faults, injected, transport
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.transport import Reply
from app.sandbox.quickbooks.wire import Json, parse_json

Sleep = Callable[[float], None]
_START = re.compile(r"startposition\s+(\d+)", re.IGNORECASE)
_SIZE = re.compile(r"maxresults\s+(\d+)", re.IGNORECASE)


def api_blueprint(sandbox: QuickBooksSandbox, sleep: Sleep) -> Blueprint:
    blueprint = Blueprint("quickbooks_api", __name__)

    @blueprint.route("/v3/company/<realm>/<path:path>", methods=["GET", "POST"])
    def company_call(realm: str, path: str) -> Response:
        request = transport.read_request(flask_request, path, sandbox)
        call = transport.classify(request)
        reply = _replied(sandbox, realm, request, call, sleep)
        _record(sandbox, request, call, reply)
        return transport.to_response(reply, next(sandbox.serials))

    blueprint.register_error_handler(Exception, lambda error: _failed(sandbox, error))
    return blueprint


def _failed(sandbox: QuickBooksSandbox, error: Exception) -> Response:
    """A mistake of the sandbox itself looks like one of the service: 500 with code 10000."""
    current_app.logger.exception("the QuickBooks sandbox failed", exc_info=error)
    request = transport.read_request(flask_request, "", sandbox)
    failure = faults.fault("10000", f"System Failure Error: {type(error).__name__}")
    return transport.to_response(transport.reply_to_fault(sandbox, request, failure), next(sandbox.serials))


def _replied(sandbox: QuickBooksSandbox, realm: str, request: api.Request, call: ApiCall, sleep: Sleep) -> Reply:
    slow = sandbox.faults.strike(call, {FaultKind.SLOW})
    if slow is not None:
        sleep(slow.seconds)
    rule = sandbox.faults.strike(call, injected.REPLACING)
    if rule is not None and not injected.strikes_after(rule):
        return injected.replacement(sandbox, request, rule)
    reply = _handled(sandbox, realm, request, call)
    if rule is not None:
        return injected.replacement(sandbox, request, rule)
    return injected.distort(sandbox, call, reply)


def _handled(sandbox: QuickBooksSandbox, realm: str, request: api.Request, call: ApiCall) -> Reply:
    company: Company | None = None
    try:
        transport.refuse_large(request)
        company, grant = transport.authorise(sandbox, realm, request.headers.get("Authorization", ""))
        with company.lock:
            injected.strike_token(sandbox, call, grant)
            _admit(sandbox, realm, call)
            injected.strike_stale(sandbox, call, company, request)
            body = _performed(sandbox, company, _shifted(sandbox, company, request, call))
            _count(sandbox, request, call, body)
        return transport.reply_to(sandbox, request, body)
    except faults.Fault as failure:
        return transport.reply_to_fault(sandbox, request, _localised(sandbox, company, call, failure))


def _performed(sandbox: QuickBooksSandbox, company: Company, request: api.Request) -> Json | api.Binary:
    booking = Booking(company, "api", sandbox.owner_of(company.realm).name, request.options)
    return api.answer(booking, request, sandbox.replays)


def _admit(sandbox: QuickBooksSandbox, realm: str, call: ApiCall) -> None:
    if not sandbox.admits(realm, "batch" if call.endpoint == "batch" else "rest"):
        raise faults.throttled()


def _localised(
    sandbox: QuickBooksSandbox, company: Company | None, call: ApiCall, failure: faults.Fault
) -> faults.Fault:
    if company is not None and company.profile.language == "fr" and sandbox.behaviours.french_faults:
        return failure.in_french()
    if sandbox.faults.strike(call, {FaultKind.LOCALISED}) is not None:
        return failure.in_french()
    return failure


def _shifted(sandbox: QuickBooksSandbox, company: Company, request: api.Request, call: ApiCall) -> api.Request:
    """Paging faults: the page before comes again, or rows move between two pages."""
    if call.endpoint != "query":
        return request
    if sandbox.faults.strike(call, {FaultKind.ROW_SHIFT}) is not None and call.entity in company.rows:
        company.touch(next(iter(company.all(call.entity))))
    text = request.content.decode() if request.content else request.args.get("query", "")
    start = _START.search(text)
    if start and int(start.group(1)) > 1 and sandbox.faults.strike(call, {FaultKind.REPEAT_PAGE}) is not None:
        size = _SIZE.search(text)
        earlier = max(1, int(start.group(1)) - (int(size.group(1)) if size else 100))
        text = _START.sub(f"STARTPOSITION {earlier}", text)
        return replace(request, args={**request.args, "query": text}, content=text.encode() if request.content else b"")
    return request


def _count(sandbox: QuickBooksSandbox, request: api.Request, call: ApiCall, body: Json | api.Binary) -> None:
    if call.endpoint == "batch" and not isinstance(body, api.Binary):
        _count_items(sandbox, parse_json(request.content.decode())["BatchItemRequest"], body["BatchItemResponse"])
    elif request.method == "POST" and call.endpoint in {"entity", "exchangerate", "taxservice", "upload"}:
        sandbox.stats.write(call)
    if request.method == "POST":
        sandbox.changed()


def _count_items(sandbox: QuickBooksSandbox, asked: list[Json], answered: list[Json]) -> None:
    """Every item is counted; only those without a fault were writes."""
    for item, answer in zip(asked, answered, strict=True):
        entity = next((name for name in item if name not in {"bId", "operation", "optionsData"}), "")
        part = ApiCall(transport.SYSTEM, "batch", entity, str(item.get("operation", "query")))
        sandbox.stats.batch_item(part)
        if "operation" in item and "Fault" not in answer:
            sandbox.stats.write(part)


def _record(sandbox: QuickBooksSandbox, request: api.Request, call: ApiCall, reply: Reply) -> None:
    sandbox.stats.request(call, reply.status, len(request.content), len(reply.content))
    query = "&".join(f"{name}={value}" for name, value in request.args.items())
    sandbox.recent.add(
        call,
        at=request.started,
        method=request.method,
        path=f"{request.path}?{query}" if query else request.path,
        status=reply.status,
        request=request.content,
        response=reply.content,
    )
