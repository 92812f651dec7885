"""Walks over the route table: nothing is open by accident, nothing of one connection is reached from another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.access import OWNED, Role
from app.security import HEADERS
from tests.web.conftest import Browser, Web

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
OPEN_TO_ALL = {
    "accounts.first_run",
    "accounts.make_first",
    "accounts.sign_in",
    "accounts.check",
    "accounts.invitation",
    "accounts.accept",
    "accounts.company",
    "accounts.company_return",
    "api.description",
    "metrics.healthz",
    "metrics.readyz",
    "webhooks.site_check",
    "static",
}
"""What anybody may call. A new name here wants a reason."""


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule with every method it takes."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def path_of(rule: Rule, **values: str) -> str:
    """An address that fits the rule, with made-up parts where no value is given."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values.get(part[1], "made-up"), rule.rule)


def declared(app: Flask, endpoint: str) -> Role:
    """The role a route needs."""
    view: Any = app.view_functions[endpoint]
    return Role(view.needed_role)


def checks_itself(app: Flask, endpoint: str) -> bool:
    return getattr(app.view_functions[endpoint], "own_check", False)


def for_scripts(rule: Rule) -> bool:
    return rule.rule.startswith(("/api/", "/metrics"))


def clients(web: Web, role: Role) -> dict[bool, FlaskClient]:
    """Two callers of a role: False, a browser with a session; True, a script with a token."""
    email = f"{role}@example.com"
    return {False: web.browser(email).client, True: web.script(email)}


def guarded(app: Flask) -> Iterator[tuple[Rule, str]]:
    """The routes that ask who is calling."""
    return (
        (rule, method)
        for rule, method in rules(app)
        if rule.endpoint not in OPEN_TO_ALL and not checks_itself(app, rule.endpoint)
    )


def test_every_route_that_is_not_open_on_purpose_sends_strangers_away(web: Web):
    """Nobody reaches anything without signing in, by any method."""
    web.user("ann@example.com", Role.ADMINISTRATOR)
    client = web.app.test_client()
    for rule, method in guarded(web.app):
        answer = client.open(path_of(rule), method=method)
        if for_scripts(rule):
            assert answer.status_code == 401, f"{method} {rule.rule}"
            continue
        assert answer.status_code == 303, f"{method} {rule.rule}"
        assert answer.headers["Location"].startswith("/sign-in"), f"{method} {rule.rule}"


def test_every_unsafe_route_refuses_a_request_without_csrf_token(peopled: Web):
    """Another site cannot make a person's browser act, even an administrator's."""
    client = peopled.browser("administrator@example.com").client
    for rule, method in rules(peopled.app):
        if method not in UNSAFE or checks_itself(peopled.app, rule.endpoint) or for_scripts(rule):
            continue
        answer = client.open(path_of(rule, cid="first"), method=method)
        assert answer.status_code in (400, 404), f"{method} {rule.rule}: {answer.status}"
        assert answer.status_code == 400 or set(OWNED) & rule.arguments, f"{method} {rule.rule}"


def test_every_route_refuses_each_role_below_the_one_it_declares(peopled: Web):
    """The declared role is enforced on the server for every method."""
    callers = {role: clients(peopled, role) for role in Role}
    for rule, method in guarded(peopled.app):
        needed = declared(peopled.app, rule.endpoint)
        for role in [one for one in Role if not one.includes(needed)]:
            answer = callers[role][for_scripts(rule)].open(path_of(rule, cid="first"), method=method)
            assert answer.status_code == 403, f"{role} {method} {rule.rule}: {answer.status}"


def test_every_route_of_a_connection_hides_one_that_is_not_the_persons(peopled: Web):
    """A connection somebody may not see answers exactly like one that does not exist."""
    for role in [one for one in Role if one is not Role.ADMINISTRATOR]:
        callers = clients(peopled, role)
        for rule, method in guarded(peopled.app):
            needed = declared(peopled.app, rule.endpoint)
            if "cid" in rule.arguments and role.includes(needed):
                hidden, missing = (
                    callers[for_scripts(rule)].open(path_of(rule, cid=cid), method=method).status_code
                    for cid in ("second", "none")
                )
                assert hidden == missing == 404, f"{role} {method} {rule.rule}"


def test_objects_runs_and_plans_are_named_only_below_their_connection(web: Web):
    """A row's id never stands in an address without the connection that it is checked against."""
    for rule, method in rules(web.app):
        if set(OWNED) & rule.arguments and not checks_itself(web.app, rule.endpoint):
            assert "cid" in rule.arguments, f"{method} {rule.rule}"


def test_unsafe_methods_are_never_open_by_role_alone(web: Web):
    """Looking around never changes anything: a route takes either safe methods or unsafe ones."""
    for rule in web.app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert not (methods & UNSAFE and methods - UNSAFE), rule.rule


def test_application_with_an_undeclared_route_does_not_start(web: Web):
    """Forgetting the declaration is noticed at the start, not by a visitor."""
    from app.access import check_declarations

    app = Flask("undeclared")
    app.add_url_rule("/x", "x", lambda: "")
    with pytest.raises(RuntimeError, match="route x does not declare"):
        check_declarations(app)


def answers(web: Web) -> Iterator[tuple[str, TestResponse]]:
    signed_in, stranger = web.browser("administrator@example.com"), web.browser()
    for browser, path in product(
        (signed_in, stranger), ("/", "/connections", "/sign-in", "/nothing", "/static/app.css")
    ):
        yield path, browser.get(path)
    yield "POST", signed_in.client.post("/sign-out")
    yield "405", signed_in.client.delete("/profile")


def test_every_answer_carries_the_security_headers(peopled: Web):
    """No inline script, no other origin, no framing: also on redirects, errors and files."""
    for path, answer in answers(peopled):
        headers = answer.headers
        answer.close()
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert {name for name in HEADERS if name in headers} == set(HEADERS), path


def test_pages_vary_by_the_header_that_asks_for_fragments(peopled: Web):
    """A fragment kept by the browser's history never takes the place of a page."""
    browser: Browser = peopled.browser("viewer@example.com")
    assert "HX-Request" in browser.get("/connections").headers["Vary"]
    assert browser.get("/connections").headers["Cache-Control"] == "no-store"


def test_expired_session_sends_an_htmx_request_to_the_sign_in_page(peopled: Web):
    """A fragment of the sign-in page inside another page would help nobody: the browser goes there as a whole."""
    answer = peopled.browser().htmx("/connections")
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")


def test_a_session_cookie_opens_nothing_that_is_for_scripts(peopled: Web):
    """Addresses without CSRF protection never believe what a browser sends by itself."""
    client = peopled.browser("administrator@example.com").client
    for rule, method in guarded(peopled.app):
        if for_scripts(rule):
            assert client.open(path_of(rule, cid="first"), method=method).status_code == 401, f"{method} {rule.rule}"
