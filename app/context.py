"""What a request works with: the engine's dependencies, the database, the clock, and the connection in the address."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import AbstractContextManager
from datetime import datetime
from typing import cast

from flask import current_app, g
from sqlmodel import Session

from app.settings import Settings
from engine.services.deps import Deps
from engine.store.database import new_id, writing
from engine.store.tables import Connection


def deps() -> Deps:
    """The engine's dependencies of this application."""
    return cast(Deps, current_app.extensions["concord"])


def settings() -> Settings:
    """The settings this application was made with."""
    return cast(Settings, current_app.extensions["concord_settings"])


def database() -> Session:
    """A database session for reading; the caller closes it (``with database() as session``)."""
    return Session(deps().database)


def changing() -> AbstractContextManager[Session]:
    """A database session for a change, committed at the end of its block and not at all after an error."""
    return writing(deps().database)


def now() -> datetime:
    """The current moment of the injected clock, in UTC."""
    return deps().clock.now()


def connection() -> Connection:
    """The connection named in the address, which the signed-in person may see."""
    return cast(Connection, g.connection)


def fresh_id() -> str:
    """An identifier for a new row."""
    return new_id(now())


def new_secret() -> str:
    """An unguessable text for links, keys and states. The system's own source: it must never be predictable."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret that has to be recognised again."""
    return hashlib.sha256(secret.encode()).hexdigest()
