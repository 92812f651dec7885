"""Backup and restore while everything runs.

An archive is a SQLite file with the tables of the schema, wherever the rows came from: SQLite hands over its own pages,
PostgreSQL its rows out of one snapshot. So an archive of one database can be restored into the other.

Going back in time is safe because nothing of the past is believed without looking: queued writes are decided anew,
writes under way count as in doubt, every feed is read again from where the archive stood, and both systems are looked
through for deletions. What was created meanwhile is met as existing and proposed for linking, never created again.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel, col, select

from engine.core.records import HUB
from engine.errors import Misconfigured, Refused
from engine.services.deps import Deps
from engine.store import log
from engine.store.database import MIGRATIONS, make_engine, migrate, writing
from engine.store.tables import Checkpoint, Connection, Object, Outbox, Run

FORMAT = 1
MARK = 0x434E4344
"""SQLite's application id of our archives: the letters CNCD."""

CHUNK = 1000
VERSIONS = sa.table("alembic_version", sa.column("version_num"))


@dataclass(frozen=True, slots=True)
class Archive:
    """What is in an archive: rows per table, and the revision of the schema."""

    revision: str
    rows: dict[str, int]


def backup(deps: Deps, file: Path) -> Archive:
    """Write everything to ``file``, as of one moment. Never leaves half a file. Raises ``Refused`` when it exists."""
    if file.exists():
        raise Refused(f"{file} exists already.", hint="Choose another name, or move it away.")
    if not file.absolute().parent.is_dir():
        raise Misconfigured(f"The folder of {file} does not exist.", hint="Make it first.")
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    if deps.database.dialect.name == "sqlite":
        _copy_pages(deps.database, part)
    else:
        _copy_rows(deps.database, part)
    _sign(part)
    part.rename(file)
    with _opened(file) as archive:
        return _describe(archive)


def _copy_pages(database: sa.Engine, file: Path) -> None:
    with closing(sqlite3.connect(str(database.url.database))) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target, pages=5000)
        target.execute("PRAGMA journal_mode=DELETE")


def _copy_rows(database: sa.Engine, file: Path) -> None:
    migrate(f"sqlite:///{file}")
    with (
        _opened(file, immediate=True) as target,
        database.connect().execution_options(isolation_level="REPEATABLE READ") as source,
    ):
        for table in _tables():
            _move(source, target, table)
        target.commit()
    with closing(sqlite3.connect(file)) as target:
        target.execute("PRAGMA journal_mode=DELETE")


def _sign(file: Path) -> None:
    file.chmod(0o600)
    with closing(sqlite3.connect(file)) as archive:
        archive.execute(f"PRAGMA application_id={MARK}")
        archive.execute(f"PRAGMA user_version={FORMAT}")


@contextmanager
def _opened(file: Path, *, immediate: bool = False) -> Iterator[sa.Connection]:
    engine = make_engine(f"sqlite:///{file}")
    try:
        with engine.connect().execution_options(immediate=immediate) as connection:
            yield connection
    finally:
        engine.dispose()


def _describe(archive: sa.Connection) -> Archive:
    rows = {table.name: _count(archive, table) for table in _tables()}
    return Archive(str(archive.execute(sa.select(VERSIONS.c.version_num)).scalar_one()), rows)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _tables() -> list[sa.Table]:
    """Every table, referred ones first."""
    return list(SQLModel.metadata.sorted_tables)


def _move(source: sa.Connection, target: sa.Connection, table: sa.Table) -> None:
    """All rows of a table, in chunks, so that memory does not grow with it."""
    rows = source.execution_options(stream_results=True, yield_per=CHUNK).execute(sa.select(table))
    for part in rows.mappings().partitions(CHUNK):
        target.execute(sa.insert(table), [dict(row) for row in part])


