"""The fault dials: what an armed rule does to a call."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import request as flask_request

from app.sandbox.common.calls import Call as ApiCall
from app.sandbox.common.faults import FaultKind, FaultRule
from app.sandbox.common.transport import drop_connection
from app.sandbox.quickbooks import api, faults, person
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.oauth import Grant
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.transport import Reply, reply_to_fault
from app.sandbox.quickbooks.wire import parse_json

COMMITTED = "committed"  # a rule's body: the write takes effect, only its answer is lost
_THROTTLES = {FaultKind.THROTTLE_MINUTE, FaultKind.THROTTLE_SECOND, FaultKind.THROTTLE_BATCH, FaultKind.THROTTLE_DAILY}
_SERVER = {
    FaultKind.HTTP_408: 408,
    FaultKind.HTTP_500: 500,
    FaultKind.HTTP_502: 502,
    FaultKind.HTTP_503: 503,
    FaultKind.HTTP_504: 504,
}
_BODIES = {FaultKind.ERROR_WITH_200, FaultKind.HTML_BODY, FaultKind.FORBIDDEN_AGENT}
REPLACING = {*_THROTTLES, *_SERVER, *_BODIES, FaultKind.REFUSED, FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER}
_HTML = "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><hr>nginx</body></html>"


def replacement(sandbox: QuickBooksSandbox, request: api.Request, rule: FaultRule) -> Reply:
    """The answer an armed rule gives instead of the real one."""
    if rule.kind in _THROTTLES:
        return _throttled(sandbox, request, rule)
    if rule.kind in _SERVER:
        return _edge(_SERVER[rule.kind], "" if rule.body in {"empty", COMMITTED} else "html")
    if rule.kind is FaultKind.REFUSED:
        return reply_to_fault(sandbox, request, _refused(rule.body))
    if rule.kind is FaultKind.FORBIDDEN_AGENT:
        return _edge(403, "html")
    if rule.kind is FaultKind.HTML_BODY:
        return _edge(200, "html")
    if rule.kind is FaultKind.ERROR_WITH_200:
        reply = reply_to_fault(sandbox, request, faults.fault("10000", "System Failure Error: please try again"))
        return Reply(200, reply.content, reply.content_type)
    drop_connection(flask_request.environ, "before" if rule.kind is FaultKind.RESET_BEFORE else "after")
    return _edge(500, "")


def strikes_after(rule: FaultRule) -> bool:
    """Whether the call takes effect before its answer is replaced."""
    return rule.kind is FaultKind.RESET_AFTER or COMMITTED in rule.body.split()


def _refused(body: str) -> faults.Fault:
    """`body` names a code of the catalogue; `names` beside 6000 chooses the text of two savers of names."""
    words = body.split() or ["6000"]
    detail = f"Business Validation Error: {faults.ONE_NAME_AT_A_TIME}" if "names" in words else None
    return faults.of_catalogue(words[0], detail)


def _throttled(sandbox: QuickBooksSandbox, request: api.Request, rule: FaultRule) -> Reply:
    reply = reply_to_fault(sandbox, request, faults.throttled(), xml=rule.body == "xml")
    if rule.seconds or sandbox.behaviours.retry_after:
        reply.headers["Retry-After"] = str(int(rule.seconds or 60))
    return reply


_TITLES = {
    200: "Welcome",
    403: "403 Forbidden",
    408: "408 Request Timeout",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Unavailable",
    504: "504 Gateway Timeout",
}


def _edge(status: int, body: str) -> Reply:
    """What stands before the service answers, in HTML or with nothing at all."""
    return Reply(status, _HTML.format(title=_TITLES[status]).encode() if body == "html" else b"", "text/html")


def strike_token(sandbox: QuickBooksSandbox, call: ApiCall, grant: Grant) -> None:
    """Expired: this call is refused once. Revoked: the grant is over."""
    rule = sandbox.faults.strike(call, {FaultKind.EXPIRED_TOKEN, FaultKind.REVOKED_TOKEN})
    if rule is None:
        return
    if rule.kind is FaultKind.REVOKED_TOKEN:
        grant.dead = True
        raise faults.token_refused("Token revoked")
    raise faults.token_refused("Token expired: AB01601390262kxzxOlnHYdhtEVRXISU7piPqQrCmmbDN35Yjd")


def strike_stale(sandbox: QuickBooksSandbox, call: ApiCall, company: Company, request: api.Request) -> None:
    """A person saves the same object in between: its token moves on under the caller's hands."""
    if request.method != "POST" or b'"Id"' not in request.content:
        return
    if sandbox.faults.strike(call, {FaultKind.STALE_TOKEN}) is None:
        return
    row = company.find(call.entity, str(parse_json(request.content.decode()).get("Id", "")))
    note = next((name for name in ("Notes", "PrivateNote", "Description") if row and name in row.kind.fields), "")
    if row is not None and note:
        owner = sandbox.owner_of(company.realm).name
        edit = {"action": "edit", "entity": row.entity, "id": row.id, "body": {note: f"Edited by {owner}"}}
        person.act(company, edit, owner)


def distort(sandbox: QuickBooksSandbox, call: ApiCall, reply: Reply) -> Reply:
    """Faults that spoil a good answer: cut bodies, short pages, wrongly deleted objects."""
    for kind, spoil in _SPOILERS.items():
        if reply.status == 200 and sandbox.faults.strike(call, {kind}) is not None:
            reply = Reply(reply.status, spoil(reply.content), reply.content_type, reply.headers)
    return reply


def _truncate(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _short_page(content: bytes) -> bytes:
    """Half of a page's rows are missing."""
    body = json.loads(content)
    for name, rows in body.get("QueryResponse", {}).items():
        if isinstance(rows, list):
            body["QueryResponse"][name] = rows[: max(1, len(rows) // 2)]
            body["QueryResponse"]["maxResults"] = len(body["QueryResponse"][name])
    return json.dumps(body).encode()


def _wrongly_deleted(content: bytes) -> bytes:
    """A live object of a CDC answer appears as a deletion."""
    body = json.loads(content)
    groups = (group for part in body.get("CDCResponse", []) for group in part["QueryResponse"])
    lists = (rows for group in groups for rows in group.values() if isinstance(rows, list) and rows)
    for rows in lists:
        live = rows[0]
        rows[0] = {
            "domain": "QBO",
            "status": "Deleted",
            "Id": live["Id"],
            "MetaData": {"LastUpdatedTime": live["MetaData"]["LastUpdatedTime"]},
        }
        break
    return json.dumps(body).encode()


_SPOILERS: dict[FaultKind, Callable[[bytes], bytes]] = {
    FaultKind.TRUNCATE_BODY: _truncate,
    FaultKind.TRUNCATE_PAGE: _short_page,
    FaultKind.WRONG_DELETED: _wrongly_deleted,
}
