"""The queue of notifications."""

from __future__ import annotations

import json

import httpx2

from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.webhooks import DeliveryMode, Message, WebhookQueue, http_sender


def encode(events):
    return [Message("http://me/hook", json.dumps(event).encode()) for event in events]


def queue_to(status, retry_minutes=()):
    got: list[int] = []
    clock = SandboxClock.manual()

    def send(message):
        got.append(json.loads(message.body)["n"])
        return status

    queue = WebhookQueue(clock, encode, send, retry_minutes)
    for number in range(5):
        queue.put({"n": number})
    return queue, got, clock


def test_normal_delivery_keeps_the_order_and_empties_the_queue():
    queue, got, _ = queue_to(200)
    assert queue.deliver(DeliveryMode.NORMAL)["statuses"] == [200] * 5
    assert (got, queue.waiting) == ([0, 1, 2, 3, 4], 0)


def test_duplicates_disorder_and_loss():
    queue, got, _ = queue_to(200)
    queue.deliver(DeliveryMode.DUPLICATE)
    assert got == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    queue, got, _ = queue_to(200)
    queue.deliver(DeliveryMode.REORDER, seed=1)
    assert got != sorted(got) == [0, 1, 2, 3, 4]
    queue, got, _ = queue_to(200)
    assert (queue.deliver(DeliveryMode.DROP)["events"], got, queue.waiting) == (5, [], 0)


def test_late_notifications_come_after_their_time():
    queue, got, clock = queue_to(200)
    queue.deliver(DeliveryMode.LATE, late_seconds=60)
    clock.advance(59)
    queue.deliver(DeliveryMode.NORMAL)
    assert got == []
    clock.advance(1)
    queue.deliver(DeliveryMode.NORMAL)
    assert got == [0, 1, 2, 3, 4]


def test_failed_messages_are_tried_again_on_schedule_and_then_dropped():
    queue, got, clock = queue_to(503, retry_minutes=(20, 30))
    queue.deliver(DeliveryMode.NORMAL)
    for minutes, attempts in ((19, 5), (1, 10), (29, 10), (1, 15), (600, 15)):
        clock.advance(minutes * 60)
        queue.deliver(DeliveryMode.NORMAL)
        assert len(got) == attempts, minutes
    assert queue.waiting == 0


def test_refusal_is_not_tried_again():
    """Only server faults and silence are."""
    queue, _, _ = queue_to(401, retry_minutes=(20,))
    queue.deliver(DeliveryMode.NORMAL)
    assert queue.waiting == 0


def test_sender_reports_silence_as_0():
    def dead(request):
        raise httpx2.ConnectError("nobody there")

    send = http_sender(httpx2.Client(transport=httpx2.MockTransport(dead)))
    assert send(Message("http://me/hook", b"{}")) == 0
