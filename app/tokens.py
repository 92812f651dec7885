"""Where QuickBooks' tokens are kept: sealed in the connection's row, refreshed by one process at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from engine.connectors.quickbooks.oauth import Tokens
from engine.errors import AuthorizationLost
from engine.services.deps import Vault
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Connection


def tokens_to_text(tokens: Tokens) -> str:
    """Tokens as the text that is sealed."""
    return json.dumps(asdict(tokens), default=datetime.isoformat)


def tokens_from_text(text: str) -> Tokens:
    """The reverse."""
    stored = json.loads(text)
    moments = ("access_expires_at", "refresh_expires_at", "hard_expires_at")
    dates = {name: datetime.fromisoformat(stored[name]) if stored[name] else None for name in moments}
    return Tokens(**{**stored, **dates})


class StoredTokens:
    """The token store of one connection."""

    def __init__(self, database: sa.Engine, vault: Vault, connection_id: str) -> None:
        self._database = database
        self._vault = vault
        self._connection_id = connection_id

    def load(self) -> Tokens:
        """The tokens as last stored. Raises ``AuthorizationLost`` when there are none."""
        with reading(self._database) as session:
            return self._opened(session.get(Connection, self._connection_id))

    def refresh_exclusively(self, fn: Callable[[Tokens], Tokens]) -> Tokens:
        """Under the lock of the connection's row: read anew, refresh, store durably, answer."""
        with writing(self._database) as session:
            connection = log.lock(session, self._connection_id)
            tokens = fn(self._opened(connection))
            connection.quickbooks_secret = self._vault.seal(tokens_to_text(tokens))
            connection.quickbooks_token_version += 1
            session.add(connection)
        return tokens

    def _opened(self, connection: Connection | None) -> Tokens:
        if connection is None or not connection.quickbooks_secret:
            raise AuthorizationLost(
                "QuickBooks is not authorised.", hint="Open Settings and authorise QuickBooks again."
            )
        return tokens_from_text(self._vault.open(connection.quickbooks_secret))
