"""The application's tables: what migrations make is what the code expects."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

import app.tables  # noqa: F401  # registers its tables
from engine.store.database import make_engine, migrate


def test_migrations_make_the_tables_of_the_code(any_database: str):
    """A column added without a migration would be missing in every installation that exists."""
    migrate(any_database)
    engine = make_engine(any_database)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()
    assert found == []
