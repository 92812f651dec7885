"""Grants and tokens: codes, rotation of refresh tokens, lifetimes, revocation (reference section 1)."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.sandbox.common.clock import SandboxClock

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105  # the published key of the sandbox
ACCESS_SECONDS = 3600
CODE_SECONDS = 600
ROTATION = timedelta(hours=24)
REFRESH_LIFE = timedelta(days=101)
HARD_LIFE = timedelta(days=5 * 365)
ACCOUNTING = "com.intuit.quickbooks.accounting"
PROJECTS = "project-management.project"
DEFAULT_SCOPES = f"{ACCOUNTING} {PROJECTS} openid profile email"


class OAuthError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


@dataclass(slots=True)
class Grant:
    """One consent of a user for one company. `refresh` is the living refresh token."""

    realm: str
    user: str
    scopes: frozenset[str]
    born: datetime
    refresh: str = ""
    issued: datetime | None = None
    extended: datetime | None = None
    dead: bool = False
    old: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Access:
    grant: Grant
    expires: datetime


@dataclass(frozen=True, slots=True)
class Code:
    grant: Grant
    redirect_uri: str
    expires: datetime


class Authority:
    """Issues, rotates and revokes, one caller at a time under `lock`.

    Token texts are derived from a counter, so a reset sandbox repeats itself.
    """

    def __init__(self, clock: SandboxClock) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.access_seconds = ACCESS_SECONDS
        self.punish_reuse = False
        self.grants: list[Grant] = []
        self.access: dict[str, Access] = {}
        self.refresh: dict[str, Grant] = {}
        self.codes: dict[str, Code] = {}
        self.serial = 0  # secrets issued so far

    def _secret(self, prefix: str, length: int) -> str:
        self.serial += 1
        parts = (f"{prefix}{self.serial}.{part}" for part in range(length // 64 + 1))
        return prefix + "".join(hashlib.sha256(part.encode()).hexdigest() for part in parts)[:length]

    def consent(self, realm: str, user: str, scopes: str) -> Grant:
        grant = Grant(realm, user, frozenset(scopes.split()), self.clock.now())
        self.grants.append(grant)
        return grant

    def code_for(self, grant: Grant, redirect_uri: str) -> str:
        code = self._secret("AB1", 40)
        self.codes[code] = Code(grant, redirect_uri, self.clock.now() + timedelta(seconds=CODE_SECONDS))
        return code

    def redeem(self, code: str, redirect_uri: str) -> Grant:
        """A code works once, for ten minutes, with the redirect address it was made for."""
        found = self.codes.pop(code, None)
        if found is None or found.redirect_uri != redirect_uri or found.expires < self.clock.now():
            raise OAuthError("invalid_grant", "Invalid authorization code")
        self._new_refresh(found.grant)
        return found.grant

    def _new_refresh(self, grant: Grant) -> None:
        if grant.refresh:
            grant.old.add(grant.refresh)
        grant.refresh = self._secret("RT1-", 46)
        grant.issued = grant.extended = self.clock.now()
        self.refresh[grant.refresh] = grant

    def start(self, grant: Grant) -> None:
        """A refresh token without the round trip through the browser."""
        self._new_refresh(grant)

    def rotate(self, token: str) -> Grant:
        """Refresh: the same value within a day, a new one after; the old one is dead at once."""
        grant = self.refresh.get(token)
        if grant is None or grant.dead or self._expired(grant):
            raise OAuthError("invalid_grant", "Incorrect or invalid refresh token")
        if token in grant.old:
            grant.dead = self.punish_reuse
            raise OAuthError("invalid_grant", "Token has been expired or revoked")
        now = self.clock.now()
        if grant.issued is not None and now - grant.issued >= ROTATION:
            self._new_refresh(grant)
        grant.extended = now
        return grant

    def _expired(self, grant: Grant) -> bool:
        now = self.clock.now()
        return (grant.extended is not None and now - grant.extended > REFRESH_LIFE) or now - grant.born > HARD_LIFE

    def new_access(self, grant: Grant, seconds: int | None = None) -> str:
        token = self._secret("eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..", 640)
        life = self.access_seconds if seconds is None else seconds
        self.access[token] = Access(grant, self.clock.now() + timedelta(seconds=life))
        return token

    def grant_of(self, access_token: str) -> Grant | None:
        """The living grant of an access token that has not expired."""
        found = self.access.get(access_token)
        if found is None or found.grant.dead or found.expires <= self.clock.now():
            return None
        return found.grant

    def revoke(self, token: str) -> None:
        """Either token ends the whole grant."""
        grant = self.refresh.get(token) or (self.access[token].grant if token in self.access else None)
        if grant is None:
            raise OAuthError("invalid_request", "Unknown token")
        grant.dead = True

    def disconnect(self, realm: str) -> int:
        """A person disconnects the app in QuickBooks."""
        ended = [grant for grant in self.grants if grant.realm == realm and not grant.dead]
        for grant in ended:
            grant.dead = True
        return len(ended)
