"""Where the two systems knock. A knock is a hint that wakes a run and nothing more: losing, repeating, reordering or forging all
of them changes latency only. Answers are quick; the work is done by the run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa
from flask import Blueprint, Response, abort, request
from sqlmodel import Session, col, select

from app.access import own_check, public
from app.context import changing, database, now, settings
from app.security import csrf
from engine.connectors import wire
from engine.connectors.quickbooks.webhooks import Hint as Knock
from engine.connectors.quickbooks.webhooks import is_genuine, parse_hints
from engine.core.records import System
from engine.errors import RemoteRejected
from engine.store.tables import Connection, Hint

blueprint = Blueprint("webhooks", __name__)
csrf.exempt(blueprint)

LARGEST = 512 * 1024
LISTENING = ("active", "paused")


@blueprint.post("/webhooks/quickbooks")
@own_check
def quickbooks() -> Response:
    """A notification of QuickBooks, proved by the HMAC over exactly the bytes that came."""
    body = _body()
    verifier = settings().quickbooks_webhook_verifier.get_secret_value()
    if not verifier or not is_genuine(body, request.headers.get("intuit-signature", ""), [verifier]):
        abort(403)
    try:
        knocks = parse_hints(body)
    except RemoteRejected:
        abort(400)
    with changing() as session:
        for connection in _of_realms(session, {one.realm_id for one in knocks}):
            mine = [one for one in knocks if one.realm_id == connection.quickbooks_realm]
            _hear(session, connection, System.QUICKBOOKS, [(_key(one, body), _summary(one)) for one in mine])
    return _heard()


@blueprint.post("/webhooks/scoro/<token>")
@own_check
def scoro(token: str) -> Response:
    """A notification of Scoro, which signs nothing: the unguessable address is all that it proves."""
    body = _body()
    with changing() as session:
        connection = _by_token(session, token)
        named = _named(body)
        summary = {name: str(named.get(name, ""))[:100] for name in ("entityType", "entityId", "action")}
        if body:
            key = hashlib.sha256(body + now().strftime("%Y-%m-%dT%H").encode()).hexdigest()[:40]
            _hear(session, connection, System.SCORO, [(key, summary)])
    return _heard()


def _named(body: bytes) -> dict[str, object]:
    """What a notification of Scoro says; nothing when it is not understood."""
    try:
        parsed = wire.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


@blueprint.get("/webhooks/scoro/<token>")
@own_check
def scoro_check(token: str) -> Response:
    """Scoro calls the address once when a webhook is set up and wants a 200."""
    with database() as session:
        _by_token(session, token)
    return _heard()


@blueprint.get("/scoro.txt")
@public
def site_check() -> Response:
    """The text by which Scoro proves that this host is willing to receive its webhooks."""
    return Response("scoro.txt\n", mimetype="text/plain")


def _body() -> bytes:
    """The bytes of the request. Asked for before any parsing, which would use them up."""
    if (request.content_length or 0) > LARGEST:
        abort(413)
    return request.get_data(cache=True, parse_form_data=False)


def _heard() -> Response:
    return Response("ok\n", mimetype="text/plain")


def _of_realms(session: Session, realms: set[str]) -> Iterable[Connection]:
    query = select(Connection).where(col(Connection.quickbooks_realm).in_(realms), col(Connection.state).in_(LISTENING))
    return session.exec(query).all()


def _by_token(session: Session, token: str) -> Connection:
    found = session.exec(select(Connection).where(col(Connection.webhook_token) == token)).first() if token else None
    return found or abort(404)


def _key(knock: Knock, body: bytes) -> str:
    return knock.event_id or hashlib.sha256(body + f"{knock.type}/{knock.id}".encode()).hexdigest()[:40]


def _summary(knock: Knock) -> dict[str, str]:
    named = {
        "type": knock.type,
        "id": knock.id,
        "merged_id": knock.merged_id,
        "deleted": "yes" if knock.deleted else "",
    }
    return {name: value for name, value in named.items() if value}


def _hear(session: Session, connection: Connection, system: System, hints: list[tuple[str, dict[str, str]]]) -> None:
    """Note the hints that are new, and wake a run when there is one."""
    keys = [key for key, _ in hints]
    known = set(
        session.exec(select(Hint.id).where(col(Hint.connection_id) == connection.id, col(Hint.id).in_(keys))).all()
    )
    fresh = {key: summary for key, summary in hints if key not in known}
    for key, summary in fresh.items():
        session.add(Hint(connection_id=connection.id, id=key, system=system, received_at=now(), summary=dict(summary)))
    if fresh and connection.state == "active":
        woken = sa.update(Connection).where(
            col(Connection.id) == connection.id, col(Connection.wake_requested_at).is_(None)
        )
        session.exec(woken.values(wake_requested_at=now()))
