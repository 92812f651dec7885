"""JSON as the engine stores and hashes it: no spaces, every character as itself, keys sorted where bytes have to be equal.

Records, states and log entries are encoded and decoded by the thousand, so orjson does it. The few values that it refuses
(integers beyond 64 bits, nesting beyond measure) are written by the standard library, in the same form.
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
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def canonical_json(value: object, default: Default | None = None) -> bytes:
    """The one byte form of ``value``: UTF-8, keys sorted. ``default`` tells what JSON has no word for in other words."""
    try:
        return orjson.dumps(value, default=default, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=default).encode()


def json_value(text: str | bytes) -> Any:
    """What a JSON text says; an integer beyond 64 bits is told as the nearest float."""
    return orjson.loads(text)
