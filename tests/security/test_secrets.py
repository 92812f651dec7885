"""Secrets: changed while everything runs, and told to nobody in errors, representations and tracebacks."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from redis import Redis

from app.rekey import reseal
from app.settings import Settings
from app.tables import AlertSettings
from app.vault import FernetVault
from app.wiring import Doors
from engine.connectors.http import Call
from engine.connectors.quickbooks.oauth import OAuthSettings, Tokens
from engine.connectors.scoro.address import PublicTransport
from engine.connectors.scoro.auth import ApiKey, UserToken
from engine.core.records import System
from engine.errors import ConcordError, Misconfigured
from engine.services import sync
from engine.services.setup import ScoroKeys
from engine.store.database import reading, writing
from engine.store.tables import Connection
from tests.support.scenes import make_invoice, object_of, scoro_edit
from tests.support.world import PERSON, START, World, connect_world, make_world, rewired

OLD, NEW = "a key for tests, long enough for anyone", "another key, of which nobody has heard yet"


@pytest.fixture
def world(new_database: Callable[[str], str]) -> World:
    return connect_world(make_world(new_database("sqlite")))


def keyed(world: World, *keys: str) -> World:
    """The same world in processes that were started with these keys."""
    assert world.plumbing is not None
    vault = FernetVault(keys)
    plumbing = replace(world.plumbing, vault=vault)
    deps = replace(world.deps, vault=vault, connect=plumbing.connecting(world.deps.database))
    return replace(world, deps=deps, plumbing=plumbing)


def secrets_of(world: World) -> tuple[str, str]:
    with reading(world.deps.database) as session:
        row = session.get_one(Connection, world.connection_id)
        return row.scoro_secret, row.quickbooks_secret


def test_key_is_rotated_in_the_middle_of_a_run(world: World) -> None:
    """Restarted with both keys, a run goes on while everything is sealed anew; then the old key can be thrown away."""
    made = make_invoice(world)
    with writing(world.deps.database) as session:
        alerts = AlertSettings(connection_id=world.connection_id, targets=FernetVault([OLD]).seal("json://alerts"))
        session.add(alerts)
    both = keyed(world, NEW, OLD)
    run_id = sync.request_run(both.deps, world.connection_id, trigger="person", person=PERSON)
    assert sync.run_chunk(replace(both.deps, yield_now=lambda: True), run_id)
    assert reseal(world.deps.database, FernetVault([NEW, OLD])) == 3
    assert sync.run_to_end(both.deps, run_id).state == "done"

    new = keyed(world, NEW)
    scoro_edit(new, "invoices", made.id, description="under the new key")
    new.tick(3600)
    new.sync()
    assert object_of(new, "scoro", "invoices", made.id).disposition == "in_step"
    with reading(world.deps.database) as session:
        assert FernetVault([NEW]).open(session.get_one(AlertSettings, world.connection_id).targets) == "json://alerts"
    with pytest.raises(Misconfigured, match="decrypted"):
        keyed(world, OLD).deps.connect(world.connection_id, System.SCORO)


def test_secrets_do_not_stand_in_what_a_debugger_or_a_log_would_print() -> None:
    """Every record that carries one hides it, and so do the settings."""
    carriers = (
        Tokens("hush-access", "hush-refresh", START, START),
        OAuthSettings("id", "hush-client", "https://x.test", "", "", ""),
        ApiKey("hush-key", "acme"),
        UserToken("hush-token", "acme"),
        ScoroKeys("hush-key", "hush-token"),
        Call("POST", "https://x.test", ("k",), headers={"Authorization": "hush"}, content=b"hush"),
        Settings(
            secret_key=SecretStr("hush" * 10),
            secret_keys=("hush" * 10,),
            quickbooks_client_secret=SecretStr("hush"),
            database_url="postgresql://concord:hush@database/concord",
            redis_url="redis://:hush@redis/0",
        ),
    )
    assert not [carrier for carrier in carriers if "hush" in f"{carrier!r} {carrier}"]


def test_secret_stands_in_no_error_of_the_database(world: World) -> None:
    """A statement that fails is told without the values it was given."""
    sealed = secrets_of(world)[0]
    with pytest.raises(sa.exc.SQLAlchemyError) as failed, writing(world.deps.database) as session:
        session.connection().execute(sa.insert(Connection), [{"id": world.connection_id, "scoro_secret": sealed}])
    assert sealed not in "".join(traceback.format_exception(failed.value))


class Refusing(httpx2.BaseTransport):
    """Answers everything alike, with what it was sent in the text of the error."""

    def __init__(self, status: int) -> None:
        self._status = status

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        echo = f"{dict(request.headers)} {request.read().decode()}"
        return httpx2.Response(self._status, json={"fault": {"error": [{"message": echo, "code": "1"}]}, "error": echo})


def refuse_everything(world: World, status: int) -> World:
    return rewired(world, world.deps.database, lambda inner: Refusing(status))


@pytest.mark.parametrize(("side", "status"), [("quickbooks", 401), ("quickbooks", 500), ("scoro", 401), ("scoro", 500)])
def test_secret_stands_in_no_traceback_of_a_failed_request(
    world: World, side: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a system answers, the error and all that led to it can be shown to anybody."""
    caplog.set_level(logging.DEBUG)
    opened = " ".join(world.deps.vault.open(sealed) for sealed in secrets_of(world))
    secrets = [text for text in opened.replace('"', " ").split() if len(text) > 20]
    assert len(secrets) >= 3
    system = System(side)
    with pytest.raises(ConcordError) as failed:
        refuse_everything(world, status).deps.connect(world.connection_id, system).profile()
    told = "".join(traceback.format_exception(failed.value)) + caplog.text
    assert not [secret for secret in [*secrets, *secrets_of(world)] if secret in told]


def test_sites_are_reached_by_checked_addresses_and_the_demo_by_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absent_redis: Redis
) -> None:
    """The application uses the careful transport for every site that the administrator has not named with its port."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    world = make_world(f"sqlite:///{tmp_path}/doors.db")
    settings = Settings(secret_key=SecretStr("k" * 40), scoro_allowed_hosts=("scoro.com", "127.0.0.1:9002"))
    doors = Doors(settings, world.deps.database, world.deps.vault, absent_redis, world.clock)
    assert isinstance(doors.way_to("https://acme.scoro.com"), PublicTransport)
    assert doors.way_to("http://127.0.0.1:9002") is None
    for own in ("http://127.0.0.1:9002", "http://localhost:9002"):
        assert doors.site_of(own) == own
        assert doors.way_to(own) is None
    for elsewhere in (
        "https://evil.test", "http://127.0.0.1:9003", "http://localhost:9003", "https://localhost", "https://scoro.com.evil.test",
    ):  # fmt: skip
        with pytest.raises(Misconfigured):
            doors.site_of(elsewhere)
    real = Settings(secret_key=SecretStr("k" * 40), scoro_allowed_hosts=("scoro.com",))
    with pytest.raises(Misconfigured):
        Doors(real, world.deps.database, world.deps.vault, absent_redis, world.clock).site_of("http://localhost:9002")
    world.close()
