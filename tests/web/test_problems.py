"""Problems: grouped by cause, retried one or all, set aside, given to somebody; remote details for reviewers only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from engine.clock import ManualClock
from engine.services import browse, sync
from engine.services.browse.runs import open_run
from engine.services.retrying import Held, request_retry
from engine.store.tables import CategorySettings, Change, Object, Outbox, Run
from tests.web.conftest import Browser, Web
from tests.web.test_pages import check_html

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CAUSE = "disposition=blocked&reason=remote_refused&code=6240"


@pytest.fixture
def troubled(peopled: Web) -> Web:
    """Three records refused for one cause, one for another."""
    for category in ("contacts", "products", "invoices", "bills", "receipts", "projects", "classes", "reference"):
        peopled.add(CategorySettings(connection_id="first", category=category, enabled=True, matched_at=NOW))
    for number, code in enumerate(("6240", "6240", "6240", "2010")):
        refused = {"reason": "remote_refused", "message": f"Refused with {code}", "hint": "Change it.", "code": code}
        peopled.add(Object(
            id=f"o{number}", connection_id="first", kind="contact", category="contacts", title=f"Contact {number}",
            disposition="blocked", reason="remote_refused", created_at=NOW, updated_at=NOW, dirty=False,
            facts={"refused": {**refused, "request_id": f"tid-{number}"}},
            fields={"@exists": True, "name": "n", "is_client": True},
        ))  # fmt: skip
    peopled.add(Outbox(
        id="w0", connection_id="first", object_id="o0", kind="contact", category="contacts", replica="quickbooks.customer",
        system="quickbooks", operation="create", object_version=1, state="rejected", error="Refused",
        error_detail="Jane Doe already exists", request_id="tid-0", created_at=NOW,
    ))  # fmt: skip
    return peopled


def test_failures_are_grouped_by_cause_not_by_row(troubled: Web):
    """Three refusals for one cause are one row with a count."""
    causes = browse.problems(troubled.deps, "first")
    assert [(cause.code, cause.count) for cause in causes] == [("6240", 3), ("2010", 1)]
    text = troubled.browser("viewer@example.com").get("/c/first/problems").text
    check_html(text)
    assert text.count("<tr>") - 1 == 2


def test_vendors_request_id_is_at_hand_and_its_answer_is_for_reviewers(troubled: Web):
    """The trace id for everybody who may look; what the remote said may hold customers' data (F24)."""
    for role, sees in (("viewer", False), ("operator", False), ("reviewer", True)):
        text = troubled.browser(f"{role}@example.com").get(f"/c/first/problems/cause?{CAUSE}").text
        check_html(text)
        assert "tid-0" in text
        assert ("Jane Doe already exists" in text) is sees


def test_all_behind_one_cause_are_retried_and_no_other(troubled: Web):
    """Retry all forgets the refusals of that cause alone, in a job of its own: the page answers before anything is done."""
    browser = troubled.browser("operator@example.com")
    run_id = press_retry_all(browser)
    assert refused_ids(troubled) == ["o0", "o1", "o2", "o3"]
    sync.run_to_end(troubled.deps, run_id)
    assert refused_ids(troubled) == ["o3"]


def press_retry_all(browser: Browser) -> str:
    """Press the button of the cause with three records; returns the run whose page follows."""
    values = {"disposition": "blocked", "reason": "remote_refused", "code": "6240"}
    answer = browser.submit("/c/first/problems/retry", values)
    assert answer.status_code == 303
    return answer.headers["Location"].rpartition("/")[2]


def refused_ids(web: Web) -> list[str]:
    with web.session() as session:
        return [row.id for row in session.exec(select(Object).order_by(Object.id)) if "refused" in row.facts]


@pytest.mark.parametrize(
    ("verb", "column", "value"),
    [("park", "parked_by", "operator@example.com"), ("assign", "assigned_to", "reviewer@example.com")],
)
def test_ticked_records_are_set_aside_or_given_to_somebody(troubled: Web, verb: str, column: str, value: str):
    """Only the ticked ones."""
    browser = troubled.browser("operator@example.com")
    values = {
        "disposition": "blocked",
        "reason": "remote_refused",
        "code": "6240",
        "verb": verb,
        "oid": ["o0", "o2"],
        "to": "reviewer@example.com",
    }
    assert browser.submit("/c/first/problems/act", values).status_code == 303
    with troubled.session() as session:
        assert [
            row.id for row in session.exec(select(Object).order_by(Object.id)) if getattr(row, column) == value
        ] == ["o0", "o2"]


def test_records_of_another_connection_are_not_touched_by_a_forged_form(troubled: Web):
    """Ids in a form are held against the connection of the address."""
    troubled.add(
        Object(
            id="foreign", connection_id="second", kind="contact", category="contacts", created_at=NOW, updated_at=NOW
        )
    )
    values = {"disposition": "blocked", "reason": "remote_refused", "code": "6240", "verb": "park", "oid": "foreign"}
    answer = troubled.browser("operator@example.com").submit("/c/first/problems/act", values)
    assert answer.status_code == 409
    with troubled.session() as session:
        assert session.get_one(Object, "foreign").parked_by == ""


def test_viewer_is_refused_by_the_server(troubled: Web):
    """No button, and no route either."""
    browser = troubled.browser("viewer@example.com")
    assert "Retry all" not in browser.get("/c/first/problems").text
    for path in ("retry", "act"):
        assert browser.submit(f"/c/first/problems/{path}").status_code == 403


