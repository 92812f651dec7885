"""Notifications of both systems: hints only, but genuine ones where that can be told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from engine.connectors.quickbooks.webhooks import Hint, is_genuine, parse_hints
from engine.connectors.scoro.webhooks import Hint as ScoroHint
from engine.connectors.scoro.webhooks import parse_hint
from engine.errors import RemoteRejected

CLASSIC = {
    "eventNotifications": [
        {
            "realmId": "1185883450",
            "dataChangeEvent": {
                "entities": [
                    {"name": "Customer", "id": "1", "operation": "Create", "lastUpdated": "2015-10-05T14:42:19-0700"},
                    {"name": "Vendor", "id": "1", "operation": "Merge", "deletedId": "15"},
                    {"name": "Invoice", "id": "7", "operation": "Delete"},
                    {"name": "Estimate", "id": "9", "operation": "Update"},
                ]
            },
        },
        {"realmId": "2"},
    ]
}
EVENTS = [
    {
        "specversion": "1.0",
        "id": "88cd52aa",
        "type": "qbo.customer.created.v1",
        "time": "2025-09-10T21:31:25.179851517Z",
        "intuitentityid": "1234",
        "intuitaccountid": "310687",
        "data": {},
    },
    {
        "id": "88cd52ab",
        "type": "qbo.vendorcredit.deleted.v1",
        "intuitentityid": "9",
        "intuitaccountid": "310688",
    },
    {
        "id": "88cd52ac",
        "type": "qbo.vendor.merged.v1",
        "intuitentityid": "1",
        "intuitaccountid": "310687",
        "data": {"deletedId": "15"},
    },
]


def body(notification: Any) -> bytes:
    return json.dumps(notification).encode()


def signed(content: bytes, verifier: str) -> str:
    return base64.b64encode(hmac.new(verifier.encode(), content, hashlib.sha256).digest()).decode()


def test_a_classic_notification_is_understood():
    """Several realms and entities in one; unknown entities are left out."""
    assert parse_hints(body(CLASSIC)) == (
        Hint("1185883450", "Customer", "1"),
        Hint("1185883450", "Vendor", "1", merged_id="15"),
        Hint("1185883450", "Invoice", "7", deleted=True),
    )


def test_cloud_events_are_understood():
    """The format in force since 2026, with an id that recognises repetitions."""
    assert parse_hints(body(EVENTS)) == (
        Hint("310687", "Customer", "1234", event_id="88cd52aa"),
        Hint("310688", "VendorCredit", "9", deleted=True, event_id="88cd52ab"),
        Hint("310687", "Vendor", "1", merged_id="15", event_id="88cd52ac"),
    )


@pytest.mark.parametrize("content", [b"", b"{", b'"x"', b"{}", b"[1]", b'[{"type":"qbo"}]'])
def test_what_is_no_notification_is_refused(content: bytes):
    """Never an error of ours."""
    with pytest.raises(RemoteRejected):
        parse_hints(content)


def test_only_the_raw_bytes_signed_with_one_of_our_verifiers_are_genuine():
    """Two verifiers hold while one is being replaced."""
    content = body(EVENTS)
    verifiers = ["old", "new"]
    assert is_genuine(content, signed(content, "old"), verifiers)
    assert is_genuine(content, signed(content, "new"), verifiers)
    assert not is_genuine(content, signed(content, "foreign"), verifiers)
    assert not is_genuine(content + b" ", signed(content, "new"), verifiers)
    assert not is_genuine(content, "", verifiers)
    assert not is_genuine(content, "naïve ✓", verifiers)
    assert not is_genuine(content, signed(content, ""), [])


def test_a_notification_of_scoro_names_the_record():
    """In singular or plural; companies and persons are both contacts."""
    assert parse_hint(body({"entityType": "invoice", "entityId": 7, "entity": {}})) == ScoroHint("invoices", "7")
    assert parse_hint(body({"entityType": "companies", "entityId": "8"})) == ScoroHint("contacts", "8")
    assert parse_hint(body({"entityType": "bills", "entityId": 9, "action": "delete"})) == ScoroHint(
        "bills", "9", deleted=True
    )


def test_notifications_of_scoro_that_say_nothing_to_us():
    """The empty call that proves the address, and modules that are not synchronised."""
    assert parse_hint(b"") is None
    assert parse_hint(body({"entityType": "tasks", "entityId": 7})) is None
    with pytest.raises(RemoteRejected):
        parse_hint(b"<html>")
