"""Careful hands for the remotes' JSON: the shapes that really occur are taken, anything else is a ``MappingError``.

Scoro says 0/1 for no/yes and ``[]`` for an empty map (reference 1.4); QuickBooks leaves out what is empty (reference 3.0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.core.money import MOST_DIGITS, decimal_text, to_decimal
from engine.errors import MappingError

Json = Mapping[str, Any]

_NOTHING: Json = {}
_MANY = 10**MOST_DIGITS
_YES_NO = {"1": True, "true": True, "0": False, "false": False, "": False}


def unreadable(what: str, value: object) -> MappingError:
    """The error for a value of a type that this field never has."""
    return MappingError(
        f"The field {what} holds a {type(value).__name__} where something else was expected.",
        hint="Open the record in its own system and save it again; if it stays, report the field.",
        code="unreadable",
    )


def as_map(value: object, what: str) -> Json:
    """A map; nothing and ``[]`` are an empty one."""
    if isinstance(value, dict):  # quicker than asking for any mapping
        return value
    if isinstance(value, Mapping):
        return value
    if value is None or value in ([], ""):
        return _NOTHING
    raise unreadable(what, value)


def as_list(value: object, what: str) -> Sequence[Any]:
    """A list; nothing and ``{}`` are an empty one."""
    if isinstance(value, (list, tuple)):
        return value
    if value is None or value in ({}, ""):
        return ()
    raise unreadable(what, value)


def as_rows(value: object, what: str) -> list[Json]:
    """A list of maps."""
    return [as_map(row, what) for row in as_list(value, what)]


def as_text(value: object, what: str) -> str:
    """A text; numbers are told as text, nothing is empty."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if type(value) is int and -_MANY < value < _MANY:  # the usual number, at once
        return str(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise unreadable(what, value)
    return decimal_text(to_decimal(value))


def as_flag(value: object, what: str) -> bool:
    """Yes or no in any of the ways both systems say it."""
    if isinstance(value, bool):
        return value
    if value is None:
        return False
    answer = _YES_NO.get(str(value).strip().lower()) if isinstance(value, (str, int)) else None
    if answer is None:
        raise unreadable(what, value)
    return answer


def as_number(value: object, what: str) -> Decimal | None:
    """An exact number, or None where the field is empty."""
    if value is None or value == "":
        return None
    if isinstance(value, (str, int, float, Decimal)):
        return to_decimal(value)
    raise unreadable(what, value)


def as_id(value: object, what: str) -> str:
    """A remote id as text; "" where there is none. Scoro says 0 for none and uses negative numbers as marks."""
    if type(value) is int:  # the usual cases, at once
        return str(value) if value > 0 else ""
    if type(value) is str and value.isalnum() and value != "0":
        return value
    text = as_text(value, what).strip()
    return "" if text in ("", "0") or text.startswith("-") else text


def ref_id(value: object, what: str) -> str:
    """The id in a QuickBooks reference; "" where there is none."""
    if value is None:
        return ""
    return as_id(as_map(value, what).get("value"), what)


def ref(id: str) -> dict[str, str]:
    """A QuickBooks reference."""
    return {"value": id}


def json_number(value: Decimal) -> int | float:
    """A number as JSON says it, exactly.

    Raises ``MappingError`` (``too_precise``) where a JSON number would lose digits.
    """
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise MappingError(
            f"The figure {decimal_text(value)} has more digits than can be sent.",
            hint="Round it in the system where it was entered.",
            code="too_precise",
        )
    return number


def plain(value: Any) -> Any:
    """A part of a record as JSON that can be stored and sent back: Decimals become numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value
