"""Values that a person types: read by the type of their field, and held against what the other system can keep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from engine.core.money import decimal_text, minor_digits, to_decimal
from engine.core.objects import carried
from engine.core.records import Kind, Path, Replica, Scalar, State
from engine.errors import MappingError, Refused
from engine.services.claiming import build_payload
from engine.services.context import Context
from engine.services.deciding import carried_fields
from engine.services.directory import Directory
from engine.services.labels import label_of, rule_of
from engine.store.tables import Binding

Values: TypeAlias = Mapping[Path, "Scalar | None"]

SYSTEMS = {"scoro": "Scoro", "quickbooks": "QuickBooks"}
NOUNS = {"money": "an amount", "rate": "a rate", "quantity": "a quantity", "date": "a date", "flag": "yes or no"}
EXAMPLES = {
    "date": "Write it like 2026-11-30.",
    "money": "Write it like 1250.00.",
    "quantity": "Write it like 1.5.",
    "rate": "Write it like 7.5.",
}
SETTLED_IN_CENTS = frozenset({"amount", "lines/amount"})
"""Amounts of money that moved; prices may be finer than the currency's smallest coin."""
PERCENTS = frozenset({"discount", "lines/discount"})
TOO_LONG = re.compile(r"longer than (?:the )?(\d+) characters")


def typed_value(kind: Kind, path: Path, text: str, currency: str = "") -> Scalar | None:
    """What a person typed, in normal form. Raises ``Refused`` when it is nothing of the field's type."""
    rule, text = rule_of(kind, path), text.strip()
    if not text:
        return None
    type = rule.type if rule else "text"
    if type == "reference":
        raise Refused(
            f"{label_of(kind, path)} names another record, which cannot be typed.", hint="Pick one of the sides."
        )
    try:
        value = _read(type, text)
    except (ValueError, MappingError):
        raise Refused(f"“{text}” is not {NOUNS.get(type, type)}.", hint=EXAMPLES.get(type, "")) from None
    _check_digits(kind, path, value, currency)
    return value


def _read(type: str, text: str) -> Scalar:
    match type:
        case "money" | "rate" | "quantity":
            return decimal_text(to_decimal(text.replace(" ", "")))
        case "date":
            return datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007  # a day has no zone
        case "flag":
            return text.casefold() in {"yes", "true", "1"}
        case _:
            return text


def _check_digits(kind: Kind, path: Path, value: Scalar, currency: str) -> None:
    bare = path.split("/")[0] + "/" + path.rpartition("/")[2] if path.count("/") > 1 else path
    if bare in SETTLED_IN_CENTS and currency:
        digits, places = minor_digits(currency), -int(to_decimal(value).as_tuple().exponent)
        if places > digits:
            raise Refused(
                f"An amount in {currency} has at most {digits} digits after the point.", hint="Round it as it was paid."
            )
    if bare in PERCENTS and not 0 <= to_decimal(value) <= 100:
        raise Refused(f"{label_of(kind, path)} is a percentage from 0 to 100.", hint="Write it like 7.5.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value would be written: an object with its bindings, and the look-ups of its connection."""

    context: Context
    directory: Directory
    kind: Kind
    fields: State
    bindings: tuple[Binding, ...]


def check_fits(place: Place, values: Values) -> None:
    """Refuse the first value that a system would cut, leave out or reject. Raises ``Refused`` with the limit."""
    for path, value in values.items():
        for binding in place.bindings:
            sentence = _misfit(place, binding, path, value)
            if sentence:
                raise Refused(sentence, hint="Type another value, or pick one of the two sides.")


def _misfit(place: Place, binding: Binding, path: Path, value: Scalar | None) -> str:
    """What the mapping has to say about this value and had not about the one that is there now."""
    if binding.gone or value is None or not carried(path, carried_fields(place.kind)[Replica(binding.replica)]):
        return ""
    present = binding.shadow.get(path)
    try:
        before = _told(_notes(place, binding, {path: present}), present)
    except MappingError:
        return ""  # it cannot be written for another reason, which the run tells
    try:
        told = [note for note in _notes(place, binding, {path: value}) if _told([note], value) - before]
    except MappingError as error:
        return error.message
    return _sentence(place.kind, path, binding.system, told[0]) if told else ""


def _notes(place: Place, binding: Binding, values: Values) -> Iterable[str]:
    other = next((each.facts for each in place.bindings if each.system != binding.system and not each.gone), {})
    payload, _ = build_payload(
        place.context,
        place.directory.locate,
        place.directory.state,
        place.directory.facts,
        place.kind,
        Replica(binding.replica),
        "update",
        values,
        binding,
        place.fields,
        other,
    )
    return payload.notes


def _told(notes: Iterable[str], value: Scalar | None) -> set[str]:
    """Notes without the value they quote, so that the same note about another value is recognised."""
    return {note.replace(str(value), "…") if value else note for note in notes}


def _sentence(kind: Kind, path: Path, system: str, note: str) -> str:
    limit = TOO_LONG.search(note)
    if limit:
        return f"{label_of(kind, path)} may have at most {limit[1]} characters in {SYSTEMS[system]}."
    return f"{SYSTEMS[system]} would not keep this value as it is: {note}"
