"""JSON as the engine stores and hashes it: no spaces, every character as itself, keys sorted where bytes have to be equal.

Records, states and log entries are encoded and decoded by the thousand, so orjson does it. The few values that it refuses are
written by the standard library in the same form: nesting beyond measure, and integers beyond 64 bits, which become texts of
their digits. Such a number would be read again as the nearest float, and an id or an amount must never be nearly right.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson

Default = Callable[[Any], Any]


def json_text(value: object) -> str:
    """The JSON text of ``value``, keys in their order. Raises ``TypeError`` for what JSON has no word for."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return _carefully(value)


def canonical_json(value: object, default: Default | None = None) -> bytes:
    """The one byte form of ``value``: UTF-8, keys sorted. ``default`` tells what JSON has no word for in other words."""
    try:
        return orjson.dumps(value, default=default, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return _carefully(value, default, sort=True).encode()


def json_value(text: str | bytes) -> Any:
    """What a JSON text says."""
    return orjson.loads(text)


def _carefully(value: object, default: Default | None = None, *, sort: bool = False) -> str:
    exact = json.loads(json.dumps(value, default=default), parse_int=_kept)
    return json.dumps(exact, ensure_ascii=False, separators=(",", ":"), sort_keys=sort)


def _kept(digits: str) -> int | str:
    """An integer, as what reading gives it back exactly."""
    number = int(digits)
    return number if -(2**63) <= number < 2**64 else digits
