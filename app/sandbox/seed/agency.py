"""Builds the world: an agency with a year of work, and a small pottery for trying the set-up."""

from __future__ import annotations

import random
from dataclasses import replace

from app.sandbox.seed.accounts import ACCOUNTS, PROFILES, Profile
from app.sandbox.seed.documents import DocumentMaker
from app.sandbox.seed.parties import make_classes, make_contacts, make_products, make_projects
from app.sandbox.seed.world import Account, AccountKind, Books, Person, World

_AGENCY_PEOPLE = (
    Person("ada", "Ada Lindqvist", "ada@northlight.example", True),
    Person("ben", "Ben Moreau", "ben@northlight.example", False),
    Person("cleo", "Cleo Hart", "cleo@northlight.example", False),
)
_POTTERY_PEOPLE = (Person("dora", "Dora Vance", "dora@harbourlane.example", True),)


def build_world(profile: str, state: int, *, with_data: bool) -> World:
    """Raises ValueError for a profile that does not exist."""
    if profile not in PROFILES:
        raise ValueError(f"no profile is called {profile!r}; there are {' and '.join(PROFILES)}")
    agency = _agency(PROFILES[profile])
    pottery = _pottery(PROFILES[profile])
    if with_data:
        agency = _with_data(agency, random.Random(f"agency {profile} {state}"), invoices=150, bills=60)
        pottery = _with_data(pottery, random.Random(f"pottery {profile} {state}"), invoices=12, bills=4)
    return World("agency" if with_data else "empty", profile, state, (agency, pottery))


def _agency(profile: Profile) -> Books:
    return Books(
        key="agency",
        name="Northlight Studio",
        legal_name="Northlight Studio Ltd",
        scoro_account="northlight",
        realm_id="4620816365001234560",
        address=profile.address,
        email="office@northlight.example",
        phone="+1 503 555 0100" if profile.home == "USD" else "+44 20 7946 0100",
        vat_number="" if profile.home == "USD" else "GB987654321",
        registry_number="30291745",
        home_currency=profile.home,
        scoro_currencies=profile.currencies,
        quickbooks_currencies=profile.currencies,
        rates=profile.rates,
        time_zone=profile.time_zone,
        people=_AGENCY_PEOPLE,
        accounts=ACCOUNTS,
        tax_codes=profile.tax_codes,
    )


def _pottery(profile: Profile) -> Books:
    """Its Scoro has one currency more than its QuickBooks, so that connecting has something to refuse."""
    extra, rate = profile.extra_currency
    return Books(
        key="pottery",
        name="Harbour Lane Ceramics",
        legal_name="Harbour Lane Ceramics Ltd",
        scoro_account="harbourlane",
        realm_id="4620816365009876540",
        address=profile.second_address,
        email="hello@harbourlane.example",
        phone="+1 207 555 0142" if profile.home == "USD" else "+44 20 7946 0142",
        vat_number="" if profile.home == "USD" else "GB123456782",
        registry_number="55820194",
        home_currency=profile.home,
        scoro_currencies=(*profile.currencies, extra),
        quickbooks_currencies=profile.currencies,
        rates=(*profile.rates, (extra, rate)),
        time_zone="Europe/Tallinn",
        people=_POTTERY_PEOPLE,
        accounts=tuple(account for account in ACCOUNTS if _needed_by_pottery(account)),
        tax_codes=profile.tax_codes,
    )


def _needed_by_pottery(account: Account) -> bool:
    return account.kind is not AccountKind.EXPENSE or account.key in ("printing", "office", "rent")


def _with_data(books: Books, dice: random.Random, *, invoices: int, bills: int) -> Books:
    is_small = books.key == "pottery"
    contacts = make_contacts(dice, every=5 if is_small else 1)
    products = make_products(every=4 if is_small else 1)
    projects = make_projects(contacts)
    classes = make_classes()
    maker = DocumentMaker(books, contacts, products, projects, classes, dice)
    sold = maker.invoices(invoices)
    bought = maker.bills(bills)
    return replace(
        books,
        contacts=contacts,
        products=products,
        projects=projects,
        tracking_classes=classes,
        invoices=sold,
        bills=bought,
        receipts=maker.receipts(sold, bought),
    )
