"""The overview: where both systems stand, what waits for a person, and Synchronize now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from app.overview.traffic import HALF, draw
from engine.services import browse, sync
from engine.services.browse.overview import Day
from engine.store.database import new_id
from engine.store.tables import CategorySettings, Object, Outbox, Run
from tests.web.conftest import Web
from tests.web.office import Office
from tests.web.test_pages import check_html

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def run_row(web: Web, id: str, state: str, **columns: Any) -> Run:
    row = Run(id=id, connection_id="first", trigger="person", state=state, queued_at=web.clock.now(), **columns)
    web.add(row)
    return row


def test_overview_counts_every_record_once_and_says_what_waits(office: Office):
    """The bars add up to the records, and each disposition that needs a person has its card."""
    view = browse.overview(office.world.deps, office.cid, ZoneInfo("UTC"))
    assert sum(view.totals.values()) == len(office.world.objects())
    assert view.totals == office.world.dispositions()
    assert view.waiting["conflict"] == 3
    text = office.browser("viewer").get(office.at("/overview")).text
    check_html(text)
    assert "What needs a person" in text
    assert office.at("/conflicts") in text


def test_traffic_counts_confirmed_writes_by_day_in_the_readers_zone(peopled: Web):
    """A write shortly before midnight in UTC belongs to the next day in Tallinn."""
    thing = Object(id="o", connection_id="first", kind="contact", category="contacts", created_at=NOW, updated_at=NOW)
    peopled.add(thing)
    finished = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    born = new_id(finished)[:20]
    for number, state in enumerate(("confirmed", "rejected")):
        peopled.add(Outbox(
            id=f"{born}{number}", connection_id="first", object_id="o", kind="contact", category="contacts",
            replica="scoro", system="scoro", operation="update", object_version=1, state=state, created_at=finished,
            finished_at=finished,
        ))  # fmt: skip
    peopled.clock.moment = NOW
    view = browse.overview(peopled.deps, "first", ZoneInfo("Europe/Tallinn"))
    counted = {day.day: day.to_scoro for day in view.traffic if day.to_scoro}
    assert counted == {date(2026, 11, 2): 1}


def test_synchronize_now_starts_one_run_however_often_it_is_pressed(peopled: Web):
    """R26: it starts at once and cannot be started twice."""
    browser = peopled.browser("operator@example.com")
    for _ in range(2):
        assert browser.submit("/c/first/overview/synchronize").status_code == 303
    with peopled.session() as session:
        runs = session.exec(select(Run)).all()
    assert len(runs) == 1
    assert runs[0].requested_by == "operator@example.com"


def test_viewer_sees_no_synchronize_button_and_is_refused_by_the_server(peopled: Web):
    """The role is checked on the server, not by hiding a button."""
    browser = peopled.browser("viewer@example.com")
    assert "Synchronize now" not in browser.get("/c/first/overview").text
    assert browser.submit("/c/first/overview/synchronize").status_code == 403


def test_progress_polls_while_a_run_goes_on_and_stops_by_itself(peopled: Web):
    """One fragment in its states: the finished one asks for the whole page and polls no more."""
    run_row(peopled, "r1", "running", phase="apply", counts={"queued": 10, "written": 4})
    browser = peopled.browser("viewer@example.com")
    going = browser.client.get("/c/first/overview", headers={"HX-Request": "true", "HX-Target": "progress"})
    assert 'hx-trigger="every 2s"' in going.text
    assert "4 of 10 written" in going.text
    assert "<noscript>" in going.text
    with peopled.session() as session:
        run = session.get_one(Run, "r1")
        run.state = "done"
        session.add(run)
        session.commit()
    over = browser.client.get("/c/first/overview", headers={"HX-Request": "true", "HX-Target": "progress"})
    assert over.headers["HX-Redirect"] == "/c/first/overview"
    assert "every 2s" not in browser.get("/c/first/overview").text


def test_halted_run_shows_the_figures_of_its_brake(peopled: Web):
    """A halt names the figures where people look first."""
    run_row(
        peopled,
        "r1",
        "halted",
        halt={"brakes": [{"name": "deletions", "sentence": "90 of 100 contacts would be deleted."}]},
    )
    text = peopled.browser("viewer@example.com").get("/c/first/overview").text
    assert "90 of 100 contacts would be deleted." in text


def test_oldest_edit_on_its_way_is_the_lag_of_its_category(peopled: Web):
    """The lag is the age of the oldest pending record of a category."""
    peopled.add(CategorySettings(connection_id="first", category="contacts", enabled=True))
    for number, hour in enumerate((8, 6, 7)):
        at = datetime(2026, 11, 2, hour, tzinfo=UTC)
        peopled.add(Object(
            id=f"o{number}", connection_id="first", kind="contact", category="contacts", disposition="pending",
            created_at=at, updated_at=at,
        ))  # fmt: skip
    (line,) = browse.overview(peopled.deps, "first", ZoneInfo("UTC")).categories
    assert line.waits_since == datetime(2026, 11, 2, 6, tzinfo=UTC)


def test_records_linked_into_others_are_counted_nowhere(peopled: Web):
    """Rows kept for the log's sake are no records."""
    for number, into in enumerate(("", "o0")):
        peopled.add(Object(
            id=f"o{number}", connection_id="first", kind="contact", category="contacts", disposition="in_step",
            merged_into=into, created_at=NOW, updated_at=NOW,
        ))  # fmt: skip
    assert browse.overview(peopled.deps, "first", ZoneInfo("UTC")).totals == {"in_step": 1}


