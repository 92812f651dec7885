"""JSON as both systems write it: fractional numbers are ``Decimal`` on our side, and plain JSON numbers on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")


def loads(body: bytes) -> Any:
    """Parse UTF-8 JSON; a fraction becomes a ``Decimal`` with the digits the remote wrote. ValueError if it is none."""
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse)


def dumps(value: object) -> bytes:
    """The UTF-8 JSON of ``value``, in which a ``Decimal`` is a number."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


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


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in portions of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