def test_address_that_names_no_cause_is_refused_in_words(troubled: Web):
    """Typed addresses end well."""
    answer = troubled.browser("viewer@example.com").get("/c/first/problems/cause?reason=nonsense")
    assert answer.status_code == 409
    assert "names no cause" in answer.text


def test_nothing_wrong_says_so(peopled: Web):
    """The empty state in words."""
    assert "No problem" in peopled.browser("viewer@example.com").get("/c/first/problems").text


def test_what_has_to_be_settled_first_is_one_click_away(troubled: Web):
    """“X is not in Scoro yet” leads to X, in the list of causes, behind the cause and on the record's own page."""
    said = {
        "message": "“1003 · 2026-01-08” is not in Scoro yet.",
        "hint": "Settle it.",
        "code": "not_bound",
        "about": "o3",
    }
    troubled.add(Object(
        id="o9", connection_id="first", kind="receipt", category="receipts", title="20.00 USD · 2026-02-07",
        disposition="blocked", reason="dependency_waits", created_at=NOW, updated_at=NOW, dirty=False,
        facts={"problem": said}, fields={"@exists": True},
    ))  # fmt: skip
    browser = troubled.browser("viewer@example.com")
    behind = "/c/first/problems/cause?disposition=blocked&reason=dependency_waits&code=not_bound"
    for path in ("/c/first/problems", behind, "/c/first/records/o9"):
        text = browser.get(path).text
        check_html(text)
        assert '<a href="/c/first/records/o3">“1003 · 8 Jan 2026” is not in Scoro yet.</a>' in text


@pytest.fixture
def crowded(troubled: Web) -> Web:
    """523 records behind one cause: more than one transaction takes."""
    refused = {"reason": "remote_refused", "message": "No", "hint": "", "code": "6240"}
    troubled.add(*[
        Object(
            id=f"many{number:04}", connection_id="first", kind="contact", category="contacts", title=f"Many {number}",
            disposition="blocked", reason="remote_refused", created_at=NOW, updated_at=NOW, dirty=False,
            facts={"refused": refused}, fields={"@exists": True, "name": "n", "is_client": True},
        )
        for number in range(520)
    ])  # fmt: skip
    return troubled


def test_one_press_retries_all_however_many_there_are(crowded: Web):
    """Each once, each named in the log, and the page of the run says how many."""
    browser = crowded.browser("operator@example.com")
    run_id = press_retry_all(browser)
    sync.run_to_end(crowded.deps, run_id)
    text = browser.get(f"/c/first/runs/{run_id}").text
    check_html(text)
    assert '<dd class="num">523</dd>' in text
    assert "The next run tries them again." in text
    assert refused_ids(crowded) == ["o3"]
    with crowded.session() as session:
        told = session.exec(select(Change).where(Change.action == "note")).all()
    assert len({entry.object_id for entry in told}) == len(told) == 523
    assert {(entry.person, entry.run_id) for entry in told} == {("operator@example.com", run_id)}


def test_retry_of_very_many_shows_how_far_it_is_and_stops_when_asked(crowded: Web):
    """Between two parts the page tells the progress; Stop leaves the rest as it is, and nothing is counted twice."""
    browser = crowded.browser("operator@example.com")
    run_id = press_retry_all(browser)
    assert "Waiting for its turn" in browser.get(f"/c/first/runs/{run_id}").text
    hurried = replace(crowded.deps, clock=OneStepClock())
    assert sync.run_chunk(hurried, run_id) is True
    text = browser.get(f"/c/first/runs/{run_id}").text
    check_html(text)
    assert "500 of 523 put back" in text
    assert 'hx-trigger="every 2s"' in text
    browser.submit(f"/c/first/runs/{run_id}/stop")
    sync.run_to_end(crowded.deps, run_id)
    assert len(refused_ids(crowded)) == 24
    with crowded.session() as session:
        run = session.get_one(Run, run_id)
    assert (run.state, run.counts["retried"]) == ("stopped", 500)


class OneStepClock(ManualClock):
    """A clock by which every step takes a minute, so that a job hands over after each."""

    def monotonic(self) -> float:
        self.advance(60)
        return super().monotonic()


def test_retry_is_urgent_and_the_same_when_asked_for_twice(troubled: Web):
    """A person waits for it, so it goes before what the scheduler wants; a second press leads to the first one's progress."""
    woken: list[tuple[str, bool]] = []
    deps = replace(troubled.deps, enqueue=lambda run_id, urgent: woken.append((run_id, urgent)))
    held = Held("remote_refused", "blocked", "6240")
    first, second = (request_retry(deps, "first", held, "operator@example.com") for _ in range(2))
    assert first == second
    assert woken == [(first, True)]


def test_retry_keeps_no_run_waiting_and_is_no_run_itself(troubled: Web):
    """A synchronization that is asked for while records are put back is a run of its own; the overview speaks of that one."""
    press_retry_all(troubled.browser("operator@example.com"))
    run_id = sync.request_run(troubled.deps, "first", trigger="person", person="operator@example.com")
    with troubled.session() as session:
        assert session.get_one(Run, run_id).trigger == "person"
        session.delete(session.get_one(Run, run_id))
        session.commit()
        assert open_run(session, "first") is None


def test_retry_of_what_was_put_right_meanwhile_is_refused_in_words(troubled: Web):
    """A press on an old page ends well."""
    browser = troubled.browser("operator@example.com")
    sync.run_to_end(troubled.deps, press_retry_all(browser))
    values = {"disposition": "blocked", "reason": "remote_refused", "code": "6240"}
    answer = browser.submit("/c/first/problems/retry", values)
    assert answer.status_code == 409
    assert "Nothing is held up by this any more" in answer.text
