"""A whole world in one process: both sandboxes, the real connectors, a real database, and clocks that move only when told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import sqlalchemy as sa
from flask import Flask
from sqlmodel import select

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks.server import create_quickbooks_sandbox
from app.sandbox.scoro.sandbox import create_scoro_sandbox
from app.tokens import StoredTokens, tokens_to_text
from app.vault import FernetVault
from engine.clock import ManualClock
from engine.connectors.base import Connector
from engine.connectors.limits import LocalLimiter
from engine.connectors.quickbooks.connector import QuickBooksConnector
from engine.connectors.quickbooks.oauth import Grant, OAuthApp, OAuthSettings, Tokens
from engine.connectors.scoro.auth import ApiKey, UserToken
from engine.connectors.scoro.client import ScoroClient
from engine.connectors.scoro.connector import ScoroConnector
from engine.core.records import System
from engine.services import matching, setup, sync
from engine.services.deps import Connect, Deps, Event
from engine.store.database import make_engine, reading, writing
from engine.store.tables import Binding, Connection, Object, Outbox, Run

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PERSON = "ann@example.com"
QUICKBOOKS = "http://quickbooks.test"
SCORO = "http://scoro.test"


@dataclass
class SandboxControl:
    """The control surface of one sandbox, and its API as a person's client would use it."""

    app: Flask
    origin: str

    def __post_init__(self) -> None:
        transport = httpx2.WSGITransport(app=self.app, raise_app_exceptions=True)
        self.http = httpx2.Client(transport=transport, base_url=self.origin, timeout=60)

    def control(self, path: str, body: Any = None) -> Any:
        """POST to ``/_control/<path>``; its JSON answer."""
        answer = self.http.post(f"/_control/{path}", json=body if body is not None else {})
        assert answer.status_code < 400, answer.text
        return answer.json()

    def look(self, path: str) -> Any:
        """GET of ``/_control/<path>``."""
        return self.http.get(f"/_control/{path}").json()

    def person(self, **body: Any) -> Any:
        """Something a person does in the system's own user interface."""
        return self.control("person", body)

    def forget(self) -> None:
        """Empty the journal and the counts, after the books went back in time."""
        self.control("stats/reset")
        surface = self.app.extensions.get("quickbooks") or self.app.extensions["sandbox"].core
        surface.journal.clear()

    def clear_faults(self) -> None:
        self.http.delete("/_control/faults")


@dataclass
class World:
    """Two sandboxes and the engine between them."""

    deps: Deps
    clock: ManualClock
    quickbooks: SandboxControl
    scoro: SandboxControl
    connection_id: str = ""
    realm: str = ""
    account: str = ""
    events: list[Event] = field(default_factory=list)
    plumbing: Plumbing | None = None

    def sync(self, **options: Any) -> Run:
        """One run in the foreground, then a minute passes everywhere. Raises when the run failed."""
        run_id = sync.request_run(self.deps, self.connection_id, trigger="person", person=PERSON, **options)
        run = sync.run_to_end(self.deps, run_id)
        self.tick(60)
        assert run.state in {"done", "halted"}, (run.state, run.error, run.hint)
        return run

    def close(self) -> None:
        """Give back files and sockets."""
        self.deps.database.dispose()
        self.quickbooks.http.close()
        self.scoro.http.close()

    def tick(self, seconds: float) -> None:
        """Let time pass for everyone: the sandboxes live by the same clock."""
        self.clock.advance(seconds)

    def adopt(self, token: dict[str, Any]) -> None:
        """Keep a grant that the sandbox's control surface made, as the browser's consent would."""
        end = self.clock.now() + timedelta(days=90)
        tokens = Tokens(token["access_token"], token["refresh_token"], self.clock.now() + timedelta(minutes=55), end)
        setup.adopt_tokens(
            self.deps, self.connection_id, tokens=tokens_to_text(tokens), realm_id=token["realmId"], person=PERSON
        )

    def writes(self) -> list[dict[str, Any]]:
        """Every write that a program (never a person) made on either side so far."""
        found: list[dict[str, Any]] = []
        for side in (self.quickbooks, self.scoro):
            journal = side.look("journal?since=0")
            found += [entry for entry in journal["entries"] if entry["actor"]["kind"] == "api"]
        return found

    def objects(self, **where: str) -> list[Object]:
        """Objects by column values."""
        with reading(self.deps.database) as session:
            statement = select(Object).where(Object.connection_id == self.connection_id, Object.merged_into == "")
            for name, value in where.items():
                statement = statement.where(getattr(Object, name) == value)
            rows = list(session.exec(statement))
            session.expunge_all()
            return rows

    def bindings(self, object_id: str) -> dict[str, Binding]:
        """Replica → binding."""
        with reading(self.deps.database) as session:
            rows = session.exec(select(Binding).where(Binding.object_id == object_id)).all()
            session.expunge_all()
            return {row.replica: row for row in rows}

    def outbox(self, **where: str) -> list[Outbox]:
        """Outbox rows by column values."""
        with reading(self.deps.database) as session:
            statement = select(Outbox)
            for name, value in where.items():
                statement = statement.where(getattr(Outbox, name) == value)
            rows = list(session.exec(statement))
            session.expunge_all()
            return rows

    def dispositions(self) -> dict[str, int]:
        """Disposition → how many objects."""
        counts: dict[str, int] = {}
        for row in self.objects():
            counts[row.disposition] = counts.get(row.disposition, 0) + 1
        return counts


