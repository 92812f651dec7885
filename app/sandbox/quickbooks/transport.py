"""From a Flask request to a reply and back: tokens, limits, faults, formats, headers, statistics."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Request as FlaskRequest
from flask import Response

from app.sandbox.common.calls import Call as ApiCall
from app.sandbox.quickbooks import api, faults
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.entities import BY_PATH, KINDS
from app.sandbox.quickbooks.faults import Fault, Style, gateway_body
from app.sandbox.quickbooks.oauth import ACCOUNTING, Grant
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.wire import Json, dump_json, started, to_xml

SYSTEM = "quickbooks"
LARGEST_BODY = 100_000_000
_PLAIN_ENDPOINTS = {"query", "cdc", "batch", "upload", "exchangerate", "taxservice"}


@dataclass(slots=True)
class Reply:
    status: int
    content: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)


def classify(request: api.Request) -> ApiCall:
    """The request in the words that faults and statistics use."""
    first = request.segments[0] if request.segments else ""
    if first in _PLAIN_ENDPOINTS:
        return ApiCall(SYSTEM, first, _entity_of(request, first), first)
    entity = BY_PATH[first].name if first in BY_PATH else first
    operation = request.args.get("operation") or ("read" if request.method == "GET" else "write")
    if request.method == "POST" and operation == "write":
        operation = "update" if b'"Id"' in request.content else "create"
    if "void" in request.options:
        operation = "void"
    return ApiCall(SYSTEM, "entity", entity, operation, request.segments[1] if len(request.segments) > 1 else "")


def _entity_of(request: api.Request, endpoint: str) -> str:
    if endpoint == "cdc":
        return request.args.get("entities", "")
    if endpoint != "query":
        return ""
    text = request.args.get("query", "") or request.content.decode("utf-8", "replace")
    words = text.lower().split()
    name = words[words.index("from") + 1] if "from" in words[:-1] else ""
    return next((kind for kind in KINDS if kind.lower() == name), name)


def read_request(flask_request: FlaskRequest, path: str, sandbox: QuickBooksSandbox) -> api.Request:
    return api.Request(
        flask_request.method,
        tuple(part for part in path.split("/") if part),
        flask_request.args.to_dict(),
        flask_request.get_data(),
        flask_request.content_type or "",
        flask_request.base_url,
        flask_request.path,
        sandbox.clock.now(),
        dict(flask_request.headers),
    )


def refuse_large(request: api.Request) -> None:
    """Bodies have an end: 6030 for a file, 413 for anything else."""
    if len(request.content) <= LARGEST_BODY:
        return
    if request.segments[:1] == ("upload",):
        raise faults.fault("6030", f"The file is larger than {LARGEST_BODY // 1_000_000} MB.", None, status=413)
    raise faults.fault("2310", "ObjectParserError : the request body is too large.", None, status=413)


def authorise(sandbox: QuickBooksSandbox, realm: str, header: str) -> tuple[Company, Grant]:
    """The company and grant of a bearer token; raises 3200 (401) or 3100 (403)."""
    token = header.removeprefix("Bearer ").strip()
    grant = sandbox.authority.grant_of(token)
    if grant is None:
        known = token in sandbox.authority.access
        raise faults.token_refused(f"Token expired: {token[:48]}" if known else "Invalid token")
    if grant.realm != realm or realm not in sandbox.companies or ACCOUNTING not in grant.scopes:
        raise faults.wrong_realm()
    company = sandbox.companies[realm]
    if company.access_lost:
        raise faults.access_lost(company.profile.sku)
    return company, grant


def wants_json(sandbox: QuickBooksSandbox, accept: str) -> bool:
    return "json" in accept or not sandbox.behaviours.xml_without_accept


def reply_to(sandbox: QuickBooksSandbox, request: api.Request, body: Json | api.Binary) -> Reply:
    if isinstance(body, api.Binary):
        return Reply(200, body.content, body.content_type)
    time = started(request.started)
    envelope = body if "time" in body else {**body, "time": time}
    if wants_json(sandbox, request.headers.get("Accept", "")):
        return Reply(200, dump_json(envelope).encode(), "application/json;charset=utf-8")
    return Reply(200, to_xml(envelope, time).encode(), "application/xml")


def reply_to_fault(sandbox: QuickBooksSandbox, request: api.Request, failure: Fault, *, xml: bool = False) -> Reply:
    """The body shape follows the fault's style; without a JSON Accept header it is XML."""
    time = started(request.started)
    if xml or not wants_json(sandbox, request.headers.get("Accept", "")):
        return Reply(failure.status, to_xml(failure.body(), time).encode(), "application/xml", dict(failure.headers))
    if failure.style is Style.GATEWAY:
        body = gateway_body(failure, int(request.started.timestamp() * 1000))
    else:
        body = failure.body()
        if failure.code != "2030":  # a malformed id is refused before the clock starts
            body["time"] = time
    return Reply(failure.status, dump_json(body).encode(), "application/json", dict(failure.headers))


def to_response(reply: Reply, serial: int) -> Response:
    response = Response(reply.content, reply.status, content_type=reply.content_type)
    for name, value in {**standard_headers(serial), **reply.headers}.items():
        response.headers[name] = value
    return response


def standard_headers(serial: int) -> dict[str, str]:
    """`intuit_tid` and company, on every answer."""
    return {
        "intuit_tid": f"1-{serial:08x}-{serial * 2654435761 % 16**12:012x}{serial:012x}",
        "QBO-Version": "1988.128",
        "Service-Time": "total=82, db=47",
        "X-Spanid": f"{serial * 40503 % 16**16:016x}",
        "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    }
