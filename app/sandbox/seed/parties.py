"""Contacts, products, projects and classes of the seeded world."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from app.sandbox.seed.names import CLASSES, COMPANIES, PERSONS, PRODUCTS, PROJECTS, CompanyName, PersonName
from app.sandbox.seed.world import (
    BOTH,
    ONLY_QUICKBOOKS,
    ONLY_SCORO,
    Address,
    Contact,
    Product,
    Project,
    Sides,
    Spelling,
    TrackingClass,
)

_SIDES: dict[str, Sides] = {"b": BOTH, "s": ONLY_SCORO, "q": ONLY_QUICKBOOKS}
_PLAIN = {"ü": "ue", "ß": "ss", "ö": "oe", "&": "and", "'": "", ".": ""}
_TERMS = (7, 14, 14, 30, 30, 45)
# Number ranges set aside for fiction, so that nobody is ever called.
_PHONES = {
    "US": "+1 503 555 01{:02d}",
    "CA": "+1 613 555 01{:02d}",
    "GB": "+44 20 7946 09{:02d}",
    "DE": "+49 30 23125 1{:02d}",
    "FR": "+33 1 99 00 12 {:02d}",
    "NL": "+31 20 555 01{:02d}",
    "IE": "+353 20 915 12{:02d}",
    "AU": "+61 3 7010 12{:02d}",
}


def make_contacts(dice: random.Random, every: int) -> tuple[Contact, ...]:
    """Every `every`-th company and person."""
    companies = [_company(row, index, dice) for index, row in enumerate(COMPANIES)]
    persons = [_person(row, index, dice) for index, row in enumerate(PERSONS)]
    return tuple(companies[::every] + persons[::every])


def _company(row: CompanyName, index: int, dice: random.Random) -> Contact:
    slug = slug_of(row.name)
    email, phone = f"accounts@{slug}.example", _phone(row.country, index)
    return Contact(
        key=slug,
        name=row.name,
        given="",
        family="",
        is_person=False,
        is_client="c" in row.roles,
        is_supplier="s" in row.roles,
        email=email,
        phone=phone,
        website=f"https://www.{slug}.example",
        vat_number=_vat_number(row.country, dice),
        registry_number=str(dice.randrange(10_000_000, 99_999_999)),
        address=Address(row.street, row.city, row.region, row.postcode, row.country),
        currency=row.currency,
        term_days=dice.choice(_TERMS),
        sides=_SIDES[row.sides],
        quickbooks=_respelled(row.quickbooks_name, email, phone, dice) if row.sides == "b" else Spelling(),
    )


def _person(row: PersonName, index: int, dice: random.Random) -> Contact:
    name = f"{row.given} {row.family}"
    slug = slug_of(name)
    email, phone = f"{slug.replace('-', '.')}@mail.example", _phone(row.country, 60 + index)
    return Contact(
        key=slug,
        name=name,
        given=row.given,
        family=row.family,
        is_person=True,
        is_client="c" in row.roles,
        is_supplier="s" in row.roles,
        email=email,
        phone=phone,
        website="",
        vat_number="",
        registry_number="",
        address=Address(f"{dice.randrange(2, 190)} Mill Lane", row.city, "", "", row.country),
        currency=row.currency,
        term_days=dice.choice(_TERMS),
        sides=_SIDES[row.sides],
        quickbooks=_respelled("", email, phone, dice) if row.sides == "b" else Spelling(),
        employer=slug_of(row.employer) if row.employer else None,
    )


def _respelled(name: str, email: str, phone: str, dice: random.Random) -> Spelling:
    """What a second bookkeeper would have typed: another format, capital letters, or nothing."""
    return Spelling(
        name=name or None,
        email=dice.choice((None, None, "", email.capitalize())),
        phone=dice.choice((None, "", phone.replace(" ", ""), phone.replace(" ", "-"))),
    )


def _phone(country: str, index: int) -> str:
    return _PHONES[country].format(index % 100)


def _vat_number(country: str, dice: random.Random) -> str:
    digits = str(dice.randrange(100_000_000, 999_999_999))
    return {"GB": f"GB{digits}", "DE": f"DE{digits}", "NL": f"NL{digits}B01", "FR": f"FR12{digits}"}.get(country, "")


def slug_of(name: str) -> str:
    """`Grüner Faden GmbH` as `gruener-faden-gmbh`: a key, and a believable host name."""
    plain = "".join(_PLAIN.get(letter, letter) for letter in name.lower())
    return "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def make_products(every: int) -> tuple[Product, ...]:
    return tuple(
        Product(
            key=row.code.lower(),
            code=row.code,
            name=row.name,
            description=row.description,
            price=Decimal(row.price),
            cost=Decimal(row.cost),
            unit=row.unit,
            is_service=row.kind == "s",
            income_account=row.account,
            expense_account="goods_cost" if row.kind == "g" else "subcontractors",
            tax_code="standard" if row.kind == "g" else "exempt",
            active=row.code != "OLD-FAX",
            sides=_SIDES[row.sides],
            quickbooks=Spelling(name=row.quickbooks_name or None),
        )
        for row in PRODUCTS[::every]
    )


def make_projects(contacts: tuple[Contact, ...]) -> tuple[Project, ...]:
    known = {contact.key for contact in contacts}
    start = date(2026, 1, 12)
    return tuple(
        Project(
            key=slug_of(name),
            name=name,
            client=slug_of(client),
            status=status,
            start=start + timedelta(weeks=2 * index),
            deadline=start + timedelta(weeks=2 * index + 18),
            sides=_SIDES[sides],
        )
        for index, (name, client, status, sides) in enumerate(PROJECTS)
        if slug_of(client) in known
    )


def make_classes() -> tuple[TrackingClass, ...]:
    return tuple(TrackingClass(slug_of(name), name, _SIDES[sides]) for name, sides in CLASSES)
