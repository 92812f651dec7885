"""Keyset pages: a page ends with the key of its last row, and the next one begins after it. No offsets, no counts."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.errors import Refused

Row = TypeVar("Row")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in order; ``next`` is the cursor of the page after this one, "" when there is none."""

    rows: tuple[Row, ...] = ()
    next: str = ""


def page_of(found: Sequence[Row], limit: int, key: Callable[[Row], tuple[object, ...]]) -> Page[Row]:
    """A page of ``limit`` rows out of ``limit + 1`` that were asked for; ``key`` gives a row's place in the order."""
    rows = tuple(found[:limit])
    return Page(rows, cursor(*key(rows[-1])) if len(found) > limit else "")


def cursor(*key: object) -> str:
    """A place in an order, as text that fits into an address."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def place(text: str, *types: type) -> list[object]:
    """The key that ``cursor`` wrote. Raises ``Refused`` for anything else, so that addresses can be edited without harm."""
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(types):
        raise Refused("This address of a page is damaged.", hint="Go back to the first page of the list.")
    return key
