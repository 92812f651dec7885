"""Writes whose answer was lost, and what people decide before anybody has looked: nothing is sent twice, late, or the old way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import Refused
from engine.services import directions, objects, resolve, sync
from engine.store.database import migrate
from tests.proofs.crashing import Died, Fate, mortal
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import (
    make_invoice,
    object_of,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_query,
    quickbooks_read,
    scoro_edit,
)
from tests.support.world import PERSON, World, connect_world, make_world, sqlite_url


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    migrate(sqlite_url(tmp_path))
    made = connect_world(make_world(sqlite_url(tmp_path)))
    yield made
    made.close()


@pytest.fixture
def mirrored(tmp_path: Path) -> Iterator[World]:
    """QuickBooks is the source of everything."""
    migrate(sqlite_url(tmp_path))
    sources = dict.fromkeys(("products", "contacts", "invoices"), "quickbooks")
    made = connect_world(make_world(sqlite_url(tmp_path)), categories=sources)
    yield made
    made.close()


def die_sending(world: World, entity: str, *, arrived: bool) -> None:
    """A run that dies with a write on its way: before it left, or before its answer was heard."""

    class Fatal(Fate):
        def cross(self, name: str) -> None:
            wanted = name.startswith("answer " if arrived else "send ") and name.endswith(entity) and "POST" in name
            self.at = self.passed + 1 if wanted else 0
            Fate.cross(self, name)

    dying = mortal(world, Fatal())
    with pytest.raises(Died):
        sync.run_to_end(dying.deps, sync.request_run(dying.deps, world.connection_id, trigger="person", person=PERSON))
    dying.deps.database.dispose()


def turn_round(world: World) -> None:
    epoch = in_concord.category(world, "invoices").epoch
    directions.flip(world.deps, world.connection_id, "invoices", epoch=epoch, person=PERSON)
    world.tick(300)
    world.sync()
    world.sync()


@pytest.mark.parametrize("arrived", [False, True])
def test_edit_in_doubt_is_not_sent_again_the_old_way(world: World, arrived: bool) -> None:
    """What had arrived is acknowledged; what had not is held, because QuickBooks is the source now."""
    made = make_invoice(world)
    world.sync()
    there = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="new words")
    die_sending(world, "/invoice", arrived=arrived)
    turn_round(world)
    assert quickbooks_read(world, "Invoice", there).get("CustomerMemo", {}).get("value") == (
        "new words" if arrived else None
    )
    standing = in_concord.standing(world, "scoro", "invoices", made.id)
    assert standing == ("in_step: agreed" if arrived else "held: against_direction")
    assert in_concord.is_quiet(world)


@pytest.mark.parametrize("arrived", [False, True])
def test_creation_in_doubt_is_not_sent_again_the_old_way(world: World, arrived: bool) -> None:
    """The record that was made is found and taken; one that was not is not made any more."""
    known = make_invoice(world)
    world.sync()
    made = in_scoro.invoice(
        world, {"contact_id": known.contact}, in_scoro.line(world, 70, of={"product_id": known.product})
    )
    die_sending(world, "/invoice", arrived=arrived)
    turn_round(world)
    found = [row for row in quickbooks_query(world, "select * from Invoice") if row["TotalAmt"] == 70]
    assert len(found) == int(arrived)
    thing = object_of(world, "scoro", "invoices", made["id"])
    assert thing.disposition == ("in_step" if arrived else "held")
    assert in_concord.is_quiet(world)


def test_creation_in_doubt_is_found_although_scoro_gave_it_a_number_of_its_own(mirrored: World) -> None:
    """A number with letters is not sent to Scoro; the invoice made there all the same is ours, and no second one is made."""
    world = mirrored
    customer, item = in_quickbooks.customer(world, "Acme Ltd"), in_quickbooks.item(world, "Advice")
    world.sync()
    made = in_quickbooks.invoice(world, customer, in_quickbooks.sold(item), DocNumber="A-7")
    die_sending(world, "invoices/modify", arrived=True)
    world.tick(300)
    world.sync()
    assert len(in_scoro.rows(world, "invoices")) == 1
    assert in_concord.standing(world, "quickbooks", "Invoice", made["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)


def test_creation_in_doubt_for_longer_than_a_day_is_found_again(world: World) -> None:
    """QuickBooks replays for a day only; afterwards the record is looked for, whatever number it was given."""
    known = make_invoice(world)
    world.sync()
    made = in_scoro.invoice(
        world, {"contact_id": known.contact}, in_scoro.line(world, 70, of={"product_id": known.product})
    )
    die_sending(world, "/invoice", arrived=True)
    world.tick(26 * 3600)
    world.sync()
    assert len([row for row in quickbooks_query(world, "select * from Invoice") if row["TotalAmt"] == 70]) == 1
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"


def test_resolution_that_may_have_been_written_is_not_taken_back(world: World) -> None:
    """Given a resolution whose write is in doubt, when somebody takes it back, then that is refused; it arrives instead."""
    made = make_invoice(world)
    world.sync()
    there = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    quickbooks_edit(world, "Invoice", there, CustomerMemo={"value": "from QuickBooks"})
    world.sync()
    thing = object_of(world, "scoro", "invoices", made.id)
    resolve.resolve(world.deps, thing.id, version=thing.version, choices={"message": {"side": "scoro"}}, person=PERSON)
    die_sending(world, "/invoice", arrived=True)
    with pytest.raises(Refused):
        resolve.undo(world.deps, thing.id, PERSON)
    world.tick(300)
    world.sync()
    assert quickbooks_read(world, "Invoice", there)["CustomerMemo"]["value"] == "from Scoro"
    assert in_concord.standing(world, "scoro", "invoices", made.id) == "in_step: agreed"


@pytest.mark.parametrize("act", ["set aside", "switch off"])
def test_write_in_doubt_is_not_sent_again_when_somebody_stopped_it(world: World, act: str) -> None:
    """Given an edit that never arrived, when its object is parked or its category switched off, then it stays where it is."""
    made = make_invoice(world)
    world.sync()
    there = quickbooks_id(world, "scoro", "invoices", made.id)
    scoro_edit(world, "invoices", made.id, description="new words")
    die_sending(world, "/invoice", arrived=False)
    if act == "set aside":
        objects.park(world.deps, object_of(world, "scoro", "invoices", made.id).id, PERSON)
    else:
        in_concord.switch_off(world, "invoices")
    world.tick(300)
    world.sync()
    assert "CustomerMemo" not in quickbooks_read(world, "Invoice", there)
    standing = in_concord.standing(world, "scoro", "invoices", made.id)
    assert standing == ("parked: parked_by_person" if act == "set aside" else "excluded: category_off")
    assert in_concord.is_quiet(world)


def test_batch_in_doubt_is_cleared_up_however_slow_the_database_is(world: World) -> None:
    """Taking over all its writes is one commit; one for each of them would use up the time in which they may leave."""
    for number in range(12):
        in_scoro.client(world, f"Client {number} Ltd")
    die_sending(world, "/batch", arrived=True)
    world.tick(300)

    def a_commit_takes_long(_connection: sa.Connection) -> None:
        world.tick(10)

    sa.event.listen(world.deps.database, "commit", a_commit_takes_long)
    world.sync()
    sa.event.remove(world.deps.database, "commit", a_commit_takes_long)
    assert {row.state for row in world.outbox(kind="contact")} == {"confirmed"}
    assert len(quickbooks_query(world, "select * from Customer")) == 12
