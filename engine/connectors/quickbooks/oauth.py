"""The authorisation of a QuickBooks company: consent, exchange, refresh, revocation (reference 1).

A refresh token changes about daily and its old value dies with the answer, so a new one is stored before it is used, and only
one process refreshes at a time: the store locks, re-reads and stores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client

from engine.clock import Clock
from engine.connectors.http import TIMEOUT, USER_AGENT
from engine.errors import AuthorizationLost, ConcordError, Misconfigured, Retryable

SCOPE = "com.intuit.quickbooks.accounting"
LEEWAY = timedelta(minutes=3)
"""An access token that lives no longer than this is refreshed before it is used."""

ACCESS_LIFE = 3600
REFRESH_LIFE = 100 * 24 * 3600
"""Seconds that are assumed when an answer does not tell: a rotated token must never be lost for want of its age."""

_REFRESH = "refresh_token"

HARD_LIFE_HEADER = {"x-include-refresh-token-hard-expires-in": "true"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a grant consists of. Moments are aware and in UTC; ``hard_expires_at`` is the grant's absolute end when told."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None = None


class TokenStore(Protocol):
    """Where the tokens of one connection are kept."""

    def load(self) -> Tokens:
        """The tokens as last stored. ``AuthorizationLost`` when there are none."""

    def refresh_exclusively(self, fn: Callable[[Tokens], Tokens]) -> Tokens:
        """Under a lock that holds across processes: read the tokens anew, apply ``fn``, store its result durably, answer it."""


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """The application's keys and the four addresses (reference 1.1)."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    authorize_url: str = "https://appcenter.intuit.com/connect/oauth2"
    token_url: str = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105  # an address
    revoke_url: str = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"


class OAuthApp:
    """The calls that the application's keys allow."""

    def __init__(self, settings: OAuthSettings, clock: Clock, *, transport: httpx2.BaseTransport | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._trace_id = ""
        self._transport = transport
        self._opened: OAuth2Client | None = None

    def authorize_url(self, state: str) -> str:
        """Where the person's browser goes to give consent. ``state`` comes back with the answer and must be compared."""
        url, _ = self._client.create_authorization_url(self._settings.authorize_url, state=state)
        return str(url)

    def exchange(self, code: str) -> Tokens:
        """The first tokens, for the code that came back from the consent page. A code works once."""
        return self._ask(
            lambda: self._client.fetch_token(
                self._settings.token_url,
                grant_type="authorization_code",
                code=code,
                headers=_token_headers(),
            )
        )

    def refresh(self, tokens: Tokens) -> Tokens:
        """New tokens for old ones. Call it under ``TokenStore.refresh_exclusively`` only."""
        return self._ask(
            lambda: self._client.refresh_token(
                self._settings.token_url, refresh_token=tokens.refresh_token, headers=_token_headers()
            )
        )

    def revoke(self, tokens: Tokens) -> None:
        """End the grant. A grant that has ended already is no error."""
        try:
            answer = self._client.revoke_token(
                self._settings.revoke_url, token=tokens.refresh_token, token_type_hint=_REFRESH
            )
        except httpx2.TransportError as fault:
            raise self._passing("broken_off") from fault
        if answer.status_code not in (200, 400):
            raise self._passing(str(answer.status_code))

    def close(self) -> None:
        """Give back the sockets; the next call opens new ones."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _client(self) -> OAuth2Client:
        """Opened when it is first needed: most connectors never refresh."""
        if self._opened is None:
            self._opened = OAuth2Client(
                client_id=self._settings.client_id,
                client_secret=self._settings.client_secret,
                scope=SCOPE,
                redirect_uri=self._settings.redirect_uri,
                transport=self._transport,
                timeout=TIMEOUT,
                headers={"User-Agent": USER_AGENT},
                event_hooks={"response": [self._note_trace]},
            )
        return self._opened

    def _ask(self, request: Callable[[], Mapping[str, Any]]) -> Tokens:
        try:
            return self._tokens(request())
        except OAuthError as refusal:
            raise self._refused(refusal) from refusal
        except (
            httpx2.HTTPError,
            ArithmeticError,
            AttributeError,
            KeyError,
            RecursionError,
            TypeError,
            ValueError,
        ) as fault:
            raise self._passing(type(fault).__name__) from fault

    def _tokens(self, answer: Mapping[str, Any]) -> Tokens:
        hard = answer.get("x_refresh_token_hard_expires_in")
        return Tokens(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
            access_expires_at=self._in(answer.get("expires_in", ACCESS_LIFE)),
            refresh_expires_at=self._in(answer.get("x_refresh_token_expires_in", REFRESH_LIFE)),
            hard_expires_at=None if hard is None else self._in(hard),
        )

    def _in(self, seconds: object) -> datetime:
        return self._clock.now() + timedelta(seconds=int(str(seconds)))

    def _refused(self, refusal: Any) -> ConcordError:
        """What the token endpoint says (reference 1.6)."""
        if refusal.error == "invalid_client":
            return Misconfigured(
                "QuickBooks does not know the application's client id and secret.",
                hint="Check both against the keys of the developer account.",
                request_id=self._trace_id,
                code=refusal.error,
            )
        return AuthorizationLost(
            "QuickBooks has ended the authorisation, or somebody disconnected it there.",
            hint="Connect QuickBooks again in the settings.",
            detail=str(refusal.description or ""),
            request_id=self._trace_id,
            code=str(refusal.error),
        )

    def _passing(self, code: str) -> Retryable:
        return Retryable(
            "QuickBooks could not renew the authorisation at the moment.",
            hint="It is tried again by itself.",
            request_id=self._trace_id,
            code=code,
        )

    def _note_trace(self, response: httpx2.Response) -> None:
        self._trace_id = response.headers.get("intuit_tid", "")


class Grant:
    """The access token of one connection, renewed when it is about to expire or was rejected. Safe for several threads."""

    def __init__(self, store: TokenStore, app: OAuthApp, clock: Clock) -> None:
        self._store = store
        self._app = app
        self._clock = clock
        self._tokens: Tokens | None = None

    def bearer(self) -> str:
        """A token that may be used now."""
        tokens = self._tokens = self._tokens or self._store.load()
        if self._fresh(tokens):
            return tokens.access_token
        return self.renew(tokens.access_token)

    def renew(self, rejected: str) -> str:
        """A token other than the rejected one. Somebody who renewed it meanwhile saves us the refresh."""

        def unless_done(tokens: Tokens) -> Tokens:
            return self._app.refresh(tokens) if tokens.access_token == rejected else tokens

        self._tokens = self._store.refresh_exclusively(unless_done)
        return self._tokens.access_token

    def close(self) -> None:
        """Give back the sockets."""
        self._app.close()

    def _fresh(self, tokens: Tokens) -> bool:
        return tokens.access_expires_at - self._clock.now() > LEEWAY


def _token_headers() -> dict[str, str]:
    return {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        **HARD_LIFE_HEADER,
    }
