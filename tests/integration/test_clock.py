"""Processes whose machines disagree about the time (part of the lease's promise)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from engine.clock import ManualClock
from engine.store.clock import LIFETIME, clock_of
from engine.store.database import make_engine

NEAR = timedelta(minutes=2)
"""Far more than the time between two questions, far less than what the clocks are off."""

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_url: str) -> Iterator[sa.Engine]:
    """A PostgreSQL database, whose clock counts."""
    engine = make_engine(postgres_url)
    yield engine
    engine.dispose()


def test_machines_that_disagree_tell_the_same_time(database: sa.Engine) -> None:
    """A lease that one process stores is compared by another: both go by the clock of their database."""
    years = clock_of(database, ManualClock(datetime.fromisoformat("2001-01-01T00:00:00+00:00")))
    ahead = clock_of(database, ManualClock(_time_of(database) + timedelta(hours=1)))
    assert abs(years.now() - ahead.now()) < NEAR
    assert abs(years.now() - _time_of(database)) < NEAR


def test_a_clock_that_is_set_meanwhile_is_noticed(database: sa.Engine) -> None:
    """Somebody sets the machine's clock: within a minute the difference is measured anew."""
    own = ManualClock(_time_of(database))
    clock = clock_of(database, own)
    assert abs(clock.now() - _time_of(database)) < NEAR
    own.moment -= timedelta(hours=5)
    own.elapsed += LIFETIME
    assert abs(clock.now() - _time_of(database)) < NEAR


def test_while_the_database_is_away_the_last_difference_holds(database: sa.Engine) -> None:
    """A database that restarts does not throw the clock back by hours."""
    own = ManualClock(_time_of(database) - timedelta(hours=3))
    clock = clock_of(database, own)
    before = clock.now()
    own.elapsed += LIFETIME
    with _unreachable(database):
        assert clock.now() == before


@contextmanager
def _unreachable(database: sa.Engine) -> Iterator[None]:
    """Every new connection is refused, and no old one is left."""

    def refuse(*_: object) -> None:
        raise psycopg.OperationalError("connection refused")

    database.dispose()
    sa.event.listen(database, "do_connect", refuse)
    yield
    sa.event.remove(database, "do_connect", refuse)


def _time_of(database: sa.Engine) -> datetime:
    with database.connect() as connection:
        told: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        return told
