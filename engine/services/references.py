"""Which objects an object points to: with its canonical state, and with what each of its replicas still says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from engine.core.objects import CausalObject
from engine.core.records import State
from engine.mapping.registry import MAPPINGS
from engine.store.tables import Reference


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
