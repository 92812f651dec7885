"""The real application over a real database, with people of every role and a browser for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlmodel import Session, SQLModel, select
from werkzeug.test import TestResponse

from app import create_app
from app.access import Role
from app.accounts.passwords import hash_password
from app.context import digest
from app.settings import Settings
from app.tables import ApiToken, User, UserConnection
from engine.clock import ManualClock
from engine.connectors.base import Connector
from engine.core.records import System
from engine.services.deps import Deps
from engine.store.database import make_engine
from engine.store.tables import Connection

if TYPE_CHECKING:
    from tests.web.office import Office

VERIFIER = "verifier of the tests"
PASSWORD = "a long enough password"
HASH = hash_password(PASSWORD)


class PlainVault:
    """A vault that only marks what it keeps, so that a test sees whether something was sealed."""

    def seal(self, secret: str) -> str:
        return f"sealed:{secret}"

    def open(self, sealed: str) -> str:
        return sealed.removeprefix("sealed:")


class NoConsent:
    """An authorizer for tests that never leave for a consent page."""

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        return f"https://consent.example/?redirect_uri={redirect_uri}&state={state}"

    def exchange(self, *, code: str, redirect_uri: str) -> str:
        raise AssertionError("no test without a sandbox exchanges a code")

    def revoke(self, tokens: str) -> None:
        raise AssertionError("no test without a sandbox revokes a grant")


def no_connector(connection_id: str, system: System) -> Connector:
    raise AssertionError("no test without a sandbox talks to a system")


@dataclass
class Web:
    """The application and what tests need of its surroundings."""

    app: Flask
    deps: Deps
    clock: ManualClock

    def session(self) -> Session:
        return Session(self.deps.database, expire_on_commit=False)

    def add(self, *rows: SQLModel) -> None:
        with self.session() as session:
            session.add_all(rows)
            session.commit()

    def user(self, email: str, role: Role, *, connections: tuple[str, ...] | None = None) -> User:
        """An account; without ``connections`` it sees all."""
        user = User(
            id=email.replace("@", "-"),
            email=email,
            name=email.partition("@")[0].title(),
            role=role,
            password_hash=HASH,
            all_connections=connections is None,
            created_at=self.clock.now(),
        )
        self.add(user)
        self.add(*[UserConnection(user_id=user.id, connection_id=one) for one in connections or ()])
        return user

    def connection(self, cid: str, name: str = "", *, state: str = "active") -> Connection:
        row = Connection(id=cid, name=name or cid, state=state, created_at=self.clock.now())
        self.add(row)
        return row

    def script(self, email: str) -> FlaskClient:
        """A client that carries an API token of an account, with all that the account may do."""
        secret = f"concord_{email}"
        with self.session() as session:
            user = session.exec(select(User).where(User.email == email)).one()
            token = ApiToken(
                id=email, token_hash=digest(secret), hint="concord_", name="", user_id=user.id, role=user.role,
                created_at=self.clock.now(),
            )  # fmt: skip
            session.merge(token)
            session.commit()
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client

    def browser(self, email: str = "") -> Browser:
        """A browser, signed in when an account is named."""
        browser = Browser(self.app.test_client())
        if email:
            answer = browser.submit("/sign-in", {"email": email, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        return browser


class Browser:
    """A test client that sends forms the way a browser does: with the CSRF token of the page it is on."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **kwargs: object) -> TestResponse:
        return self.client.get(path, **kwargs)

    def token(self, page: str = "") -> str:
        """The CSRF token of a page; signed-out browsers find one on the sign-in page, signed-in ones on their profile."""
        for path in [page] if page else ["/profile", "/sign-in", "/first-run"]:
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(path).text)
            if found:
                return found[1]
        raise AssertionError(f"no form on {page or 'the usual pages'}")

    def submit(
        self, path: str, values: Mapping[str, Any] | None = None, *, page: str = "", **kwargs: object
    ) -> TestResponse:
        data = {"csrf_token": self.token(page), **(values or {})}
        return self.client.post(path, data=data, **kwargs)

    def htmx(self, path: str, **kwargs: object) -> TestResponse:
        return self.client.get(path, headers={"HX-Request": "true"}, **kwargs)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """The application with an empty database."""
    settings = Settings(
        concord_home=tmp_path,
        database_url=f"sqlite:///{tmp_path}/web.db",
        redis_url="redis://127.0.0.1:1",
        quickbooks_webhook_verifier=SecretStr(VERIFIER),
    )
    database = make_engine(settings.database_url)
    SQLModel.metadata.create_all(database)
    clock = ManualClock()
    deps = Deps(database, clock, Random(1), PlainVault(), no_connector, NoConsent())
    yield Web(create_app(settings, deps), deps, clock)
    database.dispose()


@pytest.fixture
def peopled(web: Web) -> Web:
    """Two connections, and somebody of each role who sees only the first."""
    web.connection("first", "First Ltd")
    web.connection("second", "Second Ltd")
    for role in Role:
        web.user(f"{role}@example.com", role, connections=None if role is Role.ADMINISTRATOR else ("first",))
    return web


@pytest.fixture(scope="module")
def office() -> Office:
    """An office with a day's work in it that nobody changes."""
    from tests.web.office import shared_office

    return shared_office()


@pytest.fixture(scope="module")
def own_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Such an office of a test module's own, which its tests may change."""
    from tests.web.office import open_office

    own = open_office(tmp_path_factory.mktemp("office"))
    yield own
    own.world.deps.database.dispose()
