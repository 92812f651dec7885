"""Queries over bindings."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import col, select

from engine.store.database import reading
from engine.store.tables import Binding


def live_ids(database: sa.Engine, connection_id: str, system: str, type: str) -> list[str]:
    """The remote ids of every bound record of a type that is not known to be gone."""
    statement = select(Binding.remote_id).where(
        Binding.connection_id == connection_id,
        Binding.system == system,
        Binding.remote_type == type,
        col(Binding.gone).is_(False),
    )
    with reading(database) as session:
        return list(session.exec(statement))
