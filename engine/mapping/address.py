"""The postal address of a contact: Scoro's list of addresses, QuickBooks' billing address."""

from __future__ import annotations

from typing import Any

from engine.core.records import Path, Scalar
from engine.mapping import normal
from engine.mapping.forms import Draft, shortened
from engine.mapping.wire import Json, as_map, as_rows, as_text

FIELDS = (
    ("street", "Street", "street", "Line1", "QuickBooks' five lines are one, with commas", "500 in QuickBooks"),
    ("city", "City", "city", "City", "", "255 in QuickBooks"),
    ("region", "Region", "county", "CountrySubDivisionCode", "", "255 in QuickBooks"),
    ("postcode", "Postcode", "zipcode", "PostalCode", "", "30 in QuickBooks"),
    ("country", "Country", "country", "Country", "alpha-3 on both sides, lower case in Scoro", ""),
)
"""Name, label, Scoro's key, QuickBooks' key, transformation, limits: the rows of the field table."""

_PATHS = tuple(f"address/{name}" for name, *_ in FIELDS)
_SCORO = (
    ("street", "address/street"),
    ("city", "address/city"),
    ("county", "address/region"),
    ("zipcode", "address/postcode"),
)
_QUICKBOOKS = (
    ("Line1", "address/street", 500),
    ("City", "address/city", 255),
    ("CountrySubDivisionCode", "address/region", 255),
    ("PostalCode", "address/postcode", 30),
)
_LINES = ("Line1", "Line2", "Line3", "Line4", "Line5")
_SHOWN = frozenset({"full_address"})


def read_scoro_address(data: Json, state: dict[Path, Scalar]) -> dict[str, Any]:
    """The first address into ``state``; returns what has to be carried back: its other parts and the other addresses."""
    rows = as_rows(data.get("addresses"), "addresses")
    if not rows:
        return {}
    first, *others = rows
    for key, path in _SCORO:
        _set(state, path, normal.one_line(as_text(first.get(key), key)))
    _set(state, "address/country", normal.country(as_text(first.get("country"), "country")))
    mapped = {key for key, _ in _SCORO} | {"country"} | _SHOWN
    rest = {key: value for key, value in first.items() if key not in mapped and value}
    extras = {"address": rest, "addresses": [dict(row) for row in others]}
    return {name: kept for name, kept in extras.items() if kept}


def read_quickbooks_address(data: Json, state: dict[Path, Scalar]) -> None:
    """The billing address into ``state``."""
    held = data.get("BillAddr")
    if not held:
        return
    address = as_map(held, "BillAddr")
    lines = (normal.one_line(as_text(address.get(key), key)) for key in _LINES)
    _set(state, "address/street", ", ".join(line for line in lines if line))
    for key, path, _ in _QUICKBOOKS[1:]:
        _set(state, path, normal.one_line(as_text(address.get(key), key)))
    _set(state, "address/country", normal.country(as_text(address.get("Country"), "Country")))


def _set(state: dict[Path, Scalar], path: Path, text: str) -> None:
    if text:
        state[path] = text


def write_scoro_address(started: Draft) -> None:
    """All addresses, the first one changed, when any part of it changed."""
    if not started.wants_any(*_PATHS):
        return
    extras = started.writing.extras
    first = dict(extras.get("address", {})) | {key: started.text(path) for key, path in _SCORO}
    country = started.text("address/country")
    known = normal.alpha_3(country)
    first["country"] = country if known == country else known.lower()
    started.body["addresses"] = [first, *extras.get("addresses", ())]


def write_quickbooks_address(started: Draft) -> None:
    """The whole billing address when any part of it changed."""
    if not started.wants_any(*_PATHS):
        return
    address = {key: shortened(started.text(path), limit, "The address", started) for key, path, limit in _QUICKBOOKS}
    address["Country"] = normal.alpha_3(started.text("address/country"))
    started.body["BillAddr"] = {key: text for key, text in address.items() if text}
