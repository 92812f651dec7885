"""What the services need of the world, handed in once by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

import sqlalchemy as sa

from engine.clock import Clock
from engine.connectors.base import Connector
from engine.core.records import System


class Vault(Protocol):
    """Secrets at rest. ``open`` raises ``Misconfigured`` when no key fits."""

    def seal(self, secret: str) -> str:
        """Encrypt for storage."""

    def open(self, sealed: str) -> str:
        """Decrypt from storage."""


class Authorizer(Protocol):
    """The OAuth side of QuickBooks, without a connection."""

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        """Where to send the browser."""

    def exchange(self, *, code: str, redirect_uri: str) -> str:
        """Trade a code for tokens; returns them as one JSON text to be sealed. Raises ``AuthorizationLost``."""

    def revoke(self, tokens: str) -> None:
        """Give the grant back."""


class Connect(Protocol):
    """Makes a connector to one system of one connection, for one job."""

    def __call__(self, connection_id: str, system: System) -> Connector: ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something a person may want to be told: ``name`` is one of conflict_waiting, connection_lost, run_halted,
    failures."""

    name: str
    connection_id: str
    sentence: str
    count: int = 1


def _ignore(*_: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Deps:
    """The world of one process.

    ``enqueue(run_id, urgent)`` wakes a worker; losing it costs only time. ``yield_now()`` asks whether
    something more urgent waits. ``owner`` names this process in leases.
    """

    database: sa.Engine
    clock: Clock
    random: Random
    vault: Vault
    connect: Connect
    authorizer: Authorizer
    enqueue: Callable[[str, bool], None] = _ignore
    notify: Callable[[Event], None] = _ignore
    yield_now: Callable[[], bool] = field(default=lambda: False)
    owner: str = "local"
