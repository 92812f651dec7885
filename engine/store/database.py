"""Opening the database: SQLite (WAL) or PostgreSQL, and its two ways of beginning a transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlmodel import Session, create_engine

from engine.core.encoding import json_text, json_value

MIGRATIONS = Path(__file__).parent / "migrations"


def make_engine(url: str, **options: Any) -> sa.Engine:
    """An engine whose exceptions never show bound values (they may be secrets). ``postgresql://`` means psycopg 3."""
    url = url.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)
    engine: sa.Engine = create_engine(
        url,
        hide_parameters=True,
        json_serializer=json_text,
        json_deserializer=json_value,
        **options,
    )
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine)
    return engine


def _tune_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "reset")
    def _on_reset(connection: Any, _record: Any, _state: Any) -> None:
        if connection.in_transaction:  # a commit that failed leaves it open
            connection.execute("ROLLBACK")

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def writing(engine: sa.Engine) -> Iterator[Session]:
    """A transaction that means to write: on SQLite it takes the write lock at once instead of failing half-way."""
    with (
        engine.connect().execution_options(immediate=True) as connection,
        Session(bind=connection, expire_on_commit=False) as session,
    ):
        yield session
        session.commit()


@contextmanager
def supposing(engine: sa.Engine) -> Iterator[Session]:
    """A transaction that writes only to see what would come of it, and is rolled back at its end."""
    with (
        engine.connect().execution_options(immediate=True) as connection,
        Session(bind=connection, expire_on_commit=False) as session,
    ):
        yield session
        session.expunge_all()  # what was read goes on being shown; rolling back would empty it


@contextmanager
def reading(engine: sa.Engine) -> Iterator[Session]:
    """A transaction that only reads."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


def migrate(url: str, revision: str = "head") -> None:
    """Bring the schema to ``revision``. Safe to repeat and to run from several processes one after the other."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def new_id(moment: datetime) -> str:
    """A fresh identifier, 26 characters, sorting by time of birth. Unguessable in its last 16."""
    return f"{int(moment.timestamp() * 1000) & 0xFFFFFFFFFF:010x}{secrets.token_hex(8)}"
