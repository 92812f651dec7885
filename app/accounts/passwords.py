"""Passwords: hashed with Argon2id, checked in the same time whether or not the person exists, and slowed down after failures."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col

from app.context import digest, now
from app.tables import SignInAttempts

LEAST_LENGTH = 10
WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 8
PER_ADDRESS = 40

hasher = PasswordHasher()


def weakness(password: str, email: str) -> str:
    """What is wrong with a new password, in one sentence; empty when nothing is."""
    if len(password) < LEAST_LENGTH:
        return f"Use at least {LEAST_LENGTH} characters; a short sentence is easy to remember."
    if len(password) > 200:
        return "Use at most 200 characters."
    if len(set(password.lower())) < 5:
        return "Use more than a few different characters."
    if email and email.split("@", maxsplit=1)[0] in password.lower():
        return "Do not use your e-mail address in the password."
    return ""


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    return hasher.hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether a password fits the stored hash. An empty hash never fits, and takes as long to say so."""
    try:
        hasher.verify(stored or _nobody(), password)
        return stored != ""
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return hasher.hash("nobody has this password")


class Throttle:
    """Counts failed attempts per account and per network address, in the database, so that all processes share them."""

    def __init__(self, session: Session, email: str, address: str) -> None:
        self.session = session
        self.limits = {digest(f"account {email}"): PER_ACCOUNT, digest(f"address {address}"): PER_ADDRESS}

    def closed(self) -> bool:
        """Whether there were too many failures of late."""
        rows = {key: self.session.get(SignInAttempts, key) for key in self.limits}
        return any(row and self._recent(row) and row.failures >= self.limits[key] for key, row in rows.items())

    def failed(self) -> None:
        """Count one failure, and forget those of everybody that are too old to count."""
        self.session.exec(sa.delete(SignInAttempts).where(col(SignInAttempts.since) <= now() - WINDOW))
        for key in self.limits:
            row = self.session.get(SignInAttempts, key)
            row = row or SignInAttempts(key=key, since=now())
            row.failures += 1
            self.session.add(row)

    def passed(self) -> None:
        """A success forgets the failures of the account, not those of the address."""
        row = self.session.get(SignInAttempts, next(iter(self.limits)))
        if row:
            self.session.delete(row)

    def _recent(self, row: SignInAttempts) -> bool:
        return now() - row.since < WINDOW
