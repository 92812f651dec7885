"""What holds for every page and template: valid HTML, fragments by the rules, words for everything, nothing unescaped."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from app import ROOT, errors, words
from app.access import Role
from app.errors import BY_STATUS, status_of
from app.tables import User
from engine import errors as engine_errors
from engine.core.reasons import WORDS, Disposition, Reason
from engine.core.records import Category, Kind, Replica, System
from engine.errors import ConcordError, Refused
from engine.store.tables import Object
from tests.web.conftest import Web
from tests.web.test_routes import guarded, path_of

TEMPLATES = ROOT / "templates"
OURS = [path for path in sorted(TEMPLATES.rglob("*.html")) if "sandbox" not in path.relative_to(TEMPLATES).parts]
FRAGMENTS = [path for path in OURS if path.name.startswith("_")]
HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}\"'"


def check_html(text: str) -> None:
    """Parse strictly; raises on anything that is not valid HTML."""
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids)), f"an id occurs twice: {sorted(ids)}"


def test_every_page_without_parameters_is_valid_html_for_an_administrator(peopled: Web):
    """Browsers, screen readers and tests read the same tree."""
    browser = peopled.browser("administrator@example.com")
    seen = 0
    for rule, method in guarded(peopled.app):
        if method != "GET" or rule.arguments - {"cid"}:
            continue
        answer = browser.get(path_of(rule, cid="first"))
        if answer.status_code == 200 and answer.mimetype == "text/html":
            check_html(answer.text)
            seen += 1
    assert seen >= 4


@pytest.mark.parametrize("path", ["/sign-in", "/nothing"])
def test_pages_for_strangers_are_valid_html(peopled: Web, path):
    """Also what people see before they are signed in."""
    check_html(peopled.browser().get(path).text)


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_fragment_has_one_root_with_its_name_and_is_part_of_a_page(path: Path):
    """htmx replaces a fragment by its id; a page without script shows the same."""
    text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"{%-?\s*(import|from|set)\b.*?%}", "", text, flags=re.DOTALL).strip()
    name = path.stem.removeprefix("_")
    root = re.match(r"<(\w+)\b[^>]*>", text)
    assert root, "a fragment begins with its root element"
    assert f'id="{name}"' in root[0]
    assert text.endswith(f"</{root[1]}>")
    assert text.count(f"<{root[1]}") == text.count(f"</{root[1]}>")
    mention = f'"{path.relative_to(TEMPLATES).as_posix()}"'
    users = [one for one in OURS if one != path and re.search(rf"include\s+{mention}", one.read_text())]
    assert users, f"no page includes {mention}"


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_template_has_no_inline_script_or_style_and_trusts_nothing(path: Path):
    """The policy forbids inline code; ``safe`` would let names of customers become markup."""
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:|hx-on|hx-vals=.js:", text)
    assert not re.search(r"\|\s*safe\b|autoescape", text)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_form_that_changes_something_carries_a_csrf_token(path: Path):
    """A form without one would be refused when it is sent."""
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), flags=re.DOTALL):
        if 'method="post"' in form:
            assert "csrf_token" in form or "csrf()" in form, form[:200]


def test_names_are_shown_as_text_never_as_markup(peopled: Web):
    """A name from a form or from another system cannot inject markup or template code."""
    with peopled.session() as session:
        user = session.exec(select(User).where(User.email == "viewer@example.com")).one()
        user.name = HOSTILE
        session.add(user)
        session.commit()
    peopled.connection("hostile", HOSTILE)
    browser = peopled.browser("administrator@example.com")
    for path in ("/people", "/connections", "/people/viewer-example.com"):
        text = browser.get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in text


def test_words_exist_for_every_term_of_the_engine():
    """A new kind, category or disposition cannot appear on a screen without its words."""
    assert set(words.DISPOSITIONS) == set(Disposition)
    assert set(words.KINDS) == set(words.KINDS_MANY) == set(Kind)
    assert set(words.CATEGORIES) == set(Category)
    assert set(words.SYSTEMS) == set(System)
    assert set(words.REPLICAS) == {*Replica, "hub"}
    assert set(words.ROLES) == set(Role)


def test_every_reason_has_its_sentence_and_its_way_out():
    """Whatever state a record is in, the screen says why, and what can be done where something can."""
    assert set(WORDS) == set(Reason)
    for reason, said in WORDS.items():
        assert said.sentence.endswith("."), reason
        assert said.way_out == "" or said.way_out.endswith("."), reason


def test_every_error_of_the_engine_has_its_page():
    """No refusal of the engine ends in the page for bugs, except a broken promise."""
    kinds = [kind for kind in vars(engine_errors).values() if isinstance(kind, type) and issubclass(kind, ConcordError)]
    for kind in kinds:
        error = kind.__new__(kind)
        assert (status_of(error) == 500) == (kind in (ConcordError, engine_errors.InvariantBroken)), kind


def test_every_error_page_says_what_why_and_the_way_out():
    """A refusal without a way out leaves people stuck."""
    for status, trouble in BY_STATUS.items():
        assert trouble.status == status
        assert trouble.what and trouble.why.endswith(".") and trouble.way_out.endswith(".")


@pytest.mark.parametrize(("role", "told"), [("operator", False), ("reviewer", True)])
def test_what_the_remote_said_is_shown_to_reviewers_only(peopled: Web, role, told):
    """Remote error details may hold customers' data (F24)."""
    from app.access import needs

    @needs(Role.VIEWER)
    def fail() -> str:
        raise Refused("It cannot be sent.", hint="Remove the payment first.", detail="Customer Jane Doe owes 5.00")

    peopled.app.view_functions["home.connections"] = fail
    answer = peopled.browser(f"{role}@example.com").get("/connections")
    assert answer.status_code == 409
    assert "It cannot be sent." in answer.text
    assert "Remove the payment first." in answer.text
    assert ("Jane Doe" in answer.text) is told


