"""How much waits for a person, for the menu beside every page: two looks into an index, each ended at a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from engine.core.reasons import Disposition
from engine.core.records import Category
from engine.services.browse.listed import NOT_MERGED
from engine.services.deps import Deps
from engine.services.stopped import STATES
from engine.store.database import reading
from engine.store.tables import Object

MOST = 1000
"""So many are counted; what is more is "that many or more", and costs nothing more to know."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open conflicts, and records that a problem holds up; never more than ``MOST`` of each."""

    conflicts: int = 0
    problems: int = 0


def waiting(deps: Deps, cid: str) -> Waiting:
    """What waits for a person in one connection."""
    with reading(deps.database) as session:
        return Waiting(_count(session, cid, [Disposition.CONFLICT]), _count(session, cid, STATES))


def _count(session: Session, cid: str, states: Sequence[Disposition]) -> int:
    found = (
        sa.select(sa.literal(1))
        .select_from(Object)
        .where(
            col(Object.connection_id) == cid,
            col(Object.category).in_([category.value for category in Category]),  # named, so that the index is found
            col(Object.disposition).in_([state.value for state in states]),
            NOT_MERGED,
        )
        .limit(MOST)
        .subquery()
    )
    return int(session.execute(sa.select(sa.func.count()).select_from(found)).scalar_one())
