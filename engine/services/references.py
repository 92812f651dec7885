"""Which objects an object points to: with its canonical state, and with what each of its replicas still says; and by which names
these go today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.objects import CausalObject
from engine.core.records import State
from engine.core.renaming import renamed_thing
from engine.mapping.registry import MAPPINGS
from engine.store.tables import Object, Reference


def reference_rows(connection_id: str, thing: CausalObject, shadows: Iterable[State] = ()) -> list[dict[str, Any]]:
    """The rows of what the object points to. ``shadows``: a held or contested edit leaves a replica pointing elsewhere."""
    references = MAPPINGS[thing.kind].references
    targets = {target for state in (thing.fields, *shadows) for target in references(state) if target}
    return [{"connection_id": connection_id, "object_id": thing.id, "target_id": target} for target in sorted(targets)]


def renew_references(
    connection: sa.Connection, connection_id: str, thing: CausalObject, shadows: Iterable[State]
) -> None:
    """Keep these instead of what was kept of the object."""
    forget_references(connection, thing.id)
    if rows := reference_rows(connection_id, thing, shadows):
        connection.execute(sa.insert(Reference), rows)


def forget_references(connection: sa.Connection, object_id: str) -> None:
    """The object points to nothing."""
    connection.execute(sa.delete(Reference).where(col(Reference.object_id) == object_id))


def under_todays_names(session: Session, thing: CausalObject) -> CausalObject:
    """An object as it was once: what it points to that was linked into another since goes by that one's name."""
    while linked := _linked(session, thing):
        for old, new in linked.items():
            thing = renamed_thing(thing, old, new)
    return thing


def _linked(session: Session, thing: CausalObject) -> Mapping[str, str]:
    said = {side.value for contest in thing.contests.values() for side in contest.sides.values()}
    parts = {part for path in (*thing.fields, *thing.contests) for part in path.split("/")}
    names = parts | {str(value) for value in (*thing.fields.values(), *said)}
    statement = select(Object.id, Object.merged_into).where(col(Object.id).in_(names), Object.merged_into != "")
    return dict(session.exec(statement).all())
