"""Pacing: what every worker asks before it sends, and the pace that holds inside one process.

A key names what is limited and where, ``"<pace>:<id>"``: ``quickbooks:<realm>`` for every request of a company,
``quickbooks-batch:<realm>`` for its batches, ``scoro:<account>`` for a Scoro account. A limiter that is shared between
processes keeps the same protocol and falls back to ``LocalLimiter`` when its store is gone.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.clock import Clock
from engine.errors import Throttled


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` requests in any ``seconds``."""

    count: int
    seconds: float


Paces = Mapping[str, tuple[Rate, ...]]

PACES: Paces = {
    "quickbooks": (Rate(9, 1), Rate(450, 60)),
    "quickbooks-batch": (Rate(38, 60),),
    "scoro": (Rate(20, 2),),
}
"""A little under what the systems grant (QuickBooks reference 9; Scoro reference 1.6, the smallest plan)."""


class Limiter(Protocol):
    """Grants requests at a pace. Safe for use by several threads."""

    def acquire(self, key: str) -> None:
        """Wait for a turn. ``Throttled`` when the key is paused for longer than is worth waiting."""

    def pause(self, key: str, seconds: float) -> None:
        """Nobody sends under this key for so many seconds: the remote asked for it."""


def rates_of(key: str, paces: Paces = PACES) -> tuple[Rate, ...]:
    """The rates that hold for a key; none for one of an unknown pace."""
    return paces.get(key.partition(":")[0], ())


def paused(seconds: float) -> Throttled:
    """The error of a key that stays paused for ``seconds``."""
    return Throttled(
        f"The remote asked for a pause; {seconds:.0f} seconds of it are left.",
        after=seconds,
        hint="The run goes on by itself afterwards.",
    )


@dataclass(slots=True)
class _Lane:
    sent: deque[float] = field(default_factory=deque)
    resumes: float = float("-inf")


class LocalLimiter:
    """The pace of one process, by a sliding window per key. ``patience``: the longest pause that is waited out, in seconds."""

    def __init__(self, clock: Clock, *, paces: Paces = PACES, patience: float = 5.0) -> None:
        self._clock = clock
        self._paces = paces
        self._patience = patience
        self._lock = threading.Lock()
        self._lanes: defaultdict[str, _Lane] = defaultdict(_Lane)

    def acquire(self, key: str) -> None:
        while wait := self._claim(key):
            self._clock.sleep(wait)

    def pause(self, key: str, seconds: float) -> None:
        with self._lock:
            lane = self._lanes[key]
            lane.resumes = max(lane.resumes, self._clock.monotonic() + seconds)

    def _claim(self, key: str) -> float:
        """Take the turn and answer 0, or answer how long to wait before asking again."""
        with self._lock:
            now = self._clock.monotonic()
            lane = self._lanes[key]
            if (pause := lane.resumes - now) > 0:
                return self._bearable(pause)
            if wait := self._wait(lane.sent, rates_of(key, self._paces), now):
                return wait
            lane.sent.append(now)
            return 0.0

    def _bearable(self, pause: float) -> float:
        if pause > self._patience:
            raise paused(pause)
        return pause

    @staticmethod
    def _wait(sent: deque[float], rates: tuple[Rate, ...], now: float) -> float:
        """Seconds until every window has room again; forgets what lies behind the longest window."""
        horizon = now - max((rate.seconds for rate in rates), default=0.0)
        while sent and sent[0] <= horizon:
            sent.popleft()
        full = (rate for rate in rates if len(sent) >= rate.count)
        return max([0.0, *(sent[-rate.count] + rate.seconds - now for rate in full)])
