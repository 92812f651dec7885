"""Both sandboxes and the engine in one process, on one clock that moves only when somebody waits."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2
from flask import Flask

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks.server import create_quickbooks_sandbox
from app.sandbox.scoro.sandbox import create_scoro_sandbox
from app.tokens import StoredTokens, tokens_to_text
from app.vault import FernetVault
from engine.connectors.base import Connector
from engine.connectors.limits import LocalLimiter
from engine.connectors.quickbooks.connector import QuickBooksConnector
from engine.connectors.quickbooks.oauth import Grant, OAuthApp, OAuthSettings, Tokens
from engine.connectors.scoro.auth import ApiKey
from engine.connectors.scoro.client import ScoroClient
from engine.connectors.scoro.connector import ScoroConnector
from engine.core.records import System
from engine.services import matching, setup, sync
from engine.services.deps import Deps
from engine.store.database import make_engine, migrate, reading, writing
from engine.store.tables import Connection, Run

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PERSON = "bench"
QUICKBOOKS = "http://quickbooks.bench"
SCORO = "http://scoro.bench"
SEED = 1


class OneClock:
    """The engine's clock; whoever sleeps moves both sandboxes on as well. Safe for several threads."""

    def __init__(self, sandboxes: tuple[SandboxClock, ...]) -> None:
        self._sandboxes = sandboxes
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return START + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._elapsed += seconds
            for sandbox in self._sandboxes:
                sandbox.advance(seconds)


@dataclass(frozen=True, slots=True)
class Side:
    """One sandbox: its control surface and its counts."""

    app: Flask
    http: httpx2.Client

    def control(self, path: str, body: Any = None) -> Any:
        """POST to the control surface."""
        answer = self.http.post(f"/_control/{path}", json=body or {})
        answer.raise_for_status()
        return answer.json()

    def counts(self) -> dict[str, Any]:
        """What clients asked for since the last reset."""
        return dict(self.http.get("/_control/stats").json())


@dataclass(frozen=True, slots=True)
class Bench:
    """The world of one measurement."""

    deps: Deps
    clock: OneClock
    scoro: Side
    quickbooks: Side
    account: str
    realm: str
    connection_id: str

    def scoro_makes(self, module: str, **fields: Any) -> dict[str, Any]:
        """A person makes a record in Scoro."""
        body = {"action": "create", "module": module, "fields": fields, "company_account_id": self.account}
        return dict(self.scoro.control("person", body)["object"])

    def scoro_edits(self, module: str, id: int, **fields: Any) -> None:
        """A person edits a record in Scoro."""
        self.scoro.control(
            "person",
            {"action": "edit", "module": module, "id": id, "fields": fields, "company_account_id": self.account},
        )

    def quickbooks_makes(self, entity: str, **body: Any) -> None:
        """A person makes a record in QuickBooks."""
        self.quickbooks.control("person", {"action": "create", "entity": entity, "body": body, "realmId": self.realm})

    def run(self) -> Run:
        """A run of the schedule; then the five minutes to the next one pass."""
        run_id = sync.request_run(self.deps, self.connection_id, trigger="schedule")
        run = sync.run_to_end(self.deps, run_id)
        self.clock.sleep(300)
        if run.state != "done":
            raise RuntimeError(f"The run ended as {run.state}: {run.error}")
        return run

    def match(self) -> None:
        """Read both sides and look for pairs."""
        sync.run_to_end(self.deps, matching.start_matching(self.deps, self.connection_id, PERSON))

    def accept(self) -> None:
        """Tax rates and every exact pair, as a person does."""
        rates = matching.suggestions(self.deps, self.connection_id, kind="tax_rate", limit=500)
        matching.decide_suggestions(self.deps, self.connection_id, [one.row.id for one in rates], "accepted", PERSON)
        while matching.accept_exact(self.deps, self.connection_id, "", PERSON):
            matching.apply_matches(self.deps, self.connection_id, PERSON)
        matching.apply_matches(self.deps, self.connection_id, PERSON)

    def activate(self) -> None:
        """Default accounts, then Save without its run."""
        choices = setup.account_choices(self.deps, self.connection_id)
        first = {purpose: accounts[0].id for purpose, accounts in choices.items() if accounts}
        setup.save_accounts(
            self.deps, self.connection_id, income=first["income"], expense=first["expense"], person=PERSON
        )
        with writing(self.deps.database) as session:
            row = session.get_one(Connection, self.connection_id)
            row.state = "active"
            session.add(row)
        self.clock.sleep(60)


