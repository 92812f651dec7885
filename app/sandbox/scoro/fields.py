"""The kinds of fields: how a value is read from a request and how it is written into an answer."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import Enum, auto
from typing import Any

from app.sandbox.scoro.behaviours import Behaviours


class Kind(Enum):
    INTEGER = auto()
    TEXT = auto()
    MONEY = auto()
    """A calculated amount, such as a sum."""
    FIGURE = auto()
    """An entered number, such as a price."""
    FIGURE_TEXT = auto()
    """A number that the service keeps as text, such as the discounts of a client profile."""
    FLAG = auto()
    DAY = auto()
    NAIVE_STAMP = auto()
    ISO_STAMP = auto()
    UNSTATED_STAMP = auto()
    INTEGERS = auto()
    TEXTS = auto()
    MAP = auto()
    ITEMS = auto()


NUMBERS = frozenset({Kind.MONEY, Kind.FIGURE, Kind.FIGURE_TEXT})
STAMPS = frozenset({Kind.NAIVE_STAMP, Kind.ISO_STAMP, Kind.UNSTATED_STAMP})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a module.

    `setting` names the site setting it exists with; `detailed` keeps it out of plain lists, `hidden` out of every answer;
    `choices` are the only texts it takes, besides none.
    """

    kind: Kind
    default: Any = None
    writable: bool = True
    detailed: bool = False
    hidden: bool = False
    setting: str = ""
    choices: tuple[str, ...] = ()

    def fixed(self) -> Field:
        """Not writable through the API."""
        return replace(self, writable=False)

    def in_detail(self) -> Field:
        return replace(self, detailed=True)

    def kept_back(self) -> Field:
        """Known to the service, never answered."""
        return replace(self, hidden=True)

    def one_of(self, *choices: str) -> Field:
        return replace(self, choices=choices)

    def with_setting(self, setting: str) -> Field:
        return replace(self, setting=setting)


class FieldError(ValueError):
    """A value that the field cannot take."""


@dataclass(frozen=True, slots=True)
class WireStyle:
    """How this site writes values."""

    zone: tzinfo
    behaviours: Behaviours


def read_value(field: Field, name: str, value: Any) -> Any:
    """The stored form of a value from a request; raises FieldError."""
    try:
        read = _read(field.kind, value, field.default)
    except (ValueError, TypeError, InvalidOperation, KeyError) as problem:
        raise FieldError(f"{name} is not valid") from problem
    if field.choices and read and read not in field.choices:
        raise FieldError(f"{name} is not valid")
    return read


def _read(kind: Kind, value: Any, default: Any) -> Any:
    if kind in _LISTS:
        return [_LISTS[kind](each) for each in value or []]
    if kind in NUMBERS:
        return default if value in (None, "") else _decimal(value)
    if kind in STAMPS:
        return None if value in (None, "") else _moment(str(value))
    match kind:
        case Kind.INTEGER:
            return default if value in (None, "") else int(str(value))
        case Kind.TEXT:
            return "" if value is None else _plain_text(value)
        case Kind.DAY:
            return None if value in (None, "", "0000-00-00") else _day(str(value))
        case Kind.MAP:
            return dict(value or {})
        case _:
            return read_flag(value)


def _integer(value: Any) -> int:
    return int(str(value))


def _plain_text(value: Any) -> str:
    return html.unescape(str(value))


_LISTS: dict[Kind, Callable[[Any], Any]] = {
    Kind.INTEGERS: _integer,
    Kind.TEXTS: _plain_text,
    Kind.ITEMS: dict,
}


_MOST_DIGITS = 15


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        raise ValueError("not a number that anybody enters")
    return number


