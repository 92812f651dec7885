"""The tables of the application: people, their sessions and tokens, what they did, and who is told of what.

The engine's own tables stand in ``engine.store.tables``. Secrets are never stored: of session keys, invitations and API
tokens only a hash, of passwords an Argon2id hash, of alert addresses the encrypted form. Moments are aware UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engine.store.tables import Json, Moment


def _list() -> Any:
    return Field(sa_column=sa.Column(Json, nullable=False), default_factory=list)


class User(SQLModel, table=True):
    """A person who may sign in. ``email`` is lower case and names the person in every log.

    ``password_hash`` is empty for people who come through the company's own sign-in only. ``theme``: auto · light · dark.
    """

    __tablename__ = "users"

    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str = ""
    role: str = "viewer"
    password_hash: str = ""
    all_connections: bool = False
    time_zone: str = "UTC"
    locale: str = "en_GB"
    theme: str = "auto"
    disabled: bool = False
    created_at: datetime = Field(sa_type=Moment)
    signed_in_at: datetime | None = Field(default=None, sa_type=Moment)


class UserConnection(SQLModel, table=True):
    """A connection that a person may see."""

    __tablename__ = "user_connections"

    user_id: str = Field(primary_key=True, foreign_key="users.id")
    connection_id: str = Field(primary_key=True, foreign_key="connections.id")


class WebSession(SQLModel, table=True):
    """A signed-in browser. ``key_hash`` is the hash of the key in its cookie; deleting the row signs it out."""

    __tablename__ = "web_sessions"

    key_hash: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="users.id", index=True)
    created_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    browser: str = ""


class Invitation(SQLModel, table=True):
    """A link that makes one account, once, before it expires."""

    __tablename__ = "invitations"

    token_hash: str = Field(primary_key=True)
    email: str
    role: str
    all_connections: bool = False
    connection_ids: list[Any] = _list()
    invited_by: str
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class SignInAttempts(SQLModel, table=True):
    """Failed sign-ins counted per address and per account since ``since``."""

    __tablename__ = "sign_in_attempts"

    key: str = Field(primary_key=True)
    failures: int = 0
    since: datetime = Field(sa_type=Moment)


class ConsentState(SQLModel, table=True):
    """The ``state`` of one trip to a consent page: bound to the session it began in, good for one return (R1)."""

    __tablename__ = "consent_states"

    state_hash: str = Field(primary_key=True)
    session_hash: str
    connection_id: str
    created_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class ApiToken(SQLModel, table=True):
    """A key for scripts. It acts as its owner, with no more than ``role``. ``hint`` is its readable beginning."""

    __tablename__ = "api_tokens"

    id: str = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    hint: str
    name: str
    user_id: str = Field(foreign_key="users.id", index=True)
    role: str
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class Activity(SQLModel, table=True):
    """Who did what, in one sentence. ``connection_id`` is empty for what concerns the whole installation."""

    __tablename__ = "activity"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Moment, index=True)
    person: str
    action: str
    summary: str
    connection_id: str = ""
    address: str = ""


class AlertSettings(SQLModel, table=True):
    """Who is told what about one connection.

    ``targets`` is the encrypted list of apprise addresses. ``kinds``: conflict_waiting · connection_lost · run_halted · failures.
    ``digest_minutes``: 0 tells at once. Quiet hours are ``HH:MM`` in ``time_zone``; equal ends mean none.
    """

    __tablename__ = "alert_settings"

    connection_id: str = Field(primary_key=True, foreign_key="connections.id")
    enabled: bool = False
    targets: str = ""
    kinds: list[Any] = _list()
    digest_minutes: int = 60
    quiet_from: str = ""
    quiet_until: str = ""
    time_zone: str = "UTC"
    sent_at: datetime | None = Field(default=None, sa_type=Moment)


class Alert(SQLModel, table=True):
    """Something a person should hear of. ``key`` recognises repetitions: the same thing is told once a day at most.

    ``sent_at`` is empty while it waits to be told.
    """

    __tablename__ = "alerts"
    __table_args__ = (sa.Index("alerts_waiting", "connection_id", "sent_at"),)

    connection_id: str = Field(primary_key=True, foreign_key="connections.id")
    key: str = Field(primary_key=True)
    kind: str
    text: str
    times: int = 1
    noticed_at: datetime = Field(sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
