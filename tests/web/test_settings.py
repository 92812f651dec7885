"""Settings of a connection: each change is checked, logged, and counted before it is done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from app.access import Role
from app.tables import AlertSettings
from engine.core.records import Category
from engine.store.tables import CategorySettings, Change, Connection
from tests.web.conftest import Browser, Web

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # one of apprise's plugins still imports it


@pytest.fixture
def web_active(web: Web) -> Web:
    """One active connection that has run before, with its categories."""
    web.connection("first", "First Ltd")
    for category in Category:
        source = "quickbooks" if category in ("reference", "classes", "projects") else "scoro"
        web.add(
            CategorySettings(
                connection_id="first",
                category=category,
                source=source,
                enabled=category == "contacts",
                start_fixed=True,
            )
        )
    with web.session() as session:
        row = session.get_one(Connection, "first")
        row.scoro_profile = {"name": "First", "currencies": ["EUR", "JPY"]}
        row.first_connected_at = web.clock.now() - timedelta(days=30)
        session.add(row)
        session.commit()
    web.user("ann@example.com", Role.ADMINISTRATOR)
    return web


@pytest.fixture
def ann(web_active: Web) -> Browser:
    """The administrator."""
    return web_active.browser("ann@example.com")


def stored(web: Web) -> Connection:
    with web.session() as session:
        return session.get_one(Connection, "first")


def test_flip_shows_its_numbers_first_and_turns_the_direction_round(web_active: Web, ann: Browser):
    """A flip is a new epoch, in the log with the person's name."""
    page = ann.get("/c/first/settings/flip/contacts").text
    assert "Held edits that become pending" in page
    assert "Queued writes that will not be sent" in page
    assert ann.submit("/c/first/settings/flip/contacts", {"epoch": "1", "source": "quickbooks"}).status_code == 303
    with web_active.session() as session:
        row = session.get_one(CategorySettings, ("first", "contacts"))
        entry = session.exec(select(Change).where(Change.action == "settings")).one()
    assert (row.source, row.epoch) == ("quickbooks", 2)
    assert entry.person == "ann@example.com"


def test_flip_from_an_old_page_is_refused(web_active: Web, ann: Browser):
    """Pressed twice, or by two people: the direction turns once."""
    form = {"epoch": "1", "source": "quickbooks"}
    ann.submit("/c/first/settings/flip/contacts", form)
    answer = ann.submit("/c/first/settings/flip/contacts", form)
    assert answer.status_code == 409
    assert "changed in the meantime" in answer.text
    with web_active.session() as session:
        assert session.get_one(CategorySettings, ("first", "contacts")).epoch == 2


@pytest.mark.parametrize("category", ["projects", "classes"])
def test_direction_of_one_way_categories_cannot_be_flipped(web_active: Web, ann: Browser, category: str):
    """R15, R23, at the preview and at the act."""
    assert ann.get(f"/c/first/settings/flip/{category}").status_code == 409
    answer = ann.submit(f"/c/first/settings/flip/{category}", {"epoch": "1", "source": "scoro"})
    assert answer.status_code == 409
    with web_active.session() as session:
        assert session.get_one(CategorySettings, ("first", category)).source == "quickbooks"


def test_start_date_is_read_only_after_the_first_run(web_active: Web, ann: Browser):
    """R35: in the page and on the server."""
    page = ann.get("/c/first/setup/categories")
    assert page.status_code == 303 or "Fixed since the first run." in page.text


def test_pause_and_resume(web_active: Web, ann: Browser):
    """Paused means no runs; pressing twice is told."""
    assert ann.submit("/c/first/settings/pause").status_code == 303
    assert stored(web_active).state == "paused"
    assert ann.submit("/c/first/settings/pause").status_code == 409
    ann.submit("/c/first/settings/resume")
    assert stored(web_active).state == "active"


def test_brakes_are_kept_in_minor_units_of_each_currency(web_active: Web, ann: Browser):
    """1,000.50 EUR and 5,000 JPY, which has no cents."""
    values = {"deleted_share": "5", "changed_share": "50", "vanished_share": "20", "floor": "3"}
    values |= {"amount-EUR": "1000.50", "amount-JPY": "5000"}
    assert ann.submit("/c/first/settings/brakes", values).status_code == 303
    limits = stored(web_active).settings["limits"]
    assert limits["deleted_share"] == 0.05
    assert limits["amounts"] == {"EUR": 100050, "JPY": 5000}
    assert 'value="1000.50"' in ann.get("/c/first/settings/brakes").text


@pytest.mark.parametrize(
    ("field", "value"), [("deleted_share", "0"), ("floor", "x"), ("amount-EUR", "-1"), ("amount-EUR", "1e9x")]
)
def test_unusable_brakes_are_refused(web_active: Web, ann: Browser, field: str, value: str):
    """A limit that cannot be read must not become no limit."""
    values = {"deleted_share": "5", "changed_share": "50", "vanished_share": "20", "floor": "3"} | {field: value}
    assert ann.submit("/c/first/settings/brakes", values).status_code == 422
    assert "limits" not in stored(web_active).settings


def test_disconnecting_says_what_is_kept_and_keeps_it(web_active: Web, ann: Browser):
    """R33: the day of the first connection does not move."""
    first = stored(web_active).first_connected_at
    assert "Nothing is deleted" in ann.get("/c/first/settings/disconnect").text
    assert ann.submit("/c/first/settings/disconnect").status_code == 303
    assert stored(web_active).state == "disconnected"
    assert stored(web_active).first_connected_at == first


def test_alert_addresses_are_sealed_and_never_shown_again(web_active: Web, ann: Browser):
    """They hold passwords and tokens; an empty field keeps them."""
    values = {
        "enabled": "on",
        "conflict_waiting": "on",
        "digest": "60",
        "targets": "json://user:hunter2@alerts.example/x",
    }
    assert ann.submit("/c/first/settings/alerts", values).status_code == 303
    assert "hunter2" not in ann.get("/c/first/settings/alerts").text
    ann.submit("/c/first/settings/alerts", values | {"targets": "", "digest": "0"})
    with web_active.session() as session:
        chosen = session.get_one(AlertSettings, "first")
    assert chosen.targets.startswith("sealed:")
    assert chosen.digest_minutes == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"targets": "nonsense"}, "This address is not understood"),
        ({"targets": "syslog://"}, "would act on the server"),
        ({"targets": ""}, "Enter at least one address"),
        ({"quiet_from": "22:00"}, "need a beginning and an end"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "Enter a time such as 18:30"),
        ({"digest": "7"}, "Choose one of the offered values"),
    ],
)
def test_unusable_alert_settings_come_back_with_a_sentence(web_active: Web, ann: Browser, change, sentence):
    """Nothing is stored that could not be told."""
    values = {"enabled": "on", "conflict_waiting": "on", "digest": "60", "targets": "json://alerts.example/x"} | change
    answer = ann.submit("/c/first/settings/alerts", values)
    assert answer.status_code == 422
    assert sentence in answer.text
    with web_active.session() as session:
        assert session.get(AlertSettings, "first") is None
