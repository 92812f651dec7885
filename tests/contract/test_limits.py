"""Pacing inside one process."""

from __future__ import annotations

import threading

import pytest

from engine.clock import ManualClock
from engine.connectors.limits import LocalLimiter, Rate
from engine.errors import Throttled


def granted(limiter: LocalLimiter, clock: ManualClock, key: str, count: int) -> list[float]:
    """The moments at which turns were granted."""
    moments = []
    for _ in range(count):
        limiter.acquire(key)
        moments.append(clock.elapsed)
    return moments


def test_no_window_ever_holds_more_than_its_rate():
    """Sliding windows: the seconds and the minutes at once."""
    clock = ManualClock()
    rates = (Rate(3, 1), Rate(10, 20))
    moments = granted(LocalLimiter(clock, paces={"a": rates}), clock, "a:1", 40)
    for rate in rates:
        for at in moments:
            assert sum(at - rate.seconds < other <= at for other in moments) <= rate.count


def test_keys_do_not_slow_each_other_down():
    """Connections are isolated."""
    clock = ManualClock()
    limiter = LocalLimiter(clock, paces={"a": (Rate(1, 60),)})
    limiter.acquire("a:1")
    limiter.acquire("a:2")
    assert clock.elapsed == 0


def test_a_key_of_an_unknown_pace_is_not_held_up():
    """Nothing is known of its limits."""
    clock = ManualClock()
    granted(LocalLimiter(clock), clock, "other:1", 100)
    assert clock.elapsed == 0


def test_a_short_pause_is_waited_out_and_a_long_one_is_told():
    """A worker must not sleep for an hour."""
    clock = ManualClock()
    limiter = LocalLimiter(clock, patience=5)
    limiter.pause("a:1", 4)
    limiter.acquire("a:1")
    assert clock.elapsed == 4
    limiter.pause("a:1", 3600)
    with pytest.raises(Throttled) as raised:
        limiter.acquire("a:1")
    assert raised.value.after == pytest.approx(3600)


def test_a_shorter_pause_does_not_shorten_a_longer_one():
    """The daily quota stays used up although a window opens."""
    clock = ManualClock()
    limiter = LocalLimiter(clock)
    limiter.pause("a:1", 3600)
    limiter.pause("a:1", 1)
    with pytest.raises(Throttled):
        limiter.acquire("a:1")


def test_threads_share_one_pace():
    """Ten threads get no more turns than one."""
    clock = ManualClock()
    limiter = LocalLimiter(clock, paces={"a": (Rate(5, 10),)})
    threads = [threading.Thread(target=limiter.acquire, args=("a:1",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.elapsed >= 30