@contextmanager
def bench_world() -> Iterator[Bench]:
    """A connected world with empty books; products, contacts and invoices go from Scoro to QuickBooks. The brakes are
    off: the first run of a bench is always a big one."""
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        bench = _connect(_make(url))
        try:
            yield bench
        finally:
            bench.deps.database.dispose()
            bench.scoro.http.close()
            bench.quickbooks.http.close()


def _make(url: str) -> Bench:
    clocks = (SandboxClock.manual(START.isoformat()), SandboxClock.manual(START.isoformat()))
    quickbooks = _side(create_quickbooks_sandbox(profile="us", seed="empty", state=SEED, clock=clocks[0]), QUICKBOOKS)
    scoro = _side(create_scoro_sandbox(profile="us", seed="empty", state=SEED, clock=clocks[1]), SCORO)
    clock, database = OneClock(clocks), make_engine(url)
    vault = FernetVault(["a key of the bench, which guards nothing"])
    doors = _Doors(clock, database, vault, quickbooks.app, scoro.app)
    deps = Deps(database, clock, Random(SEED), vault, doors.open, _NoConsent(), owner="bench")
    return Bench(deps, clock, scoro, quickbooks, "", "", setup.create_connection(deps, "Bench", PERSON, sandbox=True))


def _side(app: Flask, origin: str) -> Side:
    transport = httpx2.WSGITransport(app=app, raise_app_exceptions=True)
    return Side(app, httpx2.Client(transport=transport, base_url=origin, timeout=60))


def _connect(bench: Bench) -> Bench:
    key, token = bench.scoro.control("key"), bench.quickbooks.control("token")
    account, now = key["company_account_id"], bench.clock.now()
    setup.save_scoro(bench.deps, bench.connection_id, url=SCORO, account=account, key=key["apiKey"], person=PERSON)
    tokens = Tokens(token["access_token"], token["refresh_token"], now + timedelta(days=1), now + timedelta(days=90))
    setup.adopt_tokens(
        bench.deps, bench.connection_id, tokens=tokens_to_text(tokens), realm_id=token["realmId"], person=PERSON
    )
    forms = [setup.CategoryForm(name, True, "scoro") for name in ("products", "contacts", "invoices")]
    setup.save_categories(bench.deps, bench.connection_id, forms, PERSON)
    return Bench(bench.deps, bench.clock, bench.scoro, bench.quickbooks, account, token["realmId"], bench.connection_id)


@dataclass(frozen=True, slots=True)
class _Doors:
    """Connectors that reach the sandboxes without a socket."""

    clock: OneClock
    database: Any
    vault: FernetVault
    quickbooks: Flask
    scoro: Flask

    def open(self, connection_id: str, system: System) -> Connector:
        with reading(self.database) as session:
            connection = session.get_one(Connection, connection_id)
        limiter = LocalLimiter(self.clock)
        if system is System.SCORO:
            keys = setup.ScoroKeys.from_text(self.vault.open(connection.scoro_secret))
            client = ScoroClient(
                base_url=SCORO,
                auth=ApiKey(keys.key, connection.scoro_account),
                limiter=limiter,
                clock=self.clock,
                jitter=lambda: 0.5,
                transport=httpx2.WSGITransport(app=self.scoro),
            )
            return ScoroConnector(client, account=connection.scoro_account, time_zone="UTC", clock=self.clock)
        transport = httpx2.WSGITransport(app=self.quickbooks)
        addresses = OAuthSettings(
            "sandbox-client", "sandbox-secret", "http://127.0.0.1/back", f"{QUICKBOOKS}/connect/oauth2",
            f"{QUICKBOOKS}/oauth2/v1/tokens/bearer", f"{QUICKBOOKS}/v2/oauth2/tokens/revoke",
        )  # fmt: skip
        store = StoredTokens(self.database, self.vault, connection_id)
        return QuickBooksConnector(
            realm_id=connection.quickbooks_realm,
            base_url=QUICKBOOKS,
            grant=Grant(store, OAuthApp(addresses, self.clock, transport=transport), self.clock),
            limiter=limiter,
            clock=self.clock,
            jitter=lambda: 0.5,
            transport=transport,
        )


class _NoConsent:
    """A bench is authorised by the sandbox's control surface."""

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        raise NotImplementedError

    def exchange(self, *, code: str, redirect_uri: str) -> str:
        raise NotImplementedError

    def revoke(self, tokens: str) -> None:
        """Nothing to give back."""