def read_flag(value: Any) -> bool:
    """0, 1, true, false, "0", "1", "true" or "false"; raises KeyError otherwise."""
    return {"1": True, "true": True, "0": False, "false": False, "": False, "none": False}[str(value).lower()]


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    if not 1900 <= day.year <= 2999:
        raise ValueError("not a day of business")
    return day.isoformat()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def write_value(field: Field, value: Any, style: WireStyle) -> Any:
    """The form of a stored value in an answer."""
    if value is None:
        return None
    if field.kind in NUMBERS:
        return _number(field.kind, value, style.behaviours)
    if field.kind in STAMPS:
        return _stamp(field.kind, value, style)
    match field.kind:
        case Kind.TEXT | Kind.TEXTS | Kind.ITEMS:
            return _escaped(value, style)
        case Kind.FLAG:
            return int(value)
        case Kind.MAP:
            return [] if not value and style.behaviours.empty_map_is_list else _escaped(value, style)
        case _:
            return value


def _number(kind: Kind, value: Decimal, behaviours: Behaviours) -> int | float | str:
    is_text = kind is Kind.FIGURE_TEXT or behaviours.money_style == "text"
    return _money(value, as_text=is_text or (kind is Kind.FIGURE and behaviours.money_style == "mixed"))


def _stamp(kind: Kind, value: datetime, style: WireStyle) -> str:
    is_unstated_iso = kind is Kind.UNSTATED_STAMP and style.behaviours.unstated_stamps == "iso"
    write = iso_stamp if kind is Kind.ISO_STAMP or is_unstated_iso else naive_stamp
    return write(value, style.zone)


def naive_stamp(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def iso_stamp(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _text(value: str, style: WireStyle) -> str:
    return html.escape(value, quote=False) if style.behaviours.html_entities else value


def _escaped(value: Any, style: WireStyle) -> Any:
    if isinstance(value, str):
        return _text(value, style)
    if isinstance(value, Decimal):
        return _money(value, as_text=False)
    if isinstance(value, list):
        return [_escaped(each, style) for each in value]
    if isinstance(value, dict):
        return {key: _escaped(each, style) for key, each in value.items()}
    return value


def _money(value: Decimal, *, as_text: bool) -> int | float | str:
    """A number or its text; the shortest text of a float is the Decimal's own, up to 15 digits."""
    if as_text:
        return _plain(value)
    return int(value) if value == value.to_integral_value() else float(value)


def _plain(value: Decimal) -> str:
    return f"{value:f}"


INTEGER = Field(Kind.INTEGER, 0)
TEXT = Field(Kind.TEXT, "")
MONEY = Field(Kind.MONEY, Decimal(0))
FIGURE = Field(Kind.FIGURE, Decimal(0))
PERCENT = Field(Kind.FIGURE)
FIGURE_TEXT = Field(Kind.FIGURE_TEXT)
FLAG = Field(Kind.FLAG, False)
ON = Field(Kind.FLAG, True)
DAY = Field(Kind.DAY)
NAIVE_STAMP = Field(Kind.NAIVE_STAMP, writable=False)
ISO_STAMP = Field(Kind.ISO_STAMP, writable=False)
UNSTATED_STAMP = Field(Kind.UNSTATED_STAMP, writable=False)
INTEGERS = Field(Kind.INTEGERS, [])
TEXTS = Field(Kind.TEXTS, [])
MAP = Field(Kind.MAP, {})
ITEMS = Field(Kind.ITEMS, [])


def kept_id(sent: Mapping[str, Any], name: str, known: set[int]) -> int | None:
    """The id that a sent line keeps, once; None for a new line. What is kept is taken out of `known`."""
    given = str(sent.get(name) or "")
    if not given.isdecimal() or int(given) not in known:
        return None
    known.discard(int(given))
    return int(given)


def text(default: str) -> Field:
    return Field(Kind.TEXT, default)


def starting_values(fields: dict[str, Field]) -> dict[str, Any]:
    """Fresh defaults; lists and maps are never shared between rows."""
    return {name: _fresh(field.default) for name, field in fields.items()}


def _fresh(default: Any) -> Any:
    return type(default)() if isinstance(default, (list, dict)) else default
