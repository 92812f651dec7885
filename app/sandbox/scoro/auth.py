"""Who calls: a company's key or a user's token, and for which company account (reference 1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.world import Entity, Site, World

ADMIN_ROLE = 1


@dataclass(frozen=True, slots=True)
class Caller:
    """`user_id` is 0 for the company's key."""

    entity: Entity
    user_id: int
    name: str

    @property
    def is_user(self) -> bool:
        return self.user_id != 0

    @property
    def sees_all(self) -> bool:
        """A company key and administrators see everything, other users their own documents."""
        user = self.entity.row("users", self.user_id)
        return user is None or user["role_id"] == ADMIN_ROLE


def authenticate(world: World, body: Mapping[str, Any], behaviours: Behaviours) -> Caller:
    """Raises ApiError: 401 without credentials, 403 for wrong ones, 400 for an account that is not theirs."""
    key, token = str(body.get("apiKey") or ""), str(body.get("user_token") or "")
    if not key and not token:
        raise ApiError(401, "apiKey or user_token is required")
    site = world.site_of_token(token) if token else world.site_of_key(key)
    if site is None:
        raise ApiError(403, "Invalid user_token" if token else "Invalid apiKey")
    entity = _entity(site, str(body.get("company_account_id") or ""), behaviours)
    if token:
        user_id = site.tokens[token]
        user = entity.row("users", user_id)
        return Caller(entity, user_id, str(user["email"]) if user else token)
    return Caller(entity, 0, f"{key[:9]}…{key[-4:]}")


def site_of(world: World, body: Mapping[str, Any]) -> str:
    """The name of the site whose counters a request goes to; "" when nothing in it tells."""
    token, account = str(body.get("user_token") or ""), str(body.get("company_account_id") or "")
    entity = world.entity(account)
    known = world.site_of_token(token) or world.site_of_key(str(body.get("apiKey") or ""))
    site = known or (entity.site if entity else None)
    return site.name if site else ""


def _entity(site: Site, account_id: str, behaviours: Behaviours) -> Entity:
    if not account_id:
        raise ApiError(400, "company_account_id is required")
    if account_id not in site.entities:
        raise ApiError(behaviours.unknown_account_status, "Invalid company_account_id")
    return site.entities[account_id]


def sign_in(world: World, body: Mapping[str, Any]) -> dict[str, Any]:
    """`userAuth/modify`: name and password stand at the top level; answers a token."""
    entity = world.entity(str(body.get("company_account_id") or ""))
    missing = [name for name in ("username", "password", "device_type") if not body.get(name)]
    if missing:
        raise ApiError(400, *(f"{name} is required" for name in missing))
    name, password = str(body["username"]), str(body["password"])
    if entity is None or entity.site.passwords.get(name) != password:
        raise ApiError(403, "Invalid username or password")
    user = next(row for row in entity.table("users").rows() if row["username"] == name)
    return {"token": issue_token(entity.site, user["id"]), "user_id": user["id"]}


def issue_token(site: Site, user_id: int) -> str:
    """A user's token; the same one each time, so that runs can be repeated."""
    token = f"{site.api_key.removeprefix('ScoroAPI_')}u{user_id:06d}"
    site.tokens[token] = user_id
    return token
