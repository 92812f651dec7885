"""What a Scoro company account says about itself (reference 2.7, 1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.connectors.base import CompanyProfile
from engine.connectors.scoro.client import ScoroClient
from engine.core.records import System
from engine.errors import RemoteMissing, RemoteRejected, Retryable


def fetch_profile(client: ScoroClient, account: str, zone: ZoneInfo) -> CompanyProfile:
    """The account's profile. ``zone`` is what is assumed when no user's settings tell the site's."""
    company = _one(client.call("companyAccount/list"))
    home = str(company.get("base_currency", ""))
    active = {str(currency) for currency in company.get("active_currencies") or []}
    return CompanyProfile(
        system=System.SCORO,
        id=account,
        name=str(company.get("company_name", "")),
        country=_country(company),
        home_currency=home,
        currencies=(home, *sorted(active - {home})),
        time_zone=_time_zone(client) or zone.key,
        features={"plan": str(company.get("site_version") or "")},
    )


def _one(data: Any) -> Mapping[str, Any]:
    """The account comes as a list of one or bare."""
    first: Mapping[str, Any] = (data[0] if data else {}) if isinstance(data, list) else data or {}
    return first


def _country(company: Mapping[str, Any]) -> str:
    return str(_one(company.get("address") or company.get("addresses")).get("country") or "")


def _time_zone(client: ScoroClient) -> str:
    """The zone in the settings of the first user; "" when it is not told or not known."""
    try:
        user = _one(client.call("users/list", {"page": 1, "per_page": 1}))
        settings = _one(client.call(f"users/settings/{user.get('id') or user.get('user_id')}"))
        return ZoneInfo(str(settings.get("timezone") or "")).key
    except (RemoteMissing, RemoteRejected, Retryable, ZoneInfoNotFoundError, ValueError):
        return ""
