"""Alerts: told once, at the right time, to the right connection's people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from app import alerts
from app.tables import AlertSettings
from engine.services.deps import Event
from tests.web.conftest import Web

CONFLICT = Event("conflict_waiting", "first", "3 conflicts wait for a person.", 3)
LOST = Event("connection_lost", "first", "QuickBooks withdrew its authorisation.")


class Outlet:
    """Where messages arrive; ``works`` says whether it takes them."""

    def __init__(self) -> None:
        self.messages: list[tuple[tuple[str, ...], str, str]] = []
        self.works = True

    def __call__(self, targets: Sequence[str], title: str, text: str) -> bool:
        if self.works:
            self.messages.append((tuple(targets), title, text))
        return self.works


@pytest.fixture
def outlet() -> Outlet:
    """An outlet that takes everything."""
    return Outlet()


@pytest.fixture
def telling(web: Web) -> Web:
    """A connection whose people want an hourly digest of everything, and one with nobody."""
    web.connection("first", "First Ltd")
    web.connection("second", "Second Ltd")
    web.add(
        AlertSettings(
            connection_id="first", enabled=True, targets="sealed:json://a\njson://b", kinds=list(alerts.KINDS)
        )
    )
    return web


def remember(web: Web, event: Event) -> None:
    alerts.remember(web.deps.database, web.clock, event)


def deliver(web: Web, outlet: Outlet) -> int:
    return alerts.deliver(web.deps.database, web.clock, web.deps.vault, outlet, "https://concord.example")


def change(web: Web, **values: object) -> None:
    with web.session() as session:
        row = session.get_one(AlertSettings, "first")
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
        session.commit()


def test_digest_waits_its_hour_and_tells_everything_in_one_message(telling: Web, outlet: Outlet):
    """People are not woken for each record."""
    remember(telling, CONFLICT)
    remember(telling, Event("failures", "first", "2 records were refused."))
    assert deliver(telling, outlet) == 0
    telling.clock.advance(3600)
    assert deliver(telling, outlet) == 1
    targets, title, text = outlet.messages[0]
    assert targets == ("json://a", "json://b")
    assert title == "Concord: First Ltd"
    assert "3 conflicts wait" in text and "2 records were refused" in text
    assert "https://concord.example/c/first" in text


def test_same_thing_is_told_once_a_day_though_its_figures_change(telling: Web, outlet: Outlet):
    """A run every five minutes does not mean a message every five minutes."""
    change(telling, digest_minutes=0)
    for sentence in (
        "1 conflict waits for a person.",
        "3 conflicts wait for a person.",
        "5 conflicts wait for a person.",
    ):
        remember(telling, Event("conflict_waiting", "first", sentence))
        deliver(telling, outlet)
        telling.clock.advance(300)
    assert len(outlet.messages) == 1
    telling.clock.advance(24 * 3600)
    remember(telling, CONFLICT)
    assert deliver(telling, outlet) == 1


def test_lost_connection_is_told_at_once(telling: Web, outlet: Outlet):
    """It stops everything, so it does not wait for the digest."""
    remember(telling, LOST)
    assert deliver(telling, outlet) == 1


def test_quiet_hours_over_midnight_hold_back_until_they_end(telling: Web, outlet: Outlet):
    """Nobody is woken at three, in the time zone of the person who chose the hours."""
    change(telling, quiet_from="22:00", quiet_until="07:00", time_zone="Europe/Tallinn")
    telling.clock.moment = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
    remember(telling, LOST)
    assert deliver(telling, outlet) == 0
    telling.clock.moment = datetime(2026, 1, 5, 5, 1, tzinfo=UTC)
    assert deliver(telling, outlet) == 1


def test_message_that_nobody_took_is_tried_again(telling: Web, outlet: Outlet):
    """A mail server that is down loses no alert."""
    remember(telling, LOST)
    outlet.works = False
    assert deliver(telling, outlet) == 0
    outlet.works = True
    assert deliver(telling, outlet) == 1
    assert deliver(telling, outlet) == 0


def test_nothing_of_one_connection_is_told_to_another(telling: Web, outlet: Outlet):
    """Isolation of connections holds for messages too."""
    remember(telling, Event("connection_lost", "second", "Secret of the second."))
    assert deliver(telling, outlet) == 0


def test_kinds_that_were_not_chosen_are_not_told(telling: Web, outlet: Outlet):
    """A person who wants halts only gets halts only."""
    change(telling, kinds=["run_halted"])
    remember(telling, LOST)
    assert deliver(telling, outlet) == 0


def test_there_is_nothing_to_do_without_somebody_to_tell(telling: Web, outlet: Outlet):
    """The scheduler asks for a worker only when a message waits for a connection whose people want it."""
    assert not alerts.waiting(telling.deps.database)
    alerts.remember(telling.deps.database, telling.clock, Event("run_halted", "second", "Halted."))
    assert not alerts.waiting(telling.deps.database)
    remember(telling, LOST)
    assert alerts.waiting(telling.deps.database)
    deliver(telling, outlet)
    assert not alerts.waiting(telling.deps.database)


def test_every_address_has_a_limit_of_time():
    """A mail server that never answers must not hold a message for ever; a limit of the address's own stays."""
    assert alerts._hurried("mailto://a:b@example.com") == "mailto://a:b@example.com?cto=10&rto=10"
    assert alerts._hurried("json://host/path?+X=1") == "json://host/path?+X=1&cto=10&rto=10"
    assert alerts._hurried("json://host?rto=3") == "json://host?rto=3"
