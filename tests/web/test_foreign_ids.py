"""Ids of another connection inside the bodies of requests: every unsafe route is walked with them, and nothing moves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from app import ROOT
from app.access import Role
from engine.core.records import Category
from engine.errors import Refused
from engine.services.typed import typed_value
from engine.store.tables import Binding, CategorySettings, Object, Plan, PlanRow, Run, Suggestion
from tests.web.conftest import Web
from tests.web.test_routes import UNSAFE, checks_itself, for_scripts, path_of, rules

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECRET = "Confidential Ltd"
SENT = {"oid", "also", "suggestion", "scoro", "quickbooks", "income", "expense", "deposit", "object", "run", "plan"}
"""Names under which the bodies below carry ids."""

CONTEST = {"base": "a", "sides": {side: {"value": side, "dot": [side, 2]} for side in ("scoro", "quickbooks.customer")}}


def fill(web: Web, cid: str, title: str) -> None:
    """One row of everything that has an id, in a state in which acting on it would show."""
    ids: dict[str, Any] = {"connection_id": cid}
    web.add(*[CategorySettings(**ids, category=each, enabled=True, matched_at=NOW) for each in Category])
    for name, kind, disposition in (
        ("contact", "contact", "blocked"),
        ("conflict", "contact", "conflict"),
        ("left", "contact", "awaiting_match"),
        ("right", "contact", "awaiting_match"),
        ("account", "account", "in_step"),
    ):
        web.add(Object(
            id=f"{cid}-{name}", **ids, kind=kind, category="contacts" if kind == "contact" else "reference", title=title,
            disposition=disposition, reason="remote_refused", dirty=False, created_at=NOW, updated_at=NOW, failures=2,
            fields={"@exists": True, "name": title, "is_client": True, "account_class": "income"},
            contests={"name": CONTEST} if name == "conflict" else {}, facts={"refused": {"code": "1", "message": title}},
        ))  # fmt: skip
        system = "quickbooks" if name == "right" else "scoro"
        web.add(Binding(
            id=f"{cid}-{name}-b", **ids, object_id=f"{cid}-{name}", replica=system, system=system, remote_type="contacts",
            remote_id=name, observed_at=NOW,
        ))  # fmt: skip
    web.add(
        Suggestion(
            id=f"{cid}-suggestion", **ids, kind="contact", scoro_object_id=f"{cid}-left",
            quickbooks_object_id=f"{cid}-right", exact=True, title=title,
        ),
        Run(id=f"{cid}-run", **ids, trigger="person", state="halted", queued_at=NOW),
        Plan(id=f"{cid}-plan", **ids, created_at=NOW),
    )  # fmt: skip
    web.add(PlanRow(
        plan_id=f"{cid}-plan", position=0, object_id=f"{cid}-contact", kind="contact", category="contacts",
        replica="quickbooks.customer", operation="create", object_version=1, title=title,
    ))  # fmt: skip


@pytest.fixture
def two(peopled: Web) -> Web:
    """Two connections with the same things in them."""
    fill(peopled, "first", "First's own")
    fill(peopled, "second", SECRET)
    return peopled


def foreign_bodies() -> Iterator[dict[str, Any]]:
    """Forms as a curious person would forge them, with ids of the second connection only."""
    cause = {"disposition": "blocked", "reason": "remote_refused", "code": "1"}
    named = {"oid": "second-contact", "object": "second-contact", "run": "second-run", "plan": "second-plan"}
    pair = {"scoro": "second-left", "quickbooks": "second-right", "kind": "contact"}
    accounts = dict.fromkeys(("income", "expense", "deposit"), "second-account")
    for verb, decision in (("retry", "accepted"), ("park", "ignored"), ("assign", "suggested")):
        yield {
            **cause, **named, **pair, **accounts, "verb": verb, "decision": decision, "suggestion": "second-suggestion",
            "to": "quickbooks", "also": "second-conflict:1", "version": "1", "pick:name": "scoro",
        }  # fmt: skip


def rows_of(web: Web, cid: str) -> list[tuple[Any, ...]]:
    """Every row of every table that belongs to a connection."""
    found: list[tuple[Any, ...]] = []
    with web.session() as session:
        for table in SQLModel.metadata.sorted_tables:
            column = table.c.id if table.name == "connections" else table.c.get("connection_id")
            if column is not None:
                rows = session.connection().execute(sa.select(table).where(column == cid))
                found += sorted((table.name, *map(str, row)) for row in rows)
    return found


def unsafe_paths(web: Web) -> Iterator[tuple[str, bool]]:
    """Addresses of the first connection for every unsafe route, each with ids of its own; True: for scripts."""
    for name in ("contact", "conflict"):
        own = {"cid": "first", "oid": f"first-{name}", "run_id": "first-run", "plan_id": "first-plan"}
        own |= {"suggestion_id": "first-suggestion", "category": "contacts", "system": "quickbooks"}
        for rule, method in rules(web.app):
            if method in UNSAFE and "cid" in rule.arguments and not checks_itself(web.app, rule.endpoint):
                yield path_of(rule, **own), for_scripts(rule)


def test_no_body_reaches_a_row_of_another_connection(two: Web):
    """Every unsafe route of one connection, with forged ids of another: no row of that one changes, no name of it is told."""
    email = f"{Role.ADMINISTRATOR}@example.com"
    browser, script = two.browser(email), two.script(email)
    two.app.config["PROPAGATE_EXCEPTIONS"] = False
    token, before = browser.token(), rows_of(two, "second")
    for path, by_script in unsafe_paths(two):
        for body in foreign_bodies():
            if by_script:
                body |= {
                    "objects": ["second-contact"],
                    "choices": {"name": {"side": "scoro"}},
                    "epoch": 1,
                    "follow": True,
                }
                answer = script.post(path, json=body | {"version": 1})
            else:
                answer = browser.client.post(path, data=body | {"csrf_token": token})
            assert SECRET not in answer.text, path
        assert rows_of(two, "second") == before, path


def test_the_walk_knows_every_name_under_which_pages_send_ids(two: Web):
    """A new field that carries an id has to join the forged bodies."""
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "sandbox" not in path.parts]
    field = re.compile(r'name="([\w:]+)" value="\{\{ ?[\w.]*\.(?:id|object_id)\b')
    found = {name for path in pages for name in field.findall(path.read_text())}
    assert found
    assert found <= SENT


@pytest.mark.parametrize("body", [{"oid": "second-contact"}, {"oid": ["second-contact", "first-contact"]}])
def test_only_own_rows_of_a_mixed_selection_are_acted_on(two: Web, body: dict[str, Any]):
    """What is not of this connection is left out; what is goes on."""
    cause = {"disposition": "blocked", "reason": "remote_refused", "code": "1", "verb": "park"}
    answer = two.browser("operator@example.com").submit("/c/first/problems/act", cause | body)
    with two.session() as session:
        assert session.get_one(Object, "second-contact").parked_by == ""
        assert bool(session.get_one(Object, "first-contact").parked_by) is (answer.status_code == 303)


def test_a_record_cannot_be_typed_into_a_field_that_refers_to_one():
    """Otherwise a resolution through the API could point into another connection."""
    from engine.core.records import Kind

    with pytest.raises(Refused, match="cannot be typed"):
        typed_value(Kind.INVOICE, "contact", json.dumps("second-contact"))
