"""How a value of one type looks on the wire: reading to a scalar in normal form, writing back.

A form reads nothing (None) from an empty value, and writes an empty value as the remote wants to be told "empty".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.core.money import ZERO, decimal_text, normal_text, to_decimal
from engine.core.records import Replica, Scalar
from engine.errors import MappingError
from engine.mapping import normal
from engine.mapping.base import Reading, Writing
from engine.mapping.wire import as_flag, as_id, as_number, as_text, json_number, ref, ref_id


@dataclass(slots=True)
class Draft:
    """A write while it is put together: what it is made from, the body so far, and sentences for the object's page."""

    writing: Writing
    replica: Replica
    creates: bool
    body: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def wants(self, path: str) -> bool:
        """Whether this write carries ``path``: it changed, and on a create it is not empty."""
        return path in self.writing.changed and not (self.creates and path not in self.writing.state)

    def wants_any(self, *paths: str) -> bool:
        """Whether this write carries one of ``paths``."""
        return any(self.wants(path) for path in paths)

    def text(self, path: str) -> str:
        """A text field of the state, "" when empty."""
        return str(self.writing.state.get(path, ""))

    def note(self, sentence: str) -> None:
        """Add a sentence for the object's page, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


Read = Callable[[object, str, Reading], Scalar | None]
Write = Callable[[Scalar | None, str, Draft], object]


@dataclass(frozen=True, slots=True)
class Form:
    """``type`` is the word of the field table; ``read(value, label, reading)``, ``write(value, label, draft)``."""

    type: str
    read: Read
    write: Write
    limit: int = 0


def shortened(text: str, limit: int, label: str, draft: Draft) -> str:
    """``text`` cut to ``limit`` characters with an ellipsis, told in a note."""
    if not limit or len(text) <= limit:
        return text
    draft.note(f"{label} is longer than the {limit} characters that fit and was shortened.")
    return text[: limit - 1].rstrip() + "…"


def text_form(clean: Callable[[str], str], limit: int = 0) -> Form:
    """A text in the normal form ``clean`` gives it, shortened visibly to ``limit`` when written."""

    def read(value: object, label: str, reading: Reading) -> Scalar | None:
        return clean(as_text(value, label)) or None

    def write(value: Scalar | None, label: str, draft: Draft) -> object:
        return shortened(str(value or ""), limit, label, draft)

    return Form("text", read, write, limit)


def whole_text_form(clean: Callable[[str], str], limit: int) -> Form:
    """A text that is useless when cut (a phone number, a code): left out with a note when it is too long."""

    def write(value: Scalar | None, label: str, draft: Draft) -> object:
        text = str(value or "")
        if len(text) <= limit:
            return text
        draft.note(f"{label} is longer than the {limit} characters that fit and was left out.")
        return ""

    return Form("text", text_form(clean).read, write, limit)


def _read_email(value: object, label: str, reading: Reading) -> Scalar | None:
    return normal.email(as_text(value, label)) or None


def _write_email(value: Scalar | None, label: str, draft: Draft) -> object:
    address = str(value or "")
    name, at, host = address.rpartition("@")
    if address and not (name and at and "." in host and " " not in address):
        raise MappingError(
            f"“{address}” is not an e-mail address.",
            hint="Correct the e-mail address of the contact.",
            code="email_invalid",
        )
    return shortened(address, 100, label, draft)


def _read_number(value: object, label: str, reading: Reading) -> Scalar | None:
    if type(value) is str and value:  # the usual case, at once
        return normal_text(value)
    number = as_number(value, label)
    return None if number is None else decimal_text(number)


def _read_number_or_nothing(value: object, label: str, reading: Reading) -> Scalar | None:
    number = as_number(value, label)
    return decimal_text(number) if number else None


def _write_number(value: Scalar | None, label: str, draft: Draft) -> object:
    return json_number(number_of(value))


def number_of(value: Scalar | None) -> Decimal:
    """A canonical decimal text as a number; empty is zero."""
    return ZERO if value is None else to_decimal(value)


def _read_day(value: object, label: str, reading: Reading) -> Scalar | None:
    return normal.day(as_text(value, label), reading.settings.time_zone) or None


def _write_plain(value: Scalar | None, label: str, draft: Draft) -> object:
    return value


def _read_flag(value: object, label: str, reading: Reading) -> Scalar | None:
    return as_flag(value, label)


def _read_code(value: object, label: str, reading: Reading) -> Scalar | None:
    return as_text(value, label).strip().upper() or None


def _write_flag(value: Scalar | None, label: str, draft: Draft) -> object:
    return value is True


def _write_bit(value: Scalar | None, label: str, draft: Draft) -> object:
    return int(value is True)


def scoro_reference(type: str) -> Form:
    """A Scoro id that points to a record of ``type``; 0 is none."""

    def read(value: object, label: str, reading: Reading) -> Scalar | None:
        id = as_id(value, label)
        return reading.resolve(type, id) if id else None

    def write(value: Scalar | None, label: str, draft: Draft) -> object:
        return scoro_id(draft.writing.locate(str(value), Replica.SCORO)) if value else 0

    return Form("reference", read, write)


def quickbooks_reference(type: str, replica: Replica = Replica.QUICKBOOKS) -> Form:
    """A QuickBooks reference to a record of ``type``, bound as ``replica``."""

    def read(value: object, label: str, reading: Reading) -> Scalar | None:
        id = ref_id(value, label)
        return reading.resolve(type, id) if id else None

    def write(value: Scalar | None, label: str, draft: Draft) -> object:
        return ref(draft.writing.locate(str(value), replica)) if value else None

    return Form("reference", read, write)


def scoro_id(id: str) -> int | str:
    """An id the way Scoro wants it: as a number."""
    return int(id) if id.isascii() and id.isdigit() else id


LINE_TEXT = text_form(normal.one_line)
EMAIL = Form("text", _read_email, _write_email, 100)
NUMBER = Form("quantity", _read_number, _write_number)
AMOUNT = Form("money", _read_number_or_nothing, _write_number)
"""An amount whose zero is the same as nothing."""
PERCENT = Form("rate", _read_number_or_nothing, _write_number)
RATE = Form("rate", _read_number, _write_number)
DAY = Form("date", _read_day, _write_plain)
FLAG = Form("flag", _read_flag, _write_flag)
BIT = Form("flag", _read_flag, _write_bit)
CODE = Form("code", _read_code, _write_plain)
