"""When an edit was made, as far as its system's stamps tell: they move with payments and balances too (F29)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from engine.connectors.base import RemoteRecord
from engine.core.objects import CausalObject
from engine.core.vector import Dot
from engine.mapping.base import Picture
from engine.services.observing.page import Page
from engine.store.tables import Binding, Change

EDITED_AT = "edited_at"
"""Where the log keeps the moment of an edit, in UTC as text; what has none was edited nobody knows when."""

MOVED_WITHOUT_EDIT = ("paid", "owed", "deposited", "processed", "sent")
"""Facts that move a record's stamp although nobody edits the record."""


def moment_of_edit(record: RemoteRecord, known: Binding, picture: Picture) -> dict[str, str]:
    """What the log keeps of when the edits in ``picture`` were made: the record's stamp, unless something else moved it too."""
    moved = any(known.facts.get(name) != picture.facts.get(name) for name in MOVED_WITHOUT_EDIT)
    return {} if moved or record.modified_at is None else {EDITED_AT: record.modified_at.isoformat()}


def moments_of_sides(page: Page, thing: CausalObject) -> dict[Dot, datetime]:
    """When the sides of the contests were edited, from the log and from this page; a side nobody knows it of is left out."""
    dots = {side.dot for contest in thing.contests.values() for side in contest.sides.values()}
    logged = select(Change.actor, Change.counter, Change.details).where(
        Change.object_id == thing.id, Change.action == "edited", col(Change.counter).in_([dot.counter for dot in dots])
    )
    here = [(one.actor, one.counter, one.details) for one in page.entries if one.object_id == thing.id]
    return {
        Dot(actor, counter): datetime.fromisoformat(details[EDITED_AT])
        for actor, counter, details in [*page.session.exec(logged), *here]
        if Dot(actor, counter) in dots and EDITED_AT in details
    }
