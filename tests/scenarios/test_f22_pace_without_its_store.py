"""F22 · A limiter whose store was down let nothing through, or slept for an hour; here the process keeps a pace of its own."""

from __future__ import annotations

import pytest
from redis import Redis

from app.pacing import SharedLimiter
from engine.clock import ManualClock
from engine.connectors.limits import Rate
from engine.errors import Throttled

PACES = {"quickbooks": (Rate(5, 10),)}


def test_without_redis_requests_go_on_at_a_safe_pace(absent_redis: Redis) -> None:
    """F22: given a Redis that is away, when twenty requests are made, then all go out, and no faster than the pace."""
    clock = ManualClock()
    limiter = SharedLimiter(absent_redis, clock, paces=PACES)
    for _ in range(20):
        limiter.acquire("quickbooks:1")
    assert clock.elapsed == 30


def test_with_redis_two_processes_share_one_pace(redis: Redis) -> None:
    """F22: given a Redis, when two limiters take turns, then together they are no faster than one."""
    clock = ManualClock()
    pair = [SharedLimiter(redis, clock, paces=PACES) for _ in range(2)]
    for turn in range(10):
        pair[turn % 2].acquire("quickbooks:1")
    assert clock.elapsed >= 10


@pytest.mark.parametrize("store", ["redis", "absent_redis"])
def test_long_pause_is_told_and_not_slept_through(store: str, request: pytest.FixtureRequest) -> None:
    """F22: given a remote that asks for an hour, when a turn is wanted, then the run is told to come back, Redis or not."""
    clock = ManualClock()
    limiter = SharedLimiter(request.getfixturevalue(store), clock, paces=PACES)
    limiter.pause("quickbooks:1", 3600)
    with pytest.raises(Throttled) as raised:
        limiter.acquire("quickbooks:1")
    assert raised.value.after == pytest.approx(3600, abs=60)
    assert clock.elapsed == 0
