"""One run per connection at a time: a lease in the database with a fencing token, so that a paused worker cannot
write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from engine.errors import Refused
from engine.services.deps import Deps
from engine.store import log
from engine.store.database import writing
from engine.store.tables import Connection

LENGTH = timedelta(seconds=120)
"""How long a lease holds without being renewed; well over the longest request."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run a connection. ``token`` grows with every holder."""

    connection_id: str
    token: int

    def holds(self, connection: Connection) -> bool:
        """Whether nobody has taken over since. The row has to be locked."""
        return connection.lease_token == self.token


class LeaseLost(Refused):
    """Another worker has taken over this connection; whoever holds this must stop without writing."""


def take(deps: Deps, connection_id: str) -> Lease | None:
    """The lease, unless a living holder has it."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        connection = log.lock(session, connection_id)
        if connection.lease_until is not None and connection.lease_until > now:
            return None
        connection.lease_token += 1
        connection.lease_owner, connection.lease_until = deps.owner, now + LENGTH
        session.add(connection)
        return Lease(connection_id, connection.lease_token)


def renew(deps: Deps, lease: Lease) -> None:
    """Hold on. Raises ``LeaseLost``."""
    with writing(deps.database) as session:
        connection = check(session, lease)
        connection.lease_until = deps.clock.now() + LENGTH
        session.add(connection)


def give_back(deps: Deps, lease: Lease) -> None:
    """Let the next one in; does nothing when somebody already took over."""
    with writing(deps.database) as session:
        connection = log.lock(session, lease.connection_id)
        if lease.holds(connection):
            connection.lease_until = None
            session.add(connection)


def check(session: Session, lease: Lease | None, connection_id: str = "") -> Connection:
    """Lock the connection's row and make sure that the lease still holds; a person's act on one object needs no
    lease."""
    connection = log.lock(session, lease.connection_id if lease else connection_id)
    if lease is not None and not lease.holds(connection):
        raise LeaseLost("Another worker has taken over this connection.", hint="Nothing to do: it goes on there.")
    return connection
