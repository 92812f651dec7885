"""Webhooks: classic and CloudEvents payloads, signed over their raw bytes (reference section 8)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2

from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.control import ControlError
from app.sandbox.common.webhooks import Event, Message, Sender, WebhookQueue, http_sender
from app.sandbox.quickbooks.company import Change
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.wire import Json

VERIFIER = "sandbox-verifier"
RETRY_MINUTES = (20, 30, 50)
FORMATS = ("cloudevents", "classic")
_VERBS = {
    "Create": "created",
    "Update": "updated",
    "Delete": "deleted",
    "Merge": "merged",
    "Void": "void",
    "Emailed": "emailed",
}


class Notifier:
    """Where notifications go, in which format, and how they are signed."""

    def __init__(self) -> None:
        self.url = ""
        self.format = FORMATS[0]
        self.verifier = VERIFIER
        self.immediate = False
        self.sender: Sender | None = None
        self.serial = 0

    def queue(self, clock: SandboxClock) -> WebhookQueue:
        return WebhookQueue(clock, self.encode, self._send, RETRY_MINUTES)

    def _send(self, message: Message) -> int:
        """Receivers have three seconds; the client is made when it is first needed."""
        if self.sender is None:
            self.sender = http_sender(httpx2.Client(timeout=3.0))
        return self.sender(message)

    def configure(self, body: Json) -> Json:
        """`url`, `format` (cloudevents or classic), `verifier`; answers what is in force."""
        wanted = body.get("format", self.format)
        if wanted not in FORMATS:
            raise ControlError(f"format is one of {', '.join(FORMATS)}")
        self.url = str(body.get("url", self.url))
        self.format = wanted
        self.verifier = str(body.get("verifier", self.verifier))
        return {"url": self.url, "format": self.format, "verifier": self.verifier}

    def notice(self, queue: WebhookQueue, change: Change) -> None:
        if not self.url or not KINDS[change.entity].announced:
            return
        self.serial += 1
        queue.put(
            {
                "serial": self.serial,
                "realm": change.realm,
                "entity": change.entity,
                "id": change.id,
                "operation": change.operation,
                "at": change.at.astimezone(UTC).isoformat(),
                "deletedId": change.deleted_id,
            }
        )

    def encode(self, events: Sequence[Event]) -> list[Message]:
        """One message for a run of events; several companies may share it."""
        if not events or not self.url:
            return []
        payload = _cloud_events(events) if self.format == "cloudevents" else _classic(events)
        body = json.dumps(payload, separators=(",", ":")).encode()
        return [Message(self.url, body, self._headers(body, events[-1]))]

    def _headers(self, body: bytes, last: Event) -> dict[str, str]:
        moment = datetime.fromisoformat(last["at"])
        return {
            "intuit-signature": sign(self.verifier, body),
            "intuit-created-time": moment.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "intuit-t-id": _identifier(f"tid{last['serial']}"),
            "intuit-notification-schema-version": "0.1",
            "content-type": "application/json; charset=utf-8",
            "user-agent": "intuit_notification_server/0.1",
        }


def sign(verifier: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(verifier.encode(), body, hashlib.sha256).digest()).decode()


def _identifier(text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def _cloud_events(events: Sequence[Event]) -> list[Json]:
    return [
        {
            "specversion": "1.0",
            "id": _identifier(f"event{event['realm']}{event['serial']}"),
            "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
            "type": f"qbo.{event['entity'].lower()}.{_VERBS[event['operation']]}.v1",
            "datacontenttype": "application/json",
            "time": datetime.fromisoformat(event["at"]).strftime("%Y-%m-%dT%H:%M:%S.%f") + "517Z",
            "intuitentityid": event["id"],
            "intuitaccountid": event["realm"],
            "data": {"deletedId": event["deletedId"]} if event["deletedId"] else {},
        }
        for event in events
    ]


def _classic(events: Sequence[Event]) -> Json:
    realms: dict[str, list[Json]] = {}
    for event in events:
        realms.setdefault(event["realm"], []).append(_classic_entity(event))
    return {
        "eventNotifications": [
            {"realmId": realm, "dataChangeEvent": {"entities": entities}} for realm, entities in realms.items()
        ]
    }


def _classic_entity(event: Event) -> dict[str, Any]:
    entity = {
        "name": event["entity"],
        "id": event["id"],
        "operation": event["operation"],
        "lastUpdated": datetime.fromisoformat(event["at"]).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    return {**entity, "deletedId": event["deletedId"]} if event["deletedId"] else entity