def _without_the_disk(connection: Any, _record: Any) -> None:
    """Tests die by exceptions and not by power cuts: nothing need wait for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def make_world(
    database_url: str, *, seed: str = "empty", profile: str = "us", state: int = 1, random_seed: int = 1
) -> World:
    """A world with nothing connected yet."""
    clock = ManualClock(START)
    quickbooks_clock, scoro_clock = SandboxClock(clock.now), SandboxClock(clock.now)
    quickbooks = SandboxControl(
        create_quickbooks_sandbox(profile=profile, seed=seed, state=state, clock=quickbooks_clock), QUICKBOOKS
    )
    scoro = SandboxControl(create_scoro_sandbox(profile=profile, seed=seed, state=state, clock=scoro_clock), SCORO)
    database = make_engine(database_url)
    if database.dialect.name == "sqlite":
        sa.event.listen(database, "connect", _without_the_disk)
    vault = FernetVault(["a key for tests, long enough for anyone"])
    random = Random(random_seed)
    limiter = LocalLimiter(clock)
    events: list[Event] = []
    plumbing = Plumbing(quickbooks.app, scoro.app, clock, random, limiter, vault)
    deps = Deps(
        database=database,
        clock=clock,
        random=random,
        vault=vault,
        connect=plumbing.connecting(database),
        authorizer=_NoConsent(),
        notify=events.append,
        owner="test",
    )
    return World(deps, clock, quickbooks, scoro, events=events, plumbing=plumbing)


Wrap = Callable[[httpx2.BaseTransport], httpx2.BaseTransport]


@dataclass(frozen=True)
class Plumbing:
    """How the connectors of a world reach its sandboxes."""

    quickbooks: Flask
    scoro: Flask
    clock: ManualClock
    random: Random
    limiter: LocalLimiter
    vault: FernetVault

    def connecting(self, database: sa.Engine, wrap: Wrap = lambda transport: transport) -> Connect:
        """Makes connectors that read their keys from ``database`` and send through ``wrap``."""

        def connect(connection_id: str, system: System) -> Connector:
            with reading(database) as session:
                connection = session.get_one(Connection, connection_id)
                session.expunge_all()
            if system is System.QUICKBOOKS:
                return self._quickbooks(database, connection, wrap)
            return self._scoro(connection, wrap)

        return connect

    def _quickbooks(self, database: sa.Engine, connection: Connection, wrap: Wrap) -> Connector:
        transport = wrap(httpx2.WSGITransport(app=self.quickbooks))
        app = OAuthApp(
            OAuthSettings(
                client_id="sandbox-client",
                client_secret="sandbox-secret",
                redirect_uri="http://127.0.0.1:8000/callback",
                authorize_url=f"{QUICKBOOKS}/connect/oauth2",
                token_url=f"{QUICKBOOKS}/oauth2/v1/tokens/bearer",
                revoke_url=f"{QUICKBOOKS}/v2/oauth2/tokens/revoke",
            ),
            self.clock,
            transport=transport,
        )
        return QuickBooksConnector(
            realm_id=connection.quickbooks_realm,
            base_url=QUICKBOOKS,
            grant=Grant(StoredTokens(database, self.vault, connection.id), app, self.clock),
            limiter=self.limiter,
            clock=self.clock,
            jitter=self.random.random,
            transport=transport,
        )

    def _scoro(self, connection: Connection, wrap: Wrap) -> Connector:
        keys = setup.ScoroKeys.from_text(self.vault.open(connection.scoro_secret))
        client = ScoroClient(
            base_url=SCORO,
            auth=ApiKey(keys.key, connection.scoro_account),
            user=UserToken(keys.user_token, connection.scoro_account) if keys.user_token else None,
            limiter=self.limiter,
            clock=self.clock,
            jitter=self.random.random,
            transport=wrap(httpx2.WSGITransport(app=self.scoro)),
        )
        zone = connection.scoro_profile.get("time_zone") or "UTC"
        return ScoroConnector(client, account=connection.scoro_account, time_zone=zone, clock=self.clock)


def rewired(world: World, database: sa.Engine, wrap: Wrap) -> World:
    """The same world through another database engine and other transports."""
    assert world.plumbing is not None
    deps = replace(world.deps, database=database, connect=world.plumbing.connecting(database, wrap))
    return replace(world, deps=deps)


class _NoConsent:
    """Worlds are authorised through the sandbox's control surface, not through a browser."""

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        return f"{redirect_uri}?state={state}"

    def exchange(self, *, code: str, redirect_uri: str) -> str:
        return code

    def revoke(self, tokens: str) -> None:
        """Nothing to give back."""


