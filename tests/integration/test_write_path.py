"""The way of a write: decided, claimed, sent, read back; and what may not happen on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from engine.connectors.base import Connector, RemoteRecord, WriteOutcome
from engine.core.records import System
from engine.services import lease as leases
from engine.services import objects, push, sync
from engine.services.applying import send_wave
from engine.services.claiming import claim
from engine.services.context import Context, load_context
from engine.services.deps import Connect
from engine.services.directory import Directory
from engine.services.job import Job
from engine.services.lease import LeaseLost
from engine.services.linking import differences
from engine.services.observing import observe_records
from engine.store.database import reading, writing
from engine.store.tables import CategorySettings, Object, Outbox
from tests.integration.conftest import MakeWorld
from tests.support.scenes import (
    make_invoice,
    object_of,
    quickbooks_create,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_read,
    scoro_create,
    scoro_delete,
    scoro_edit,
    scoro_view,
)
from tests.support.world import PERSON, World

BOTH_DATABASES = True


def queued(world: World) -> Outbox:
    """A new client of Scoro is decided and queued for QuickBooks, and not yet sent."""
    scoro_create(world, "contacts", name="Acme Ltd", contact_type="company", is_client=1)
    return until_planned(world)


def until_planned(world: World) -> Outbox:
    """A run is interrupted when a contact's write is planned and not yet sent."""
    run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
    impatient = replace(world.deps, yield_now=lambda: True)
    while sync.run_chunk(impatient, run_id) and not world.outbox(state="planned"):
        pass
    (row,) = world.outbox(state="planned", kind="contact")
    return row


def claimed(world: World, row: Outbox, lease: leases.Lease | None = None) -> list[str]:
    """The outbox rows that may be sent now."""
    with reading(world.deps.database) as session:
        context: Context = load_context(session, world.connection_id)
        session.expunge_all()
    directory = Directory(world.deps.database, world.connection_id)
    found = claim(
        world.deps, context, directory, system=System(row.system), wave=row.wave, limit=10, batches=False, lease=lease
    )
    return [one.outbox_id for one in found]


@contextmanager
def job_of(world: World, lease: leases.Lease | None) -> Iterator[Job]:
    """The tools of a worker that was given this lease."""
    with reading(world.deps.database) as session:
        context = load_context(session, world.connection_id)
        session.expunge_all()
    job = Job(world.deps, context, Directory(world.deps.database, world.connection_id), "", lease)
    with closing(job):
        yield job


def test_queued_write_is_claimed_once(world: World) -> None:
    """Whoever comes second finds nothing."""
    row = queued(world)
    assert claimed(world, row) == [row.id]
    assert claimed(world, row) == []


def test_write_of_an_older_direction_is_never_sent(world: World) -> None:
    """The epoch is checked in the very transaction that claims (F18)."""
    row = queued(world)
    with writing(world.deps.database) as session:
        category = session.get_one(CategorySettings, (world.connection_id, "contacts"))
        category.epoch += 1
        session.add(category)
    assert claimed(world, row) == []
    assert [one.state for one in world.outbox(kind="contact")] == ["stale"]


def test_write_decided_on_an_older_object_is_never_sent(world: World) -> None:
    """What has changed since is decided anew."""
    row = queued(world)
    with writing(world.deps.database) as session:
        thing = session.get_one(Object, row.object_id)
        thing.version += 1
        session.add(thing)
    assert claimed(world, row) == []
    assert world.objects(kind="contact")[0].dirty


def test_second_worker_has_to_wait(world: World) -> None:
    """One run per connection, until the lease runs out."""
    first = leases.take(world.deps, world.connection_id)
    assert first is not None
    assert leases.take(world.deps, world.connection_id) is None
    world.clock.advance(leases.LENGTH.total_seconds() + 1)
    assert leases.take(world.deps, world.connection_id) is not None


def test_worker_that_was_overtaken_may_not_write(world: World) -> None:
    """A paused worker wakes up with an old token and is turned away when it claims."""
    row = queued(world)
    world.clock.advance(leases.LENGTH.total_seconds() + 1)
    paused = leases.take(world.deps, world.connection_id)
    world.clock.advance(leases.LENGTH.total_seconds() + 1)
    assert leases.take(world.deps, world.connection_id) is not None
    with pytest.raises(LeaseLost):
        claimed(world, row, paused)
    with job_of(world, paused) as job, pytest.raises(LeaseLost):
        send_wave(job, System(row.system), row.wave, limit=10)
    assert [one.state for one in world.outbox(kind="contact")] == ["planned"]


