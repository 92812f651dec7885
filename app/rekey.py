"""Changing SECRET_KEY while everything runs: what the earlier key sealed is sealed anew, connection by connection."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import SQLModel, select

from app.tables import AlertSettings
from app.vault import FernetVault
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Connection


def reseal(database: sa.Engine, vault: FernetVault) -> int:
    """Seal every stored secret with the newest key; how many there are. Each connection is locked while it is done, so that a
    token refreshed at the same moment is not lost. Raises ``Misconfigured`` when no key fits."""
    with reading(database) as session:
        ids = list(session.exec(select(Connection.id)))
    return sum(_reseal_one(database, vault, connection_id) for connection_id in ids)


def _reseal_one(database: sa.Engine, vault: FernetVault, connection_id: str) -> int:
    with writing(database) as session:
        connection = log.lock(session, connection_id)
        rows: list[tuple[SQLModel, str]] = [(connection, "scoro_secret"), (connection, "quickbooks_secret")]
        if (alerts := session.get(AlertSettings, connection_id)) is not None:
            rows.append((alerts, "targets"))
        held = [(row, name) for row, name in rows if getattr(row, name)]
        for row, name in held:
            setattr(row, name, vault.seal(vault.open(getattr(row, name))))
            session.add(row)
        return len(held)
