"""Two at once: workers, people and token refreshes meet on the same connection, with real threads and real isolation.

Where the meeting matters, one party is held at an exchange with a remote until the other has done its part; nothing depends
on luck. Where everybody simply starts at once, any order has to end in the same books.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest

from engine.core.records import System
from engine.errors import Refused
from engine.services import directions, push, resolve, sync
from engine.services import lease as leases
from engine.store import log
from engine.store.database import make_engine, migrate, reading
from tests.support import in_quickbooks, in_scoro
from tests.support.scenes import make_invoice, object_of, quickbooks_edit, quickbooks_id, quickbooks_query, scoro_edit
from tests.support.world import PERSON, World, connect_world, make_world, rewired

PATIENCE = 30.0
"""Seconds after which a thread that never comes is reported; never reached when all is well."""

Wants = Callable[[httpx2.Request], bool]
MakeWorld = Callable[..., World]


@pytest.fixture
def new_world(any_database: str) -> Iterator[MakeWorld]:
    """Makes a connected, empty world on a database of its own."""
    made: list[World] = []

    def make(**options: Any) -> World:
        migrate(any_database)
        made.append(make_world(any_database))
        return connect_world(made[-1], **options)

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: MakeWorld) -> World:
    """Products, contacts and invoices go from Scoro to QuickBooks."""
    return new_world()


@dataclass
class Gate:
    """Holds the first request that ``wants`` names, before it leaves, until it is opened."""

    wants: Wants
    arrived: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def pass_through(self, request: httpx2.Request) -> None:
        """Wait, if this is the one."""
        if self.wants(request) and not self.arrived.is_set():
            self.arrived.set()
            assert self.opened.wait(PATIENCE), "nobody opened the gate"


class Held(httpx2.BaseTransport):
    """A transport with a gate before it."""

    def __init__(self, inner: httpx2.BaseTransport, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._gate.pass_through(request)
        return self._inner.handle_request(request)


@contextmanager
def held(world: World, wants: Wants, act: Callable[[World], object]) -> Iterator[Future[object]]:
    """``act`` has begun in another worker and waits at a request; it goes on when the block ends."""
    gate = Gate(wants)
    database = make_engine(str(world.deps.database.url.render_as_string(hide_password=False)))
    other = rewired(world, database, lambda inner: Held(inner, gate))
    other.deps = replace(other.deps, owner="another worker")
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(act, other)
        try:
            assert gate.arrived.wait(PATIENCE), doing.exception(0) if doing.done() else "it never sent that request"
            yield doing
        finally:
            gate.opened.set()
    database.dispose()


def together(*acts: Callable[[], object]) -> list[object]:
    """What each act returned or raised, all of them begun at the same moment."""
    start = threading.Barrier(len(acts))

    def begin(act: Callable[[], object]) -> object:
        start.wait(PATIENCE)
        try:
            return act()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def writes_to_quickbooks(request: httpx2.Request) -> bool:
    return request.method == "POST" and "/v3/company/" in request.url.path


def makes(entity: str) -> Wants:
    """A write to QuickBooks of a record of this type, alone or in a batch."""

    def wants(request: httpx2.Request) -> bool:
        alone = request.url.path.endswith(f"/{entity.lower()}")
        return writes_to_quickbooks(request) and (alone or f'"{entity}"'.encode() in request.read())

    return wants


def asks_for_tokens(request: httpx2.Request) -> bool:
    return request.url.path.endswith("/tokens/bearer")


def requested(world: World) -> str:
    """A run that nobody has begun."""
    return sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)


def settle(world: World) -> None:
    """Time passes, what was left in doubt is cleared up, and then all is quiet."""
    world.tick(600)
    world.sync()
    world.tick(600)
    world.sync()
    before = len(world.writes())
    world.sync()
    assert len(world.writes()) == before


def sound(world: World) -> None:
    """The chain of the log holds, every object has a disposition, and no write stayed behind."""
    with reading(world.deps.database) as session:
        assert log.broken_link(session, world.connection_id) is None
    assert sum(world.dispositions().values()) == len(world.objects())
    assert not {row.state for row in world.outbox()} & {"planned", "sent", "retry"}


def one_of_each(world: World, invoices: int = 1) -> None:
    """As many as were made in Scoro, and no name twice."""
    assert len(quickbooks_query(world, "select * from Invoice")) == invoices
    names = [row["DisplayName"] for row in quickbooks_query(world, "select * from Customer")]
    assert sorted(names) == sorted(set(names))
    assert len([name for name in names if name.endswith("Ltd")]) == invoices
    sound(world)


def test_second_worker_finds_a_run_taken_and_leaves(world: World) -> None:
    """While one worker is writing, another one that was handed the same run does nothing at all."""
    make_invoice(world)
    run_id = requested(world)
    with held(world, writes_to_quickbooks, lambda other: sync.run_chunk(other.deps, run_id)) as first:
        before = len(world.writes())
        assert sync.run_chunk(world.deps, run_id) is False
        assert len(world.writes()) == before
    assert first.result() is False
    settle(world)
    one_of_each(world)


def test_workers_that_begin_one_run_at_once_make_everything_once(world: World) -> None:
    """Four workers, one run, six invoices: any order ends with six."""
    for number in range(6):
        make_invoice(world, name=f"Client {number} Ltd")
    run_id = requested(world)
    together(*[lambda: sync.run_to_end(world.deps, run_id)] * 4)
    settle(world)
    one_of_each(world, 6)


def test_push_of_what_a_run_is_writing_is_refused_in_a_sentence(world: World) -> None:
    """A person's click meets the run's own write on its way: one invoice there, and the person is told."""
    made = make_invoice(world)
    run_id = requested(world)
    with held(world, makes("Invoice"), lambda other: sync.run_to_end(other.deps, run_id)):
        thing = object_of(world, "scoro", "invoices", made.id)
        with pytest.raises(Refused, match="on its way"):
            push.push(world.deps, thing.id, System.QUICKBOOKS, PERSON)
    settle(world)
    one_of_each(world)


def test_run_leaves_alone_what_a_person_is_pushing(world: World) -> None:
    """The other way round: the push is being written while a run goes over everything."""
    made = make_invoice(world)
    world.sync()
    scoro_edit(world, "invoices", made.id, description="pushed by hand")
    thing = object_of(world, "scoro", "invoices", made.id)
    with held(
        world, writes_to_quickbooks, lambda other: push.push(other.deps, thing.id, System.QUICKBOOKS, PERSON)
    ) as pushed:
        sync.run_to_end(world.deps, requested(world))
        edits = [entry for entry in world.writes() if entry["entity"] == "Invoice"]
    assert getattr(pushed.result(), "state", "") == "written"
    settle(world)
    after = [entry for entry in world.writes() if entry["entity"] == "Invoice"]
    assert (len(edits), len(after)) == (1, 2)
    one_of_each(world)


def test_two_people_and_a_run_on_one_object_write_it_once(world: World) -> None:
    """All begin at once; whoever comes second is refused or finds nothing to send."""
    made = make_invoice(world)
    world.sync()
    scoro_edit(world, "invoices", made.id, description="changed")
    thing, run_id = object_of(world, "scoro", "invoices", made.id), requested(world)
    click = lambda: push.push(world.deps, thing.id, System.QUICKBOOKS, PERSON)  # noqa: E731  # one act among three
    together(click, click, lambda: sync.run_to_end(world.deps, run_id))
    settle(world)
    assert len([entry for entry in world.writes() if entry["entity"] == "Invoice"]) == 2
    one_of_each(world)


def test_two_resolutions_at_once_have_one_winner(world: World) -> None:
    """Two reviewers press the button in the same moment, five times over: one of them is told that the other was first."""
    made = [make_invoice(world, name=f"Client {number} Ltd") for number in range(5)]
    world.sync()
    for invoice in made:
        remote = quickbooks_id(world, "scoro", "invoices", invoice.id)
        scoro_edit(world, "invoices", invoice.id, description="from Scoro")
        quickbooks_edit(world, "Invoice", remote, CustomerMemo={"value": "from QuickBooks"})
    world.sync()
    for row in world.objects(disposition="conflict"):
        view = resolve.conflict(world.deps, row.id)
        outcomes = together(*[_resolving(world, view, side) for side in ("scoro", "quickbooks")])
        assert [type(outcome) for outcome in outcomes].count(Refused) == 1
    assert not world.objects(disposition="conflict")
    settle(world)
    one_of_each(world, 5)


def _resolving(world: World, view: resolve.ConflictView, side: str) -> Callable[[], None]:
    choices = {"message": {"side": side}}
    return lambda: resolve.resolve(world.deps, view.object_id, version=view.version, choices=choices, person=side)


def test_refreshes_of_one_token_at_once_are_one_request(world: World) -> None:
    """Four jobs find the access token expired; the token endpoint is asked once and all of them can read."""
    made = make_invoice(world)
    world.sync()
    customer = world.bindings(object_of(world, "scoro", "contacts", made.contact).id)["quickbooks.customer"].remote_id
    world.tick(3600)
    asked: list[str] = []
    counting = rewired(world, world.deps.database, lambda inner: Counted(inner, asked))

    def read() -> object:
        with closing(counting.deps.connect(world.connection_id, System.QUICKBOOKS)) as connector:
            return connector.read("Customer", [customer])[0].deleted

    assert together(*[read] * 4) == [False] * 4
    assert len(asked) == 1
    world.sync()
    one_of_each(world)


class Counted(httpx2.BaseTransport):
    """Notes each request to the token endpoint."""

    def __init__(self, inner: httpx2.BaseTransport, asked: list[str]) -> None:
        self._inner = inner
        self._asked = asked

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if asks_for_tokens(request):
            self._asked.append(request.url.path)
        return self._inner.handle_request(request)


def test_refresh_that_a_person_outruns_keeps_the_new_grant(world: World) -> None:
    """Somebody authorises anew while a worker holds the old token: the worker goes on with the new one."""
    make_invoice(world)
    run_id = requested(world)
    reads = lambda request: "/v3/company/" in request.url.path  # noqa: E731  # the first question to QuickBooks
    with held(world, reads, lambda other: sync.run_to_end(other.deps, run_id)):
        world.adopt(world.quickbooks.control("token", {"realmId": world.realm}))
    settle(world)
    one_of_each(world)


def test_nothing_goes_the_old_way_after_a_flip_during_a_run(world: World) -> None:
    """The direction turns while the run is writing contacts: its invoices, planned already, are never sent."""
    for number in range(3):
        make_invoice(world, name=f"Client {number} Ltd")
    run_id = requested(world)
    with held(world, makes("Customer"), lambda other: sync.run_to_end(other.deps, run_id)):
        directions.flip(world.deps, world.connection_id, "invoices", epoch=1, person=PERSON)
    settle(world)
    assert [entry for entry in world.writes() if entry["entity"] == "Invoice"] == []
    assert {row.disposition for row in world.objects(kind="invoice")} == {"held"}
    sound(world)


def test_write_in_the_air_during_a_flip_lands_once(world: World) -> None:
    """What has left before the flip cannot be called back; it is counted as written and not made a second time."""
    made = make_invoice(world)
    run_id = requested(world)
    with held(world, makes("Invoice"), lambda other: sync.run_to_end(other.deps, run_id)):
        directions.flip(world.deps, world.connection_id, "invoices", epoch=1, person=PERSON)
    settle(world)
    assert object_of(world, "scoro", "invoices", made.id).disposition == "in_step"
    one_of_each(world)


def test_worker_whose_lease_was_taken_over_writes_nothing_more(world: World) -> None:
    """It was paused while writing contacts; another one did the rest; awake again it claims nothing and ends."""
    for number in range(3):
        make_invoice(world, name=f"Client {number} Ltd")
    run_id = requested(world)
    with held(world, makes("Customer"), lambda other: sync.run_chunk(other.deps, run_id)) as paused:
        world.tick(leases.LENGTH.total_seconds() * 3)
        sync.run_to_end(world.deps, run_id)
        written = len(world.writes())
    assert paused.result() is False
    assert len(world.writes()) == written
    settle(world)
    one_of_each(world, 3)


def test_worker_that_sleeps_before_sending_to_scoro_sends_nothing_when_it_wakes(new_world: MakeWorld) -> None:
    """Scoro knows no idempotency key: writes that have waited too long in a paused worker are not sent by it any more."""
    world = new_world(categories={"contacts": "quickbooks"})
    for number in range(12):
        in_quickbooks.customer(world, f"Client {number} Ltd")
    run_id = requested(world)
    creates = lambda request: request.url.path.endswith("/contacts/modify")  # noqa: E731  # one record of Scoro's
    with held(world, creates, lambda other: sync.run_chunk(other.deps, run_id)) as paused:
        while len(in_scoro.rows(world, "contacts")) < 9:  # the other nine in the air land
            threading.Event().wait(0.01)
        world.tick(leases.LENGTH.total_seconds() * 3)
    paused.result()
    settle(world)
    names = [row["name"] for row in in_scoro.rows(world, "contacts")]
    assert sorted(names) == sorted({f"Client {number} Ltd" for number in range(12)})
    sound(world)


def test_doubt_about_a_create_in_scoro_is_cleared_up_by_one_of_two(new_world: MakeWorld) -> None:
    """A run and a person's push clear up the same lost write at once: one contact."""
    from engine.services.applying import Job, recover
    from engine.services.context import load_context
    from engine.services.directory import Directory

    world = new_world(categories={"contacts": "quickbooks"})
    in_quickbooks.customer(world, "Acme Ltd")
    creates = lambda request: request.url.path.endswith("/contacts/modify")  # noqa: E731  # the one record

    class Lost(httpx2.BaseTransport):
        def __init__(self, inner: httpx2.BaseTransport) -> None:
            self._inner = inner

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            if creates(request):
                raise SystemExit  # the worker is killed as it sends
            return self._inner.handle_request(request)

    with pytest.raises(SystemExit):
        sync.run_to_end(rewired(world, world.deps.database, Lost).deps, requested(world))
    world.tick(600)

    def clear_up(somebody: World) -> None:
        with reading(somebody.deps.database) as session:
            context = load_context(session, world.connection_id)
            session.expunge_all()
        job = Job(somebody.deps, context, Directory(somebody.deps.database, world.connection_id), "")
        with closing(job):
            recover(job)

    with held(world, creates, clear_up):
        clear_up(world)
    settle(world)
    assert [row["name"] for row in in_scoro.rows(world, "contacts")] == ["Acme Ltd"]
    sound(world)
