"""The sandbox's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.sandbox.common.clock import SandboxClock, parse_moment

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_manual_clock_moves_only_when_it_is_moved():
    """Tests are not at the mercy of time."""
    clock = SandboxClock.manual("2026-11-02T09:00:00")
    assert clock.now() == START == clock.now()
    clock.advance(90)
    assert clock.now() == START + timedelta(seconds=90)
    clock.set("2027-01-01T00:00:00+02:00")
    assert clock.now() == datetime(2026, 12, 31, 22, tzinfo=UTC)
    clock.reset()
    assert clock.now() == START


def test_flowing_clock_keeps_flowing_after_it_was_set():
    """Real time plus an offset."""
    moments = iter([START, START + timedelta(seconds=5)])
    clock = SandboxClock(lambda: next(moments))
    clock.set("2030-06-01T00:00:00Z")
    assert clock.now() == datetime(2030, 6, 1, 0, 0, 5, tzinfo=UTC)


def test_what_is_no_moment_is_refused():
    """ValueError, so that the control surface answers 400."""
    with pytest.raises(ValueError, match="Invalid isoformat"):
        parse_moment("yesterday")
