"""How each fault of the script looks at this service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response

from app.sandbox.common.calls import Call
from app.sandbox.common.faults import FaultKind, FaultRule
from app.sandbox.common.journal import Actor
from app.sandbox.scoro.core import Core, Hand
from app.sandbox.scoro.envelope import failure
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import Kind
from app.sandbox.scoro.modules import Module
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.world import Entity

# Faults that answer in place of the request.
INSTEAD = frozenset({
    FaultKind.THROTTLE_SECOND, FaultKind.THROTTLE_MINUTE, FaultKind.THROTTLE_BATCH, FaultKind.THROTTLE_DAILY,
    FaultKind.HTTP_408, FaultKind.HTTP_500, FaultKind.HTTP_502, FaultKind.HTTP_503, FaultKind.HTTP_504,
    FaultKind.EXPIRED_TOKEN, FaultKind.REVOKED_TOKEN, FaultKind.ERROR_WITH_200, FaultKind.HTML_BODY,
    FaultKind.FORBIDDEN_AGENT, FaultKind.LOCALISED, FaultKind.REFUSED,
})  # fmt: skip
# Faults around a request that is carried out or cut off.
AROUND = frozenset({
    FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.SLOW, FaultKind.TRUNCATE_BODY,
})  # fmt: skip
PAGES = frozenset({FaultKind.REPEAT_PAGE, FaultKind.TRUNCATE_PAGE, FaultKind.ROW_SHIFT})

KNOWN = INSTEAD | AROUND | PAGES | {FaultKind.STALE_TOKEN}
"""The faults that this service has."""
_LIBRARY_AGENTS = ("python", "httpx", "curl", "go-http", "java", "okhttp", "node", "axios", "libwww")
_HTML = (
    "<!DOCTYPE html><html><head><title>{title}</title></head><body><center><h1>{title}</h1></center>"
    "<hr><center>cloudflare</center></body></html>"
)
_TITLES = {
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
}
_SOMEBODY = Actor("person", "A colleague")


def instead(core: Core, rule: FaultRule, agent: str, site: str) -> Response | None:
    """The answer of a fault; None when the fault spares this client."""
    kind = rule.kind
    match kind:
        case FaultKind.THROTTLE_SECOND | FaultKind.THROTTLE_MINUTE | FaultKind.THROTTLE_BATCH:
            return _throttled(core, rule, site, daily=False)
        case FaultKind.THROTTLE_DAILY:
            core.limits.exhaust_day(site, core.clock.now(), core.behaviours)
            return _throttled(core, rule, site, daily=True)
        case FaultKind.FORBIDDEN_AGENT:
            is_library = not agent or agent.lower().startswith(_LIBRARY_AGENTS)
            return _plain(403, "error code: 1010") if is_library else None
        case FaultKind.ERROR_WITH_200:
            switched = replace(core.behaviours, error_with_200=True)
            return failure(ApiError(500, "An error occurred, please try again"), switched)
        case FaultKind.LOCALISED:
            return failure(ApiError(429, "Too many requests"), core.behaviours, rule.language or "est")
        case FaultKind.REFUSED:
            return failure(
                ApiError(int(rule.body) if rule.body.isdecimal() else 400, "The request was refused"), core.behaviours
            )
        case FaultKind.EXPIRED_TOKEN:
            return failure(ApiError(401, "access_token_expired"), core.behaviours)
        case FaultKind.REVOKED_TOKEN:
            return failure(ApiError(403, "Invalid apiKey"), core.behaviours)
        case FaultKind.HTML_BODY:
            return _page(200, "Scoro - Page not found", rule)
        case _:
            return _server_error(core, rule)


def _throttled(core: Core, rule: FaultRule, site: str, *, daily: bool) -> Response:
    answer = failure(ApiError(429, "Too many requests"), core.behaviours)
    answer.headers.extend(core.limits.told(site, core.clock.now(), core.behaviours).headers())
    if rule.seconds:
        answer.headers["Retry-After"] = str(int(rule.seconds))
    if daily:
        answer.headers["x-daily-requests-remaining"] = "0"
    else:
        answer.headers["x-ratelimit-remaining"] = "0"
        answer.headers["x-ratelimit-reset"] = str(int(rule.seconds) or core.behaviours.window_seconds)
    return answer


def _server_error(core: Core, rule: FaultRule) -> Response:
    status = int(rule.kind.value.removeprefix("http_"))
    if rule.body == "json" or (status == 408 and not rule.body):
        texts = {408: "Maximum execution time reached", 503: "API use is temporarily suspended"}
        return failure(ApiError(status, texts.get(status, "Internal server error")), core.behaviours)
    return _page(status, _TITLES.get(status, str(status)), rule)


def _page(status: int, title: str, rule: FaultRule) -> Response:
    body = "" if rule.body == "empty" else _HTML.format(title=title)
    return Response(body, status, content_type="text/html; charset=utf-8")


def _plain(status: int, text: str) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")


def truncated(answer: Response) -> Response:
    """Half of the body, with the length of the whole."""
    body = answer.get_data()
    cut = Response(body[: len(body) // 2], answer.status_code, content_type=answer.content_type)
    cut.headers["Content-Length"] = str(len(body))
    return cut


def meddle(core: Core, entity: Entity, module: Module, id: int, call: Call) -> None:
    """A colleague's edit of the same object, a moment before the client's write."""
    row = entity.row(module.path, id)
    name = _free_text(module)
    if row is None or row.get("is_deleted") or not name:
        return
    person = Office(core, entity, Hand(_SOMEBODY, call))
    person.modify(module.path, id, {name: f"{row[name]} (checked)".strip()})


def _free_text(module: Module) -> str:
    wanted = ("description", "comments", "comment", "name")
    texts = [name for name, field in module.fields.items() if field.kind is Kind.TEXT and field.writable]
    return next((name for name in wanted if name in texts), "")


def shift_rows(core: Core, entity: Entity, module: Module, call: Call) -> None:
    """A colleague deletes the newest object while a client walks the pages."""
    live = entity.table(module.path).live()
    if live:
        Office(core, entity, Hand(_SOMEBODY, call)).delete(module.path, live[-1])


def paged(rule: FaultRule, body: dict[str, Any], answer: Callable[[dict[str, Any]], Any]) -> Any:
    """The rows of a list whose page is repeated or cut short."""
    if rule.kind is FaultKind.REPEAT_PAGE:
        page = max(1, int(str(body.get("page") or 1)) - 1)
        return answer(body | {"page": page})
    rows = answer(body)
    return rows[: len(rows) // 2]