@pytest.mark.parametrize(("to_scoro", "to_quickbooks"), [(0, 0), (1, 1000), (7, 0)])
def test_every_day_with_a_write_has_a_bar_that_is_seen(to_scoro: int, to_quickbooks: int):
    """One write beside a thousand is small, not invisible; a day without any draws nothing."""
    chart = draw([Day(date(2026, 11, 1), to_scoro, to_quickbooks)])
    assert len(chart.bars) == (to_scoro > 0) + (to_quickbooks > 0)
    assert all(2 <= bar.height <= HALF for bar in chart.bars)
    assert all(bar.y + bar.height <= chart.middle for bar in chart.bars if bar.way == "quickbooks")


def test_stopping_a_halted_run_ends_it(peopled: Web):
    """A halt is answered by continuing or stopping; stopping leaves nothing that asks."""
    run_row(peopled, "r1", "halted")
    sync.stop_run(peopled.deps, "r1", "ann@example.com")
    with peopled.session() as session:
        assert session.get_one(Run, "r1").state == "stopped"


def test_menu_says_how_many_conflicts_and_problems_wait_in_this_connection_alone(peopled: Web):
    """Beside the two entries stands what waits here; nothing of another connection, nothing where nothing waits, no count beyond
    the limit."""
    rows = [("first", "conflict")] * 3 + [("first", "failed"), ("first", "variance")] + [("second", "conflict")] * 1001
    peopled.add(*[
        Object(
            id=f"w{number:04}", connection_id=cid, kind="invoice", category="invoices", disposition=state, dirty=False,
            merged_into="w0000" if number == 2 else "", created_at=peopled.clock.now(), updated_at=peopled.clock.now(),
        )
        for number, (cid, state) in enumerate(rows)
    ])  # fmt: skip
    assert menu(peopled, "viewer@example.com", "first") == {"Conflicts": "2", "Problems": "2"}
    assert menu(peopled, "administrator@example.com", "second") == {"Conflicts": "1,000+"}


def menu(web: Web, email: str, cid: str) -> dict[str, str]:
    """The entries of the menu that carry a count."""
    text = web.browser(email).get(f"/c/{cid}/runs").text
    check_html(text)
    return dict(re.findall(r'>(\w+) <span class="nav-count num">([^<]+)<', text))


def test_run_that_failed_says_why_where_people_look_first(peopled: Web):
    """“Failed” alone frightens; a system that asked for a pause is no reason to be."""
    run_row(
        peopled, "r1", "failed", error="QuickBooks asked us to slow down.", hint="The run goes on by itself afterwards."
    )
    text = peopled.browser("viewer@example.com").get("/c/first/overview").text
    check_html(text)
    assert "QuickBooks asked us to slow down. The run goes on by itself afterwards." in text
