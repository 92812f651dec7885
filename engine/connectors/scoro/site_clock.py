"""The clock on the wall of a Scoro site: most stamps are told by it, without a zone (reference 1.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.clock import Clock


@dataclass(frozen=True, slots=True)
class SiteClock:
    """``zone`` is the site's, ``clock`` tells what time it is now."""

    zone: ZoneInfo
    clock: Clock

    def moment(self, value: object) -> datetime | None:
        """The UTC moment of a stamp that was read just now; None when there is none. In the hour that comes twice when the clock
        is put back it is the later one that is past: what is edited later is then never taken for older."""
        try:
            stamp = datetime.fromisoformat(str(value))
        except ValueError:
            return None
        if stamp.tzinfo:
            return stamp.astimezone(UTC)
        first, again = (stamp.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return again if first < again <= self.clock.now() else first

    def wall(self, moment: datetime) -> str:
        """A moment as the clock on the wall shows it."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")
