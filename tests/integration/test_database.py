"""What the store makes of a database server that was away."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.store.database import make_engine


@pytest.mark.postgres
def test_connections_that_the_server_has_cut_are_replaced_unseen(postgres_url: str) -> None:
    """After a restart of the database the next page is served, not an error."""
    database, elsewhere = make_engine(postgres_url), make_engine(postgres_url)
    try:
        assert _asked(database) == 1
        with elsewhere.connect() as session:
            session.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert _asked(database) == 1
    finally:
        database.dispose()
        elsewhere.dispose()


def _asked(database: sa.Engine) -> int:
    with database.connect() as session:
        return int(session.exec_driver_sql("SELECT 1").scalar_one())
