"""Keeping a database as it is and putting it back: a copy of SQLite's file, a template of PostgreSQL's database."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import sqlalchemy as sa

from engine.store.database import make_engine


def keep_database(database: sa.Engine, folder: Path) -> Path | str:
    """A copy of everything stored; what to hand to ``put_back_database``."""
    if database.dialect.name == "sqlite":
        with database.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(shutil.copy(str(database.url.database), folder / "moment.db"))
    kept = f"moment_{secrets.token_hex(6)}"
    _rebuild(database, kept, str(database.url.database))
    return kept


def put_back_database(database: sa.Engine, kept: Path | str) -> None:
    """Make it what it was; whoever was still connected is cut off, as a process is that died."""
    database.dispose()
    if isinstance(kept, str):
        _rebuild(database, str(database.url.database), kept)
        return
    file = Path(str(database.url.database))
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    shutil.copy(kept, file)


def _rebuild(database: sa.Engine, name: str, template: str) -> None:
    """A database of this name, equal to the template."""
    database.dispose()
    server = make_engine(database.url.set(database="postgres").render_as_string(hide_password=False))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for one in (name, template):
            connection.exec_driver_sql(
                f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{one}'"
            )
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    server.dispose()


def cut_off(database: sa.Engine) -> None:
    """End every session of a process that died: its transactions are rolled back and its locks given up."""
    database.dispose()
    if database.dialect.name == "sqlite":
        return
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    database.dispose()
