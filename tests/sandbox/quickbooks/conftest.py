"""A simulated QuickBooks whose clock stands still, with empty books unless a test asks for the seeded ones.

For the public packages there is one on a real socket.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from quickbooks import QuickBooks
from werkzeug.serving import make_server

from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.transport import on_the_wire
from app.sandbox.quickbooks import create_quickbooks_sandbox
from tests.sandbox.quickbooks.client import Client, Json


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock.manual()


@pytest.fixture
def books(clock: SandboxClock) -> Client:
    """A US company with opened, empty books."""
    return Client(create_quickbooks_sandbox(seed="empty", clock=clock), clock)


@pytest.fixture
def agency(clock: SandboxClock) -> Client:
    """The seeded US company."""
    return Client(create_quickbooks_sandbox(clock=clock), clock)


@pytest.fixture
def uk(books: Client) -> Client:
    """A UK company."""
    return books.company("GB")


@pytest.fixture
def item(books: Client) -> Json:
    return books.item()


@pytest.fixture
def customer(books: Client) -> Json:
    return books.customer()


@pytest.fixture
def vendor(books: Client) -> Json:
    return books.vendor()


CALLBACK = "http://localhost:4455/callback"


@pytest.fixture
def address() -> Iterator[str]:
    """A threaded server on a free port of loopback."""
    app = create_quickbooks_sandbox(seed="empty")
    server = make_server("127.0.0.1", 0, on_the_wire(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def oauth(address: str) -> AuthClient:
    """Connected the way an application is: discovery, consent page, callback, code."""
    client = AuthClient(
        "sandbox-client", "sandbox-secret", CALLBACK, f"{address}/.well-known/openid_sandbox_configuration"
    )
    with httpx2.Client() as browser:
        ask = urlsplit(client.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL], "state-1"))
        page = browser.get(ask.geturl())
        choice = page.text.partition('name="choice" value="')[2].partition('"')[0]
        form = {name: values[0] for name, values in parse_qs(ask.query).items()}
        answer = browser.post(f"{address}/connect/oauth2", data={**form, "decision": "connect", "choice": choice})
    callback = parse_qs(urlsplit(answer.headers["location"]).query)
    assert callback["state"] == ["state-1"]
    client.get_bearer_token(callback["code"][0], realm_id=callback["realmId"][0])
    return client


@pytest.fixture
def qb(address: str, oauth: AuthClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[QuickBooks]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{address}/v3")
    client = QuickBooks(
        auth_client=oauth, refresh_token=oauth.refresh_token, company_id=oauth.realm_id, minorversion=75
    )
    yield client
    client.session.close()
