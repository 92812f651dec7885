"""Who signed in: signed id tokens and the key that checks them (OpenID, reference 1.1 and 1.2)."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks.oauth import Grant

_KEY_ID = "sandbox-key"
_LIFE = 3600


def subject(email: str) -> str:
    """The user's name in tokens."""
    return f"sub-{email}"


class Identity:
    """Signs id tokens. The key is made when it is first needed and lives as long as the sandbox."""

    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.lock = threading.Lock()

    @cached_property
    def _made(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": _KEY_ID, "use": "sig", "alg": "RS256"})

    @property
    def _key(self) -> RSAKey:
        with self.lock:
            return self._made

    def keys(self) -> dict[str, Any]:
        """The public half, as `jwks_uri` serves it."""
        return {"keys": [self._key.as_dict(private=False)]}

    def token(self, grant: Grant, issuer: str, audience: str) -> str:
        """An RS256 token for the user of a grant; it names the company the consent was for."""
        now = int(self.clock.now().timestamp())
        claims = {
            "sub": subject(grant.user),
            "aud": [audience],
            "realmid": grant.realm,
            "auth_time": int(grant.born.timestamp()),
            "iss": issuer,
            "exp": now + _LIFE,
            "iat": now,
        }
        return jwt.encode({"alg": "RS256", "kid": _KEY_ID}, claims, self._key)
