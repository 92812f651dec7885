"""Entries of the change log as people read them: fields in words, what was chosen, and what was kept aside for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import fields
from app.objects.view import shown
from app.words import REPLICAS
from engine.store.tables import Change

APPLIED = "The credit was applied to its invoice in QuickBooks. No money moved."
SENTENCES = {"apply": APPLIED, "delete": "Deleted there.", "void": "Voided there."}
"""What a write did that carries no field."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A value that gave way to the one that was chosen, and the side it is from."""

    side: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entry. ``aside`` is filled where a conflict was settled; then ``after`` is what was chosen."""

    label: str
    before: str
    after: str
    effect: str
    aside: tuple[Aside, ...] = ()


def told(change: Change, titles: Mapping[str, str], *, currency: str = "", limit: int | None = None) -> list[Field]:
    """The fields of an entry; ``titles`` has the names of the records that ``mentioned`` found."""
    if not change.kind:
        return []
    return [_field(change, entry, titles, currency) for entry in change.fields[:limit]]


def sentence(change: Change) -> str:
    """What an entry without fields is about; "" when there is nothing more to say."""
    if change.fields:
        return ""
    return SENTENCES.get(str(change.details.get("operation", "")), str(change.details.get("act", "")))


def mentioned(change: Change, limit: int | None = None) -> set[str]:
    """Ids of the records that an entry's fields refer to."""
    if not change.kind:
        return set()
    pairs = [
        (path, value)
        for path, before, after, _ in change.fields[:limit]
        for value in (before, after, *(other for _, other in gave_way(change, path, after)))
    ]
    return fields.references(change.kind, pairs)


def gave_way(change: Change, path: str, chosen: Any) -> list[tuple[str, Any]]:
    """(replica, value) of what somebody edited on a side and was not chosen when this conflict was settled."""
    if change.action != "resolved":
        return []
    by_person = {
        side: kept[0] for side, kept in change.details.get("contests", {}).get(path, {}).get("sides", {}).items()
    }
    by_rule = change.details.get("gave_way", {}).get(path, {})
    return [(side, value) for side, value in sorted({**by_rule, **by_person}.items()) if value != chosen]


def _field(change: Change, entry: Any, titles: Mapping[str, str], currency: str) -> Field:
    path, before, after, effect = entry

    def say(value: Any) -> str:
        return shown(change.kind, path, value, titles, currency)

    aside = tuple(Aside(REPLICAS.get(side, side), say(value)) for side, value in gave_way(change, path, after))
    return Field(fields.label(change.kind, path), say(before), say(after), effect, aside)
