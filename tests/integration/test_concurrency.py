"""Two at once: workers, people and token refreshes meet on the same connection, with real threads and real isolation.

Where the meeting matters, one party is held at an exchange with a remote until the other has done its part; nothing depends
on luck. Where everybody simply starts at once, any order has to end in the same books.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from sqlmodel import select

from engine.connectors.http import IN_FLIGHT
from engine.core.records import System
from engine.errors import Refused
from engine.services import directions, push, resolve, sync
from engine.services import lease as leases
from engine.services.context import load_context
from engine.services.directory import Directory
from engine.services.job import Job
from engine.services.recovering import recover
from engine.store import log
from engine.store.database import make_engine, reading
from engine.store.tables import Change, Connection
from tests.integration.conftest import MakeWorld
from tests.support import in_quickbooks, in_scoro
from tests.support.scenes import (
    make_invoice,
    object_of,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_query,
    scoro_create,
    scoro_edit,
)
from tests.support.world import PERSON, World, rewired

PATIENCE = 30.0
"""Seconds after which a thread that never comes is reported; never reached when all is well."""

Wants = Callable[[httpx2.Request], bool]
BOTH_DATABASES = True


@dataclass
class Gate:
    """Holds the first ``parties`` exchanges that ``wants`` names until it is opened: before the request leaves, or when its
    answer has ``landed`` and nobody has heard it."""

    wants: Wants
    parties: int = 1
    landed: bool = False
    arrived: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    _waiting: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def pass_through(self) -> None:
        """Wait until it is opened; who comes once all are there goes on at once."""
        number = next(self._waiting)
        if number == self.parties:
            self.arrived.set()
        if number <= self.parties:
            assert self.opened.wait(PATIENCE), "nobody opened the gate"


class Held(httpx2.BaseTransport):
    """A transport with a gate before or behind it."""

    def __init__(self, inner: httpx2.BaseTransport, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        concerned = self._gate.wants(request)
        if concerned and not self._gate.landed:
            self._gate.pass_through()
        response = self._inner.handle_request(request)
        if concerned and self._gate.landed:
            self._gate.pass_through()
        return response


@contextmanager
def held(
    world: World, wants: Wants, act: Callable[[World], object], *, parties: int = 1, landed: bool = False
) -> Iterator[Future[object]]:
    """``act`` has begun in another worker and waits at its exchanges; it goes on and ends when the block ends."""
    gate = Gate(wants, parties, landed)
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
    """The chain of the log holds, no write has two receipts, every object has a disposition, and no write stayed behind."""
    with reading(world.deps.database) as session:
        assert log.broken_link(session, world.connection_id) is None
        receipts = [entry.details["outbox"] for entry in session.exec(select(Change).where(Change.action == "written"))]
    assert len(receipts) == len(set(receipts))
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


def commit_something_else(database: sa.Engine) -> None:
    """Another process commits at once, or finds that it has to wait and goes away."""
    patience = {"timeout": 0} if database.dialect.name == "sqlite" else {}
    other = sa.create_engine(database.url, connect_args=patience)
    with suppress(sa.exc.OperationalError), other.begin() as connection:
        connection.execute(sa.update(Connection).values(name="Renamed"))
    other.dispose()


def test_preview_of_a_push_is_shown_while_others_write(world: World) -> None:
    """A preview supposes before it says; what others commit between its reading and its supposing does not make it fail."""
    made = make_invoice(world)
    world.sync(dry=True, categories=("contacts",))
    thing = object_of(world, "scoro", "invoices", made.id)
    database = world.deps.database
    interrupted: list[bool] = []

    def interrupt(*about: Any) -> None:
        if str(about[2]).startswith("UPDATE") and not interrupted:
            interrupted.append(True)
            commit_something_else(database)

    sa.event.listen(database, "before_cursor_execute", interrupt)
    preview = push.preview_push(world.deps, thing.id, System.QUICKBOOKS)
    sa.event.remove(database, "before_cursor_execute", interrupt)
    assert interrupted
    assert len(preview.along) == 2
    assert not any(row.required for row in world.objects())


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


def test_run_that_plans_after_a_flip_by_what_it_knew_before_sends_nothing(world: World) -> None:
    """The direction turns while the run is still reading; what it plans by the old one is refused when it is claimed."""
    make_invoice(world)
    run_id = requested(world)
    reads = lambda request: "/v3/company/" in request.url.path  # noqa: E731  # the first question to QuickBooks
    with held(world, reads, lambda other: sync.run_to_end(other.deps, run_id)):
        directions.flip(world.deps, world.connection_id, "invoices", epoch=1, person=PERSON)
    assert "stale" in {row.state for row in world.outbox(kind="invoice")}
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


def test_worker_that_wakes_after_its_lease_sends_nothing_more_to_scoro(new_world: MakeWorld) -> None:
    """Scoro knows no idempotency key. Ten of twelve creates are in the air when the worker is paused; while it sleeps another
    one clears up and makes the rest. Awake again, it does not send the two that it had claimed."""
    world = new_world(categories={"contacts": "quickbooks"})
    for number in range(12):
        in_quickbooks.customer(world, f"Client {number} Ltd")
    run_id = requested(world)
    with held(
        world, creates_contact, lambda other: sync.run_chunk(other.deps, run_id), parties=IN_FLIGHT, landed=True
    ) as paused:
        world.tick(leases.LENGTH.total_seconds() * 3)
        sync.run_to_end(world.deps, run_id)
        assert len(in_scoro.rows(world, "contacts")) == 12
    paused.result()
    settle(world)
    names = [row["name"] for row in in_scoro.rows(world, "contacts")]
    assert sorted(names) == sorted(f"Client {number} Ltd" for number in range(12))
    sound(world)


def creates_contact(request: httpx2.Request) -> bool:
    return request.url.path.endswith("/contacts/modify")


def looks_for_contact(request: httpx2.Request) -> bool:
    return request.url.path.endswith("/contacts/list")


@pytest.fixture
def in_doubt(new_world: MakeWorld) -> World:
    """A worker was killed as it sent a new contact to Scoro; it never arrived, and nobody knows."""
    world = new_world(categories={"contacts": "quickbooks"})
    in_quickbooks.customer(world, "Acme Ltd")

    class Killed(httpx2.BaseTransport):
        def __init__(self, inner: httpx2.BaseTransport) -> None:
            self._inner = inner

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            if creates_contact(request):
                raise SystemExit
            return self._inner.handle_request(request)

    with pytest.raises(SystemExit):
        sync.run_to_end(rewired(world, world.deps.database, Killed).deps, requested(world))
    assert [row.state for row in world.outbox(system="scoro", kind="contact")] == ["sent"]
    world.tick(600)
    return world


def clear_up(somebody: World) -> None:
    """Settle what is in doubt, as a run or a person's push does."""
    with reading(somebody.deps.database) as session:
        context = load_context(session, somebody.connection_id)
        session.expunge_all()
    job = Job(somebody.deps, context, Directory(somebody.deps.database, somebody.connection_id), "")
    with closing(job):
        recover(job)


def one_acme(world: World) -> None:
    settle(world)
    assert [row["name"] for row in in_scoro.rows(world, "contacts")] == ["Acme Ltd"]
    sound(world)


def test_lost_create_that_two_look_for_is_sent_again_by_one(in_doubt: World) -> None:
    """Both have looked and found nothing; one of them is sending when the other is about to."""
    with ExitStack() as late, ExitStack() as sending:
        late.enter_context(held(in_doubt, looks_for_contact, clear_up, landed=True))
        sending.enter_context(held(in_doubt, creates_contact, clear_up))
        late.close()
        assert in_scoro.rows(in_doubt, "contacts") == []
    one_acme(in_doubt)


def test_lost_create_that_somebody_found_is_not_sent_again(in_doubt: World) -> None:
    """It arrived late: the first one who looked found nothing, the second one found it and settled it."""
    with held(in_doubt, looks_for_contact, clear_up, landed=True):
        scoro_create(in_doubt, "contacts", name="Acme Ltd", contact_type="company", is_client=1)
        clear_up(in_doubt)
        assert [row.state for row in in_doubt.outbox(system="scoro", kind="contact")] == ["confirmed"]
    one_acme(in_doubt)
