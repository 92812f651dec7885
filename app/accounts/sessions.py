"""Sessions on the server: the cookie carries a key, the table what it stands for. Signing in always makes a new key."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import sqlalchemy as sa
from flask import g, request
from flask import session as cookie
from sqlmodel import Session, col

from app.access import Person, by_token
from app.accounts import tokens
from app.context import changing, database, digest, new_secret, now
from app.tables import User, WebSession

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=14)
TOUCH_EVERY = timedelta(minutes=1)
KEY = "key"


def load() -> None:
    """Before each request: who is signed in, if anybody. Static files need nobody."""
    g.person = None
    if by_token():
        g.person = tokens.caller()
        return
    if request.endpoint == "static" or KEY not in cookie:
        return
    with database() as session:
        row = session.get(WebSession, session_hash())
        user = session.get(User, row.user_id) if row else None
        if row is None or user is None or user.disabled or row.expires_at <= now():
            return
        g.person = Person.of(user)
        stale = now() - row.seen_at >= TOUCH_EVERY
    if stale:
        _touch()


def _touch() -> None:
    with changing() as session:
        row = session.get(WebSession, session_hash())
        if row:
            row.seen_at = now()
            row.expires_at = min(row.seen_at + IDLE, row.created_at + LONGEST)


def begin(session: Session, user: User) -> None:
    """Sign a person in: a fresh key and a fresh CSRF token, nothing kept from before."""
    end(session)
    moment = now()
    session.exec(sa.delete(WebSession).where(col(WebSession.expires_at) <= moment))
    key = new_secret()
    cookie[KEY] = key
    user.signed_in_at = moment
    browser = (request.user_agent.string or "")[:200]
    session.add(
        WebSession(
            key_hash=digest(key),
            user_id=user.id,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + IDLE,
            browser=browser,
        )
    )


def end(session: Session) -> None:
    """Sign this browser out."""
    session.exec(sa.delete(WebSession).where(col(WebSession.key_hash) == session_hash()))
    cookie.clear()


def end_all(session: Session, user_id: str, *, but: str = "") -> None:
    """Sign a person out everywhere, except in the session whose key has the hash ``but``."""
    mine = col(WebSession.user_id) == user_id
    session.exec(sa.delete(WebSession).where(mine, col(WebSession.key_hash) != but))


def session_hash() -> str:
    """The hash of this browser's key: the name of its session."""
    return digest(cast(str, cookie.get(KEY, "")))
