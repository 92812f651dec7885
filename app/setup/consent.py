"""The trip to QuickBooks' consent page (R1): a state that is unguessable, bound to the session it began in, and used once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import url_for
from sqlmodel import col

from app.accounts.sessions import session_hash
from app.context import changing, database, deps, digest, new_secret, now, settings
from app.tables import ConsentState
from engine.errors import Refused
from engine.services import setup

LONGEST_TRIP = timedelta(hours=1)
AGAIN = "Go to the QuickBooks step of the setup and press “Connect to QuickBooks” again. Nothing was changed."


def redirect_uri() -> str:
    """The one address QuickBooks may send people back to; it has to be registered with the app at Intuit."""
    return settings().public_url + url_for("setup.consent_return")


def begin(cid: str) -> str:
    """The consent page's address for one trip of this browser."""
    state = new_secret()
    with changing() as session:
        session.exec(sa.delete(ConsentState).where(col(ConsentState.created_at) < now() - LONGEST_TRIP))
        session.add(
            ConsentState(state_hash=digest(state), session_hash=session_hash(), connection_id=cid, created_at=now())
        )
    return setup.authorize_url(deps(), cid, redirect_uri=redirect_uri(), state=state)


def redeem(state: str) -> str:
    """The connection that a returning browser began its trip for. Raises ``Refused`` for any other state."""
    with database() as session:
        found = session.get(ConsentState, digest(state))
    if found is None or found.created_at < now() - LONGEST_TRIP:
        raise Refused("This answer from QuickBooks does not belong to a request of ours.", hint=AGAIN)
    if found.session_hash != session_hash():
        raise Refused("You were signed out, or changed browsers, while you were at QuickBooks.", hint=AGAIN)
    with changing() as session:
        unused = sa.update(ConsentState).where(
            col(ConsentState.state_hash) == found.state_hash, col(ConsentState.used_at).is_(None)
        )
        if session.exec(unused.values(used_at=now())).rowcount != 1:
            raise Refused("This answer from QuickBooks was used already.", hint=AGAIN)
    return found.connection_id
