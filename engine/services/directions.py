"""Flipping the direction of a category: a new epoch, with a preview that counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from engine.core.decide import Conflict, Decision, Hold, Propagate
from engine.core.records import ONE_WAY, Category, System
from engine.errors import Refused
from engine.services.context import Context, load_context
from engine.services.deciding import CHUNK, decide_objects, mark_dirty
from engine.services.deps import Deps
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import CategorySettings, Object, Outbox

QUEUED = ("planned", "retry")


@dataclass(frozen=True, slots=True)
class FlipPreview:
    """What a flip would do, in numbers of objects; ``queued_refused`` counts writes that will not be sent any more."""

    category: str
    source: str
    new_source: str
    epoch: int
    becoming_pending: int
    becoming_held: int
    meeting_in_conflict: int
    queued_refused: int


def preview_flip(deps: Deps, connection_id: str, category: str) -> FlipPreview:
    """Decide every object of the category under the other direction, without keeping anything."""
    with reading(deps.database) as session:
        context = load_context(session, connection_id)
        row = context.categories[Category(category)]
        _check(row)
        flipped = _flipped(context, row)
        counts = {"pending": 0, "held": 0, "conflict": 0}
        for ids in _ids(session, connection_id, category):
            before = decide_objects(session, context, ids, now=deps.clock.now(), record=False)
            after = decide_objects(session, flipped, ids, now=deps.clock.now(), record=False)
            for old, new in zip(before, after, strict=True):
                _count(counts, old.decision, new.decision)
        queued = _queued(session, connection_id, category)
    return FlipPreview(
        category, row.source, System(row.source).other.value, row.epoch,
        counts["pending"], counts["held"], counts["conflict"], queued,
    )  # fmt: skip


def _check(row: CategorySettings) -> None:
    if Category(row.category) in ONE_WAY:
        raise Refused(
            f"{row.category.title()} go only from QuickBooks to Scoro.",
            hint="Their direction cannot be changed (R15, R23).",
        )


def _flipped(context: Context, row: CategorySettings) -> Context:
    other = CategorySettings(**{**row.model_dump(), "source": System(row.source).other.value})
    return replace(context, categories={**context.categories, Category(row.category): other})


def _ids(session: Session, connection_id: str, category: str) -> list[list[str]]:
    statement = select(Object.id).where(
        Object.connection_id == connection_id, Object.category == category, Object.merged_into == ""
    )
    ids = list(session.exec(statement.order_by(col(Object.id))))
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def _count(counts: dict[str, int], old: Decision, new: Decision) -> None:
    counts["pending"] += isinstance(new, Propagate) and not isinstance(old, Propagate)
    counts["held"] += isinstance(new, Hold) and not isinstance(old, Hold)
    counts["conflict"] += isinstance(new, Conflict)


def _queued(session: Session, connection_id: str, category: str) -> int:
    statement = select(func.count()).select_from(Outbox).where(
        Outbox.connection_id == connection_id, Outbox.category == category, col(Outbox.state).in_(QUEUED),
        Outbox.explicit_by == "",
    )  # fmt: skip
    return session.exec(statement).one()


def flip(deps: Deps, connection_id: str, category: str, *, epoch: int, person: str) -> int:
    """Turn the direction round. ``epoch`` is the one the person saw: another one means that somebody was
    faster. Writes that are queued for the old direction are void from this transaction on. Returns the new
    epoch."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        row = session.get_one(CategorySettings, (connection_id, category))
        _check(row)
        if row.epoch != epoch:
            raise Refused("The direction was changed in the meantime.", hint="Look at the preview again.")
        row.source, row.epoch = System(row.source).other.value, row.epoch + 1
        session.add(row)
        voided = _void_queue(session, connection_id, category)
        mark_dirty(session, connection_id, col(Object.category) == category)
        details = {"category": category, "source": row.source, "epoch": row.epoch, "voided": voided}
        log.append(session, connection, [log.Entry("settings", actor="hub", person=person, details=details)], now)
        return row.epoch


def _void_queue(session: Session, connection_id: str, category: str) -> int:
    rows = session.exec(
        select(Outbox).where(
            Outbox.connection_id == connection_id,
            Outbox.category == category,
            col(Outbox.state).in_(QUEUED),
            Outbox.explicit_by == "",
        )
    ).all()
    for row in rows:
        row.state, row.open_slot = "stale", None
        session.add(row)
    return len(rows)
