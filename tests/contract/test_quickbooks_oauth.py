"""The authorisation of a QuickBooks company (reference 1), against the simulated one."""

from __future__ import annotations

import threading
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from app.sandbox.common.faults import FaultKind
from engine.connectors.quickbooks import Grant, OAuthApp, OAuthSettings
from engine.errors import AuthorizationLost, Misconfigured, Retryable
from tests.contract.remotes import QuickBooks
from tests.contract.transports import Meddling, Scripted, said

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def remote() -> QuickBooks:
    return QuickBooks()


def scripted(remote: QuickBooks, *answers: httpx2.Response | Exception) -> OAuthApp:
    settings = OAuthSettings("id", "secret", "http://localhost/connected", token_url="http://quickbooks.test/token")
    return OAuthApp(settings, remote.clock, transport=Scripted(*answers))


def test_the_consent_page_is_asked_with_our_state(remote: QuickBooks):
    """The state is compared when the browser comes back; the scope is the accounting one."""
    url = urlsplit(remote.oauth.authorize_url("state-1"))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert query == {
        "client_id": remote.keys["client_id"],
        "response_type": "code",
        "scope": "com.intuit.quickbooks.accounting",
        "redirect_uri": "http://localhost/connected",
        "state": "state-1",
    }


def test_a_code_is_exchanged_for_tokens_with_their_moments(remote: QuickBooks):
    """All moments come from our clock and the seconds of the answer."""
    answer = {
        "token_type": "bearer",
        "access_token": "a",
        "expires_in": 3600,
        "refresh_token": "r",
        "x_refresh_token_expires_in": 8726400,
        "x_refresh_token_hard_expires_in": 157680000,
    }
    tokens = scripted(remote, said(answer)).exchange("code")
    now = remote.clock.now()
    assert (tokens.access_token, tokens.refresh_token) == ("a", "r")
    assert (tokens.access_expires_at - now).total_seconds() == 3600
    assert (tokens.refresh_expires_at - now).total_seconds() == 8726400
    assert tokens.hard_expires_at
    assert (tokens.hard_expires_at - now).total_seconds() == 157680000


def test_a_rotated_token_is_kept_though_the_answer_does_not_tell_its_age(remote: QuickBooks):
    """The old one is dead already."""
    answer = {"token_type": "bearer", "access_token": "a", "refresh_token": "r"}
    tokens = scripted(remote, said(answer)).refresh(remote.tokens.tokens)
    assert tokens.refresh_token == "r"
    assert tokens.refresh_expires_at > tokens.access_expires_at > remote.clock.now()


def test_a_wrong_code_starts_the_consent_again(remote: QuickBooks):
    """It works once and for minutes only."""
    with pytest.raises(AuthorizationLost):
        remote.oauth.exchange("no such code")


def test_a_wrong_key_pair_is_a_matter_of_settings(remote: QuickBooks):
    """Trying again is pointless; a person has to look at the keys."""
    settings = OAuthSettings(
        "sandbox-client",
        "wrong",
        "http://localhost/connected",
        token_url="http://quickbooks.test/oauth2/v1/tokens/bearer",
    )
    app = OAuthApp(settings, remote.clock, transport=remote.transport)
    with pytest.raises(Misconfigured):
        app.refresh(remote.tokens.tokens)


@pytest.mark.parametrize(
    "fault",
    [
        said({}, 503),
        said(b"<html>", 502),
        said({"error": "x"}, 500),
        httpx2.ReadError("reset"),
        said(b"{", 200),
        said({}, 200),
    ],
)
def test_a_passing_fault_of_the_token_endpoint_costs_no_consent(remote: QuickBooks, fault: httpx2.Response | Exception):
    """The same refresh token is tried again later."""
    with pytest.raises(Retryable):
        scripted(remote, fault).refresh(remote.tokens.tokens)


def test_a_token_about_to_expire_is_renewed_before_it_is_used(remote: QuickBooks):
    """No call goes out with a token that could die on the way."""
    remote.clock.advance(HOUR - 60)
    remote.connector().profile()
    assert remote.tokens.events == ["stored"]
    assert all(exchange.status == 200 for exchange in remote.exchanges)


def test_a_rejected_token_is_renewed_in_the_middle_of_a_walk(remote: QuickBooks):
    """A token can die before its time; the page is asked for again with the next one."""
    for n in range(3):
        remote.somebody_creates(f"Person {n}")
    remote.arm(FaultKind.EXPIRED_TOKEN, after=1)
    connector = remote.connector()
    names = [r.data["DisplayName"] for type in ("Customer", "Vendor") for p in connector.scan(type) for r in p.records]
    assert names == ["Person 0", "Person 1", "Person 2"]
    assert remote.tokens.events == ["stored"]


def test_threads_that_find_the_token_rejected_refresh_it_once(remote: QuickBooks):
    """F10: the second of two refreshes with one token ends the connection."""
    grant = Grant(remote.tokens, remote.oauth, remote.clock)
    rejected = grant.bearer()
    threads = [threading.Thread(target=grant.renew, args=(rejected,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert remote.tokens.events == ["stored"]
    assert grant.bearer() != rejected


def test_two_processes_that_find_the_token_rejected_refresh_it_once(remote: QuickBooks):
    """The second reads the store anew under the lock and finds the work done."""
    first, second = (Grant(remote.tokens, remote.oauth, remote.clock) for _ in range(2))
    rejected = first.bearer()
    assert second.bearer() == rejected
    assert first.renew(rejected) == second.renew(rejected)
    assert remote.tokens.events == ["stored"]


def test_a_rotated_token_is_stored_before_it_is_used(remote: QuickBooks):
    """F10: the old value died with the answer, so a crash after the first use would end the connection."""
    remote.clock.advance(2 * DAY)
    before = remote.tokens.tokens
    events = remote.tokens.events
    remote.connector(Meddling(remote.transport, {1: lambda: events.append("used")})).profile()
    assert events == ["stored", "used"]
    assert remote.tokens.tokens.refresh_token != before.refresh_token


def test_a_grant_that_ended_needs_a_person(remote: QuickBooks):
    """Disconnected in QuickBooks: the call is refused, so is the refresh."""
    remote.revoke()
    with pytest.raises(AuthorizationLost) as raised:
        remote.connector().profile()
    assert raised.value.hint
    assert raised.value.request_id


def test_a_revoked_grant_cannot_be_used_and_revoking_again_is_no_error(remote: QuickBooks):
    """Disconnecting is safe to repeat."""
    remote.oauth.revoke(remote.tokens.tokens)
    remote.oauth.revoke(remote.tokens.tokens)
    with pytest.raises(AuthorizationLost):
        remote.connector().profile()


def test_tokens_do_not_show_in_texts(remote: QuickBooks):
    """Exceptions and logs print objects."""
    tokens = replace(remote.tokens.tokens, access_token="hidden-a", refresh_token="hidden-r")
    settings = OAuthSettings("id", "hidden-s", "http://localhost")
    assert "hidden" not in repr(tokens) + repr(settings)