def test_bug_becomes_a_calm_page_without_a_trace(peopled: Web):
    """Nobody outside the log sees a traceback."""
    from app.access import needs

    @needs(Role.VIEWER)
    def crash() -> str:
        raise ZeroDivisionError("secret detail")

    peopled.app.view_functions["home.connections"] = crash
    answer = peopled.browser("administrator@example.com").get("/connections")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret detail" not in answer.text


class _Gone(Exception):
    """What a driver raises when the server has closed the connection."""


def test_page_without_a_database_says_so_and_asks_to_come_back(peopled: Web) -> None:
    """A restart of the database is no fault of the page: 503 with the way out, never a trace."""
    app = peopled.app
    lost = OperationalError("select", {}, _Gone("the server closed the connection"))
    with app.test_request_context("/"):
        answer = errors.on_database_error(lost)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "load this page again" in answer.get_data(as_text=True)
    with app.test_request_context("/api/v1/connections"):
        assert "error" in (errors.on_database_error(lost).get_json() or {})


LONGEST = max(Reason, key=lambda reason: len(WORDS[reason].sentence))


@pytest.mark.parametrize(
    "path",
    ["/c/first/records?search=i", f"/c/first/problems/cause?disposition=blocked&reason={LONGEST.value}&code=6240"],
)
def test_full_page_of_a_list_weighs_less_than_20_kB(peopled: Web, path: str):
    """A fragment of a list that goes on, with long names and the longest of all reasons in each row."""
    now, name = peopled.clock.now(), "A name as long as names of real companies are, Ltd"
    refused = {"reason": LONGEST.value, "message": "Refused: " + "x" * 100, "hint": "Change it. " * 5, "code": "6240"}
    peopled.add(Object(id="party", connection_id="first", kind="contact", category="contacts", title=name,
                       created_at=now, updated_at=now))  # fmt: skip
    peopled.add(*[
        Object(
            id=f"i{number:025}", connection_id="first", kind="invoice", category="invoices",
            title=f"INV-2026-{number:05} · 2026-11-30", amount_minor=10**9, currency="EUR", document_date="2026-11-30",
            disposition="blocked", reason=LONGEST.value,
            facts={"refused": refused}, fields={"contact": "party"}, created_at=now, updated_at=now, dirty=False,
        )
        for number in range(60)
    ])  # fmt: skip
    fragment = peopled.browser("operator@example.com").htmx(path)
    assert 'rel="next"' in fragment.text
    assert not fragment.text.startswith("<!doctype")
    assert len(fragment.data) < 20_000
