"""The preview that completes the set-up: what the first run would write, bound to the settings and matches it was made
with, and the Save that writes exactly that (R43)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlmodel import Session, col, func, select

from engine.errors import Refused
from engine.services.deps import Deps
from engine.services.runs import OPEN
from engine.services.scope import MEMBERS, TROUBLE
from engine.services.setup import activate
from engine.services.sync import request_run
from engine.store.database import reading, writing
from engine.store.tables import CategorySettings, Connection, Run, Suggestion

READ_ANEW = frozenset({MEMBERS, TROUBLE})
"""What a bookmark shows is looked up by each run itself, so it is no setting."""


@dataclass(frozen=True, slots=True)
class FirstPlan:
    """The latest preview. ``run`` is the dry run that makes or made it; ``stale``: settings or matches changed since."""

    run: Run | None
    stale: bool = False

    @property
    def busy(self) -> bool:
        """Whether it is still being made."""
        return self.run is not None and self.run.state in OPEN

    @property
    def plan_id(self) -> str:
        """The plan to look at, "" when there is none."""
        return self.run.plan_id if self.run and not self.busy else ""


def make(deps: Deps, connection_id: str, person: str) -> str:
    """Start a dry run and remember what it is based on. Returns the run. Raises ``Refused`` while another run goes on."""
    with reading(deps.database) as session:
        basis = _basis(session, connection_id)
    run_id = request_run(deps, connection_id, trigger="person", person=person, dry=True)
    with writing(deps.database) as session:
        run = session.get_one(Run, run_id)
        if not run.dry or run.trigger == "matching":
            raise Refused("Both systems are being read at the moment.", hint="Wait until that is over, then try again.")
        connection = session.get_one(Connection, connection_id)
        connection.wizard = {**connection.wizard, "preview": {"run": run_id, "basis": basis}}
        session.add(connection)
    return run_id


def latest(deps: Deps, connection_id: str) -> FirstPlan:
    """The preview made last, if any."""
    with reading(deps.database) as session:
        kept = session.get_one(Connection, connection_id).wizard.get("preview", {})
        run = session.get(Run, kept["run"]) if kept else None
        return FirstPlan(run, run is not None and kept["basis"] != _basis(session, connection_id))


def save(deps: Deps, connection_id: str, person: str) -> str:
    """Complete the set-up and write exactly what the latest preview shows. Returns the run. Raises ``Refused`` when there is
    no preview that holds."""
    found = latest(deps, connection_id)
    if found.busy:
        raise Refused("The preview is still being made.", hint="Wait until it is there, look at it, then save.")
    if not found.plan_id:
        raise Refused("There is no preview yet.", hint="Make it, look at it, then save.")
    if found.stale:
        raise Refused(
            "Settings or matches were changed after the preview was made.", hint="Make it again, look at it, then save."
        )
    return activate(deps, connection_id, person, plan_id=found.plan_id)


def _basis(session: Session, connection_id: str) -> str:
    """A hash over what a plan is made from besides the records: the companies, categories, accounts, brakes and links."""
    connection = session.get_one(Connection, connection_id)
    rows = session.exec(
        select(CategorySettings)
        .where(CategorySettings.connection_id == connection_id)
        .order_by(col(CategorySettings.category))
    ).all()
    linked = select(func.count()).where(
        Suggestion.connection_id == connection_id, col(Suggestion.state).in_(("accepted", "applied"))
    )
    parts = [
        connection.scoro_url,
        connection.scoro_account,
        connection.quickbooks_realm,
        connection.settings,
        [_category(row) for row in rows],
        session.exec(linked).one(),
    ]
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _category(row: CategorySettings) -> dict[str, Any]:
    scope = {name: value for name, value in row.scope.items() if name not in READ_ANEW}
    return row.model_dump(exclude={"scope", "connection_id", "matched_at"}) | {"scope": scope}