def restore(deps: Deps, file: Path, person: str) -> Archive:
    """Put back what ``file`` holds, in one transaction, while everything runs. An archive of an older version is brought
    up to date first; one of a newer version, or anything else, is refused and changes nothing."""
    _check(file)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "archive.db"
        shutil.copyfile(file, copy)
        migrate(f"sqlite:///{copy}")
        with _opened(copy) as archive:
            _replace_all(deps, archive, person)
            return _describe(archive)


def _check(file: Path) -> None:
    if not file.is_file():
        raise Misconfigured(f"There is no file {file}.", hint="Name an archive that `concord backup` wrote.")
    try:
        with closing(sqlite3.connect(f"file:{file.absolute()}?mode=ro", uri=True)) as archive:
            mark, format = (
                archive.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            sound = archive.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            revision = archive.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except sqlite3.DatabaseError:
        mark, format, sound, revision = 0, 0, False, ""
    if mark != MARK or not sound:
        raise Refused(f"{file} is no whole archive of Concord.", hint="Name an archive that `concord backup` wrote.")
    if format > FORMAT or revision not in _known_revisions():
        raise Refused(f"{file} comes from a newer version of Concord.", hint="Update Concord, then restore it.")


def newest_revision() -> str:
    """The revision of the schema that this version of Concord works with."""
    return str(_scripts().get_current_head())


def _known_revisions() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def _replace_all(deps: Deps, archive: sa.Connection, person: str) -> None:
    now = deps.clock.now()
    with writing(deps.database) as session:
        kept = _grants(session)
        connection = session.connection()
        for table in reversed(_tables()):
            connection.execute(sa.delete(table))
        for table in _tables():
            _move(archive, connection, table)
        session.expire_all()
        _distrust_queue(session, now)
        for row in session.exec(select(Connection)).all():
            _arrive(row, kept.get(row.id), now)
            entry = log.Entry("settings", actor=HUB, person=person, details={"restored": True}, noticed="manual")
            log.append(session, log.lock(session, row.id), [entry], now)


def _grants(session: Any) -> dict[str, dict[str, Any]]:
    """What must not go back: QuickBooks' tokens are renewed at every use, and the fence of the lease only grows."""
    names = (
        "lease_token",
        "quickbooks_secret",
        "quickbooks_token_version",
        "authorised_at",
        "quickbooks_realm",
        "state",
    )
    return {row.id: {name: getattr(row, name) for name in names} for row in session.exec(select(Connection)).all()}


def _arrive(row: Connection, kept: dict[str, Any] | None, now: Any) -> None:
    """The connection of the archive in the present."""
    row.lease_until, row.next_run_at, row.wake_requested_at = None, now, None
    if kept is None:
        return
    row.lease_token = max(row.lease_token, kept["lease_token"]) + 1
    if kept["quickbooks_realm"] == row.quickbooks_realm:
        for name in ("quickbooks_secret", "quickbooks_token_version", "authorised_at"):
            setattr(row, name, kept[name])
        row.state = kept["state"] if kept["state"] in {"unauthorised", "disconnected"} else row.state


def _distrust_queue(session: Any, now: Any) -> None:
    """What was queued is decided anew; what was under way is looked up before it is sent again; all feeds and both
    systems' deletions are looked at anew; runs that were open are over."""
    connection = session.connection()
    queued = col(Outbox.state).in_(("planned", "retry"))
    connection.execute(sa.update(Outbox).where(queued).values(state="stale", open_slot=None, finished_at=now))
    connection.execute(sa.update(Outbox).where(col(Outbox.state) == "sent").values(claimed_until=now))
    connection.execute(sa.update(Object).values(dirty=True))
    connection.execute(sa.delete(Checkpoint).where(col(Checkpoint.stream) == "sweep"))
    interrupted = col(Run.state).in_(("queued", "running", "halted"))
    connection.execute(
        sa.update(Run)
        .where(interrupted)
        .values(state="stopped", finished_at=now, error="A backup was restored.", hint="The next run goes on.")
    )
