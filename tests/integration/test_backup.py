"""Backup, restore and verification over whole worlds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

import app.tables  # noqa: F401 - the application's tables are part of a backup
from engine.errors import Refused
from engine.services import matching, verify
from engine.services.backup import backup, restore
from engine.store.database import make_engine, migrate, reading, writing
from engine.store.tables import Change, Connection, Object
from tests.support.scenes import (
    make_invoice,
    object_of,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_query,
    quickbooks_read,
    scoro_delete,
    scoro_edit,
    scoro_view,
)
from tests.support.world import PERSON, World


def creates(world: World) -> int:
    """Records that a program created on either side."""
    return sum(entry["operation"] == "create" for entry in world.writes())


def accept_all(world: World) -> None:
    """A person agrees to every link that is proposed, until none is left."""
    while found := matching.suggestions(world.deps, world.connection_id, state="suggested", limit=500):
        ids = [view.row.id for view in found]
        matching.decide_suggestions(world.deps, world.connection_id, ids, "accepted", PERSON)
        matching.apply_matches(world.deps, world.connection_id, PERSON)


def test_restoring_an_older_backup_resurrects_duplicates_and_loses_nothing(world: World, tmp_path: Path) -> None:
    """After going back in time: what was created since is linked and not created again, what was deleted stays deleted,
    what was edited since is in step, and later edits go over."""
    kept, doomed = make_invoice(world), make_invoice(world, name="Doomed Ltd")
    world.sync()
    backup(world.deps, tmp_path / "old")
    world.tick(3600)

    scoro_edit(world, "invoices", kept.id, description="after the backup")
    later = make_invoice(world, name="Later Ltd")
    world.sync()
    remote_kept, remote_later = (quickbooks_id(world, "scoro", "invoices", one.id) for one in (kept, later))
    scoro_delete(world, "invoices", doomed.id)
    world.tick(3600)
    made, invoices = creates(world), len(quickbooks_query(world, "select * from Invoice"))

    restore(world.deps, tmp_path / "old", PERSON)
    world.sync()
    accept_all(world)
    world.sync()

    assert creates(world) == made
    assert len(quickbooks_query(world, "select * from Invoice")) == invoices
    assert quickbooks_id(world, "scoro", "invoices", later.id) == remote_later
    assert object_of(world, "scoro", "invoices", kept.id).disposition == "in_step"
    assert object_of(world, "scoro", "invoices", doomed.id).disposition == "deleted_there"
    scoro_edit(world, "invoices", kept.id, description="after the restore")
    world.sync()
    assert quickbooks_read(world, "Invoice", remote_kept)["CustomerMemo"]["value"] == "after the restore"
    assert scoro_view(world, "invoices", kept.id)["description"] == "after the restore"
    assert verify.verify(world.deps, world.connection_id).holds


def test_restoring_keeps_the_present_grant_and_raises_the_fence(world: World, tmp_path: Path) -> None:
    """Tokens are renewed at every use and must not go back; a worker from before the restore cannot write."""
    backup(world.deps, tmp_path / "old")
    world.sync()
    with writing(world.deps.database) as session:
        row = session.get_one(Connection, world.connection_id)
        row.quickbooks_secret, row.quickbooks_token_version, token = "renewed", 99, row.lease_token
        session.add(row)
    restore(world.deps, tmp_path / "old", PERSON)
    with reading(world.deps.database) as session:
        row = session.get_one(Connection, world.connection_id)
        assert (row.quickbooks_secret, row.quickbooks_token_version) == ("renewed", 99)
        assert row.lease_token > token


def test_what_is_no_archive_is_refused_and_changes_nothing(world: World, tmp_path: Path) -> None:
    """A foreign file, a damaged archive and one of a newer version."""
    foreign, damaged, newer = tmp_path / "foreign", tmp_path / "damaged", tmp_path / "newer"
    foreign.write_text("not a database")
    backup(world.deps, newer)
    damaged.write_bytes(newer.read_bytes()[:20_000])
    with sqlite3.connect(newer) as archive:
        archive.execute("UPDATE alembic_version SET version_num = '9999'")
    for file in (foreign, damaged, newer):
        with pytest.raises(Refused):
            restore(world.deps, file, PERSON)
    assert world.objects()


def test_a_backup_never_overwrites_a_file(world: World, tmp_path: Path) -> None:
    """An existing file is refused."""
    (tmp_path / "file").write_text("precious")
    with pytest.raises(Refused):
        backup(world.deps, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.postgres
def test_a_backup_of_one_database_is_restored_into_the_other(world: World, postgres_url: str, tmp_path: Path) -> None:
    """SQLite to PostgreSQL and back: the same rows, and the chain of the log holds on both."""
    from dataclasses import replace

    make_invoice(world)
    world.sync()
    backup(world.deps, tmp_path / "sqlite")
    migrate(postgres_url)
    elsewhere = make_engine(postgres_url)
    restore(replace(world.deps, database=elsewhere), tmp_path / "sqlite", PERSON)
    assert verify.verify(replace(world.deps, database=elsewhere), world.connection_id).holds
    archive = backup(replace(world.deps, database=elsewhere), tmp_path / "postgres")
    elsewhere.dispose()
    restore(world.deps, tmp_path / "postgres", PERSON)
    assert archive.rows["objects"] == len(world.objects()) + merged(world)
    assert verify.verify(world.deps, world.connection_id).holds


def merged(world: World) -> int:
    """Objects that were linked into others."""
    with reading(world.deps.database) as session:
        return len(session.exec(select(Object.id).where(Object.merged_into != "")).all())


def test_verification_holds_through_conflicts_and_their_resolution(world: World) -> None:
    """The fold of the log is the stored state, also where edits were contested."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    quickbooks_edit(world, "Invoice", remote, CustomerMemo={"value": "from QuickBooks"})
    world.sync()
    verdict = verify.verify(world.deps, world.connection_id)
    assert (verdict.holds, verdict.differences) == (True, [])
    assert verdict.objects == len(world.objects())


@pytest.mark.parametrize("table", [Object, Change])
def test_verification_notices_a_value_changed_behind_its_back(world: World, table: type[Object] | type[Change]) -> None:
    """A changed object differs from the fold; a changed entry breaks the chain."""
    made = make_invoice(world)
    world.sync()
    thing = object_of(world, "scoro", "invoices", made.id)
    with Session(world.deps.database) as session:
        key = table.id == thing.id if table is Object else table.object_id == thing.id  # type: ignore[union-attr]  # by table
        row = session.exec(select(table).where(key)).first()
        assert row is not None
        row.fields = {**row.fields, "number": "666"} if isinstance(row, Object) else []
        session.add(row)
        session.commit()
    verdict = verify.verify(world.deps, world.connection_id)
    assert not verdict.holds
    assert (verdict.broken is None) == (table is Object)
    assert verdict.wrong == 1


def test_tables_of_the_archive_are_all_tables(world: World, tmp_path: Path) -> None:
    """Nothing that is stored is left out."""
    archive = backup(world.deps, tmp_path / "all")
    stored = set(sa.inspect(world.deps.database).get_table_names()) - {"alembic_version"}
    assert set(archive.rows) == stored
