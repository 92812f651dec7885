"""One time for all processes of an installation: that of their database."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

import sqlalchemy as sa

from engine.clock import Clock

LIFETIME = 60.0
"""Seconds after which the difference between the two clocks is measured anew."""


class DatabaseClock:
    """A machine's own clock, corrected by how far it is off the database's.

    Leases of runs and of writes are moments that one process stores and another one compares with its own time; with
    clocks minutes apart, a lease would be taken over while its holder still sends. While the database cannot be
    reached the last known difference holds. A SQLite database has no clock but the machine's, so it needs none of this.
    """

    def __init__(self, database: sa.Engine, own: Clock) -> None:
        self._database = database
        self._own = own
        self._off = timedelta(0)
        self._measured_at: float | None = None
        self._measuring = Lock()

    def now(self) -> datetime:
        """The database's time, in UTC."""
        self._keep_measured()
        return self._own.now() + self._off

    def monotonic(self) -> float:
        return self._own.monotonic()

    def sleep(self, seconds: float) -> None:
        self._own.sleep(seconds)

    def _keep_measured(self) -> None:
        elapsed = self._own.monotonic()
        if self._measured_at is not None and elapsed - self._measured_at < LIFETIME:
            return
        if not self._measuring.acquire(blocking=self._measured_at is None):
            return  # another thread is at it; until then the last difference is good enough
        try:
            self._off = self._measure()
            self._measured_at = elapsed
        except sa.exc.DBAPIError:
            self._measured_at = elapsed
        finally:
            self._measuring.release()

    def _measure(self) -> timedelta:
        """How far the database is ahead. The answer is taken to have left half-way between question and arrival."""
        with self._database.connect() as connection:
            asked = self._own.now()
            told: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
            heard = self._own.now()
        return told - (asked + (heard - asked) / 2)


def clock_of(database: sa.Engine, own: Clock) -> Clock:
    """The clock that all processes on this database agree on."""
    return DatabaseClock(database, own) if database.dialect.name == "postgresql" else own
