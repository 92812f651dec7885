"""The main job: products, contacts and invoices of two systems kept in agreement."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest
from sqlmodel import select

from engine.core.records import System
from engine.errors import Refused
from engine.services import directions, feeds, objects, push, resolve, sync
from engine.services.claiming import claim
from engine.services.context import Context, load_context
from engine.services.deciding import decide_objects
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.job import Job
from engine.services.planning import plan_cases, queue_writes
from engine.services.receipts import record_outcomes
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Change, Connection, Run
from tests.integration.conftest import MakeWorld
from tests.support.scenes import (
    make_invoice,
    object_of,
    quickbooks_create,
    quickbooks_delete,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_query,
    quickbooks_read,
    scoro_create,
    scoro_delete,
    scoro_edit,
    scoro_view,
    untaxed,
)
from tests.support.troubles import arm, disarm
from tests.support.world import PERSON, World

BOTH_DATABASES = True


def settled(world: World) -> None:
    """A further run writes nothing: quiet when done."""
    before = len(world.writes())
    world.sync()
    assert len(world.writes()) == before


def test_new_invoice_arrives_with_its_contact_and_product_first(world: World) -> None:
    """An invoice made in Scoro is in QuickBooks after one run, with what it needs, equal to the cent; then all is quiet."""
    made = make_invoice(world)
    world.sync()

    arrived = quickbooks_read(world, "Invoice", quickbooks_id(world, "scoro", "invoices", made.id))
    assert Decimal(str(arrived["TotalAmt"])) == Decimal("500")
    assert arrived["CustomerRef"]["name"] == "Acme Ltd"
    order = [entry["entity"] for entry in world.writes() if entry["entity"] in {"Customer", "Item", "Invoice"}]
    assert order.index("Invoice") > max(order.index("Customer"), order.index("Item"))
    settled(world)


def test_change_log_tells_what_was_written(world: World) -> None:
    """The log names the write, its revision and what it held, and its hash chain holds."""
    made = make_invoice(world)
    world.sync()
    thing = object_of(world, "scoro", "invoices", made.id)
    with reading(world.deps.database) as session:
        actions = [row.action for row in session.exec(select(Change).where(Change.object_id == thing.id))]
        assert log.broken_link(session, world.connection_id) is None
    assert actions == ["created", "written"]


def test_the_other_direction_works_the_same(new_world: MakeWorld) -> None:
    """An invoice made in QuickBooks is in Scoro after one run when QuickBooks is the source."""
    world = new_world(categories={"products": "quickbooks", "contacts": "quickbooks", "invoices": "quickbooks"})
    customer = quickbooks_create(world, "Customer", DisplayName="Birch & Co", CompanyName="Birch & Co")
    income = quickbooks_query(world, "select * from Account where AccountType = 'Income'")[0]["Id"]
    item = quickbooks_create(world, "Item", Name="Advice", Type="Service", IncomeAccountRef={"value": income})
    line = {
        "Amount": 250,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": item["Id"]},
            "Qty": 2,
            "UnitPrice": 125,
            "TaxCodeRef": {"value": "NON"},
        },
    }
    invoice = quickbooks_create(world, "Invoice", CustomerRef={"value": customer["Id"]}, Line=[line])
    world.sync()

    bound = world.bindings(object_of(world, "quickbooks", "Invoice", invoice["Id"]).id)
    arrived = scoro_view(world, "invoices", bound["scoro"].remote_id)
    assert Decimal(str(arrived["sum"])) == Decimal("250")
    assert unescape(arrived["company_name"]) == "Birch & Co"
    settled(world)


def test_same_field_edited_on_both_sides_becomes_a_conflict(world: World) -> None:
    """Neither side is overwritten, base and both values are shown, everything else goes on."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    quickbooks_edit(world, "Invoice", remote, CustomerMemo={"value": "from QuickBooks"})
    other = make_invoice(world, name="Second Ltd")
    world.sync()

    view = resolve.conflict(world.deps, object_of(world, "scoro", "invoices", made.id).id)
    (contest,) = view.contests
    assert (contest.base, dict(contest.sides)) == (None, {"scoro": "from Scoro", "quickbooks": "from QuickBooks"})
    assert "neither edit was made with knowledge of the other" in view.sentence
    assert scoro_view(world, "invoices", made.id)["description"] == "from Scoro"
    assert quickbooks_read(world, "Invoice", remote)["CustomerMemo"]["value"] == "from QuickBooks"
    assert object_of(world, "scoro", "invoices", other.id).disposition == "in_step"
    settled(world)


