"""The control surface, counts, journal and the saved file."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from decimal import Decimal

import httpx2
import pytest
from flask import Flask

from app.sandbox.common.calls import Call
from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.control import ControlError, control_blueprint
from app.sandbox.common.faults import FaultScript
from app.sandbox.common.journal import Actor, Journal
from app.sandbox.common.state import Autosave, StateFile
from app.sandbox.common.stats import Stats
from app.sandbox.common.transport import DropConnections, drop_connection, on_the_wire
from app.sandbox.common.webhooks import WebhookQueue

CALL = Call("toy", "api", "things", "create")


class Toy:
    """The smallest sandbox there can be."""

    def __init__(self):
        self.clock = SandboxClock.manual()
        self.stats = Stats()
        self.journal = Journal(self.clock)
        self.faults = FaultScript()
        self.webhooks = WebhookQueue(self.clock, lambda events: [], lambda message: 200)
        self.saves = 0

    def reset(self, seed, profile, state):
        return {"seed": seed, "profile": profile, "state": state}

    def issue_credentials(self, body):
        return {"token": "t"}

    def configure_webhooks(self, body):
        return body

    def act_as_person(self, body):
        raise ControlError("nobody is here")

    def read_behaviours(self):
        return {}

    def set_behaviours(self, body):
        return body

    def changed(self):
        self.saves += 1


@pytest.fixture
def toy():
    return Toy()


@pytest.fixture
def client(toy):
    app = Flask("toy")
    app.register_blueprint(control_blueprint(toy, "token"))
    return app.test_client()


def test_strangers_are_refused(client):
    """Loopback only."""
    answer = client.get("/_control/stats", environ_base={"REMOTE_ADDR": "192.168.1.7"})
    assert answer.status_code == 403
    assert client.get("/_control/stats", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200


def test_pages_of_other_sites_cannot_post_here(client):
    """JSON only: a browser asks first before it sends that across sites."""
    assert client.post("/_control/reset", data="seed=empty").status_code == 415


def test_reset_puts_everything_back(client, toy):
    toy.clock.advance(100)
    toy.journal.record(Actor("api", "x"), entity="e", id="1", operation="create", before=None, after={})
    toy.stats.write(CALL)
    toy.webhooks.put({})
    client.post("/_control/faults", json=[{"kind": "slow"}])
    answer = client.post("/_control/reset", json={"seed": "empty", "profile": "uk", "state": 3})
    assert answer.get_json() == {"seed": "empty", "profile": "uk", "state": 3}
    assert (toy.clock.now(), toy.journal.last, toy.stats.as_json()["writes"]) == (SandboxClock.manual().now(), 0, 0)
    assert (toy.webhooks.waiting, toy.faults.as_json()["rules"]) == (0, [])


def test_reset_defaults_to_the_us_agency(client):
    assert client.post("/_control/reset").get_json() == {"seed": "agency", "profile": "us", "state": 1}


def test_clock_is_moved_and_told(client):
    assert client.post("/_control/clock", json={"advance": 60}).get_json() == {"now": "2026-11-02T09:01:00+00:00"}
    assert client.post("/_control/clock", json={"set": "2027-01-01"}).get_json() == {"now": "2027-01-01T00:00:00+00:00"}
    assert client.get("/_control/clock").get_json() == {"now": "2027-01-01T00:00:00+00:00"}
    for wrong in ({}, {"set": "soon"}, {"advance": "x"}):
        assert client.post("/_control/clock", json=wrong).status_code == 400


def test_faults_are_armed_shown_and_disarmed(client):
    armed = client.post("/_control/faults", json=[{"kind": "http_500"}]).get_json()
    assert armed == client.get("/_control/faults").get_json()
    assert armed["rules"][0]["kind"] == "http_500"
    assert client.delete("/_control/faults").get_json()["rules"] == []
    assert client.post("/_control/faults", json=[{"kind": "x"}]).status_code == 400


def test_refusals_are_sentences(client):
    answer = client.post("/_control/person", json={})
    assert (answer.status_code, answer.get_json()) == (400, {"error": "nobody is here"})
    assert client.post("/_control/person", json=[1]).status_code == 400
    assert client.post("/_control/webhooks/deliver", json={"mode": "carefully"}).status_code == 400


def test_every_change_is_a_reason_to_save(client, toy):
    client.get("/_control/stats")
    assert toy.saves == 0
    client.post("/_control/token")
    assert toy.saves == 1


def test_stats_add_up_by_place():
    stats = Stats()
    other = Call("toy", "api", "things", "list")
    stats.request(CALL, 200, 10, 20)
    stats.request(other, 429, 1, 2)
    stats.write(CALL)
    stats.batch_item(CALL)
    told = stats.as_json()
    assert (told["requests"], told["bytes_in"], told["bytes_out"], told["writes"], told["batch_items"]) == (
        2,
        11,
        22,
        1,
        1,
    )
    assert told["statuses"] == {"200": 1, "429": 1}
    assert sum(row["requests"] for row in told["by"]) == told["requests"]


def test_journal_keeps_pictures_as_they_were_and_answers_from_a_mark():
    clock = SandboxClock.manual()
    journal = Journal(clock)
    picture = {"name": "a"}
    for number in range(3):
        journal.record(Actor("person", "Ada"), entity="e", id=str(number), operation="edit", before=None, after=picture)
        picture["name"] = "b"
        clock.advance(10)
    assert journal.since()[0]["after"] == {"name": "a"}
    assert [entry["sequence"] for entry in journal.since("1")] == [2, 3]
    assert [entry["sequence"] for entry in journal.latest(2)] == [3, 2]
    assert [entry["sequence"] for entry in journal.since("2026-11-02T09:00:20")] == [3]


def test_state_comes_back_as_it_was(tmp_path):
    file = StateFile(tmp_path / "deep" / "state")
    assert file.load() is None
    snapshot = {"sum": Decimal("1.10"), "at": datetime(2026, 1, 1, tzinfo=UTC), "rows": {("a", 1): {2, 3}}}
    file.save(snapshot)
    assert file.load() == snapshot
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["state"]


def test_state_file_cannot_run_code(tmp_path):
    """A file of plain values only."""
    path = tmp_path / "state"
    path.write_bytes(pickle.dumps(print))
    with pytest.raises(pickle.UnpicklingError):
        StateFile(path).load()


def test_many_changes_are_saved_once_and_the_last_at_the_end(tmp_path):
    saves: list[int] = []
    file = StateFile(tmp_path / "state")

    def snapshot():
        saves.append(1)
        return {"saves": len(saves)}

    autosave = Autosave(file, snapshot, delay_seconds=3_600)
    for _ in range(10):
        autosave.changed()
    assert saves == []
    autosave.close()
    assert file.load() == {"saves": 1}


def dropping(moment):
    app = Flask("dropping")
    done = []

    @app.post("/")
    def view():
        from flask import request

        done.append(1)
        drop_connection(request.environ, moment)
        return "answer"

    return DropConnections(app.wsgi_app), done


def test_dropped_connection_is_a_transport_error_for_the_client():
    """The very class that a broken wire raises."""
    app, done = dropping("after")
    client = httpx2.Client(transport=httpx2.WSGITransport(app=app), base_url="http://toy")
    with pytest.raises(httpx2.ReadError):
        client.post("/")
    assert done == [1]


def test_dropped_connection_shuts_a_real_socket():
    """When served, the server's handler is told that the wire is broken."""
    app, _ = dropping("after")
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "SERVER_NAME": "x",
        "SERVER_PORT": "1",
        "wsgi.url_scheme": "http",
    }
    with pytest.raises(ConnectionResetError):
        on_the_wire(app)(environ, lambda *_: lambda _: None)
