"""Problems: grouped by cause, retried one or all, set aside, given to somebody; remote details for reviewers only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from engine.services import browse
from engine.store.tables import CategorySettings, Change, Object, Outbox
from tests.web.conftest import Web
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
    """Retry all forgets the refusals of that cause alone."""
    browser = troubled.browser("operator@example.com")
    values = {"disposition": "blocked", "reason": "remote_refused", "code": "6240"}
    assert browser.submit("/c/first/problems/retry", values).status_code == 303
    with troubled.session() as session:
        kept = [row.id for row in session.exec(select(Object).order_by(Object.id)) if "refused" in row.facts]
    assert kept == ["o3"]


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


def test_one_press_retries_all_however_many_there_are(troubled: Web):
    """More than one transaction takes, each once, each named in the log."""
    refused = {"reason": "remote_refused", "message": "No", "hint": "", "code": "6240"}
    troubled.add(*[
        Object(
            id=f"many{number:04}", connection_id="first", kind="contact", category="contacts", title=f"Many {number}",
            disposition="blocked", reason="remote_refused", created_at=NOW, updated_at=NOW, dirty=False,
            facts={"refused": refused}, fields={"@exists": True, "name": "n", "is_client": True},
        )
        for number in range(520)
    ])  # fmt: skip
    browser = troubled.browser("operator@example.com")
    cause = {"disposition": "blocked", "reason": "remote_refused", "code": "6240"}
    answer = browser.submit("/c/first/problems/retry", cause)
    assert "523 records will be tried again" in browser.get(answer.headers["Location"]).text
    with troubled.session() as session:
        left = [row.id for row in session.exec(select(Object)) if row.facts.get("refused", {}).get("code") == "6240"]
        told = session.exec(select(Change).where(Change.action == "note")).all()
    assert left == []
    assert len({entry.object_id for entry in told}) == len(told) == 523
