"""Alembic's entry: runs the migrations against the URL that ``engine.store.database.migrate`` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from engine.store.database import make_engine

engine = make_engine(context.config.attributes["url"])
with engine.connect().execution_options(immediate=True) as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