def connect_world(
    world: World,
    *,
    categories: dict[str, str] | None = None,
    match: bool = True,
    activate: bool = True,
    as_user: bool = False,
) -> World:
    """Connect both sandboxes and switch on ``categories`` (name → source). With ``match`` every exact pair is accepted;
    without ``activate`` the last step is left to the test; ``as_user`` gives Concord a user's token beside the key.
    A world that names a realm and an account is connected with these, else with the first ones."""
    key = world.scoro.control("key", {"company_account_id": world.account})
    token = world.quickbooks.control("token", {"realmId": world.realm})
    world.realm, world.account = token["realmId"], key["company_account_id"]
    world.connection_id = setup.create_connection(world.deps, "Test", PERSON, sandbox=True)
    token_of_user = key["user_token"] if as_user else ""
    setup.save_scoro(
        world.deps,
        world.connection_id,
        url=SCORO,
        account=world.account,
        key=key["apiKey"],
        user_token=token_of_user,
        person=PERSON,
    )
    world.adopt(token)
    chosen = categories if categories is not None else {"products": "scoro", "contacts": "scoro", "invoices": "scoro"}
    forms = [setup.CategoryForm(category, True, source) for category, source in chosen.items()]
    setup.save_categories(world.deps, world.connection_id, forms, PERSON)
    run_id = matching.start_matching(world.deps, world.connection_id, PERSON)
    run = sync.run_to_end(world.deps, run_id)
    assert run.state == "done", (run.state, run.error)
    choose_accounts(world)
    if match:
        accept_tax_rates(world)
        while matching.accept_exact(world.deps, world.connection_id, "", PERSON):
            matching.apply_matches(world.deps, world.connection_id, PERSON)
    matching.apply_matches(world.deps, world.connection_id, PERSON)
    if activate:
        with writing(world.deps.database) as session:
            row = session.get_one(Connection, world.connection_id)
            row.state = "active"
            session.add(row)
    world.tick(60)
    return world


def accept_tax_rates(world: World) -> None:
    """Link Scoro's tax rates with QuickBooks' of the same percentage, as a person does at set-up."""
    found = matching.suggestions(world.deps, world.connection_id, kind="tax_rate", limit=500)
    matching.decide_suggestions(world.deps, world.connection_id, [view.row.id for view in found], "accepted", PERSON)


def choose_accounts(world: World) -> None:
    """The first income and expense account as defaults (R41, R42)."""
    choices = setup.account_choices(world.deps, world.connection_id)
    income = choices["income"][0].id if choices["income"] else ""
    expense = choices["expense"][0].id if choices["expense"] else ""
    deposit = choices["deposit"][0].id if choices["deposit"] else ""
    setup.save_accounts(world.deps, world.connection_id, income=income, expense=expense, deposit=deposit, person=PERSON)


def sqlite_url(folder: Path) -> str:
    """A database of its own."""
    return f"sqlite:///{folder / 'concord.db'}"
