"""The change log on its page: filters, pages, export, verification."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from app.changes.export import FORMULA
from engine.services import browse
from engine.services.browse.changes import Filters
from engine.store import log
from engine.store.database import writing
from engine.store.tables import CategorySettings, Change, Object, Run
from tests.web.conftest import Web
from tests.web.office import Office
from tests.web.test_pages import check_html

log_pages = import_module("engine.services.browse.changes")
START = datetime(2026, 11, 1, tzinfo=UTC)


def write_log(web: Web, count: int) -> None:
    """One entry an hour; every tenth one is a write."""
    with writing(web.deps.database) as session:
        connection = log.lock(session, "first")
        for number in range(count):
            action = "written" if number % 10 == 0 else "edited"
            log.append(session, connection, [log.Entry(action, actor="scoro", object_id=f"o{number % 3}", kind="contact")],
                       START + timedelta(hours=number))  # fmt: skip


def all_pages(web: Web, filters: Filters, limit: int = 7) -> list[int]:
    seen, after = [], ""
    while True:
        page = browse.changes(web.deps, "first", filters, after=after, limit=limit)
        seen += [change.sequence for change in page.rows]
        if not (after := page.next):
            return seen


def test_pages_go_back_from_the_latest_entry_without_gap(peopled: Web):
    """Keyset paging over the whole log."""
    write_log(peopled, 40)
    assert all_pages(peopled, Filters()) == list(range(40, 0, -1))
    assert all_pages(peopled, Filters(action="written")) == [31, 21, 11, 1]


def test_entries_of_an_old_run_are_found_at_once(peopled: Web, monkeypatch: pytest.MonkeyPatch):
    """A run's page leads to its entries; they stand between its beginning and its end, however much came later."""
    monkeypatch.setattr(log_pages, "WINDOW", 10)
    write_log(peopled, 40)
    at = START + timedelta(hours=2)
    peopled.add(Run(id="old", connection_id="first", trigger="person", queued_at=at, started_at=at, finished_at=at))
    with peopled.session() as session:
        entry = session.get_one(Change, ("first", 3))
        entry.run_id = "old"
        session.add(entry)
        session.commit()
    page = browse.changes(peopled.deps, "first", Filters(run_id="old"))
    assert [change.sequence for change in page.rows] == [3]
    assert page.next == ""


def test_search_for_something_rare_pauses_and_can_be_continued(peopled: Web, monkeypatch: pytest.MonkeyPatch):
    """One request looks through a window only; the page says how far it looked and goes on from there."""
    monkeypatch.setattr(log_pages, "WINDOW", 10)
    write_log(peopled, 40)
    page = browse.changes(peopled.deps, "first", Filters(person="nobody"))
    assert (page.rows, page.looked_to) == ((), 32)
    assert all_pages(peopled, Filters(action="written"), limit=1) == [31, 21, 11, 1]


def test_dates_are_found_by_halving_and_include_both_days(peopled: Web):
    """From and to are days in the reader's zone."""
    write_log(peopled, 72)
    found = all_pages(peopled, Filters(first=START + timedelta(hours=24), last=START + timedelta(hours=48)))
    assert found == list(range(48, 24, -1))
    text = peopled.browser("viewer@example.com").get("/c/first/changes?first=2026-11-02&last=2026-11-02").text
    check_html(text)
    assert text.count("<tr>") - 1 == 24


def test_old_days_are_reached_at_once_however_long_the_log(peopled: Web, monkeypatch: pytest.MonkeyPatch):
    """The search begins at the last day asked for, not at the end of the log."""
    monkeypatch.setattr(log_pages, "WINDOW", 10)
    write_log(peopled, 200)
    page = browse.changes(peopled.deps, "first", Filters(first=START, last=START + timedelta(hours=5)))
    assert [change.sequence for change in page.rows] == [5, 4, 3, 2, 1]
    assert (page.next, page.looked_to) == ("", 0)


def test_export_streams_every_entry_with_its_hash(peopled: Web, monkeypatch: pytest.MonkeyPatch):
    """CSV and JSON hold the same entries in their order, whatever their number."""
    monkeypatch.setattr(log_pages, "CHUNK", 4)
    write_log(peopled, 11)
    browser = peopled.browser("viewer@example.com")
    entries = json.loads(browser.get("/c/first/changes/export.json").text)
    assert [entry["sequence"] for entry in entries] == list(range(1, 12))
    rows = list(csv.DictReader(io.StringIO(browser.get("/c/first/changes/export.csv?action=written").text)))
    assert [row["sequence"] for row in rows] == ["1", "11"]
    assert rows[0]["hash"] == entries[0]["hash"]


