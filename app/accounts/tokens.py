"""API tokens: keys for scripts, hashed at rest, acting as their owner with no more than the role they were given."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import request
from sqlmodel import Session, col, select

from app.access import Person, Role
from app.context import changing, database, digest, fresh_id, new_secret, now
from app.tables import ApiToken, User

PREFIX = "concord_"
TOUCH_EVERY = timedelta(minutes=5)


def issue(session: Session, owner: Person, name: str, role: Role, expires_at: datetime | None) -> str:
    """A new token; answers its text, which is not stored."""
    secret = PREFIX + new_secret()
    ceiling = role if owner.may(role) else owner.role
    session.add(
        ApiToken(
            id=fresh_id(),
            token_hash=digest(secret),
            hint=secret[: len(PREFIX) + 4],
            name=name,
            user_id=owner.id,
            role=ceiling,
            created_at=now(),
            expires_at=expires_at,
        )
    )
    return secret


def revoke(session: Session, token_id: str, owner: Person) -> ApiToken | None:
    """Make a token worthless: one's own, or anybody's for an administrator."""
    token = session.get(ApiToken, token_id)
    if token is None or not (token.user_id == owner.id or owner.may(Role.ADMINISTRATOR)):
        return None
    token.revoked_at = token.revoked_at or now()
    session.add(token)
    return token


def listed(session: Session, owner: Person) -> list[tuple[ApiToken, str]]:
    """Tokens with their owners' addresses, newest first: one's own, or everybody's for an administrator."""
    query = sa.select(ApiToken, col(User.email)).join(User, col(User.id) == col(ApiToken.user_id))
    if not owner.may(Role.ADMINISTRATOR):
        query = query.where(col(ApiToken.user_id) == owner.id)
    return [(token, email) for token, email in session.execute(query.order_by(col(ApiToken.id).desc()).limit(200))]


def caller() -> Person | None:
    """The person on whose behalf the present request comes, by its ``Authorization: Bearer`` header."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return None
    with database() as session:
        found = session.exec(select(ApiToken).where(col(ApiToken.token_hash) == digest(given.token))).first()
        user = session.get(User, found.user_id) if found else None
        if found is None or user is None or user.disabled or not _valid(found):
            return None
        who, unused = Person.of(user, Role(found.role)), found.used_at
        token_id = found.id
    if unused is None or now() - unused >= TOUCH_EVERY:
        _touch(token_id)
    return who


def _valid(token: ApiToken) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now())


def _touch(token_id: str) -> None:
    with changing() as session:
        session.exec(sa.update(ApiToken).where(col(ApiToken.id) == token_id).values(used_at=now()))
