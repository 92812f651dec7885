"""Worlds for tests of the whole engine: both sandboxes, the real connectors, a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.world import World, connect_world, make_world

MakeWorld = Callable[..., World]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The write path is what databases differ in: the modules that say ``BOTH_DATABASES`` run on either."""
    if "database_url" in metafunc.fixturenames:
        both = getattr(metafunc.module, "BOTH_DATABASES", False)
        postgres = [pytest.param("postgres", marks=pytest.mark.postgres)] if both else []
        metafunc.parametrize("database_url", ["sqlite", *postgres], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """A migrated, empty database of the make the test is run on."""
    return new_database(request.param)


@pytest.fixture
def new_world(database_url: str) -> Iterator[MakeWorld]:
    """Makes one connected world; ``categories`` as in ``connect_world``."""
    made: list[World] = []

    def make(*, seed: str = "empty", profile: str = "us", categories: dict[str, str] | None = None) -> World:
        made.append(make_world(database_url, seed=seed, profile=profile))
        return connect_world(made[-1], categories=categories)

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: MakeWorld) -> World:
    """Products, contacts and invoices go from Scoro to QuickBooks; nothing is there yet."""
    return new_world()
