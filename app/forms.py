"""Reading forms: what was typed, kept as it was typed, and one sentence for each thing that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import available_timezones

from flask import request

MAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+")


class Form:
    """The values of one submitted or fresh form and the errors found in them, by field name.

    Readers return the clean value and note an error under the field's name; ``ok`` tells whether there was none. ``values``
    keeps the text as typed, so that a refused form comes back filled in.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values: dict[str, str] = dict(values or {})
        self.errors: dict[str, str] = {}

    @classmethod
    def posted(cls) -> Form:
        """The form of the current request."""
        return cls(request.form.to_dict())

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self.errors

    def fail(self, name: str, sentence: str) -> None:
        """Note what is wrong with a field; the first finding stays."""
        self.errors.setdefault(name, sentence)

    def text(self, name: str, *, required: str = "", limit: int = 200) -> str:
        """One line of text without surrounding space. ``required`` is the sentence for an empty field."""
        value = self.values.get(name, "").strip()
        if required and not value:
            self.fail(name, required)
        if len(value) > limit:
            self.fail(name, f"At most {limit} characters, please.")
        if any(ord(sign) < 32 for sign in value):
            self.fail(name, "Line breaks and control characters do not belong here.")
        return value

    def email(self, name: str) -> str:
        """An e-mail address in lower case."""
        value = self.text(name, required="Enter an e-mail address.").lower()
        if value and not MAIL.fullmatch(value):
            self.fail(name, "This does not look like an e-mail address.")
        return value

    def choice(self, name: str, allowed: Iterable[str], sentence: str = "Choose one of the offered values.") -> str:
        """One of the allowed values."""
        value = self.values.get(name, "")
        if value not in set(allowed):
            self.fail(name, sentence)
        return value

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return name in self.values

    def day(self, name: str, *, required: str = "") -> date | None:
        """A date as the browser's date field sends it, or None when empty."""
        value = self.text(name, required=required, limit=10)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(name, "Enter a date as year-month-day, for example 2026-01-31.")
            return None

    def whole(self, name: str, *, least: int, most: int) -> int:
        """A whole number between two bounds."""
        value = self.text(name, limit=12)
        if value.isascii() and value.isdigit() and least <= int(value) <= most:
            return int(value)
        self.fail(name, f"Enter a whole number between {least} and {most}.")
        return least

    def amount(self, name: str) -> Decimal | None:
        """A decimal amount, or None when empty."""
        value = self.text(name, limit=30)
        try:
            number = Decimal(value) if value else None
        except InvalidOperation:
            number = Decimal("NaN")
        if number is not None and not number.is_finite():
            self.fail(name, "Enter an amount such as 1250.00.")
            return None
        return number

    def time_zone(self, name: str) -> str:
        """The name of a time zone."""
        return self.choice(name, available_timezones(), "Choose a time zone from the list.")

    def clock_time(self, name: str) -> str:
        """A time of day as HH:MM, or empty."""
        value = self.text(name, limit=5)
        if value and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            self.fail(name, "Enter a time such as 18:30.")
        return value


def safe_next(target: str | None) -> str:
    """A path of our own to continue at, never another site: anything doubtful becomes the start page."""
    if not target or not re.fullmatch(r"/(?![/\\])[^\s\\\x00-\x1f]*", target):
        return "/"
    return target
