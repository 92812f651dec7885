"""What is done with accounts: making, inviting, changing and closing them. Routes hand in clean values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.access import Role
from app.accounts import passwords, sessions
from app.context import digest, fresh_id, new_secret, now
from app.tables import ApiToken, Invitation, User, UserConnection
from engine.errors import Refused
from engine.store.tables import Connection

FIRST = "first"
INVITATION_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an account may do and see."""

    role: Role
    all_connections: bool
    connection_ids: tuple[str, ...]


def nobody_yet(session: Session) -> bool:
    """Whether this installation has no account."""
    return session.exec(select(User.id).limit(1)).first() is None


def by_email(session: Session, email: str) -> User | None:
    """The account with an e-mail address."""
    return session.exec(select(User).where(col(User.email) == email)).first()


def make_administrator(session: Session, email: str, name: str, password: str) -> User:
    """The first account; its fixed id lets only one be made, also when two browsers try at once."""
    if not nobody_yet(session):
        raise Refused("This installation already has an administrator.", hint="Sign in instead.")
    user = User(
        id=FIRST,
        email=email,
        name=name,
        role=Role.ADMINISTRATOR,
        password_hash=passwords.hash_password(password),
        all_connections=True,
        created_at=now(),
    )
    session.add(user)
    session.flush()
    return user


def invite(session: Session, email: str, grant: Grant, by: str) -> str:
    """A new invitation; answers the secret of its link, which is not stored."""
    if by_email(session, email):
        raise Refused(f"{email} already has an account.", hint="Change the role of that account instead.")
    return _open(session, email, grant, by)


def reset(session: Session, user: User, by: str) -> str:
    """A link by which a person who has an account sets a new password; answers its secret."""
    if user.disabled:
        raise Refused("This account is closed.", hint="Reopen it first.")
    grant = Grant(Role(user.role), user.all_connections, tuple(connections_of(session, user.id)))
    return _open(session, user.email, grant, by)


def _open(session: Session, email: str, grant: Grant, by: str) -> str:
    session.exec(sa.delete(Invitation).where(col(Invitation.email) == email, col(Invitation.used_at).is_(None)))
    secret = new_secret()
    session.add(
        Invitation(
            token_hash=digest(secret),
            email=email,
            role=grant.role,
            all_connections=grant.all_connections,
            connection_ids=list(grant.connection_ids),
            invited_by=by,
            created_at=now(),
            expires_at=now() + INVITATION_LIFE,
        )
    )
    return secret


def open_invitation(session: Session, secret: str) -> Invitation:
    """The invitation of a link, if it can still be used."""
    found = session.get(Invitation, digest(secret))
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise Refused(
            "This invitation cannot be used any more.",
            hint="Each link works once and for seven days. Ask the person who invited you for a new one.",
        )
    return found


def accept(session: Session, secret: str, name: str, password: str) -> User:
    """The account an invitation promises, or the person's own with the new password. The conditional update lets a link be
    used once only."""
    found = open_invitation(session, secret)
    unused = sa.update(Invitation).where(
        col(Invitation.token_hash) == found.token_hash, col(Invitation.used_at).is_(None)
    )
    if session.exec(unused.values(used_at=now())).rowcount != 1:
        raise Refused("This invitation was used already.", hint="Sign in instead.")
    known = by_email(session, found.email)
    return _renew(session, known, password) if known else _join(session, found, name, password)


def _renew(session: Session, user: User, password: str) -> User:
    if user.disabled:
        raise Refused("This account is closed.", hint="Ask an administrator of Concord.")
    user.password_hash = passwords.hash_password(password)
    sessions.end_all(session, user.id)
    session.add(user)
    return user


def _join(session: Session, found: Invitation, name: str, password: str) -> User:
    user = User(
        id=fresh_id(),
        email=found.email,
        name=name,
        role=found.role,
        password_hash=passwords.hash_password(password),
        all_connections=found.all_connections,
        created_at=now(),
    )
    session.add(user)
    session.flush()
    session.add_all(UserConnection(user_id=user.id, connection_id=one) for one in _known(session, found.connection_ids))
    return user


def _known(session: Session, ids: Sequence[str]) -> Iterable[str]:
    """Those that are still there: a setup may have been discarded since the invitation."""
    return session.exec(select(Connection.id).where(col(Connection.id).in_(ids)))


def connections_of(session: Session, user_id: str) -> list[str]:
    """The ids of the connections an account was given one by one."""
    return list(session.exec(select(UserConnection.connection_id).where(col(UserConnection.user_id) == user_id)))


def change(session: Session, user: User, grant: Grant, *, disabled: bool) -> None:
    """Give an account another role, other connections, or close it. One administrator always remains."""
    loses = disabled or grant.role is not Role.ADMINISTRATOR
    if user.role == Role.ADMINISTRATOR and not user.disabled and loses and _administrators(session) == 1:
        raise Refused(
            "This is the only administrator.", hint="Make somebody else administrator first, then change this account."
        )
    user.role, user.all_connections, user.disabled = grant.role, grant.all_connections, disabled
    session.exec(sa.delete(UserConnection).where(col(UserConnection.user_id) == user.id))
    session.add_all(UserConnection(user_id=user.id, connection_id=one) for one in grant.connection_ids)
    session.add(user)
    if disabled:
        sessions.end_all(session, user.id)
        revoked = sa.update(ApiToken).where(col(ApiToken.user_id) == user.id, col(ApiToken.revoked_at).is_(None))
        session.exec(revoked.values(revoked_at=now()))


def _administrators(session: Session) -> int:
    query = select(User.id).where(col(User.role) == Role.ADMINISTRATOR, col(User.disabled).is_(False))
    return len(session.exec(query).all())
