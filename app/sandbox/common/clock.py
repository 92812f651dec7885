"""The sandbox's own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _real_time() -> datetime:
    return datetime.now(UTC)


class SandboxClock:
    """A source of time plus an offset that tests and people move at will. It never sleeps.

    `now()` is aware and in UTC. With the default source time flows; `SandboxClock.manual()` stands
    still until it is moved.
    """

    def __init__(self, source: Callable[[], datetime] = _real_time) -> None:
        self._source = source
        self.offset = timedelta()

    @classmethod
    def manual(cls, start: str = "2026-11-02T09:00:00+00:00") -> SandboxClock:
        moment = parse_moment(start)
        return cls(lambda: moment)

    def now(self) -> datetime:
        return self._source() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += timedelta(seconds=seconds)

    def set(self, moment: str) -> None:
        """Make `moment` (ISO 8601; UTC when it names no zone) the present."""
        self.offset = parse_moment(moment) - self._source()

    def reset(self) -> None:
        self.offset = timedelta()


def parse_moment(text: str) -> datetime:
    """An ISO 8601 moment as aware UTC; raises ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
