"""Worlds for tests of the whole engine: both sandboxes, the real connectors, a real database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.store.database import migrate
from tests.support.world import World, connect_world, make_world, sqlite_url

MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database brought to the newest schema by the real migrations; tests work on copies."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(sqlite_url(folder))
    return folder / "concord.db"


@pytest.fixture
def new_world(migrated: Path, tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes connected worlds; ``categories`` as in ``connect_world``."""
    made: list[World] = []

    def make(*, seed: str = "empty", profile: str = "us", categories: dict[str, str] | None = None) -> World:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        shutil.copy(migrated, folder / "concord.db")
        world = make_world(sqlite_url(folder), seed=seed, profile=profile)
        made.append(world)
        return connect_world(world, categories=categories)

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: MakeWorld) -> World:
    """Products, contacts and invoices go from Scoro to QuickBooks; nothing is there yet."""
    return new_world()
