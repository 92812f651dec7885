"""The ways to prove who we are to Scoro: fields of every request's body (reference 1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Auth(Protocol):
    """A way to sign requests. ``account`` names the company account within the site."""

    @property
    def account(self) -> str:
        """The ``company_account_id``."""

    def fields(self) -> Mapping[str, str]:
        """What is laid into the body."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The company's API key: the normal way."""

    key: str = field(repr=False)
    account: str

    def fields(self) -> Mapping[str, str]:
        return {"apiKey": self.key, "company_account_id": self.account}


@dataclass(frozen=True, slots=True)
class UserToken:
    """A user's token: sees what that user may see, and may apply bookmarks."""

    token: str = field(repr=False)
    account: str

    def fields(self) -> Mapping[str, str]:
        return {"user_token": self.token, "company_account_id": self.account}
