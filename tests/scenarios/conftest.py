"""Worlds for the scenarios: small ones, each with a database of its own copied from a migrated one.

Those marked ``both_databases`` run on SQLite and on PostgreSQL; of the others, a developer's machine runs every one on SQLite
and the build machine every one on PostgreSQL. ``SCENARIO_DATABASES`` chooses: ``sqlite``, ``postgres``, or ``all`` for both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.world import World, connect_world, make_world

MakeWorld = Callable[..., World]
BOTH = ("sqlite", "postgres")
CHOSEN = os.environ.get("SCENARIO_DATABASES") or ("postgres" if os.environ.get("CI") else "sqlite")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" not in metafunc.fixturenames:
        return
    both = CHOSEN == "all" or metafunc.definition.get_closest_marker("both_databases")
    names = BOTH if both else (CHOSEN,)
    chosen = [pytest.param(name, marks=[pytest.mark.postgres] * (name == "postgres")) for name in names]
    metafunc.parametrize("database_url", chosen, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """A migrated, empty database of the make the test is run on."""
    return new_database(request.param)


@pytest.fixture
def bare_world(database_url: str) -> Iterator[World]:
    """Both systems and an empty Concord: nothing is connected."""
    world = make_world(database_url)
    yield world
    world.close()


@pytest.fixture
def new_world(database_url: str) -> Iterator[MakeWorld]:
    """Makes one connected world; ``profile`` is the kind of QuickBooks company, ``categories`` name → source."""
    made: list[World] = []

    def make(*, profile: str = "us", seed: str = "empty", **options: Any) -> World:
        made.append(make_world(database_url, seed=seed, profile=profile))
        return connect_world(made[0], **options)

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: MakeWorld) -> World:
    """Products, contacts, invoices, receipts and bills go from Scoro to QuickBooks; nothing is there yet."""
    return new_world(categories=dict.fromkeys(("products", "contacts", "invoices", "receipts", "bills"), "scoro"))


@pytest.fixture
def mirrored(new_world: MakeWorld) -> World:
    """The same the other way round: from QuickBooks to Scoro."""
    return new_world(categories=dict.fromkeys(("products", "contacts", "invoices", "receipts", "bills"), "quickbooks"))
