"""How values are written for the reader: amounts with their currency, moments in the reader's zone, directions drawn one way."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import NumberFormatError, format_decimal, get_currency_precision, parse_decimal
from flask import Flask
from markupsafe import Markup

from app import words
from app.access import someone
from app.context import now


def reader_zone() -> ZoneInfo:
    """The time zone of the signed-in person, else UTC."""
    who = someone()
    return ZoneInfo(who.time_zone if who else "UTC")


def reader_locale() -> str:
    """The locale of the signed-in person, which rules the writing of numbers and dates."""
    who = someone()
    return who.locale if who else "en_GB"


def money(amount_minor: int | None, currency: str) -> str:
    """An amount given in the currency's minor unit: ``1,234.50 EUR``. Empty when there is none."""
    if amount_minor is None:
        return ""
    digits = get_currency_precision(currency) if currency else 2
    return _amount(Decimal(amount_minor).scaleb(-digits), digits, currency)


def amount(value: Decimal | str | None, currency: str = "") -> str:
    """An amount given as a decimal or a decimal text, with its currency when there is one."""
    if value is None or value == "":
        return ""
    digits = get_currency_precision(currency) if currency else 2
    return _amount(Decimal(value), digits, currency)


def _amount(value: Decimal, digits: int, currency: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = format_decimal(value, pattern, locale=reader_locale())
    return f"{text} {currency}".rstrip()


def plain_number(text: str) -> str:
    """A number as the reader types it (``1.250,50`` in German) without its grouping and with a point; any other text as it is."""
    try:
        return str(parse_decimal(text, locale=reader_locale(), strict=True))
    except NumberFormatError:
        return text


def number(value: int) -> str:
    """A count with its thousands set apart."""
    return format_decimal(value, locale=reader_locale())


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent, never 0 or 100 unless exact."""
    if whole == 0 or part in (0, whole):
        return "0 %" if part == 0 else "100 %"
    return f"{min(99, max(1, round(100 * part / whole)))} %"


def day(value: date | str | None) -> str:
    """A date the reader's way; a text must be ``YYYY-MM-DD``."""
    if not value:
        return ""
    return format_date(date.fromisoformat(value) if isinstance(value, str) else value, "medium", reader_locale())


TITLE = re.compile(r"(?P<amount>-?\d+(?:\.\d+)?) (?P<currency>[A-Z]{3})(?= ·|$)|(?<=· )(?P<day>\d{4}-\d{2}-\d{2})$")
"""The parts of a document's title (``1003 · 2026-01-08``) and of a receipt's (``100.00 USD · 2026-01-08``)."""

QUOTED = re.compile("(?<=“)[^”]+(?=”)")
DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])(?![^“]*”)")
"""A day of a sentence; what stands in quotes is somebody else's text."""


def titled(text: str) -> str:
    """What a record is called, with its day and amount the reader's way."""
    return TITLE.sub(_part_of_title, text) or "Without a name"


def _part_of_title(found: re.Match[str]) -> str:
    if found["day"]:
        return day(found["day"]) if _is_day(found["day"]) else found["day"]
    return amount(found["amount"], found["currency"])


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def said(text: str) -> str:
    """A sentence of the engine, with its days the reader's way and the records it quotes called as everywhere else."""
    quoted = QUOTED.sub(lambda found: titled(found[0]), text)
    return DAY.sub(lambda found: day(found[0]) if _is_day(found[0]) else found[0], quoted)


def moment(value: datetime | None) -> Markup:
    """A moment in the reader's zone, with the exact stamp on hover. Times of this year go without the year."""
    if value is None:
        return Markup("")
    zone = reader_zone()
    local = value.astimezone(zone)
    pattern = "d MMM, HH:mm" if local.year == now().astimezone(zone).year else "d MMM y, HH:mm"
    text = format_datetime(local, pattern, locale=reader_locale())
    return _time(value, text)


def ago(value: datetime | None) -> Markup:
    """How long ago a moment was, with the exact stamp on hover."""
    if value is None:
        return Markup("")
    past = value - now()
    text = format_timedelta(past, add_direction=True, locale="en_GB", threshold=1.2)
    return _time(value, "just now" if abs(past.total_seconds()) < 5 else text)


def _time(value: datetime, text: str) -> Markup:
    exact = value.astimezone(reader_zone()).strftime("%Y-%m-%d %H:%M:%S %Z")
    stamp = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, exact, text)


def direction_words(source: str) -> str:
    """The direction as a phrase, for those who do not see the arrow."""
    return "from Scoro to QuickBooks" if source == "scoro" else "from QuickBooks to Scoro"


FILTERS = {
    "money": money,
    "amount": amount,
    "number": number,
    "day": day,
    "titled": titled,
    "said": said,
    "moment": moment,
    "ago": ago,
    "direction_words": direction_words,
    "spoken": words.spoken,
}

GLOBALS = {
    "plural": words.plural,
    "share": share,
    "SYSTEMS": words.SYSTEMS,
    "REPLICAS": words.REPLICAS,
    "KINDS": words.KINDS,
    "KINDS_MANY": words.KINDS_MANY,
    "CATEGORIES": words.CATEGORIES,
    "ROLES": words.ROLES,
    "DISPOSITIONS": words.DISPOSITIONS,
    "LOCALES": words.LOCALES,
    "THEMES": words.THEMES,
    "RUN_STATES": words.RUN_STATES,
    "CONNECTION_STATES": words.CONNECTION_STATES,
}


def install(app: Flask) -> None:
    """Give the templates these filters and words."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
