"""Request limits per company and app, on the sandbox's clock (reference section 9)."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    calls: int
    seconds: int
    batch_only: bool = False


LIMITS = (Limit("minute", 500, 60), Limit("second", 10, 1), Limit("batch", 40, 60, batch_only=True))


@dataclass
class Throttle:
    """Sliding windows; `admit` says whether one more call fits all of them and then counts it."""

    limits: tuple[Limit, ...] = LIMITS
    seen: dict[tuple[str, str], deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, realm: str, now: datetime, *, batch: bool) -> bool:
        concerned = [limit for limit in self.limits if batch or not limit.batch_only]
        windows = [(limit, self._recent(realm, limit, now)) for limit in concerned]
        if any(len(window) >= limit.calls for limit, window in windows):
            return False
        for _, window in windows:
            window.append(now)
        return True

    def _recent(self, realm: str, limit: Limit, now: datetime) -> deque[datetime]:
        window = self.seen[realm, limit.name]
        horizon = now - timedelta(seconds=limit.seconds)
        while window and not horizon < window[0] <= now:
            window.popleft()
        return window