@pytest.mark.parametrize("side", ["scoro", "quickbooks"])
def test_resolution_is_written_to_where_it_is_missing(world: World, side: str) -> None:
    """The choice reaches the side that lacks it, whatever the direction; the other value is kept in the log (F5)."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    quickbooks_edit(world, "Invoice", remote, CustomerMemo={"value": "from QuickBooks"})
    world.sync()
    view = resolve.conflict(world.deps, object_of(world, "scoro", "invoices", made.id).id)
    resolve.resolve(
        world.deps, view.object_id, version=view.version, choices={"message": {"side": side}}, person=PERSON
    )
    world.sync()

    chosen = {"scoro": "from Scoro", "quickbooks": "from QuickBooks"}[side]
    assert scoro_view(world, "invoices", made.id)["description"] == chosen
    assert quickbooks_read(world, "Invoice", remote)["CustomerMemo"]["value"] == chosen
    with reading(world.deps.database) as session:
        entry = session.exec(select(Change).where(Change.action == "resolved")).one()
    assert {value for value, _ in entry.details["contests"]["message"]["sides"].values()} == {
        "from Scoro",
        "from QuickBooks",
    }
    settled(world)


def test_second_reviewer_is_told_and_overwrites_nothing(world: World) -> None:
    """Two resolutions of one conflict: the second is refused."""
    made = make_invoice(world)
    world.sync()
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    quickbooks_edit(
        world, "Invoice", quickbooks_id(world, "scoro", "invoices", made.id), CustomerMemo={"value": "from QuickBooks"}
    )
    world.sync()
    view = resolve.conflict(world.deps, object_of(world, "scoro", "invoices", made.id).id)
    resolve.resolve(
        world.deps, view.object_id, version=view.version, choices={"message": {"side": "scoro"}}, person="a"
    )
    with pytest.raises(Refused):
        resolve.resolve(
            world.deps, view.object_id, version=view.version, choices={"message": {"side": "quickbooks"}}, person="b"
        )


def test_resolution_can_be_undone_until_it_is_written(world: World) -> None:
    """Undo brings the conflict back; after the write it is refused."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    quickbooks_edit(world, "Invoice", remote, CustomerMemo={"value": "from QuickBooks"})
    world.sync()
    view = resolve.conflict(world.deps, object_of(world, "scoro", "invoices", made.id).id)
    choices = {"message": {"side": "scoro"}}
    resolve.resolve(world.deps, view.object_id, version=view.version, choices=choices, person=PERSON)
    resolve.undo(world.deps, view.object_id, PERSON)
    again = resolve.conflict(world.deps, view.object_id)
    assert again.contests[0].sides == view.contests[0].sides
    resolve.resolve(world.deps, view.object_id, version=again.version, choices=choices, person=PERSON)
    world.sync()
    with pytest.raises(Refused):
        resolve.undo(world.deps, view.object_id, PERSON)


def test_edits_of_different_lines_are_merged(world: World) -> None:
    """The source's line goes over, the other side's line survives the whole-array write, and nothing is a conflict."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    lines = scoro_view(world, "invoices", made.id)["lines"]
    lines[0]["amount"] = 5
    scoro_edit(world, "invoices", made.id, lines=lines)
    rows = [row for row in quickbooks_read(world, "Invoice", remote)["Line"] if "Id" in row]
    ids = [row["Id"] for row in rows]
    rows[1]["Description"] = "worded in QuickBooks"
    quickbooks_edit(world, "Invoice", remote, Line=rows)
    world.sync()

    after = [row for row in quickbooks_read(world, "Invoice", remote)["Line"] if "Id" in row]
    assert [row["Id"] for row in after] == ids
    assert after[0]["SalesItemLineDetail"]["Qty"] == 5
    assert after[1]["Description"] == "worded in QuickBooks"
    assert object_of(world, "scoro", "invoices", made.id).disposition == "held"
    settled(world)


def test_equal_edits_on_both_sides_are_no_conflict(world: World) -> None:
    """Two people who do the same thing agree; a later edit of one of them is no conflict either."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="agreed")
    quickbooks_edit(world, "Invoice", remote, CustomerMemo={"value": "agreed"})
    world.sync()
    assert object_of(world, "scoro", "invoices", made.id).disposition == "in_step"
    scoro_edit(world, "invoices", made.id, description="later")
    world.sync()
    assert quickbooks_read(world, "Invoice", remote)["CustomerMemo"]["value"] == "later"


