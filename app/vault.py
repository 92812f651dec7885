"""Secrets at rest: encrypted with the installation's key, readable with earlier ones until all is re-encrypted."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from engine.errors import Misconfigured


class FernetVault:
    """A vault over Fernet. The first key seals, every key opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, secret: str) -> str:
        """Encrypt for storage."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt from storage. Raises ``Misconfigured`` when no key fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Misconfigured(
                "A stored key cannot be decrypted.",
                hint="SECRET_KEY was changed: put its earlier value into SECRET_KEYS, or enter the keys of the systems anew.",
            ) from None


def _derived(key: str) -> bytes:
    """A Fernet key from a setting of any form."""
    return urlsafe_b64encode(sha256(b"concord-vault:" + key.encode()).digest())
