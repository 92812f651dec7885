"""Every accepted write: when, by whom, on what, before and after."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from app.sandbox.common.clock import SandboxClock, parse_moment

Picture = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wrote: a client of the API or a person in the user interface."""

    kind: Literal["api", "person", "system"]
    name: str


@dataclass(frozen=True, slots=True)
class _Entry:
    sequence: int
    time: datetime
    actor: Actor
    entity: str
    id: str
    operation: str
    before: str
    after: str

    def as_json(self) -> dict[str, Any]:
        return {
            "sequence": self.sequence,
            "time": self.time.isoformat(),
            "actor": {"kind": self.actor.kind, "name": self.actor.name},
            "entity": self.entity,
            "id": self.id,
            "operation": self.operation,
            "before": json.loads(self.before),
            "after": json.loads(self.after),
        }


class Journal:
    """The accepted writes in order. Pictures are kept as JSON text, so later edits cannot reach into them."""

    def __init__(self, clock: SandboxClock, keep: int = 100_000) -> None:
        self._clock = clock
        self._entries: deque[_Entry] = deque(maxlen=keep)
        self._last = 0

    def record(self, actor: Actor, *, entity: str, id: str, operation: str, before: Picture, after: Picture) -> None:
        self._last += 1
        now = self._clock.now()
        self._entries.append(_Entry(self._last, now, actor, entity, id, operation, _frozen(before), _frozen(after)))

    def since(self, mark: str | None = None) -> list[dict[str, Any]]:
        """Entries after a sequence number or at and after an ISO moment; all of them without a mark."""
        if not mark:
            return [entry.as_json() for entry in self._entries]
        if mark.isdecimal():
            return [entry.as_json() for entry in self._entries if entry.sequence > int(mark)]
        moment = parse_moment(mark)
        return [entry.as_json() for entry in self._entries if entry.time >= moment]

    def latest(self, count: int) -> list[dict[str, Any]]:
        """The newest entries, newest first."""
        return [entry.as_json() for entry in islice(reversed(self._entries), count)]

    @property
    def last(self) -> int:
        """The sequence number of the newest entry; 0 before the first."""
        return self._last

    def clear(self) -> None:
        self._entries.clear()
        self._last = 0


def _frozen(picture: Picture) -> str:
    return json.dumps(picture, default=str, separators=(",", ":"))