def test_receipt_says_that_the_replica_has_caught_up(world: World) -> None:
    """Seen grows by what was sent; the shadow is what the remote says."""
    contact = scoro_create(world, "contacts", name="Acme Ltd", contact_type="company", is_client=1)
    world.sync()
    thing = object_of(world, "scoro", "contacts", contact["contact_id"])
    customer = world.bindings(thing.id)["quickbooks.customer"]
    assert customer.seen["scoro"] == thing.vector["scoro"]
    assert customer.shadow["name"] == "Acme Ltd"


def test_late_picture_is_dropped(world: World) -> None:
    """An older revision than the known one changes nothing."""
    contact = scoro_create(world, "contacts", name="Acme Ltd", contact_type="company", is_client=1)
    world.sync()
    thing = object_of(world, "scoro", "contacts", contact["contact_id"])
    remote = world.bindings(thing.id)["quickbooks.customer"].remote_id
    old = quickbooks_read(world, "Customer", remote)
    quickbooks_edit(world, "Customer", remote, PrimaryPhone={"FreeFormNumber": "555"})
    world.sync()
    hint(world, [RemoteRecord(System.QUICKBOOKS, "Customer", remote, old["SyncToken"], old)])
    assert world.bindings(thing.id)["quickbooks.customer"].shadow["phone"] == "555"


def test_edit_of_a_customer_reaches_its_vendor_when_quickbooks_is_the_source(new_world: MakeWorld) -> None:
    """Both are replicas of one contact; what the source says goes to all others."""
    world = new_world(categories={"contacts": "quickbooks"})
    contact = scoro_create(world, "contacts", name="Both Ltd", contact_type="company", is_client=1, is_supplier=1)
    world.sync()
    thing = object_of(world, "scoro", "contacts", contact["contact_id"])
    push.push(world.deps, thing.id, System.QUICKBOOKS, PERSON)
    bound = world.bindings(thing.id)
    quickbooks_edit(world, "Customer", bound["quickbooks.customer"].remote_id, PrimaryPhone={"FreeFormNumber": "555"})
    world.sync()
    world.sync()
    assert (
        quickbooks_read(world, "Vendor", bound["quickbooks.vendor"].remote_id)["PrimaryPhone"]["FreeFormNumber"]
        == "555"
    )
    before = len(world.writes())
    world.sync()
    assert len(world.writes()) == before


def test_edit_made_while_an_answer_is_awaited_is_not_overwritten(new_world: MakeWorld) -> None:
    """The write never arrived, a person edited the same field there meanwhile, and that edit was seen: it is a conflict."""
    world = new_world(categories={"contacts": "quickbooks"})
    customer = quickbooks_create(world, "Customer", DisplayName="Acme Ltd", CompanyName="Acme Ltd")
    world.sync()
    thing = object_of(world, "quickbooks", "Customer", customer["Id"])
    scoro_id = world.bindings(thing.id)["scoro"].remote_id
    quickbooks_edit(world, "Customer", customer["Id"], PrimaryPhone={"FreeFormNumber": "111"})
    lose_the_write(world)

    scoro_edit(world, "contacts", scoro_id, means_of_contact={"phone": ["222"]})
    hear_of(world, System.SCORO, "contacts", scoro_id)
    world.tick(600)
    world.sync()
    world.sync()
    assert scoro_view(world, "contacts", scoro_id)["means_of_contact"]["phone"] == ["222"]
    assert object_of(world, "quickbooks", "Customer", customer["Id"]).disposition == "conflict"


def test_edit_that_looks_like_a_lost_write_is_no_receipt_once_something_else_was_seen(new_world: MakeWorld) -> None:
    """The write never arrived; both sides moved on and agreed; then a person types what the write had said. That is
    an edit against the direction, and held."""
    world = new_world(categories={"contacts": "quickbooks"})
    customer = quickbooks_create(world, "Customer", DisplayName="Acme Ltd", CompanyName="Acme Ltd")
    world.sync()
    thing = object_of(world, "quickbooks", "Customer", customer["Id"])
    scoro_id = world.bindings(thing.id)["scoro"].remote_id
    quickbooks_edit(world, "Customer", customer["Id"], PrimaryPhone={"FreeFormNumber": "111"})
    lose_the_write(world)
    quickbooks_edit(world, "Customer", customer["Id"], PrimaryPhone={"FreeFormNumber": "222"})
    hear_of(world, System.QUICKBOOKS, "Customer", customer["Id"])
    scoro_edit(world, "contacts", scoro_id, means_of_contact={"phone": ["222"]})
    hear_of(world, System.SCORO, "contacts", scoro_id)

    scoro_edit(world, "contacts", scoro_id, means_of_contact={"phone": ["111"]})
    world.tick(600)
    world.sync()
    world.sync()
    assert scoro_view(world, "contacts", scoro_id)["means_of_contact"]["phone"] == ["111"]
    assert object_of(world, "quickbooks", "Customer", customer["Id"]).disposition == "held"