def test_edit_against_the_direction_is_held_and_flipping_sends_it(world: World) -> None:
    """Held edits survive later runs; the flip's preview counts them, and then they go over."""
    made = make_invoice(world)
    world.sync()
    quickbooks_edit(
        world, "Invoice", quickbooks_id(world, "scoro", "invoices", made.id), CustomerMemo={"value": "from QuickBooks"}
    )
    world.sync()
    settled(world)
    assert object_of(world, "scoro", "invoices", made.id).disposition == "held"
    assert scoro_view(world, "invoices", made.id)["description"] != "from QuickBooks"

    preview = directions.preview_flip(world.deps, world.connection_id, "invoices")
    assert (preview.becoming_pending, preview.epoch) == (1, 1)
    directions.flip(world.deps, world.connection_id, "invoices", epoch=1, person=PERSON)
    world.sync()
    assert scoro_view(world, "invoices", made.id)["description"] == "from QuickBooks"
    settled(world)


def test_hundred_queued_writes_and_a_flip_write_nothing_in_the_old_direction(world: World) -> None:
    """Every queued write carries its epoch; after the flip none of them is sent (F18)."""
    contact = scoro_create(world, "contacts", name="Many Ltd", contact_type="company", is_client=1)
    product = scoro_create(world, "products", name="Hour", code="H", price=10, is_service=1)
    line = {
        "product_id": product["product_id"],
        "comment": "x",
        "price": 10,
        "amount": 1,
        "vat_code_id": untaxed(world),
    }
    for _ in range(100):
        scoro_create(world, "invoices", company_id=contact["contact_id"], date="2026-11-02", lines=[line])
    run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
    impatient = _impatient(world)
    while sync.run_chunk(impatient, run_id) and not world.outbox(state="planned"):
        pass
    assert len(world.outbox(state="planned", kind="invoice")) == 100

    directions.flip(world.deps, world.connection_id, "invoices", epoch=1, person=PERSON)
    sync.run_to_end(world.deps, run_id)
    assert [entry for entry in world.writes() if entry["entity"] == "Invoice"] == []
    assert not world.outbox(state="planned")


def _impatient(world: World) -> Deps:
    """The same world, whose jobs hand over after every step."""

    return replace(world.deps, yield_now=lambda: True)


def test_lost_answer_to_a_create_ends_with_one_record(world: World) -> None:
    """QuickBooks stored the batch, the answer never came: the next run ends with exactly one of each (F13)."""
    make_invoice(world)
    arm(world.quickbooks, "reset_after", endpoint="batch")
    for _ in range(4):
        run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
        sync.run_to_end(world.deps, run_id)
        world.tick(180)
    disarm(world.quickbooks)
    world.sync()
    assert len(quickbooks_query(world, "select * from Customer where DisplayName = 'Acme Ltd'")) == 1
    assert len(quickbooks_query(world, "select * from Item where Name = 'Design for Acme Ltd'")) == 1
    assert len(quickbooks_query(world, "select * from Invoice")) == 1
    settled(world)


def test_a_batch_whose_answer_was_lost_is_repeated_word_for_word(world: World) -> None:
    """QuickBooks refuses a request id that comes again with other content, be it only the order of names (F13)."""
    for name in ("Acme Ltd", "Borg SARL", "Civic GmbH"):
        make_invoice(world, name=name)
    arm(world.quickbooks, "reset_after", count=None, endpoint="batch")
    world.sync()
    disarm(world.quickbooks)
    for _ in range(4):
        world.tick(300)
        world.sync()
    assert len(quickbooks_query(world, "select * from Customer")) == 3
    assert len(quickbooks_query(world, "select * from Invoice")) == 3
    settled(world)


def test_deletion_at_the_source_asks_by_default(world: World) -> None:
    """A deleted invoice is listed, and its copy stays until a person decides."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_delete(world, "invoices", made.id)
    world.tick(7 * 3600)
    world.sync()
    thing = object_of(world, "scoro", "invoices", made.id)
    assert (thing.disposition, thing.reason) == ("deleted_there", "deleted_at_source")
    assert quickbooks_read(world, "Invoice", remote)
    objects.decide_deletion(world.deps, thing.id, True, PERSON)
    world.sync()
    assert not quickbooks_read(world, "Invoice", remote)
    settled(world)


def test_record_deleted_on_the_other_side_is_created_again_when_a_person_says_so(world: World) -> None:
    """The dead id is not replayed as a success (F12)."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    quickbooks_delete(world, "Invoice", remote)
    world.sync()
    thing = object_of(world, "scoro", "invoices", made.id)
    assert (thing.disposition, thing.reason) == ("deleted_there", "deleted_on_other_side")
    objects.decide_deletion(world.deps, thing.id, False, PERSON)
    world.sync()
    again = quickbooks_id(world, "scoro", "invoices", made.id)
    assert again != remote
    assert quickbooks_read(world, "Invoice", again)
    settled(world)


