"""Webhooks are hints: proved where they can be, bounded, quick, and worth a run at most."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from sqlmodel import select

from engine.store.tables import Connection, Hint
from tests.web.conftest import VERIFIER, Web


@pytest.fixture
def listening(web: Web) -> Web:
    """Two active connections, each with its company and its address for Scoro."""
    for cid in ("first", "second"):
        web.connection(cid)
        with web.session() as session:
            row = session.get_one(Connection, cid)
            row.quickbooks_realm, row.webhook_token = f"realm-{cid}", f"token-{cid}"
            session.add(row)
            session.commit()
    return web


def notification(realm: str, number: str = "7") -> bytes:
    entity = {"name": "Invoice", "id": number, "operation": "Update", "lastUpdated": "2026-01-05T09:00:00Z"}
    return json.dumps({"eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": [entity]}}]}).encode()


def sign(body: bytes, key: str = VERIFIER) -> dict[str, str]:
    digest = hmac.digest(key.encode(), body, hashlib.sha256)
    return {"intuit-signature": base64.b64encode(digest).decode(), "Content-Type": "application/json"}


def woken(web: Web) -> set[str]:
    with web.session() as session:
        return {one.id for one in session.exec(select(Connection)) if one.wake_requested_at}


def test_signed_notification_wakes_its_company_only(listening: Web):
    """A notification of one company never starts work on another."""
    body = notification("realm-first")
    answer = listening.app.test_client().post("/webhooks/quickbooks", data=body, headers=sign(body))
    assert answer.status_code == 200
    assert woken(listening) == {"first"}


def test_repeated_notification_wakes_nothing_again(listening: Web):
    """QuickBooks sends the same more than once; the second time is no news."""
    body, client = notification("realm-first"), listening.app.test_client()
    client.post("/webhooks/quickbooks", data=body, headers=sign(body))
    with listening.session() as session:
        row = session.get_one(Connection, "first")
        row.wake_requested_at = None
        session.add(row)
        session.commit()
    assert client.post("/webhooks/quickbooks", data=body, headers=sign(body)).status_code == 200
    assert woken(listening) == set()
    with listening.session() as session:
        assert len(session.exec(select(Hint)).all()) == 1


@pytest.mark.parametrize(
    "headers", [{}, {"intuit-signature": "nonsense"}, sign(notification("realm-first"), "other key")]
)
def test_unsigned_notification_is_refused(listening: Web, headers):
    """Whoever does not know the verifier wakes nobody."""
    answer = listening.app.test_client().post("/webhooks/quickbooks", data=notification("realm-first"), headers=headers)
    assert answer.status_code == 403
    assert woken(listening) == set()


def test_signature_covers_the_exact_bytes(listening: Web):
    """A body changed by as much as a space does not fit its signature."""
    body = notification("realm-first")
    answer = listening.app.test_client().post("/webhooks/quickbooks", data=body + b" ", headers=sign(body))
    assert answer.status_code == 403


def test_signed_nonsense_is_refused_and_large_bodies_are_not_read(listening: Web):
    """Neither can keep the process busy."""
    client = listening.app.test_client()
    assert client.post("/webhooks/quickbooks", data=b"[1]", headers=sign(b"[1]")).status_code == 400
    assert client.post("/webhooks/quickbooks", data=b"x" * 600_000).status_code == 413


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_scoro_notification_wakes_the_connection_of_its_address(listening: Web, content_type):
    """Whatever the content type says."""
    body = json.dumps({"entityType": "invoice", "entityId": 5, "action": "modify"})
    answer = listening.app.test_client().post("/webhooks/scoro/token-second", data=body, content_type=content_type)
    assert answer.status_code == 200
    assert woken(listening) == {"second"}


def test_scoro_address_answers_its_checks_and_nobody_elses(listening: Web):
    """Scoro asks by GET and by an empty POST; an unknown or empty token is nothing."""
    client = listening.app.test_client()
    assert client.get("/webhooks/scoro/token-first").status_code == 200
    assert client.post("/webhooks/scoro/token-first").status_code == 200
    assert woken(listening) == set()
    assert client.post("/webhooks/scoro/guess", data="{}").status_code == 404
    assert client.get("/scoro.txt").text == "scoro.txt\n"
