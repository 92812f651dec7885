"""A setup begun by mistake: discarded after a look at what goes, by an administrator, and only while it was never saved."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from app.access import Role
from app.setup.discard import ALONG
from app.tables import Activity, ConsentState, User, UserConnection
from engine.errors import Refused, Retryable
from engine.services.discarding import discard
from engine.store.tables import Connection, Object, Outbox
from tests.web.conftest import PASSWORD, Web
from tests.web.setup_world import ADMIN, SandboxConsent, Wizard, make_wizard
from tests.web.test_pages import check_html


@pytest.fixture
def begun(tmp_path: Path) -> Wizard:
    """Both systems connected, records read, a viewer who may see it, a trip to QuickBooks begun; nothing saved."""
    wizard = make_wizard(tmp_path, seed="agency")
    wizard.connect()
    wizard.categories(("contacts", "products"))
    wizard.browser.submit(wizard.path("match/start"))
    wizard.work()
    wizard.web.user("viewer@example.com", Role.VIEWER, connections=(wizard.cid,))
    wizard.to_consent()
    return wizard


def rows_left(web: Web, cid: str) -> dict[str, int]:
    """Table → rows that still carry the connection's id."""
    left = {}
    with web.session() as session:
        for table in SQLModel.metadata.sorted_tables:
            if "connection_id" in table.c:
                mine = sa.select(sa.func.count()).select_from(table).where(table.c.connection_id == cid)
                left[table.name] = session.execute(mine).scalar_one()
    return {name: count for name, count in left.items() if count}


def test_discarded_setup_is_gone_from_concord_and_neither_system_was_written(begun: Wizard):
    """The page counts what is forgotten; afterwards no table but the activity knows the connection, and the switcher is empty."""
    writes = begun.world.writes()
    assert "Discard this setup" in begun.browser.get(begun.path("scoro")).text
    page = begun.browser.get(begun.path("discard")).text
    check_html(page)
    with begun.web.session() as session:
        read = len(session.exec(select(Object)).all())
    assert read > 100
    assert "records that it has read" in page
    answer = begun.browser.submit(begun.path("discard"))
    assert answer.headers["Location"] == "/connections"
    listed = begun.browser.get("/connections").text
    check_html(listed)
    assert "is discarded. Nothing was changed in Scoro or in QuickBooks." in listed
    assert begun.cid not in listed
    assert begun.browser.get(begun.path()).status_code == 404
    assert set(rows_left(begun.web, begun.cid)) == {"activity"}
    assert begun.world.writes() == writes
    with begun.web.session() as session:
        assert session.exec(select(UserConnection)).all() == []
        assert session.exec(select(ConsentState)).all() == []


def test_activity_tells_who_discarded_which_setup(begun: Wizard):
    """What is gone is still answered for."""
    begun.browser.submit(begun.path("discard"))
    with begun.web.session() as session:
        line = session.exec(select(Activity).where(Activity.action == "setup_discarded")).one()
    assert line.person == ADMIN
    assert "Neither system was touched." in line.summary
    assert line.summary in begun.browser.get("/activity").text


@pytest.mark.parametrize("shared", [False, True])
def test_grant_is_given_back_unless_another_connection_lives_on_it(
    begun: Wizard, monkeypatch: pytest.MonkeyPatch, shared: bool
):
    """QuickBooks takes a grant back for the whole company, so a second connection of that company must keep it."""
    given_back: list[str] = []
    monkeypatch.setattr(SandboxConsent, "revoke", lambda consent, tokens: given_back.append(tokens))
    if shared:
        now, realm = begun.web.clock.now(), begun.stored().quickbooks_realm
        begun.web.add(Connection(id="o", name="Other", created_at=now, quickbooks_realm=realm, quickbooks_secret="x"))
    begun.browser.submit(begun.path("discard"))
    assert len(given_back) == (0 if shared else 1)


def test_discarding_ends_well_when_quickbooks_does_not_answer(begun: Wizard, monkeypatch: pytest.MonkeyPatch):
    """The setup is gone all the same, and the page says what is left to do by hand."""

    def unreachable(consent: SandboxConsent, tokens: str) -> None:
        raise Retryable("QuickBooks did not answer.")

    monkeypatch.setattr(SandboxConsent, "revoke", unreachable)
    begun.browser.submit(begun.path("discard"))
    assert "Take it off there" in begun.browser.get("/connections").text
    assert begun.browser.get(begun.path()).status_code == 404


def test_second_press_of_discard_is_told_that_it_is_gone(begun: Wizard):
    """Whoever comes after the first press reads a sentence, not a fault of Concord's."""
    discard(begun.world.deps, begun.cid, along=ALONG)
    with pytest.raises(Refused, match="not there any more"):
        discard(begun.world.deps, begun.cid, along=ALONG)


@pytest.mark.parametrize("state", ["active", "paused", "unauthorised", "disconnected"])
def test_connection_that_was_saved_is_never_discarded(peopled: Web, state: str):
    """A saved connection has a history; it is disconnected instead."""
    peopled.connection("saved", "Saved", state=state)
    answer = peopled.browser("administrator@example.com").submit("/c/saved/setup/discard")
    assert answer.status_code == 409
    assert "Disconnect it in Settings" in answer.text
    with peopled.session() as session:
        assert session.get(Connection, "saved")


def test_setup_is_kept_while_it_is_read_and_when_something_was_sent_by_hand(peopled: Web):
    """A job at work would lose its ground; what was written must not be forgotten."""
    now = peopled.clock.now()
    peopled.add(
        Connection(id="read", name="Read", created_at=now, lease_until=now + timedelta(seconds=60)),
        Connection(id="sent", name="Sent", created_at=now),
        Object(id="o", connection_id="sent", kind="contact", category="contacts", created_at=now, updated_at=now),
        Outbox(
            id="w", connection_id="sent", object_id="o", kind="contact", category="contacts", replica="scoro",
            system="scoro", operation="create", object_version=1, state="confirmed", created_at=now,
        ),
    )  # fmt: skip
    browser = peopled.browser("administrator@example.com")
    for cid, sentence in (("read", "being read at the moment"), ("sent", "sent by hand already")):
        answer = browser.submit(f"/c/{cid}/setup/discard")
        assert answer.status_code == 409
        assert sentence in answer.text


def test_invitation_to_a_setup_that_was_discarded_can_still_be_accepted(peopled: Web):
    """Whoever was invited joins with what is left."""
    peopled.connection("mistake", "Mistake", state="setup")
    browser = peopled.browser("administrator@example.com")
    values = {"email": "new@example.com", "role": "viewer", "connection-first": "on", "connection-mistake": "on"}
    page = browser.submit("/people/invitations", values, page="/people")
    (link,) = set(re.findall(r"/invitation/[\w-]+", page.text))
    browser.submit("/c/mistake/setup/discard")
    chosen = {"name": "New", "password": PASSWORD, "again": PASSWORD}
    answer = peopled.browser().submit(link, chosen, page=link)
    assert answer.status_code == 303, answer.text
    with peopled.session() as session:
        user = session.exec(select(User).where(User.email == "new@example.com")).one()
        mine = session.exec(select(UserConnection.connection_id).where(UserConnection.user_id == user.id)).all()
    assert mine == ["first"]