def test_pushing_by_hand_goes_against_the_direction_and_is_named_in_the_log(world: World) -> None:
    """A pull of one invoice writes Scoro although Scoro is the source, and the log names the person (R27)."""
    made = make_invoice(world)
    world.sync()
    quickbooks_edit(
        world, "Invoice", quickbooks_id(world, "scoro", "invoices", made.id), CustomerMemo={"value": "from QuickBooks"}
    )
    world.sync()
    thing = object_of(world, "scoro", "invoices", made.id)
    preview = push.preview_push(world.deps, thing.id, System.SCORO)
    assert [(row.path, row.after) for row in preview.rows] == [("message", "from QuickBooks")]
    outcome = push.push(world.deps, thing.id, System.SCORO, PERSON)
    assert outcome.state == "written"
    assert scoro_view(world, "invoices", made.id)["description"] == "from QuickBooks"
    with reading(world.deps.database) as session:
        last = session.exec(select(Change).where(Change.object_id == thing.id).order_by(Change.sequence.desc())).first()  # type: ignore[attr-defined]  # a column has desc()
    assert last is not None
    assert (last.action, last.person) == ("written", PERSON)
    settled(world)


def test_idle_run_costs_one_request_to_quickbooks_and_one_per_kind_to_scoro(world: World) -> None:
    """An idle automatic run is cheap."""
    make_invoice(world)
    world.sync()
    world.tick(1200)
    world.sync()
    world.tick(1200)
    for side in (world.quickbooks, world.scoro):
        side.control("stats/reset")
    run_id = sync.request_run(world.deps, world.connection_id, trigger="schedule")
    sync.run_to_end(world.deps, run_id)
    assert world.quickbooks.look("stats")["requests"] == 1
    assert world.scoro.look("stats")["requests"] <= 3


def test_lost_authorisation_stops_the_connection_and_loses_nothing(world: World) -> None:
    """A revoked grant is said in a sentence, and the connection waits for a person."""
    make_invoice(world)
    world.quickbooks.control("faults", [{"kind": "revoked_token", "match": {}, "count": 100}])
    run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
    run = sync.run_to_end(world.deps, run_id)
    assert run.state == "failed"
    assert run.error
    assert run.hint
    with writing(world.deps.database) as session:
        connection = session.get_one(Connection, world.connection_id)
        assert connection.state == "unauthorised"
        connection.state = "active"
        session.add(connection)
    world.quickbooks.clear_faults()
    token = world.quickbooks.control("token", {"realmId": world.realm})
    world.adopt(token)
    world.sync()
    assert len(quickbooks_query(world, "select * from Invoice")) == 1


def test_receipt_that_comes_after_a_later_picture_takes_nothing_back(world: World) -> None:
    """Another worker observes the record, edited again, before our receipt is recorded: the later edit stands."""
    made = make_invoice(world)
    world.sync()
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="ours")
    job = Job(world.deps, _context(world), Directory(world.deps.database, world.connection_id), _run_row(world).id)
    _queue_without_sending(world, job, object_of(world, "scoro", "invoices", made.id).id)
    (claimed,) = claim(
        world.deps, job.context, job.directory, system=System.QUICKBOOKS, wave=4, limit=1, batches=True, lease=None
    )
    (outcome,) = job.connector(System.QUICKBOOKS).write([claimed.request])
    quickbooks_edit(world, "Invoice", remote, PrivateNote="theirs, later")
    feeds.take_in(job, System.QUICKBOOKS, job.connector(System.QUICKBOOKS).read("Invoice", [remote]), noticed="webhook")
    record_outcomes(world.deps, job.context, job.directory, [(claimed, outcome)])
    job.close()
    thing = object_of(world, "scoro", "invoices", made.id)

    assert (thing.fields["message"], thing.fields["memo"]) == ("ours", "theirs, later")
    assert quickbooks_read(world, "Invoice", remote)["PrivateNote"] == "theirs, later"
    settled(world)


def _queue_without_sending(world: World, job: Job, object_id: str) -> None:
    """What a run does up to the moment of sending."""
    for _ in feeds.observe_all(job):
        pass
    with writing(world.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        cases = decide_objects(session, job.context, [object_id], now=world.clock.now())
        writes = plan_cases(session, job.context, cases, now=world.clock.now())
        assert queue_writes(session, job.context, writes, run, world.clock.now()) == 1


def _run_row(world: World) -> Run:
    now = world.clock.now()
    with writing(world.deps.database) as session:
        run = Run(id="run", connection_id=world.connection_id, trigger="person", queued_at=now, state="done")
        session.add(run)
        return run


def _context(world: World) -> Context:
    with reading(world.deps.database) as session:
        return load_context(session, world.connection_id)
