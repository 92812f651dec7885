"""One call of an imitated interface: what faults are matched against and what is counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """Where a request went, in the words of the imitated system.

    `endpoint` is the kind of address (`entity`, `query`, `cdc`, `batch`, `token`, `api`, …), `entity` the
    object's type or module, `operation` what is done with it (`create`, `read`, `list`, `modify`, …).
    `reference` names the one object that is meant, where there is one.
    """

    system: str
    endpoint: str
    entity: str
    operation: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A request as it is shown among the last calls on a sandbox's site."""

    at: datetime
    method: str
    path: str
    call: Call
    status: int
    request: str
    response: str


class RecentCalls:
    """The last calls, newest first; bodies are cut to a readable length."""

    def __init__(self, keep: int = 100, cut: int = 4_000) -> None:
        self._records: deque[CallRecord] = deque(maxlen=keep)
        self._cut = cut

    def add(
        self,
        call: Call,
        *,
        at: datetime,
        method: str,
        path: str,
        status: int,
        request: bytes,
        response: bytes,
    ) -> None:
        self._records.appendleft(
            CallRecord(at, method, path, call, status, self._shorten(request), self._shorten(response))
        )

    def _shorten(self, body: bytes) -> str:
        return body[: self._cut].decode("utf-8", "replace")

    def clear(self) -> None:
        self._records.clear()

    def __iter__(self) -> Iterator[CallRecord]:
        return iter(self._records)
