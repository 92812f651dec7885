"""`POST /api/v2/{module}[/{action}[/{id}]]`: from bytes to the action and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import httpx2
from flask import Blueprint, Response, request

from app.sandbox.common.calls import Call
from app.sandbox.common.faults import FaultKind, FaultRule
from app.sandbox.common.transport import drop_connection
from app.sandbox.scoro import faulty
from app.sandbox.scoro.actions import Ask, find_action, find_module
from app.sandbox.scoro.auth import authenticate, sign_in, site_of
from app.sandbox.scoro.core import SYSTEM, Core
from app.sandbox.scoro.envelope import failure, success
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.languages import ENGLISH
from app.sandbox.scoro.limits import Allowance

Body = dict[str, Any]
READS = frozenset({"list", "view", "settings", "filters", "getRelatedObjects", "pdf"})
Pause = Callable[[float], None]


def api_blueprint(core: Core, web: httpx2.Client, pause: Pause, changed: Callable[[], None]) -> Blueprint:
    """The imitated API. `web` reaches webhook addresses, `pause` spends the time of slow answers."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v2")
    endpoint = _Endpoint(core, web, pause, changed)
    for rule in ("/<module>", "/<module>/<action>", "/<module>/<action>/<id>"):
        blueprint.add_url_rule(rule, f"call{rule}", endpoint.answer, methods=["GET", "POST", "PUT", "DELETE"])
    return blueprint


class _Endpoint:
    def __init__(self, core: Core, web: httpx2.Client, pause: Pause, changed: Callable[[], None]) -> None:
        self._core = core
        self._web = web
        self._pause = pause
        self._changed = changed

    def answer(self, module: str, action: str = "list", id: str = "") -> Response:
        """One request from beginning to end, with its faults, counts and place among the last calls."""
        call = Call(SYSTEM, "api", module, _operation(action, id), id)
        around = self._core.faults.strike(call, faulty.AROUND)
        if around is not None and around.kind is FaultKind.RESET_BEFORE:
            drop_connection(request.environ, "before")
            return Response(status=500)
        if around is not None and around.kind is FaultKind.SLOW:
            self._pause(around.seconds)
        with self._core.lock:
            answer = self._answer(call, action)
        return self._finish(call, self._spoilt(answer, around))

    def _spoilt(self, answer: Response, around: FaultRule | None) -> Response:
        if around is not None and around.kind is FaultKind.RESET_AFTER:
            drop_connection(request.environ, "after")
        if around is not None and around.kind is FaultKind.TRUNCATE_BODY:
            return faulty.truncated(answer)
        return answer

    def _answer(self, call: Call, action: str) -> Response:
        language = ENGLISH
        try:
            body = _parsed(request.get_data())
            language = str(body.get("lang") or ENGLISH)
            replaced = self._replaced(call, body)
            return replaced or self._served(call, action, body)
        except ApiError as refusal:
            return failure(refusal, self._core.behaviours, language)

    def _replaced(self, call: Call, body: Body) -> Response | None:
        rule = self._core.faults.strike(call, faulty.INSTEAD)
        if rule is None:
            return None
        agent = request.headers.get("User-Agent", "")
        return faulty.instead(self._core, rule, agent, site_of(self._core.world, body))

    def _served(self, call: Call, action: str, body: Body) -> Response:
        if request.method != "POST":
            raise ApiError(400, "Only POST requests are accepted")
        site = site_of(self._core.world, body)
        allowance = self._core.limits.spend(site, self._core.clock.now(), self._core.behaviours)
        answer = self._limited(call, action, body, allowance)
        answer.headers.extend(allowance.headers())
        return answer

    def _limited(self, call: Call, action: str, body: Body, allowance: Allowance) -> Response:
        if not allowance.is_allowed:
            answer = failure(ApiError(429, "Too many requests"), self._core.behaviours)
            if self._core.behaviours.retry_after:
                answer.headers["Retry-After"] = str(allowance.wait)
            return answer
        try:
            return success(self._data(call, action, body), self._core.behaviours)
        except ApiError as refusal:
            return failure(refusal, self._core.behaviours, str(body.get("lang") or ENGLISH))

    def _data(self, call: Call, action: str, body: Body) -> Any:
        if call.entity == "userAuth" and action == "modify":
            return sign_in(self._core.world, body)
        caller = authenticate(self._core.world, body, self._core.behaviours)
        module, fixed = find_module(call.entity)
        perform = find_action(call.entity, module, action)
        ask = Ask(self._core, caller, module, fixed, _number(call.reference), body, call, self._web)
        if action == "modify" and self._strikes(call, FaultKind.STALE_TOKEN):
            faulty.meddle(self._core, caller.entity, module, ask.id, call)
        if action != "list":
            return perform(ask)
        return self._page(ask, lambda changed: perform(_with_body(ask, changed)))

    def _page(self, ask: Ask, rows: Callable[[Body], Any]) -> Any:
        rule = self._core.faults.strike(ask.call, faulty.PAGES)
        if rule is None:
            return rows(dict(ask.body))
        if rule.kind is FaultKind.ROW_SHIFT:
            faulty.shift_rows(self._core, ask.caller.entity, ask.module, ask.call)
            return rows(dict(ask.body))
        return faulty.paged(rule, dict(ask.body), rows)

    def _strikes(self, call: Call, kind: FaultKind) -> bool:
        return self._core.faults.strike(call, (kind,)) is not None

    def _finish(self, call: Call, answer: Response) -> Response:
        sent, received = request.get_data(), answer.get_data()
        self._core.stats.request(call, answer.status_code, len(sent), len(received))
        self._core.calls.add(
            call,
            at=self._core.clock.now(),
            method=request.method,
            path=request.path,
            status=answer.status_code,
            request=sent,
            response=received,
        )
        if call.operation not in READS:
            self._changed()
        return answer


def _operation(action: str, id: str) -> str:
    """`modify` without an id creates."""
    return "create" if action == "modify" and id in ("", "0") else action


def _with_body(ask: Ask, body: Body) -> Ask:
    return Ask(ask.core, ask.caller, ask.module, ask.fixed, ask.id, body, ask.call, ask.web)


def _number(reference: str) -> int:
    if not reference:
        return 0
    if not reference.isdecimal():
        raise ApiError(400, "id must be a number")
    return int(reference)


def _parsed(content: bytes) -> Body:
    try:
        body = json.loads(content or b"{}", parse_float=Decimal)
    except ValueError as problem:
        raise ApiError(400, "The request body is not valid JSON") from problem
    if not isinstance(body, Mapping):
        raise ApiError(400, "The request body must be an object")
    return dict(body)
