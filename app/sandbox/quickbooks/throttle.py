"""Request limits per company and app, on the sandbox's clock (reference section 9)."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

REST = frozenset({"rest", "batch"})
BATCH = frozenset({"batch"})
GRAPHQL = frozenset({"graphql"})


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` in `seconds` to the `endpoints`, for one realm and, when `per_app`, one app in it."""

    name: str
    calls: int
    seconds: int
    endpoints: frozenset[str] = REST
    per_app: bool = False


LIMITS = (
    Limit("minute", 500, 60),
    Limit("second", 10, 1, per_app=True),
    Limit("batch", 40, 60, BATCH, per_app=True),
    Limit("batch of all apps", 120, 60, BATCH),
    Limit("graphql", 500, 60, GRAPHQL),
    Limit("combined", 800, 60, REST | GRAPHQL, per_app=True),
)


@dataclass
class Throttle:
    """Sliding windows; `admit` says whether one more call fits all of them and then counts it."""

    limits: tuple[Limit, ...] = LIMITS
    seen: dict[tuple[str, str, str], deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, realm: str, app: str, now: datetime, endpoint: str) -> bool:
        """`endpoint` is `batch`, `graphql` or `rest` (all others)."""
        concerned = [limit for limit in self.limits if endpoint in limit.endpoints]
        windows = [(limit, self._recent(limit, realm, app, now)) for limit in concerned]
        if any(len(window) >= limit.calls for limit, window in windows):
            return False
        for _, window in windows:
            window.append(now)
        return True

    def _recent(self, limit: Limit, realm: str, app: str, now: datetime) -> deque[datetime]:
        window = self.seen[limit.name, realm, app if limit.per_app else ""]
        horizon = now - timedelta(seconds=limit.seconds)
        while window and not horizon < window[0] <= now:
            window.popleft()
        return window
