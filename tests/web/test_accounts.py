"""Signing in: the first run, throttling, sessions that end, invitations, and what each account may see."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from app.access import Role
from app.accounts.passwords import PER_ACCOUNT
from app.tables import Activity, SignInAttempts, User, WebSession
from tests.web.conftest import PASSWORD, Web


def test_first_run_makes_the_administrator_and_signs_in(web: Web):
    """The first person to come makes the only account that nobody has to invite."""
    browser = web.browser()
    assert browser.get("/").headers["Location"].startswith("/sign-in")
    assert browser.get("/sign-in").headers["Location"] == "/first-run"
    values = {"name": "Ann", "email": "Ann@Example.com", "password": PASSWORD, "again": PASSWORD}
    assert browser.submit("/first-run", values).status_code == 303
    assert "No companies are connected yet" in browser.get("/connections").text
    with web.session() as session:
        assert session.exec(select(User)).one().role == Role.ADMINISTRATOR


def test_second_first_run_is_refused(web: Web):
    """Nobody becomes administrator after there is one."""
    late = web.browser()
    token = late.token("/first-run")
    web.user("ann@example.com", Role.ADMINISTRATOR)
    values = {"name": "Eve", "email": "eve@example.com", "password": PASSWORD, "again": PASSWORD, "csrf_token": token}
    answer = late.client.post("/first-run", data=values)
    assert answer.status_code == 409
    assert "already has an administrator" in answer.text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"password": "short", "again": "short"}, "Use at least 10 characters"),
        ({"password": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "more than a few different characters"),
        ({"again": "something else entirely"}, "The two passwords differ"),
        ({"email": "nonsense"}, "does not look like an e-mail address"),
        ({"name": " "}, "Enter your name"),
    ],
)
def test_unusable_values_of_the_first_run_come_back_with_a_sentence(web: Web, values, sentence):
    """A refused form keeps what was typed and says what to mend."""
    given = {"name": "Ann", "email": "ann@example.com", "password": PASSWORD, "again": PASSWORD} | values
    answer = web.browser().submit("/first-run", given)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert PASSWORD not in answer.text


def test_wrong_password_and_unknown_person_get_the_same_answer(peopled: Web):
    """Nobody learns from the sign-in page who has an account."""
    browser = peopled.browser()
    known = browser.submit("/sign-in", {"email": "viewer@example.com", "password": "wrong"})
    unknown = browser.submit("/sign-in", {"email": "nobody@example.com", "password": "wrong"})
    assert known.status_code == unknown.status_code == 422

    def told(answer):
        return re.sub(r'value="[^"]*"', "", answer.text)

    assert told(known) == told(unknown)


def test_sign_in_closes_after_too_many_failures_and_opens_again(peopled: Web):
    """Guessing is slowed down, per account, for a quarter of an hour; the right password does not help meanwhile."""
    browser = peopled.browser()
    for _ in range(PER_ACCOUNT):
        assert browser.submit("/sign-in", {"email": "viewer@example.com", "password": "no"}).status_code == 422
    right = {"email": "viewer@example.com", "password": PASSWORD}
    assert browser.submit("/sign-in", right).status_code == 429
    assert browser.submit("/sign-in", right | {"email": "operator@example.com"}).status_code == 303
    peopled.clock.advance(15 * 60)
    assert peopled.browser().submit("/sign-in", right).status_code == 303


def test_session_ends_after_eight_idle_hours_and_leads_back(peopled: Web):
    """A forgotten browser does not stay signed in; afterwards the person comes back to the page they wanted."""
    browser = peopled.browser("viewer@example.com")
    peopled.clock.advance(7.9 * 3600)
    assert browser.get("/connections").status_code == 200
    peopled.clock.advance(8.1 * 3600)
    answer = browser.get("/activity?person=x")
    assert answer.headers["Location"] == "/sign-in?next=/activity?person%3Dx"


def test_form_sent_after_the_session_has_ended_says_that_nothing_was_saved(peopled: Web):
    """In the middle of a conflict or of the wizard: whoever pressed Save must not believe it, and comes back to the page."""
    browser = peopled.browser("administrator@example.com")
    page = "http://localhost/c/first/settings"
    token = browser.token("/c/first/settings")
    peopled.clock.advance(8 * 3600 + 1)
    values = {"csrf_token": token, "name": "Another name"}
    answer = browser.client.post("/c/first/settings/name", data=values, headers={"Referer": page})
    assert answer.headers["Location"] == "/sign-in?next=/c/first/settings"
    assert "what you sent was not saved" in browser.get(answer.headers["Location"]).text
    browser.get("/c/first/settings")
    assert "was not saved" not in browser.get("/sign-in").text


def test_session_key_changes_at_sign_in_and_dies_at_sign_out(peopled: Web):
    """A key planted before the sign-in is worth nothing after it, and a copied cookie nothing after the sign-out."""
    browser = peopled.browser()
    browser.token()
    before = browser.client.get_cookie("concord")
    browser.submit("/sign-in", {"email": "viewer@example.com", "password": PASSWORD})
    signed_in = browser.client.get_cookie("concord")
    assert before and signed_in and before.value != signed_in.value
    browser.submit("/sign-out")
    thief = peopled.app.test_client()
    thief.set_cookie("concord", signed_in.value)
    assert thief.get("/connections").status_code == 303
    with peopled.session() as session:
        assert session.exec(select(WebSession)).all() == []


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "/\tx", ""],
)
def test_sign_in_never_leads_to_another_site(peopled: Web, target):
    """``next`` is a path of ours or nothing."""
    values = {"email": "viewer@example.com", "password": PASSWORD, "next": target}
    assert peopled.browser().submit("/sign-in", values).headers["Location"] == "/"


def test_invitation_makes_one_account_once(peopled: Web):
    """The link gives exactly what the administrator chose, to the invited address, a single time."""
    admin = peopled.browser("administrator@example.com")
    page = admin.submit(
        "/people/invitations",
        {"email": "new@example.com", "role": "operator", "connection-second": "on"},
        page="/people",
    )
    link = re.findall(r"/invitation/[\w-]+", page.text)[0]
    assert link not in admin.get("/people").text
    guest = peopled.browser()
    values = {"name": "New", "email": "other@example.com", "password": PASSWORD, "again": PASSWORD}
    assert guest.submit(link, values, page=link).status_code == 303
    assert guest.get("/c/second").status_code == 303
    assert guest.get("/c/first").status_code == 404
    assert peopled.browser().get(link).status_code == 409
    with peopled.session() as session:
        made = session.exec(select(User).where(User.email == "new@example.com")).one()
        assert made.role == Role.OPERATOR


def test_invitation_expires(peopled: Web):
    """A link that lay around for a week opens nothing."""
    admin = peopled.browser("administrator@example.com")
    page = admin.submit("/people/invitations", {"email": "new@example.com", "role": "viewer"}, page="/people")
    link = re.findall(r"/invitation/[\w-]+", page.text)[0]
    peopled.clock.advance(7 * 24 * 3600)
    answer = peopled.browser().get(link)
    assert answer.status_code == 409
    assert "cannot be used any more" in answer.text


def test_closed_account_is_signed_out_everywhere_at_once(peopled: Web):
    """Closing an account takes effect with the next request."""
    victim = peopled.browser("viewer@example.com")
    admin = peopled.browser("administrator@example.com")
    assert admin.submit("/people/viewer-example.com", {"role": "viewer", "disabled": "on"}).status_code == 303
    assert victim.get("/connections").status_code == 303
    assert (
        peopled.browser().submit("/sign-in", {"email": "viewer@example.com", "password": PASSWORD}).status_code == 422
    )


def test_only_administrator_cannot_be_demoted(peopled: Web):
    """An installation never loses its last administrator."""
    admin = peopled.browser("administrator@example.com")
    answer = admin.submit("/people/administrator-example.com", {"role": "viewer"})
    assert answer.status_code == 409
    assert "only administrator" in answer.text


def test_password_change_signs_out_other_browsers_but_not_this_one(peopled: Web):
    """Whoever changes a password because it leaked is rid of the thief."""
    mine, other = peopled.browser("viewer@example.com"), peopled.browser("viewer@example.com")
    new = "another good password"
    values = {"current": PASSWORD, "password": new, "again": new}
    assert mine.submit("/profile/password", values).status_code == 303
    assert mine.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 303


def test_activity_shows_others_only_what_concerns_their_connections(peopled: Web):
    """The log of one connection is not for people of another."""
    moment = peopled.clock.now()
    peopled.add(
        Activity(at=moment, person="x@example.com", action="a", summary="On the first.", connection_id="first"),
        Activity(at=moment, person="x@example.com", action="a", summary="On the second.", connection_id="second"),
        Activity(at=moment, person="x@example.com", action="a", summary="On the whole."),
    )
    seen = peopled.browser("viewer@example.com").get("/activity").text
    assert "On the first." in seen
    assert "On the second." not in seen
    assert "On the whole." not in seen
    assert "On the second." in peopled.browser("administrator@example.com").get("/activity").text


def test_link_for_a_new_password_works_once_and_signs_out_everywhere_else(peopled: Web):
    """A forgotten password is mended by an administrator, who never learns the new one."""
    thief, admin = peopled.browser("viewer@example.com"), peopled.browser("administrator@example.com")
    page = admin.submit("/people/viewer-example.com/reset", page="/people/viewer-example.com")
    link = re.findall(r"/invitation/[\w-]+", page.text)[0]
    guest, new = peopled.browser(), "an entirely new password"
    assert "Set a new password" in guest.get(link).text
    assert guest.submit(link, {"name": "x", "password": new, "again": new}, page=link).status_code == 303
    assert guest.get("/profile").status_code == 200
    assert thief.get("/profile").status_code == 303
    assert peopled.browser().get(link).status_code == 409
    with peopled.session() as session:
        user = session.exec(select(User).where(User.email == "viewer@example.com")).one()
    assert (user.role, user.name) == (Role.VIEWER, "Viewer")
    assert (
        peopled.browser().submit("/sign-in", {"email": "viewer@example.com", "password": PASSWORD}).status_code == 422
    )


def test_closed_account_gets_no_new_password(peopled: Web):
    """Neither a new link nor an old one opens an account that was closed."""
    admin = peopled.browser("administrator@example.com")
    page = admin.submit("/people/viewer-example.com/reset", page="/people/viewer-example.com")
    link = re.findall(r"/invitation/[\w-]+", page.text)[0]
    admin.submit("/people/viewer-example.com", {"role": "viewer", "disabled": "on"})
    assert admin.submit("/people/viewer-example.com/reset").status_code == 409
    new = "an entirely new password"
    assert peopled.browser().submit(link, {"name": "x", "password": new, "again": new}, page=link).status_code == 409


def test_colours_are_kept_for_the_person_and_the_page_stays(peopled: Web):
    """The toggle works on every page, without a script, and never leads elsewhere."""
    browser = peopled.browser("viewer@example.com")
    assert browser.submit("/profile/theme", {"theme": "dark", "next": "/activity"}).headers["Location"] == "/activity"
    assert '<html lang="en" data-theme="dark">' in peopled.browser("viewer@example.com").get("/activity").text
    assert browser.submit("/profile/theme", {"theme": "dark", "next": "//evil.example"}).headers["Location"] == "/"


def test_failures_that_are_over_are_forgotten(peopled: Web):
    """Guessing with made-up names does not fill the database for ever."""
    browser = peopled.browser()
    for number in range(3):
        browser.submit("/sign-in", {"email": f"nobody{number}@example.com", "password": "no"})
    peopled.clock.advance(16 * 60)
    browser.submit("/sign-in", {"email": "somebody@example.com", "password": "no"})
    with peopled.session() as session:
        assert len(session.exec(select(SignInAttempts)).all()) == 2
