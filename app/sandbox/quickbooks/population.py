"""Which companies a sandbox holds, and who owns them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.sandbox.quickbooks.behaviours import Behaviours
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.opening import Identity, open_books
from app.sandbox.quickbooks.profiles import PROFILES, Profile
from app.sandbox.quickbooks.seeding import fill
from app.sandbox.seed import load_world


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in and connect companies."""

    name: str
    email: str
    realms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Extra:
    """A company beside the seeded pair: other tax models, countries and plans."""

    realm: str
    profile: str
    name: str
    owner: str
    city: str
    currencies: tuple[str, ...] = ()


_EXTRAS = (
    _Extra("4620816365003334440", "us-manual", "Cedar & Salt Workshop", "Mira Holt", "Tucson"),
    _Extra("4620816365004445550", "fr", "Atelier Lumière", "Luc Garnier", "Lyon"),
    _Extra("4620816365005556660", "simple", "Plain Start Shop", "Sam Quill", "Boise"),
)
_OTHER = {"us": "uk", "uk": "us"}
_ABROAD = "4620816365002223330"

Now = Callable[[], datetime]


def populate(seed: str, profile: str, state: int, now: Now, behaviours: Behaviours) -> tuple[list[Company], list[User]]:
    """The seeded agency first, then its second company, one of the other country, and the extras."""
    world = load_world(seed, profile, state)
    companies: list[Company] = []
    users: list[User] = []
    for books in world.books:
        company = Company(books.realm_id, PROFILES[profile], now, behaviours)
        fill(company, books)
        companies.append(company)
        users += [User(each.name, each.email, (books.realm_id,)) for each in books.people]
    abroad = load_world(seed, _OTHER[profile], state).books[0]
    company = Company(_ABROAD, PROFILES[_OTHER[profile]], now, behaviours)
    fill(company, abroad)
    companies.append(company)
    users.append(User("Iris Penrose", "iris@northlight-abroad.example", (_ABROAD,)))
    for extra in _EXTRAS:
        companies.append(_open(extra, PROFILES[extra.profile], now, behaviours))
        users.append(User(extra.owner, f"{extra.owner.split()[0].lower()}@example.com", (extra.realm,)))
    return companies, users


def _open(extra: _Extra, profile: Profile, now: Now, behaviours: Behaviours) -> Company:
    company = Company(extra.realm, profile, now, behaviours)
    who = Identity(
        extra.name, extra.name, "office@example.com", "555 0100", {"Line1": "1 Main Street", "City": extra.city}
    )
    open_books(company, who, currencies=extra.currencies)
    return company