@pytest.mark.parametrize("sign", FORMULA)
def test_export_is_harmless_in_a_spreadsheet(peopled: Web, sign: str):
    """A person's name that looks like a formula stays a text."""
    with writing(peopled.deps.database) as session:
        log.append(session, log.lock(session, "first"), [log.Entry("note", person=f"{sign}SUM(A1)")], START)
    text = peopled.browser("viewer@example.com").get("/c/first/changes/export.csv").text
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["person"] == f"'{sign}SUM(A1)"


def test_whole_log_is_verified_and_a_changed_entry_is_named(peopled: Web):
    """The chain of hashes is checked from the page."""
    write_log(peopled, 5)
    browser = peopled.browser("operator@example.com")
    browser.submit("/c/first/changes/verify")
    assert "The log is whole: all 5 entries" in browser.get("/c/first/changes").text
    with peopled.session() as session:
        change = session.get_one(Change, ("first", 3))
        change.person = "somebody else"
        session.add(change)
        session.commit()
    browser.submit("/c/first/changes/verify")
    assert "does not hold at entry 3" in browser.get("/c/first/changes").text
    assert peopled.browser("viewer@example.com").submit("/c/first/changes/verify").status_code == 403


def test_real_log_is_shown_in_words_with_its_records_by_name(office: Office):
    """No path, no id, no JSON on the page of the log."""
    text = office.browser("viewer").get(office.at("/changes")).text
    check_html(text)
    assert "found by reading" in text
    assert "Due date" in text
    assert "due_date" not in text


def test_wrong_filter_is_told_and_not_a_crash(peopled: Web):
    """A typed date that is none."""
    answer = peopled.browser("viewer@example.com").get("/c/first/changes?first=soon&kind=nothing")
    assert answer.status_code == 200
    assert "Enter a date" in answer.text


def test_empty_log_says_so(peopled: Web):
    """The empty state in words."""
    assert "The log is empty" in peopled.browser("viewer@example.com").get("/c/first/changes").text


CONTESTS = {
    "due_date": {
        "base": "2026-11-30",
        "sides": {"scoro": ["2027-02-27", ["scoro", 4]], "quickbooks": ["2027-03-15", ["quickbooks", 2]]},
    }
}


@pytest.mark.parametrize(
    ("noticed", "details"),
    [
        ("manual", {"contests": CONTESTS}),
        ("rule", {"rule": "newest", "gave_way": {"due_date": {"quickbooks": "2027-03-15"}}}),
    ],
)
def test_settlement_shows_what_was_chosen_and_what_was_kept_aside(peopled: Web, noticed: str, details: dict[str, Any]):
    """“27 Feb → 27 Feb” tells nothing: the value that gave way is named with its side, in the log and on the record's page."""
    fields = [["due_date", "2027-02-27", "2027-02-27", "superseded"]]
    log_entry(peopled, log.Entry("resolved", "o", "invoice", "hub", fields=fields, details=details, noticed=noticed))
    browser = peopled.browser("viewer@example.com")
    for path in ("/c/first/changes", "/c/first/records/o"):
        text = browser.get(path).text
        check_html(text)
        assert "27 Feb 2027" in text
        assert '15 Mar 2027 <span class="muted small">kept aside, from QuickBooks</span>' in text
        assert "27 Feb 2027 → 27 Feb 2027" not in text


def test_applied_credit_says_what_it_was(peopled: Web):
    """A write without fields has a sentence in their place."""
    log_entry(peopled, log.Entry("written", "o", "invoice", "quickbooks", details={"operation": "apply"}))
    browser = peopled.browser("viewer@example.com")
    for path in ("/c/first/changes", "/c/first/records/o"):
        assert "The credit was applied to its invoice in QuickBooks. No money moved." in browser.get(path).text


def log_entry(web: Web, entry: log.Entry) -> None:
    """An invoice with one entry in the log."""
    web.add(Object(id="o", connection_id="first", kind="invoice", category="invoices", title="1", fields={"@exists": True},
                   created_at=START, updated_at=START, dirty=False))  # fmt: skip
    web.add(CategorySettings(connection_id="first", category="invoices", enabled=True, matched_at=START))
    with writing(web.deps.database) as session:
        log.append(session, log.lock(session, "first"), [entry], START)
