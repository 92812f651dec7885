"""Discarding a set-up that was begun by mistake: Concord forgets it, and neither system is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from engine.errors import ConcordError, Refused
from engine.services.deps import Deps
from engine.services.setup import is_only_one_of_its_company
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import (
    Binding,
    CategorySettings,
    Change,
    Checkpoint,
    Connection,
    Hint,
    MatchKey,
    Object,
    Outbox,
    Plan,
    PlanRow,
    Reference,
    Run,
    Suggestion,
)

_OF_A_CONNECTION: tuple[type[SQLModel], ...] = (
    Suggestion, MatchKey, Reference, Binding, Object, Plan, Run, Change, Checkpoint, Hint, CategorySettings,
)  # fmt: skip
"""In the order in which rows may go: what points to others first."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What discarding forgets: records that were read, and matches that somebody decided."""

    records: int
    matches: int


def preview_discard(deps: Deps, connection_id: str) -> Forgotten:
    """What would be forgotten. Raises ``Refused`` when the connection may not be discarded any more."""
    with reading(deps.database) as session:
        _check(session, session.get_one(Connection, connection_id), deps)
        records = sa.select(sa.func.count()).select_from(Binding).where(col(Binding.connection_id) == connection_id)
        decided = col(Suggestion.state).in_(("accepted", "ignored", "applied"))
        matches = sa.select(sa.func.count()).select_from(Suggestion)
        matches = matches.where(col(Suggestion.connection_id) == connection_id, decided)
        return Forgotten(session.execute(records).scalar_one(), session.execute(matches).scalar_one())


def discard(deps: Deps, connection_id: str, *, along: Sequence[type[SQLModel]] = ()) -> bool:
    """Forget a connection that was never saved, with everything that was read and entered for it; ``along``: tables of others
    with a ``connection_id`` that go too. Returns False when QuickBooks could not be told that its grant is given back.

    Raises ``Refused`` when it was saved, when something was sent by hand already, or while it is being read.
    """
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        _check(session, connection, deps)
        sealed = connection.quickbooks_secret if is_only_one_of_its_company(session, connection) else ""
        _forget(session, connection_id, along)
    return not sealed or _give_back(deps, sealed)


def _check(session: Session, connection: Connection, deps: Deps) -> None:
    if connection.state != "setup":
        raise Refused("This connection was saved already.", hint="Disconnect it in Settings if it shall end.")
    if session.exec(select(Outbox.id).where(Outbox.connection_id == connection.id).limit(1)).first():
        raise Refused(
            "Something was sent by hand already, and Concord has to remember what.",
            hint="Complete the setup with Save, then disconnect it in Settings.",
        )
    if connection.lease_until is not None and connection.lease_until > deps.clock.now():
        raise Refused("Both systems are being read at the moment.", hint="Wait until that is over, then try again.")


def _forget(session: Session, connection_id: str, along: Sequence[type[SQLModel]]) -> None:
    connection, own = session.connection(), sa.select(col(Plan.id)).where(col(Plan.connection_id) == connection_id)
    connection.execute(sa.delete(PlanRow).where(col(PlanRow.plan_id).in_(own)))
    for table in (*along, *_OF_A_CONNECTION):
        mine: sa.ColumnElement[str] = sa.inspect(table).columns["connection_id"]
        connection.execute(sa.delete(table).where(mine == connection_id))
    connection.execute(sa.delete(Connection).where(col(Connection.id) == connection_id))


def _give_back(deps: Deps, sealed: str) -> bool:
    try:
        deps.authorizer.revoke(deps.vault.open(sealed))
    except ConcordError:
        return False
    return True
