"""The composition root: from settings to the engine's dependencies. The only file that names concrete classes."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from random import Random
from urllib.request import getproxies

import httpx2
import sqlalchemy as sa
from redis import Redis

from app.jobs.queue import RunQueue, connect
from app.pacing import SharedLimiter
from app.settings import Settings
from app.tokens import StoredTokens, tokens_from_text, tokens_to_text
from app.vault import FernetVault
from engine.clock import Clock, SystemClock
from engine.connectors.base import Connector
from engine.connectors.quickbooks.connector import QuickBooksConnector
from engine.connectors.quickbooks.oauth import Grant, OAuthApp, OAuthSettings
from engine.connectors.scoro.address import PublicTransport, site_url
from engine.connectors.scoro.auth import ApiKey, Auth, UserToken
from engine.connectors.scoro.client import ScoroClient
from engine.connectors.scoro.connector import ScoroConnector
from engine.core.records import System
from engine.errors import Misconfigured
from engine.services.deps import Deps, Vault
from engine.services.setup import ScoroKeys
from engine.store.clock import clock_of
from engine.store.database import make_engine, reading
from engine.store.tables import Connection


@cache
def build_deps(settings: Settings) -> Deps:
    """The world of this process, made once."""
    vault, database = FernetVault(settings.all_secret_keys), make_engine(settings.database_url)
    clock = clock_of(database, SystemClock())
    redis = connect(settings)
    queue = RunQueue(redis)
    doors = Doors(settings, database, vault, redis, clock)
    return Deps(
        database=database,
        clock=clock,
        random=Random(secrets.randbits(64)),  # noqa: S311  # spreads delays; guards nothing
        vault=vault,
        connect=doors.open,
        authorizer=Consent(settings),
        enqueue=queue.wake,
        notify=_notifier(settings),
        yield_now=queue.person_waits,
        owner=f"{socket.gethostname()}:{os.getpid()}",
    )


def _notifier(settings: Settings):  # type: ignore[no-untyped-def]  # the alerts' module knows its type
    try:
        from app.alerts import notifier
    except ImportError:
        return lambda event: None
    return notifier(settings)


class Doors:
    """Opens connectors with the stored keys."""

    def __init__(self, settings: Settings, database: sa.Engine, vault: Vault, redis: Redis, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._vault = vault
        self._clock = clock
        self._limiter = SharedLimiter(redis, self._clock)
        self._random = Random(secrets.randbits(64))  # noqa: S311  # spreads delays; guards nothing

    def open(self, connection_id: str, system: System) -> Connector:
        """A connector for one job. Raises ``Misconfigured`` when that side was never set up."""
        with reading(self._database) as session:
            connection = session.get_one(Connection, connection_id)
            session.expunge_all()
        return self._scoro(connection) if system is System.SCORO else self._quickbooks(connection)

    def _scoro(self, connection: Connection) -> Connector:
        if not connection.scoro_secret:
            raise Misconfigured("Scoro is not connected yet.", hint="Enter the site address and the key in the set-up.")
        keys = ScoroKeys.from_text(self._vault.open(connection.scoro_secret))
        auth: Auth = ApiKey(keys.key, connection.scoro_account)
        if not keys.key:
            auth = UserToken(keys.user_token, connection.scoro_account)
        origin = self.site_of(connection.scoro_url)
        client = ScoroClient(
            base_url=origin,
            auth=auth,
            user=UserToken(keys.user_token, connection.scoro_account) if keys.user_token else None,
            limiter=self._limiter,
            clock=self._clock,
            jitter=self._random.random,
            transport=self.way_to(origin),
        )
        zone = connection.settings.get("time_zone") or connection.scoro_profile.get("time_zone") or "UTC"
        return ScoroConnector(client, account=connection.scoro_account, time_zone=zone, clock=self._clock)

    def site_of(self, typed: str) -> str:
        """The origin of the site, when it may be called."""
        hosts = self._settings.scoro_allowed_hosts
        domains = [host for host in hosts if ":" not in host]
        return site_url(typed, allowed_hosts=_exempt(self._settings), domains=domains)

    def way_to(self, origin: str) -> httpx2.BaseTransport | None:
        """Addresses are checked again as they are connected to; not for hosts that the administrator named, and not behind a
        proxy, which looks names up by itself."""
        if httpx2.URL(origin).netloc.decode() in _exempt(self._settings) or getproxies():
            return None
        return PublicTransport()

    def _quickbooks(self, connection: Connection) -> Connector:
        if not connection.quickbooks_secret:
            raise Misconfigured("QuickBooks is not authorised yet.", hint="Authorise it in the set-up.")
        store = StoredTokens(self._database, self._vault, connection.id)
        return QuickBooksConnector(
            realm_id=connection.quickbooks_realm,
            base_url=self._settings.quickbooks_api_url,
            grant=Grant(store, oauth_app(self._settings), self._clock),
            limiter=self._limiter,
            clock=self._clock,
            jitter=self._random.random,
        )


OWN_NAMES = frozenset({"127.0.0.1", "[::1]", "localhost"})


def _exempt(settings: Settings) -> tuple[str, ...]:
    """Hosts with a port were named by the administrator for this very machine; plain domains have to be public anyway."""
    named = [host for host in settings.scoro_allowed_hosts if ":" in host]
    return tuple(spelling for host in named for spelling in _spellings(host))


def _spellings(host: str) -> list[str]:
    """The host, and where it is this machine the other ways to write that."""
    name, _, port = host.rpartition(":")
    return [f"{one}:{port}" for one in sorted(OWN_NAMES)] if name in OWN_NAMES else [host]


def oauth_app(settings: Settings, redirect_uri: str = "") -> OAuthApp:
    """The application at Intuit."""
    chosen = OAuthSettings(
        client_id=settings.quickbooks_client_id,
        client_secret=settings.quickbooks_client_secret.get_secret_value(),
        redirect_uri=redirect_uri,
        authorize_url=settings.quickbooks_auth_url,
        token_url=settings.quickbooks_token_url,
        revoke_url=settings.quickbooks_revoke_url,
    )
    return OAuthApp(chosen, SystemClock())


class Consent:
    """The engine's ``Authorizer``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        """Where to send the browser. Raises ``Misconfigured`` without keys."""
        if not self._settings.quickbooks_client_id:
            raise Misconfigured(
                "QUICKBOOKS_CLIENT_ID is not set.",
                hint="Make an app at Intuit and set its two keys; README.md tells how.",
            )
        return oauth_app(self._settings, redirect_uri).authorize_url(state)

    def exchange(self, *, code: str, redirect_uri: str) -> str:
        """Trade the code of the consent for tokens."""
        return tokens_to_text(oauth_app(self._settings, redirect_uri).exchange(code))

    def revoke(self, tokens: str) -> None:
        """Give the grant back."""
        oauth_app(self._settings).revoke(tokens_from_text(tokens))
