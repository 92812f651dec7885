"""Refusals and failures as pages: what happened, why, and the way out. Never a trace, never a secret."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import Forbidden, HTTPException

from app import words
from app.access import Role, by_token, someone
from app.htmx import announce, wants_fragment
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    DuplicateRemote,
    InvariantBroken,
    MappingError,
    Misconfigured,
    Refused,
    RemoteMissing,
    RemoteRejected,
    Retryable,
    SafetyHalt,
    StaleRevision,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Trouble:
    """One error page: ``what`` happened, ``why``, and the ``way_out`` as a sentence and a link."""

    status: int
    what: str
    why: str
    way_out: str
    link: str = "/"
    link_text: str = "To the start page"
    detail: str = ""


BY_STATUS: dict[int, Trouble] = {
    400: Trouble(400, "The request could not be read", "Something in it is missing or malformed.", "Go back and try again."),
    401: Trouble(401, "Nobody is named", "The request carries no valid API token.",
                 "Make a token in the settings and send it as: Authorization: Bearer, then the token."),
    403: Trouble(403, "You may not do this", "It needs another role than yours.", "Ask an administrator of Concord."),
    404: Trouble(404, "There is nothing here", "The page does not exist, or is not among the connections you may see.",
                 "Check the address, or ask an administrator for access."),
    405: Trouble(405, "This address takes no such request", "A form's address was opened like a page, or the other way round.",
                 "Use the buttons and links of the pages."),
    409: Trouble(409, "Somebody was first", "What you acted on has changed in the meantime. Nothing was overwritten.",
                 "Look at the present state and decide again."),
    413: Trouble(413, "That is too large", "One request may carry at most one megabyte.", "Send less at once."),
    422: Trouble(422, "Some of what was entered cannot be used", "The values do not pass the checks.", "Go back and mend them."),
    429: Trouble(429, "Too many attempts", "The same was tried too often in a short time.", "Wait a few minutes and try again."),
    500: Trouble(500, "Something went wrong on our side", "It has been noted in the log. Nothing that was in progress is lost.",
                 "Try again; if it stays, tell your administrator when it happened."),
    503: Trouble(503, "Not now", "The other system does not answer at the moment, or asks us to slow down.",
                 "Try again in a few minutes."),
}  # fmt: skip

STATUS_OF: dict[type[ConcordError], int] = {
    Refused: 409,
    StaleRevision: 409,
    SafetyHalt: 409,
    DuplicateRemote: 409,
    RemoteMissing: 409,
    AuthorizationLost: 409,
    Misconfigured: 422,
    MappingError: 422,
    RemoteRejected: 422,
    Retryable: 503,
    InvariantBroken: 500,
}
"""The HTTP status of each error of the engine; a subclass has that of its nearest ancestor."""


def status_of(error: ConcordError) -> int:
    """The HTTP status of an error of the engine."""
    return next((STATUS_OF[step] for step in type(error).__mro__ if step in STATUS_OF), 500)


def trouble_of(error: ConcordError) -> Trouble:
    """An error of the engine as a page. What the remote said is for reviewers and administrators only."""
    base = _with_way_back(BY_STATUS[status_of(error)])
    who = someone()
    detail = error.detail if who and who.may(Role.REVIEWER) else ""
    return replace(base, what=error.message, why="", way_out=error.hint or base.way_out, detail=detail)


def _with_way_back(trouble: Trouble) -> Trouble:
    """What was refused on a record's page leads back to the record."""
    given = request.view_args or {}
    if not {"cid", "oid"} <= given.keys():
        return trouble
    link = url_for("objects.object", cid=given["cid"], oid=given["oid"])
    return trouble if link == request.path else replace(trouble, link=link, link_text="Back to the record")


def answer(trouble: Trouble) -> Response:
    """The error in the form the caller reads: JSON for scripts, a message for a fragment, else a page."""
    if by_token():
        body = {"error": trouble.what, "reason": trouble.why, "way_out": trouble.way_out, "detail": trouble.detail}
        response = make_response(jsonify({name: text for name, text in body.items() if text}), trouble.status)
        if trouble.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response
    if wants_fragment():
        response = make_response("", trouble.status)
        announce(response, [("stop", f"{trouble.what}. {trouble.why} {trouble.way_out}")])
        return response
    return make_response(render_template("error.html", trouble=trouble), trouble.status)


def on_http_error(error: HTTPException) -> Response:
    """An answer for 4xx and 5xx raised by routes or by Flask itself."""
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    trouble = BY_STATUS.get(error.code or 500, BY_STATUS[500])
    if isinstance(error, Forbidden) and isinstance(error.description, Role):
        label = words.ROLES[error.description][0].lower()
        trouble = replace(trouble, why=f"It needs the role {label}.")
    return answer(trouble)


def on_csrf_error(error: CSRFError) -> Response:
    """A form whose token does not fit the session: usually a page left open over a sign-in."""
    why = "It was opened before you signed in, in another session, or on another site. Nothing was changed."
    page = request.referrer if (request.referrer or "").startswith(request.host_url) else url_for("home.start")
    return answer(
        Trouble(400, "This page is too old to be sent", why, "Open it again and repeat.", page or "/", "Open it again")
    )


def on_engine_error(error: ConcordError) -> Response:
    """A rule refused, or a system did."""
    if status_of(error) >= 500:
        log.error("request_failed", path=request.path, error=type(error).__name__, message=error.message)
    return answer(trouble_of(error))


def on_database_error(error: DBAPIError) -> Response:
    """The database is gone for a moment: the pool has let go of its connections, so the next request finds it again."""
    if not _is_outage(error):
        return on_bug(error)
    log.exception("database_lost", path=request.path)
    response = make_response(f"<!doctype html><title>{_OUTAGE}</title><h1>{_OUTAGE}</h1><p>{_AGAIN}</p>", 503)
    if request.path.startswith("/api/"):  # who asks cannot be looked up now
        response = make_response(jsonify({"error": _OUTAGE, "way_out": _AGAIN}), 503)
    response.headers["Retry-After"] = "5"
    return response


def _is_outage(error: DBAPIError) -> bool:
    lost = isinstance(error, OperationalError) and not isinstance(error.orig, sqlite3.Error)
    return lost or error.connection_invalidated


_OUTAGE = "The database does not answer at the moment"
_AGAIN = "Nothing that was in progress is lost. Wait a few seconds, then load this page again."


def on_bug(error: Exception) -> Response:
    """Anything unforeseen: the log gets the trace, the person a calm page."""
    log.exception("request_crashed", path=request.path)
    return answer(BY_STATUS[500])


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(ConcordError, on_engine_error)
    app.register_error_handler(DBAPIError, on_database_error)
    app.register_error_handler(Exception, on_bug)
