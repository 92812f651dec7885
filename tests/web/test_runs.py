"""Runs: the list, progress, outcomes, halts, dry runs and plans that are applied exactly as shown."""

from __future__ import annotations

import re
from typing import Any

from engine.services import sync
from engine.store.tables import Connection, Plan, Run
from tests.support.scenes import make_invoice, quickbooks_query
from tests.web.conftest import Web
from tests.web.office import Office
from tests.web.test_pages import check_html


def add_run(web: Web, id: str, state: str, **columns: Any) -> None:
    values: dict[str, Any] = {"connection_id": "first", "trigger": "person", "queued_at": web.clock.now()} | columns
    web.add(Run(id=id, state=state, **values))


def test_list_shows_runs_latest_first_in_pages(peopled: Web):
    """Keyset pages; the filter is carried along."""
    for number in range(60):
        add_run(peopled, f"r{number:02}", "done", trigger="schedule")
    browser = peopled.browser("viewer@example.com")
    first = browser.get("/c/first/runs?trigger=schedule").text
    check_html(first)
    address = re.search(r'href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&")  # type: ignore[index]  # absent: it fails
    second = browser.get(address).text
    seen = re.findall(r'/c/first/runs/(r\d\d)"', first + second)
    assert seen == [f"r{number:02}" for number in reversed(range(60))]


def test_run_page_tells_what_became_of_each_write(office: Office):
    """Per-object outcome, filtered by what became of it."""
    browser = office.browser("viewer")
    listed = browser.get(office.at("/runs")).text
    run_id = re.findall(rf'{office.at("/runs")}/(\w+)"', listed)[0]
    text = browser.get(office.at(f"/runs/{run_id}")).text
    check_html(text)
    assert "Written and read back" in text
    assert browser.get(office.at(f"/runs/{run_id}?state=rejected")).status_code == 200


def test_going_run_polls_and_the_finished_one_does_not(peopled: Web):
    """Live progress that ends by itself, with a link for those without a script."""
    add_run(peopled, "r1", "running", phase="observe", counts={"observed": 42})
    browser = peopled.browser("operator@example.com")
    text = browser.htmx("/c/first/runs/r1").text
    assert 'hx-trigger="every 2s"' in text
    assert "Reading both systems" in text
    assert "<noscript>" in text
    add_run(peopled, "r2", "done")
    assert "every 2s" not in browser.get("/c/first/runs/r2").text


def test_each_figure_of_a_run_is_explained_in_words(peopled: Web):
    """“Records read 6” for one edit puzzles people: what a figure counts stands under it, for the figures that are shown."""
    add_run(peopled, "r1", "done", counts={"observed": 6, "edited": 1, "written": 0})
    text = peopled.browser("viewer@example.com").get("/c/first/runs/r1").text
    check_html(text)
    assert "What these figures count" in text
    assert "<dt>Records read</dt><dd>Whatever the two systems sent" in text
    assert "<dt>Written</dt>" not in text
    add_run(peopled, "r2", "done")
    assert "What these figures count" not in peopled.browser("viewer@example.com").get("/c/first/runs/r2").text


def test_run_is_stopped_by_an_operator_and_says_so(peopled: Web):
    """Stop asks the run; what is written stays written."""
    add_run(peopled, "r1", "running")
    assert peopled.browser("viewer@example.com").submit("/c/first/runs/r1/stop").status_code == 403
    browser = peopled.browser("operator@example.com")
    browser.submit("/c/first/runs/r1/stop")
    assert "Stopping after this step" in browser.get("/c/first/runs/r1").text


def test_halted_run_shows_its_figures_and_goes_on_by_a_reviewers_word_only(own_office: Office):
    """A brake names the figures; continuing is logged with the person's name."""
    office, world = own_office, own_office.world
    with office.web.session() as session:
        row = session.get_one(Connection, office.cid)
        row.settings = {**row.settings, "limits": {"amounts": {"USD": 1}}}
        session.add(row)
        session.commit()
    make_invoice(world, name="Fjord AS")
    run = world.sync()
    assert run.state == "halted"
    page = office.at(f"/runs/{run.id}")
    text = office.browser("operator").get(page).text
    check_html(text)
    assert "more than the limit" in text
    assert office.browser("operator").submit(f"{page}/continue").status_code == 403
    reviewer = office.browser("reviewer")
    assert reviewer.submit(f"{page}/continue").status_code == 303
    done = sync.run_to_end(world.deps, run.id)
    assert (done.state, done.overridden_by) == ("done", "reviewer@example.com")
    assert "continued by reviewer@example.com" in reviewer.get(page).text


def test_dry_run_leads_to_a_plan_that_is_applied_exactly(own_office: Office):
    """Nothing is written by the dry run; the approved plan writes what it showed."""
    office, world = own_office, own_office.world
    with office.web.session() as session:
        row = session.get_one(Connection, office.cid)
        row.settings = {**row.settings, "limits": {}}
        session.add(row)
        session.commit()
    make_invoice(world, name="Gale BV")
    browser = office.browser("operator")
    answer = browser.submit(office.at("/runs/dry"))
    run = sync.run_to_end(world.deps, answer.headers["Location"].rpartition("/")[2])
    assert quickbooks_query(world, "select * from Customer where DisplayName = 'Gale BV'") == []
    plan = office.at(f"/runs/plans/{run.plan_id}")
    text = browser.get(plan).text
    check_html(text)
    assert "Gale BV" in text
    assert office.browser("viewer").submit(f"{plan}/apply").status_code == 403
    applied = browser.submit(f"{plan}/apply")
    assert sync.run_to_end(world.deps, applied.headers["Location"].rpartition("/")[2]).state == "done"
    assert len(quickbooks_query(world, "select * from Customer where DisplayName = 'Gale BV'")) == 1
    assert browser.submit(f"{plan}/apply").status_code == 409


def test_plan_that_a_brake_would_halt_is_applied_by_a_reviewer_only(peopled: Web):
    """Whoever may not let a halted run go on may not go round the brake by way of a preview, in the browser or by a script."""
    brake = {"name": "amount", "category": "invoices", "sentence": "5,000.00 EUR of invoices would be written."}
    peopled.add(
        *[Plan(id=id, connection_id="first", brakes=[brake], created_at=peopled.clock.now()) for id in ("p1", "p2")]
    )
    operator, reviewer = (peopled.browser(f"{role}@example.com") for role in ("operator", "reviewer"))
    assert operator.submit("/c/first/runs/plans/p1/apply").status_code == 403
    script = peopled.script("operator@example.com")
    assert script.post("/api/v1/connections/first/plans/p1/approve").status_code == 403
    assert reviewer.submit("/c/first/runs/plans/p1/apply").status_code == 303
    assert peopled.script("reviewer@example.com").post("/api/v1/connections/first/plans/p2/approve").status_code == 200