def test_field_that_was_cleared_after_a_lost_write_arrived_is_an_edit(new_world: MakeWorld) -> None:
    """The write arrived, its answer was lost, and a person cleared the field before anybody looked: it stays cleared."""
    world = new_world(categories={"contacts": "quickbooks"})
    customer = quickbooks_create(world, "Customer", DisplayName="Acme Ltd", PrimaryPhone={"FreeFormNumber": "000"})
    world.sync()
    thing = object_of(world, "quickbooks", "Customer", customer["Id"])
    scoro_id = world.bindings(thing.id)["scoro"].remote_id
    quickbooks_edit(world, "Customer", customer["Id"], PrimaryPhone={"FreeFormNumber": "111"})
    lose_the_write(world)
    scoro_edit(world, "contacts", scoro_id, means_of_contact={"phone": ["111"]})
    scoro_edit(world, "contacts", scoro_id, means_of_contact={"phone": []})

    world.tick(600)
    world.sync()
    world.sync()
    assert "phone" not in scoro_view(world, "contacts", scoro_id)["means_of_contact"]
    assert object_of(world, "quickbooks", "Customer", customer["Id"]).disposition != "in_step"


def lose_the_write(world: World) -> None:
    """A worker is killed the moment it sends to Scoro."""
    run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
    with pytest.raises(SystemExit):
        sync.run_to_end(replace(world.deps, connect=dying(world)), run_id)
    assert [row.replica for row in world.outbox(state="sent")] == ["scoro"]


def hear_of(world: World, system: System, type: str, id: str) -> None:
    """A webhook made somebody read this record."""
    with closing(world.deps.connect(world.connection_id, system)) as connector:
        hint(world, connector.read(type, [id]))


def dying(world: World) -> Connect:
    """Connectors of a worker that is killed the moment it sends."""

    def connect(connection_id: str, system: System) -> Connector:
        connector = world.deps.connect(connection_id, system)
        connector.write = _die  # type: ignore[method-assign]  # this worker never gets to the real one
        return connector

    return connect


def _die(requests: object) -> Iterator[WriteOutcome]:
    raise SystemExit


def hint(world: World, records: Sequence[RemoteRecord]) -> None:
    """A webhook made somebody read these records."""
    with reading(world.deps.database) as session:
        context = load_context(session, world.connection_id)
    directory = Directory(world.deps.database, world.connection_id)
    observe_records(world.deps, context, directory, records, noticed="webhook")


def test_contact_that_takes_the_name_of_another_customer_does_not_become_it(world: World) -> None:
    """The remote refuses the rename; the customer of that name was somebody else before and stays so."""
    made = scoro_create(world, "contacts", name="Acme Ltd", contact_type="company", is_client=1)
    world.sync()
    acme = quickbooks_id(world, "scoro", "contacts", made["contact_id"], "quickbooks.customer")
    birch = quickbooks_create(world, "Customer", DisplayName="Birch Inc")
    world.sync()
    scoro_edit(world, "contacts", made["contact_id"], name="Birch Inc")
    world.sync()
    thing = object_of(world, "scoro", "contacts", made["contact_id"])
    assert quickbooks_id(world, "scoro", "contacts", made["contact_id"], "quickbooks.customer") == acme
    assert object_of(world, "quickbooks", "Customer", birch["Id"]).id != thing.id
    assert (thing.disposition, thing.reason) == ("blocked", "duplicate_there")


def test_followed_deletion_does_not_say_that_content_was_sent(world: World) -> None:
    """What was unsent when the record was deleted has to be sent if it is ever restored there."""
    made = make_invoice(world)
    world.sync()
    thing = object_of(world, "scoro", "invoices", made.id)
    before = world.bindings(thing.id)["quickbooks"].seen
    scoro_delete(world, "invoices", made.id)
    world.tick(7 * 3600)
    world.sync()
    objects.decide_deletion(world.deps, thing.id, True, PERSON)
    world.sync()
    after = world.bindings(thing.id)["quickbooks"]
    assert after.gone
    assert after.seen == before


def test_only_what_differs_is_shown_when_two_are_linked() -> None:
    """Equal values need no person."""
    assert differences({"name": "Ann", "email": "a"}, {"name": "Ann", "email": "b", "phone": "1"}) == {
        "email": ["a", "b"]
    }
