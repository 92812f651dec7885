"""The control surface under `/_control/`: JSON in and out, for this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.faults import FaultScript, rules_from_json
from app.sandbox.common.journal import Journal
from app.sandbox.common.stats import Stats
from app.sandbox.common.webhooks import DeliveryMode, WebhookQueue

Json = dict[str, Any]


class ControlError(ValueError):
    """A control call that cannot be done; its text says why."""


class ControlSurface(Protocol):
    """What a sandbox lets its controls reach."""

    @property
    def clock(self) -> SandboxClock: ...
    @property
    def stats(self) -> Stats: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def faults(self) -> FaultScript: ...
    @property
    def webhooks(self) -> WebhookQueue: ...

    def reset(self, seed: str, profile: str, state: int) -> Json:
        """Back to the start of the named seed, deterministic."""

    def issue_credentials(self, body: Json) -> Json:
        """Credentials for tests and public clients, without the browser."""

    def configure_webhooks(self, body: Json) -> Json:
        """Where and how notifications go; answers the setting in force."""

    def act_as_person(self, body: Json) -> Json:
        """What a person in the user interface would do; raises ControlError when they could not."""

    def read_behaviours(self) -> Json:
        """The switches for what the real service leaves uncertain."""

    def set_behaviours(self, body: Json) -> Json:
        """Change switches by name; raises ControlError for a name or value that does not exist."""

    def changed(self) -> None:
        """Something worth saving may have changed."""


def control_blueprint(surface: ControlSurface, credentials_path: str) -> Blueprint:
    """All control calls of one sandbox; `credentials_path` is `token` (QuickBooks) or `key` (Scoro)."""
    blueprint = Blueprint("control", __name__, url_prefix="/_control")
    blueprint.before_request(_refuse_strangers)
    blueprint.after_request(lambda response: _noted(surface, response))
    blueprint.register_error_handler(ValueError, _bad_request)
    blueprint.register_error_handler(HTTPException, _http_error)
    for path, method, view in _routes(surface, credentials_path):
        blueprint.add_url_rule(path, f"{method}_{path}".replace("/", "_"), _json_view(view), methods=[method])
    return blueprint


def _routes(surface: ControlSurface, credentials_path: str) -> list[tuple[str, str, Callable[[], Json]]]:
    return [
        ("/reset", "POST", lambda: _reset(surface, _body())),
        (f"/{credentials_path}", "POST", lambda: surface.issue_credentials(_body())),
        ("/stats", "GET", surface.stats.as_json),
        ("/stats/reset", "POST", lambda: _reset_stats(surface)),
        ("/journal", "GET", lambda: _journal(surface)),
        ("/faults", "POST", lambda: _arm(surface)),
        ("/faults", "GET", surface.faults.as_json),
        ("/faults", "DELETE", lambda: _disarm(surface)),
        ("/clock", "GET", lambda: _time(surface)),
        ("/clock", "POST", lambda: _move_clock(surface, _body())),
        ("/webhooks", "POST", lambda: surface.configure_webhooks(_body())),
        ("/webhooks/deliver", "POST", lambda: _deliver(surface, _body())),
        ("/person", "POST", lambda: surface.act_as_person(_body())),
        ("/behaviours", "GET", surface.read_behaviours),
        ("/behaviours", "POST", lambda: surface.set_behaviours(_body())),
    ]


def _json_view(view: Callable[[], Json]) -> Callable[[], Response]:
    return lambda: jsonify(view())


def _refuse_strangers() -> None:
    if not _is_loopback(request.remote_addr or ""):
        abort(403, "the control surface answers this machine only")
    if request.content_length and not request.is_json:
        abort(415, "the control surface reads JSON only")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _noted(surface: ControlSurface, response: Response) -> Response:
    if request.method != "GET":
        surface.changed()
    return response


def _body() -> Json:
    body = request.get_json() if request.content_length else {}
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


def _bad_request(error: ValueError) -> tuple[Response, int]:
    return jsonify({"error": str(error)}), 400


def _http_error(error: HTTPException) -> tuple[Response, int]:
    return jsonify({"error": error.description}), error.code or 500


def _reset(surface: ControlSurface, body: Mapping[str, Any]) -> Json:
    answer = surface.reset(str(body.get("seed", "agency")), str(body.get("profile", "us")), int(body.get("state", 1)))
    surface.stats.reset()
    surface.journal.clear()
    surface.faults.clear()
    surface.webhooks.clear()
    surface.clock.reset()
    return answer


def _reset_stats(surface: ControlSurface) -> Json:
    surface.stats.reset()
    return surface.stats.as_json()


def _journal(surface: ControlSurface) -> Json:
    return {"last": surface.journal.last, "entries": surface.journal.since(request.args.get("since"))}


def _arm(surface: ControlSurface) -> Json:
    rules, seed = rules_from_json(request.get_json())
    surface.faults.arm(rules, seed)
    return surface.faults.as_json()


def _disarm(surface: ControlSurface) -> Json:
    surface.faults.clear()
    return surface.faults.as_json()


def _time(surface: ControlSurface) -> Json:
    return {"now": surface.clock.now().isoformat()}


def _move_clock(surface: ControlSurface, body: Mapping[str, Any]) -> Json:
    if "set" in body:
        surface.clock.set(str(body["set"]))
    elif "advance" in body:
        surface.clock.advance(float(body["advance"]))
    else:
        raise ControlError('say {"advance": seconds} or {"set": moment}')
    return _time(surface)


def _deliver(surface: ControlSurface, body: Mapping[str, Any]) -> Json:
    mode = DeliveryMode(str(body.get("mode", "normal")))
    return surface.webhooks.deliver(mode, int(body.get("seed", 0)), float(body.get("seconds", 600)))
