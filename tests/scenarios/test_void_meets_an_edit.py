"""A void on one side and an edit on the other, neither knowing of the other: somebody is asked, whichever was seen first."""

from __future__ import annotations

import pytest

from engine.services import resolve
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of, quickbooks_edit, quickbooks_id, scoro_edit, scoro_view
from tests.support.world import PERSON, World

Row = in_quickbooks.Row


@pytest.fixture
def invoice(mirrored: World) -> Row:
    """An invoice over 100, in step; QuickBooks is the source."""
    customer, item = in_quickbooks.customer(mirrored, "Acme Ltd"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, customer, in_quickbooks.sold(item))
    mirrored.sync()
    return made


def void_and_edit(world: World, made: Row) -> str:
    """A quantity in Scoro, a void in QuickBooks; the id in Scoro."""
    here = in_concord.partner(world, "quickbooks", "Invoice", made["Id"])
    lines = scoro_view(world, "invoices", here)["lines"]
    scoro_edit(world, "invoices", here, lines=[{**lines[0], "amount": 9}])
    world.quickbooks.person(action="void", entity="Invoice", id=made["Id"], realmId=world.realm)
    world.sync()
    return here


def settle(world: World, made: Row, side: str) -> None:
    thing = object_of(world, "quickbooks", "Invoice", made["Id"])
    choices = {contest.path: {"side": side} for contest in resolve.conflict(world.deps, thing.id).contests}
    resolve.resolve(world.deps, thing.id, version=thing.version, choices=choices, person=PERSON)
    world.sync()


def test_void_does_not_empty_what_somebody_edited_meanwhile(mirrored: World, invoice: Row) -> None:
    """Given both at the same time, then it is a conflict, and both sides keep what they say."""
    here = void_and_edit(mirrored, invoice)
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", invoice["Id"]) == "conflict: edited_and_deleted"
    assert float(in_scoro.see(mirrored, "invoices", here)["sum"]) == 900


def test_void_that_is_chosen_reaches_the_other_side(mirrored: World, invoice: Row) -> None:
    """Given the conflict, when the void is chosen, then both are void, in step and quiet."""
    here = void_and_edit(mirrored, invoice)
    settle(mirrored, invoice, "quickbooks")
    assert float(in_scoro.see(mirrored, "invoices", here)["sum"]) == 0
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", invoice["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(mirrored)


def test_edit_that_is_chosen_takes_the_void_back(mirrored: World, invoice: Row) -> None:
    """Given the conflict, when the edit is chosen, then nothing is void."""
    here = void_and_edit(mirrored, invoice)
    settle(mirrored, invoice, "scoro")
    assert float(in_scoro.see(mirrored, "invoices", here)["sum"]) == 900
    assert in_quickbooks.see(mirrored, "Invoice", invoice["Id"])["TotalAmt"] in {100, 900}
    assert in_concord.is_quiet(mirrored)


def test_edit_at_the_source_does_not_revive_what_was_voided_elsewhere(world: World) -> None:
    """Given a void in QuickBooks that is held, when Scoro, the source, is edited, then nobody writes into the voided invoice
    without asking."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    there = quickbooks_id(world, "scoro", "invoices", made["id"])
    world.quickbooks.person(action="void", entity="Invoice", id=there, realmId=world.realm)
    scoro_edit(world, "invoices", made["id"], description="new words")
    world.sync()
    assert in_quickbooks.see(world, "Invoice", there)["TotalAmt"] == 0
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "conflict: edited_and_deleted"


def test_edits_after_a_void_was_seen_are_no_conflict(mirrored: World, invoice: Row) -> None:
    """Given a void that arrived, when somebody words the voided invoice anew in QuickBooks, then nobody is asked."""
    in_concord.choose(mirrored, "invoices", deletions="follow")
    mirrored.quickbooks.person(action="void", entity="Invoice", id=invoice["Id"], realmId=mirrored.realm)
    mirrored.sync()
    quickbooks_edit(mirrored, "Invoice", invoice["Id"], CustomerMemo={"value": "sorry"})
    mirrored.sync()
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", invoice["Id"]).split(":")[0] in {"in_step", "held"}
