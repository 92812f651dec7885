"""The change log as a file: a line at a time, so that its size does not matter."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from engine.store.tables import Change

COLUMNS = (
    "sequence", "at", "action", "actor", "person", "kind", "object_id", "noticed", "run_id", "revision", "counter",
    "vector", "context", "fields", "details", "hash",
)  # fmt: skip

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula."""


def csv_lines(changes: Iterable[Change]) -> Iterator[str]:
    """A header, then one line per entry; texts that a spreadsheet would run are quoted with an apostrophe."""
    yield _line(COLUMNS)
    for change in changes:
        yield _line([_cell(_plain(getattr(change, name))) for name in COLUMNS])


def json_lines(changes: Iterable[Change]) -> Iterator[str]:
    """One JSON array; each entry holds what its hash was made of."""
    start = "["
    for change in changes:
        yield start + json.dumps({name: _plain(getattr(change, name)) for name in COLUMNS}, ensure_ascii=False)
        start = ",\n"
    yield "]\n" if start != "[" else "[]\n"


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
