"""The timeline of one record: its entries of the change log in people's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from app import fields
from app.changes.told import Field, mentioned, sentence, told
from app.objects.view import counters
from engine.store.tables import Change


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the timeline with its fields in words, or the sentence that stands in their place."""

    change: Change
    rows: tuple[Field, ...]
    sentence: str
    dot: str
    vector: str
    context: str


def timeline(session: Session, changes: Iterable[Change], currency: str) -> list[Told]:
    """Entries of the log in people's words."""
    entries = list(changes)
    names = fields.titles(session, {id for change in entries for id in mentioned(change)})
    return [
        Told(
            change, tuple(told(change, names, currency=currency)), sentence(change),
            f"{change.actor} {change.counter}" if change.counter else "",
            counters(change.vector), counters(change.context),
        )
        for change in entries
    ]  # fmt: skip
