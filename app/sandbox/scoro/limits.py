"""The two counters of a site: a short window and the day (reference 1.6)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.sandbox.scoro.behaviours import Behaviours


@dataclass(slots=True)
class _Count:
    period: int = -1
    used: int = 0

    def at(self, period: int) -> int:
        if self.period != period:
            self.period, self.used = period, 0
        return self.used


@dataclass(slots=True)
class _SiteCounts:
    window: _Count = field(default_factory=_Count)
    day: _Count = field(default_factory=_Count)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The state of both counters after a request, and whether the request is let through."""

    is_allowed: bool
    window_limit: int
    window_remaining: int
    window_reset: int
    day_limit: int
    day_remaining: int
    day_reset: int

    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.window_limit),
            "x-ratelimit-remaining": str(self.window_remaining),
            "x-ratelimit-reset": str(self.window_reset),
            "x-daily-requests-limit": str(self.day_limit),
            "x-daily-requests-remaining": str(self.day_remaining),
            "x-daily-requests-reset": str(self.day_reset),
        }

    @property
    def wait(self) -> int:
        """Seconds until the exhausted counter starts again."""
        return self.window_reset if self.day_remaining else self.day_reset


class Limits:
    """Counts per site. The day rolls at 00:00 UTC; windows are aligned with the clock."""

    def __init__(self) -> None:
        self._counts: dict[str, _SiteCounts] = {}

    def spend(self, site: str, now: datetime, behaviours: Behaviours) -> Allowance:
        """Count one request if both counters allow it."""
        counts = self._counts.setdefault(site, _SiteCounts())
        window = counts.window.at(int(now.timestamp() // behaviours.window_seconds))
        day = counts.day.at(now.toordinal())
        is_allowed = window < behaviours.requests_per_window and day < behaviours.requests_per_day
        if is_allowed:
            counts.window.used += 1
            counts.day.used += 1
        return _allowance(counts, now, behaviours, is_allowed)

    def told(self, site: str, now: datetime, behaviours: Behaviours) -> Allowance:
        """Both counters as they stand, without counting."""
        counts = self._counts.setdefault(site, _SiteCounts())
        counts.window.at(int(now.timestamp() // behaviours.window_seconds))
        counts.day.at(now.toordinal())
        return _allowance(counts, now, behaviours, True)

    def exhaust_day(self, site: str, now: datetime, behaviours: Behaviours) -> None:
        counts = self._counts.setdefault(site, _SiteCounts())
        counts.day.at(now.toordinal())
        counts.day.used = behaviours.requests_per_day

    def clear(self) -> None:
        self._counts.clear()


def _allowance(counts: _SiteCounts, now: datetime, behaviours: Behaviours, is_allowed: bool) -> Allowance:
    return Allowance(
        is_allowed=is_allowed,
        window_limit=behaviours.requests_per_window,
        window_remaining=max(0, behaviours.requests_per_window - counts.window.used),
        window_reset=_until_next_window(now, behaviours.window_seconds),
        day_limit=behaviours.requests_per_day,
        day_remaining=max(0, behaviours.requests_per_day - counts.day.used),
        day_reset=_until_midnight(now),
    )


def _until_next_window(now: datetime, seconds: int) -> int:
    return max(1, math.ceil(seconds - now.timestamp() % seconds))


def _until_midnight(now: datetime) -> int:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return math.ceil((midnight - now).total_seconds())
