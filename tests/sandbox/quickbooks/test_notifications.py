"""Notifications: both payloads, signed, and the ways deliveries go wrong (reference 13, behaviour 40)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest

from app.sandbox.common.webhooks import Message
from tests.sandbox.quickbooks.client import Client, Json


class Receiver:
    """An endpoint that remembers what it got and answers as told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status = 200

    def __call__(self, message: Message) -> int:
        self.messages.append(message)
        return self.status


@pytest.fixture
def receiver(books: Client) -> Iterator[Receiver]:
    inbox = Receiver()
    books.sandbox.notifier.sender = inbox
    books.control("webhooks", {"url": "http://localhost:1/hook", "verifier": "secret"})
    yield inbox


def test_b40_cloud_events_are_an_array_signed_over_the_raw_bytes(books: Client, receiver: Receiver) -> None:
    """Base64 HMAC-SHA256 of the body; type, realm and entity in their fields; several companies in one message."""
    row = books.vendor("Notified")
    books.sparse("Vendor", row, Active=False)
    uk = books.company("GB")
    uk.vendor("Abroad")
    books.control("webhooks/deliver", {"mode": "normal"})
    (message,) = receiver.messages
    mac = hmac.new(b"secret", message.body, hashlib.sha256).digest()
    assert message.headers["intuit-signature"] == base64.b64encode(mac).decode()
    events = json.loads(message.body)
    assert [event["type"] for event in events] == [
        "qbo.vendor.created.v1",
        "qbo.vendor.updated.v1",
        "qbo.vendor.created.v1",
    ]
    assert {event["intuitaccountid"] for event in events} == {books.realm, uk.realm}
    assert events[0]["intuitentityid"] == row["Id"]
    assert events[0]["data"] == {}
    assert events[0]["time"].endswith("Z")
    assert len({event["id"] for event in events}) == 3


def test_b40_classic_payloads_group_by_company_and_name_the_merged_away(
    books: Client, receiver: Receiver, customer: Json
) -> None:
    """eventNotifications with realmId and entities; a merge carries deletedId; void and mail have operations of their own."""
    books.control("webhooks/deliver", {})
    books.control("webhooks", {"format": "classic"})
    loser = books.customer("Twin")
    books.person("merge", entity="Customer", id=loser["Id"], into=customer["Id"])
    invoice = books.invoice(customer, books.item())
    books.person("send", entity="Invoice", id=invoice["Id"], to="a@b.test")
    books.person("void", entity="Invoice", id=invoice["Id"])
    books.control("webhooks/deliver", {"mode": "normal"})
    (notification,) = json.loads(receiver.messages[-1].body)["eventNotifications"]
    assert notification["realmId"] == books.realm
    entities = notification["dataChangeEvent"]["entities"]
    merge = next(entity for entity in entities if entity["operation"] == "Merge")
    assert (merge["name"], merge["id"], merge["deletedId"]) == ("Customer", customer["Id"], loser["Id"])
    on_invoice = [entity["operation"] for entity in entities if entity["name"] == "Invoice"]
    assert on_invoice == ["Create", "Emailed", "Void"]


def test_b40_deliveries_repeat_reorder_drop_and_come_late(books: Client, receiver: Receiver) -> None:
    """Each mode does what its name says."""
    books.vendor("A")
    books.control("webhooks/deliver", {"mode": "duplicate"})
    assert receiver.messages[0].body == receiver.messages[1].body
    books.vendor("B")
    assert books.control("webhooks/deliver", {"mode": "drop"})["messages"] == 0
    books.vendor("C")
    books.control("webhooks/deliver", {"mode": "late", "seconds": 300})
    assert books.control("webhooks/deliver", {"mode": "normal"})["messages"] == 0
    books.clock.advance(300)
    assert books.control("webhooks/deliver", {"mode": "normal"})["messages"] == 1
    for number in range(20):
        books.vendor(f"D{number}")
    in_order = [f"{number}" for number in range(20)]
    books.control("webhooks/deliver", {"mode": "reorder", "seed": 1})
    order = [event["intuitentityid"] for event in json.loads(receiver.messages[-1].body)]
    assert sorted(order, key=int) != order
    assert len(order) == len(in_order)


def test_b40_failed_deliveries_are_tried_again_three_times(books: Client, receiver: Receiver) -> None:
    """After about 20, 30 and 50 minutes, then dropped; a 4xx is not tried again."""
    receiver.status = 503
    books.vendor("Retry me")
    books.control("webhooks/deliver", {})
    for minutes in (20, 30, 50):
        books.clock.advance(minutes * 60 - 1)
        assert books.control("webhooks/deliver", {})["messages"] == 0
        books.clock.advance(1)
        assert books.control("webhooks/deliver", {})["messages"] == 1
    books.clock.advance(86_400)
    assert books.control("webhooks/deliver", {})["messages"] == 0
    receiver.status = 401
    books.sign_in(books.realm)
    books.vendor("Refused")
    assert books.control("webhooks/deliver", {})["waiting"] == 0
