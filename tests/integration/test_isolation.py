"""What two transactions do to each other on PostgreSQL: everybody waits at one row, and looks again once it is theirs.

One transaction holds the connection's row until all others wait for it; then they go on, one after the other. Nothing here
depends on luck.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from engine.core.records import System
from engine.errors import Refused
from engine.services import directions, resolve
from engine.services import lease as leases
from engine.store.database import reading, writing
from engine.store.tables import CategorySettings, Connection
from tests.integration.test_concurrency import PATIENCE, Counted
from tests.integration.test_write_path import claimed, queued
from tests.support.scenes import make_invoice, object_of, quickbooks_edit, quickbooks_id, scoro_edit
from tests.support.world import PERSON, World, connect_world, make_world, rewired

pytestmark = pytest.mark.postgres

WAITING = sa.text(
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


@pytest.fixture
def world(new_database: Callable[[str], str]) -> Iterator[World]:
    """Products, contacts and invoices go from Scoro to QuickBooks; nothing is there yet."""
    made = make_world(new_database("postgres"))
    yield connect_world(made)
    made.close()


def at_the_door(
    world: World, *acts: Callable[[], object], meanwhile: Callable[[Session], object] = lambda session: None
) -> list[object]:
    """What each act returned, or was refused with, when all of them came while a transaction that did ``meanwhile`` was still
    open."""
    with ThreadPoolExecutor(len(acts)) as pool:
        with writing(world.deps.database) as session:
            session.get_one(Connection, world.connection_id, with_for_update=True)
            meanwhile(session)
            session.flush()
            doing = [pool.submit(_outcome, act) for act in acts]
            _until(lambda: _waiting(world) + sum(one.done() for one in doing) >= len(acts))
        return [one.result(PATIENCE) for one in doing]


def _outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except Refused as refusal:
        return refusal


def _waiting(world: World) -> int:
    with reading(world.deps.database) as session:
        return int(session.connection().execute(WAITING).scalar_one())


def _until(reached: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE / 0.01)):
        if reached():
            return
        threading.Event().wait(0.01)
    raise AssertionError("they never came")


def refusals(outcomes: list[object]) -> int:
    return sum(isinstance(outcome, Refused) for outcome in outcomes)


def test_lease_that_two_workers_ask_for_goes_to_one(world: World) -> None:
    """The second one looks again once the row is its own, and finds a living holder."""
    take = lambda: leases.take(world.deps, world.connection_id)  # noqa: E731  # one act, twice
    outcomes = at_the_door(world, take, take)
    assert [type(outcome) for outcome in outcomes].count(leases.Lease) == 1
    assert outcomes.count(None) == 1


def test_conflict_that_two_people_resolve_has_one_winner(world: World) -> None:
    """The second one is told that somebody was faster; the first one's word stands."""
    made = make_invoice(world)
    world.sync()
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    quickbooks_edit(world, "Invoice", remote, CustomerMemo={"value": "from QuickBooks"})
    world.sync()
    view = resolve.conflict(world.deps, object_of(world, "scoro", "invoices", made.id).id)

    def choose(side: str) -> Callable[[], None]:
        choices = {"message": {"side": side}}
        return lambda: resolve.resolve(world.deps, view.object_id, version=view.version, choices=choices, person=side)

    assert refusals(at_the_door(world, choose("scoro"), choose("quickbooks"))) == 1
    assert object_of(world, "scoro", "invoices", made.id).disposition in {"pending", "in_step"}


def test_direction_that_two_people_turn_is_turned_once(world: World) -> None:
    """Both saw the same preview; turning it twice would turn it back."""
    turn = lambda: directions.flip(world.deps, world.connection_id, "invoices", epoch=1, person=PERSON)  # noqa: E731  # one act, twice
    outcomes = at_the_door(world, turn, turn)
    assert (outcomes.count(2), refusals(outcomes)) == (1, 1)


def test_token_that_two_jobs_find_expired_is_refreshed_once(world: World) -> None:
    """The old refresh token dies with the first answer; whoever comes second finds the new one stored."""
    make_invoice(world)
    world.sync()
    world.tick(3600)
    asked: list[str] = []
    counting = rewired(world, world.deps.database, lambda inner: Counted(inner, asked))

    def read() -> object:
        with closing(counting.deps.connect(world.connection_id, System.QUICKBOOKS)) as connector:
            return [record.id for record in connector.read("Customer", ["1"])]

    assert at_the_door(world, read, read) == [["1"], ["1"]]
    assert len(asked) == 1


def test_write_that_is_claimed_while_the_direction_turns_is_not_sent(world: World) -> None:
    """The flip is not committed yet when a worker comes to claim: it waits, and then sees the new epoch."""
    row = queued(world)

    def turned(session: Session) -> None:
        category = session.get_one(CategorySettings, (world.connection_id, "contacts"))
        category.epoch += 1
        session.add(category)

    assert at_the_door(world, lambda: claimed(world, row), meanwhile=turned) == [[]]
    assert [one.state for one in world.outbox(kind="contact")] == ["stale"]


def test_write_that_two_claim_is_sent_by_one(world: World) -> None:
    """A run and a person's click come to the same row of the outbox."""
    row = queued(world)
    outcomes = at_the_door(world, lambda: claimed(world, row), lambda: claimed(world, row))
    assert sorted(map(len, outcomes)) == [0, 1]  # type: ignore[arg-type]  # both answered with lists
