"""Counts of what clients asked for, so that a budget can be proved."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from app.sandbox.common.calls import Call


@dataclass(slots=True)
class _Tally:
    requests: int = 0
    writes: int = 0
    batch_items: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    def as_json(self) -> dict[str, int]:
        return {
            "requests": self.requests,
            "writes": self.writes,
            "batch_items": self.batch_items,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
        }


@dataclass(slots=True)
class Stats:
    """Requests, accepted writes, batch items and body bytes: in all, by HTTP status, and by place."""

    _total: _Tally = field(default_factory=_Tally)
    _statuses: Counter[int] = field(default_factory=Counter)
    _places: defaultdict[tuple[str, str, str, str], _Tally] = field(default_factory=lambda: defaultdict(_Tally))

    def request(self, call: Call, status: int, bytes_in: int, bytes_out: int) -> None:
        self._statuses[status] += 1
        for tally in self._tallies(call):
            tally.requests += 1
            tally.bytes_in += bytes_in
            tally.bytes_out += bytes_out

    def write(self, call: Call) -> None:
        """One object was created, changed or deleted by this call."""
        for tally in self._tallies(call):
            tally.writes += 1

    def batch_item(self, call: Call) -> None:
        """One item inside a batch request; the batch itself is counted by `request`."""
        for tally in self._tallies(call):
            tally.batch_items += 1

    def reset(self) -> None:
        self._total = _Tally()
        self._statuses.clear()
        self._places.clear()

    def as_json(self) -> dict[str, Any]:
        return {
            **self._total.as_json(),
            "statuses": {str(status): count for status, count in sorted(self._statuses.items())},
            "by": [
                {"system": system, "endpoint": endpoint, "entity": entity, "operation": operation} | tally.as_json()
                for (system, endpoint, entity, operation), tally in sorted(self._places.items())
            ],
        }

    def _tallies(self, call: Call) -> tuple[_Tally, _Tally]:
        return self._total, self._places[(call.system, call.endpoint, call.entity, call.operation)]
