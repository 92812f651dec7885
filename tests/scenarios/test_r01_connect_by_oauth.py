"""R1 · The administrator connects QuickBooks Online by OAuth 2.0: sign in if needed, choose the company,
authorise. Online only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.access import Role
from engine.errors import AuthorizationLost, ConcordError
from engine.services import setup
from engine.store.database import reading
from engine.store.tables import Connection
from tests.support.browser import QuickBooksConsent
from tests.support.world import PERSON, World
from tests.web.conftest import Browser

BACK = "http://127.0.0.1:8000/callback"


@pytest.fixture
def world(bare_world: World) -> Iterator[World]:
    """An empty connection, and a browser in front of QuickBooks' consent page."""
    bare_world.deps = replace(bare_world.deps, authorizer=QuickBooksConsent(bare_world))
    bare_world.connection_id = setup.create_connection(bare_world.deps, "Test", PERSON)
    yield bare_world


def test_consent_connects_the_chosen_company(world: World) -> None:
    """Given the consent page, when the administrator authorises, then the company is connected and its tokens are
    sealed."""
    answer = consent(world, "connect")
    assert answer["state"] == "the state"

    profile = complete(world, answer)

    stored = connection(world)
    assert stored.quickbooks_realm == answer["realmId"]
    assert profile.name
    assert "access_token" not in stored.quickbooks_secret
    assert "access_token" in world.deps.vault.open(stored.quickbooks_secret)


def test_refused_consent_leaves_no_connection(world: World) -> None:
    """Given the consent page, when the administrator refuses, then there is an error in plain words and no code."""
    answer = consent(world, "deny")

    assert answer["error"] == "access_denied"
    assert "code" not in answer
    assert not connection(world).quickbooks_secret


def test_code_cannot_be_used_twice(world: World) -> None:
    """Given a code that was used, when it comes again, then it is refused, and the connection stays as it was."""
    answer = consent(world, "connect")
    complete(world, answer)
    sealed = connection(world).quickbooks_secret

    with pytest.raises(ConcordError) as refusal:
        complete(world, answer)
    assert refusal.value.message
    assert connection(world).quickbooks_secret == sealed


def test_code_that_nobody_gave_is_refused(world: World) -> None:
    """Given a made-up code, when it is exchanged, then it is refused in plain words, and nothing is connected."""
    with pytest.raises(AuthorizationLost) as refusal:
        complete(world, {"code": "made up", "realmId": "123"})
    assert refusal.value.hint
    assert not connection(world).quickbooks_secret


def test_wrong_state_ends_in_a_plain_message(tmp_path: Path) -> None:
    """Given an administrator on the way back from QuickBooks, when the state is another's, then the page says so and
    stores nothing."""
    from tests.web.setup_world import make_wizard

    wizard = make_wizard(tmp_path)
    wizard.begin()
    wizard.connect_scoro()
    back = wizard.consent(wizard.to_consent()).replace("state=", "state=x")

    assert "does not belong to a request of ours" in told(wizard.browser, back)
    assert not wizard.stored().quickbooks_secret


def test_answer_meant_for_another_browser_connects_nothing(tmp_path: Path) -> None:
    """Given an administrator at the consent page, when another one's browser brings the answer, then the page says so and
    stores nothing."""
    from tests.web.setup_world import make_wizard

    wizard = make_wizard(tmp_path)
    wizard.begin()
    wizard.connect_scoro()
    back = wizard.consent(wizard.to_consent())
    wizard.web.user("eve@example.com", Role.ADMINISTRATOR)

    assert "changed browsers" in told(wizard.web.browser("eve@example.com"), back)
    assert not wizard.stored().quickbooks_secret


def test_answer_that_comes_twice_is_refused_the_second_time(tmp_path: Path) -> None:
    """Given a connected company, when the browser brings the same answer again, then the page says so and nothing changes."""
    from tests.web.setup_world import make_wizard

    wizard = make_wizard(tmp_path)
    wizard.begin()
    wizard.connect_scoro()
    back = wizard.consent(wizard.to_consent())
    wizard.browser.get(back)
    sealed = wizard.stored().quickbooks_secret

    assert "was used already" in told(wizard.browser, back)
    assert wizard.stored().quickbooks_secret == sealed


def test_refusal_is_told_in_plain_words(tmp_path: Path) -> None:
    """Given an administrator who refuses at QuickBooks, when the browser comes back, then the page says that nothing was
    connected."""
    from tests.web.setup_world import make_wizard

    wizard = make_wizard(tmp_path)
    wizard.begin()
    wizard.connect_scoro()

    assert "was not connected" in told(wizard.browser, wizard.consent(wizard.to_consent(), "deny"))
    assert not wizard.stored().quickbooks_secret


def told(browser: Browser, address: str) -> str:
    """What the page says in the end."""
    answer = browser.get(address)
    return browser.get(answer.headers["Location"]).text if answer.status_code in (302, 303) else answer.text


def consent(world: World, decision: str) -> dict[str, str]:
    """What QuickBooks sends the browser back with after the administrator's decision."""
    address = setup.authorize_url(world.deps, world.connection_id, redirect_uri=BACK, state="the state")
    browser = world.deps.authorizer
    assert isinstance(browser, QuickBooksConsent)
    return browser.decide(address, decision)


def complete(world: World, answer: dict[str, str]):
    """The browser comes back."""
    return setup.complete_authorization(
        world.deps,
        world.connection_id,
        code=answer["code"],
        realm_id=answer["realmId"],
        redirect_uri=BACK,
        person=PERSON,
    )


def connection(world: World) -> Connection:
    """What is stored."""
    with reading(world.deps.database) as session:
        return session.get_one(Connection, world.connection_id)
