"""The columns and side tables by which objects are listed, matched and followed; all derived from the canonical
state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.core.money import minor_digits, to_decimal
from engine.core.objects import CausalObject
from engine.core.records import Replica, System
from engine.mapping.base import Facts, FieldRule
from engine.mapping.registry import MAPPINGS


def listing_columns(thing: CausalObject, facts: Facts) -> dict[str, Any]:
    """Title, amount in minor units, currency and date of an object's row. ``facts`` give the total the remote
    computed."""
    mapping = MAPPINGS[thing.kind]
    currency = str(thing.fields.get("currency", ""))
    total = facts.get("total")
    if not total and (amount := mapping.amount(thing.fields)):
        total, currency = amount
    return {
        "title": mapping.title(thing.fields)[:200] or str(facts.get("name", "")),
        "amount_minor": minor_units(str(total), currency) if total else None,
        "currency": currency,
        "document_date": str(thing.fields.get("date", "")),
    }


def minor_units(text: str, currency: str) -> int:
    """A decimal text in the currency's minor unit: ``"12.50"`` USD is 1250."""
    return int(to_decimal(text).scaleb(minor_digits(currency)).to_integral_value())


def match_key_rows(connection_id: str, thing: CausalObject, system: System) -> list[dict[str, Any]]:
    """The exact natural keys of an object that lives on one side only."""
    return [
        {
            "connection_id": connection_id, "object_id": thing.id, "kind": thing.kind.value, "system": system.value,
            "name": name, "value": value[:200],
        }
        for name, value in dict.fromkeys(MAPPINGS[thing.kind].keys(thing.fields))
    ]  # fmt: skip


def carries(kind_rules: Iterable[FieldRule], replica: Replica) -> frozenset[str]:
    """Bare names of the fields a replica can carry (line fields as ``lines/name``)."""
    names = {_bare(rule.path) for rule in kind_rules if replica in rule.carried}
    return frozenset(names | {"@exists", "@void"})


def _bare(path: str) -> str:
    if not path.startswith("lines/"):
        return path
    return "lines/" + path.rsplit("/", 1)[-1]
