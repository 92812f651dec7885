"""What can be wrong with an installation, checked one by one: a sentence for each, and the way out where it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx2
import sqlalchemy as sa
from alembic.migration import MigrationContext
from redis import Redis
from redis.exceptions import RedisError
from sqlmodel import col, select

from app.jobs.queue import connect
from app.settings import Settings
from app.words import CONNECTION_STATES, SYSTEMS
from engine.core.records import Kind, System
from engine.errors import ConcordError
from engine.services.backup import newest_revision
from engine.services.deps import Deps
from engine.store.database import reading
from engine.store.tables import Connection, Outbox

MOST_SKEW = 120.0
"""Seconds by which our clock may differ from a system's before leases and edits by time mean something else."""

LOCKED = frozenset({"401", "403"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. ``way_out`` is empty when all is well; ``exit_hint``: misconfigured · person · later · failed."""

    check: str
    ok: bool
    sentence: str
    way_out: str = ""
    exit_hint: str = "misconfigured"


Look = Callable[[str], datetime | None]


def server_time(url: str) -> datetime | None:
    """What time a server has, by its Date header; None when it gives none or does not answer."""
    try:
        told = httpx2.head(url, timeout=10).headers.get("date", "")
    except httpx2.HTTPError:
        return None
    try:
        return parsedate_to_datetime(told)
    except ValueError:
        return None


def examine(settings: Settings, open_deps: Callable[[], Deps], look: Look = server_time) -> Iterator[Finding]:
    """Every check, in the order in which one rests on the other; what cannot be checked for want of another is left out."""
    yield Finding("settings", True, f"The settings are complete; local state is in {settings.concord_home}.")
    yield _redis(settings)
    deps = open_deps()
    database = _database(deps)
    yield database
    if not database.ok:
        return
    yield from _connections(settings, deps, look)


def _redis(settings: Settings) -> Finding:
    try:
        with connect(settings) as client:
            return _answering(client)
    except (RedisError, OSError):
        return Finding("redis", False, "Redis does not answer.", "Start it, or correct REDIS_URL; without it nothing is "
                       "lost, but runs wait for the scheduler's sweep.")  # fmt: skip


def _answering(client: Redis) -> Finding:
    client.ping()
    return Finding("redis", True, "Redis answers.")


def _database(deps: Deps) -> Finding:
    name = deps.database.dialect.name
    try:
        with deps.database.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except sa.exc.SQLAlchemyError as error:
        way_out = "Check DATABASE_URL, and that the server runs and lets this user in."
        return Finding("database", False, f"The database does not answer ({type(error).__name__}).", way_out)
    if revision != newest_revision():
        return Finding("database", False, "The database is not of this version.", "Run `concord migrate`.")
    return Finding("database", True, f"The database ({name}) answers and is of this version.")


def _connections(settings: Settings, deps: Deps, look: Look) -> Iterator[Finding]:
    with reading(deps.database) as session:
        rows = session.exec(
            select(Connection).where(Connection.state != "disconnected").order_by(col(Connection.id))
        ).all()
    if not rows:
        yield Finding("connection", True, "Nothing is connected yet; `concord connect` begins.")
    for row in rows:
        yield _state(row)
        for system in System:
            if _is_set_up(row, system):
                yield _credentials(deps, row, system)
                yield from _skew(deps, row, system, look(_address(settings, row, system)))
        yield _own_integration(deps, row)


def _state(row: Connection) -> Finding:
    ok = row.state in {"active", "setup", "paused"}
    sentence = f"{row.name}: {CONNECTION_STATES[row.state][0].lower()}."
    return Finding("connection", ok, sentence, "" if ok else "Authorise QuickBooks again in Settings.", "person")


def _is_set_up(row: Connection, system: System) -> bool:
    return bool(row.scoro_secret if system is System.SCORO else row.quickbooks_secret)


def _address(settings: Settings, row: Connection, system: System) -> str:
    return row.scoro_url if system is System.SCORO else settings.quickbooks_api_url


def _credentials(deps: Deps, row: Connection, system: System) -> Finding:
    """One call with the stored keys."""
    try:
        connector = deps.connect(row.id, system)
        try:
            profile = connector.profile()
        finally:
            connector.close()
    except ConcordError as error:
        return Finding(system.value, False, f"{row.name}: {error.message}", error.hint, _kind(error))
    return Finding(system.value, True, f"{row.name}: {SYSTEMS[system]} lets us in as {profile.name}.")


def _kind(error: ConcordError) -> str:
    from app.cli import exit_code  # the one place that knows which error is which exit code
    from app.commands import Exit

    return {Exit.NEEDS_PERSON: "person", Exit.TRY_LATER: "later"}.get(exit_code(error), "misconfigured")


def _skew(deps: Deps, row: Connection, system: System, theirs: datetime | None) -> Iterator[Finding]:
    if theirs is None:
        return
    seconds = abs((theirs - deps.clock.now()).total_seconds())
    name = SYSTEMS[system]
    if seconds > MOST_SKEW:
        sentence = f"{row.name}: the clock of this machine and {name}'s differ by {seconds:.0f} seconds."
        yield Finding("clock", False, sentence, "Have this machine's clock set by a time server (NTP).")
    else:
        yield Finding("clock", True, f"{row.name}: the clock agrees with {name}'s.")


def _own_integration(deps: Deps, row: Connection) -> Finding:
    """Scoro's own integration cannot be asked about; while it is on, Scoro refuses writes of rates and accounts."""
    statement = select(Outbox).where(
        Outbox.connection_id == row.id,
        Outbox.system == System.SCORO.value,
        col(Outbox.kind).in_((Kind.ACCOUNT.value, Kind.TAX_RATE.value)),
        col(Outbox.finished_at).is_not(None),
    )
    with reading(deps.database) as session:
        last = session.exec(statement.order_by(col(Outbox.finished_at).desc()).limit(1)).first()
    if last is not None and last.state == "rejected" and last.error_code in LOCKED:
        sentence = (
            f"{row.name}: Scoro refuses to have accounts and tax rates written, as it does while its own QuickBooks "
        )
        way_out = "Switch it off: Scoro, Settings, Site settings, Integrations. Then retry what is blocked."
        return Finding("own-integration", False, sentence + "integration is on.", way_out, "person")
    return Finding(
        "own-integration", True, f"{row.name}: nothing speaks for Scoro's own QuickBooks integration being on."
    )
