"""JSON as both systems write it: fractional numbers are ``Decimal`` on our side, and plain JSON numbers on the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")

MOST_DIGITS = 100
"""Numbers with more digits are none that anybody means."""


def loads(body: bytes) -> Any:
    """Parse UTF-8 JSON; a fraction becomes a ``Decimal`` with the digits the remote wrote. ValueError if it is none, or
    nested without measure. Characters that no database keeps arrive as U+FFFD."""
    try:
        parsed = json.loads(body, parse_float=_fraction, parse_int=_integer, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("This JSON is nested too deeply.") from None
    return _storable(parsed) if _SUSPICIOUS.search(body) else parsed


def dumps(value: object) -> bytes:
    """The UTF-8 JSON of ``value``, in which a ``Decimal`` is a number.

    Names are sorted: a request that is repeated from the database has to be the very same bytes, and PostgreSQL keeps
    the members of an object in an order of its own.
    """
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def as_utc(text: object) -> datetime | None:
    """The aware UTC moment of an ISO-8601 text with an offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _plain(value: object) -> int | float:
    """A JSON number. Its shortest text keeps 15 significant digits exactly, which is more than any amount has."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")
    return int(value) if value == value.to_integral_value() else float(value)


_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")
"""An escaped NUL, or a surrogate, which may be half of a pair; only such bodies are looked through."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _storable(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case list():
            return [_storable(item) for item in value]
        case dict():
            return {_storable(name): _storable(item) for name, item in value.items()}
        case _:
            return value


def _fraction(digits: str) -> Decimal | str:
    """A number beyond all measure stays the text it is: a few bytes must not become a gigabyte of digits."""
    number = Decimal(digits)
    return number if abs(number.adjusted()) <= MOST_DIGITS else digits


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in portions of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
