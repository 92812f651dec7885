"""The small language in which the property tables are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum


class Shape(Enum):
    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    CHOICE = "choice"
    EMAIL = "email"
    WEBSITE = "website"
    REFERENCE = "reference"
    GROUP = "group"
    MANY = "many"
    OBJECTS = "objects"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Field:
    """One property: its shape, limits, and whether a request may set it (`read_only`: silently ignored)."""

    shape: Shape
    limit: int = 0
    choices: tuple[str, ...] = ()
    members: Mapping[str, Field] = field(default_factory=dict)
    target: str = ""
    read_only: bool = False


Table = Mapping[str, Field]


def text(limit: int) -> Field:
    return Field(Shape.TEXT, limit)


def number() -> Field:
    return Field(Shape.NUMBER)


def flag() -> Field:
    return Field(Shape.FLAG)


def day() -> Field:
    return Field(Shape.DATE)


def choice(*options: str) -> Field:
    return Field(Shape.CHOICE, choices=options)


def ref(target: str = "") -> Field:
    """A reference to an entity of kind `target`; an empty target is not looked up."""
    return Field(Shape.REFERENCE, target=target)


def group(**members: Field) -> Field:
    return Field(Shape.GROUP, members=members)


def many(members: Table) -> Field:
    return Field(Shape.MANY, members=members)


def objects() -> Field:
    """A list of objects whose properties are not looked at."""
    return Field(Shape.OBJECTS)


def anything() -> Field:
    return Field(Shape.ANYTHING)


def fixed(each: Field) -> Field:
    return replace(each, read_only=True)


def address() -> Field:
    lines = {f"Line{n}": text(500) for n in range(1, 6)}
    places = {
        name: text(255)
        for name in ("City", "Country", "CountryCode", "CountrySubDivisionCode", "County", "Note", "Tag")
    }
    marks = {name: fixed(anything()) for name in ("Id", "Lat", "Long")}
    return Field(
        Shape.GROUP, members={**marks, **lines, **places, "PostalCode": text(30), "PostalCodeSuffix": text(30)}
    )


def phone() -> Field:
    extra = {
        name: fixed(anything())
        for name in ("Id", "DeviceType", "CountryCode", "AreaCode", "ExchangeCode", "Extension", "Default", "Tag")
    }
    return Field(Shape.GROUP, members={**extra, "FreeFormNumber": text(30)})


def email() -> Field:
    extra = {name: fixed(anything()) for name in ("Id", "Default", "Tag")}
    return Field(Shape.GROUP, members={**extra, "Address": Field(Shape.EMAIL, 100)})


def website() -> Field:
    extra = {name: fixed(anything()) for name in ("Id", "Default", "Tag")}
    return Field(Shape.GROUP, members={**extra, "URI": Field(Shape.WEBSITE, 1000)})


COMMON: dict[str, Field] = {
    "Id": text(40),
    "SyncToken": text(40),
    "sparse": flag(),
    "domain": fixed(anything()),
    "status": fixed(anything()),
    "MetaData": fixed(anything()),
}


def table(**members: Field) -> dict[str, Field]:
    return {**COMMON, **members}
