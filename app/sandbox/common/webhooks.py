"""Notifications that wait for delivery, and the ways deliveries go wrong."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import httpx2

from app.sandbox.common.clock import SandboxClock

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One HTTP POST to a receiver."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class DeliveryMode(StrEnum):
    NORMAL = "normal"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DROP = "drop"
    LATE = "late"


Sender = Callable[[Message], int]
Encoder = Callable[[Sequence[Event]], list[Message]]


def http_sender(client: httpx2.Client) -> Sender:
    """A sender that answers the receiver's HTTP status, or 0 when there was no answer."""

    def send(message: Message) -> int:
        try:
            answer = client.post(message.url, content=message.body, headers=dict(message.headers))
        except httpx2.TransportError:
            return 0
        return answer.status_code

    return send


@dataclass(frozen=True, slots=True)
class _Waiting:
    due: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class _Retry:
    due: datetime
    attempt: int
    message: Message


class WebhookQueue:
    """Events in the order they happened, delivered when asked to, from whichever thread.

    `encode` makes the system's own messages of a run of events; `send` is the wire. A message that fails is
    tried again after each of `retry_minutes` on the sandbox's clock, at the next delivery that is asked for.
    """

    def __init__(self, clock: SandboxClock, encode: Encoder, send: Sender, retry_minutes: tuple[int, ...] = ()) -> None:
        self._clock = clock
        self._encode = encode
        self.send = send
        self._retry_minutes = retry_minutes
        self._waiting: list[_Waiting] = []
        self._retries: list[_Retry] = []
        self._lock = threading.Lock()

    def put(self, event: Event) -> None:
        with self._lock:
            self._waiting.append(_Waiting(self._clock.now(), event))

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._retries.clear()

    @property
    def waiting(self) -> int:
        return len(self._waiting) + len(self._retries)

    def deliver(self, mode: DeliveryMode, seed: int = 0, late_seconds: float = 600) -> dict[str, Any]:
        """Deliver what is due in the given manner; answers counts and the receivers' HTTP statuses."""
        events = self._take_due()
        statuses = self._send_again() if mode is not DeliveryMode.DROP else []
        if mode is DeliveryMode.LATE:
            self._postpone(events, late_seconds)
        elif mode is not DeliveryMode.DROP:
            statuses += [self._attempt(message, 0) for message in self._arranged(events, mode, seed)]
        return {
            "mode": mode.value,
            "events": len(events),
            "messages": len(statuses),
            "statuses": statuses,
            "waiting": self.waiting,
        }

    def _take_due(self) -> list[Event]:
        now = self._clock.now()
        with self._lock:
            due = [waiting.event for waiting in self._waiting if waiting.due <= now]
            self._waiting = [waiting for waiting in self._waiting if waiting.due > now]
        return due

    def _postpone(self, events: Sequence[Event], seconds: float) -> None:
        due = self._clock.now() + timedelta(seconds=seconds)
        with self._lock:
            self._waiting.extend(_Waiting(due, event) for event in events)

    def _arranged(self, events: list[Event], mode: DeliveryMode, seed: int) -> list[Message]:
        if mode is DeliveryMode.REORDER:
            dice = random.Random(seed)
            dice.shuffle(events)
            messages = self._encode(events)
            dice.shuffle(messages)
            return messages
        messages = self._encode(events)
        if mode is DeliveryMode.DUPLICATE:
            return [message for message in messages for _ in range(2)]
        return messages

    def _send_again(self) -> list[int]:
        now = self._clock.now()
        with self._lock:
            due = [retry for retry in self._retries if retry.due <= now]
            self._retries = [retry for retry in self._retries if retry.due > now]
        return [self._attempt(retry.message, retry.attempt) for retry in due]

    def _attempt(self, message: Message, attempt: int) -> int:
        status = self.send(message)
        if _worth_a_retry(status) and attempt < len(self._retry_minutes):
            due = self._clock.now() + timedelta(minutes=self._retry_minutes[attempt])
            with self._lock:
                self._retries.append(_Retry(due, attempt + 1, message))
        return status


def _worth_a_retry(status: int) -> bool:
    return status in (0, 408, 500, 502, 503, 504)
