"""A contact with an open conflict is linked with another record: the conflict goes on, and no edit falls under the table."""

from __future__ import annotations

import pytest

from engine.services import matching, resolve, verify
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import run_anyhow
from tests.support.world import PERSON, World


def test_vendor_that_joins_while_a_conflict_is_open(world: World) -> None:
    """Given a phone number edited on both sides, when somebody makes the vendor of that company in QuickBooks, which joins by
    itself, then a person is still asked, and the choice reaches both sides (R11)."""
    client, customer = contact_in_conflict(world)
    in_quickbooks.vendor(world, "Acme Ltd (v)", CompanyName="Acme Ltd")
    run_anyhow(world)
    assert len(world.bindings(in_concord.object_id(world, "scoro", "contacts", client))) == 3
    assert in_concord.standing(world, "scoro", "contacts", client) == "conflict: same_field_edited"

    choose(world, client, "quickbooks.customer")
    assert (number_here(world, client), number_there(world, customer)) == ("555 1111", "555 1111")
    assert_at_rest(world)


def test_customer_that_is_merged_away_while_a_conflict_is_open(world: World) -> None:
    """Given that conflict, when the customer goes up in another one in QuickBooks and the link is mended, then its side of the
    conflict is gone with it: Scoro's edit stands, and reaches the customer that stayed."""
    client, customer = contact_in_conflict(world)
    in_scoro.invoice(world, {"contact_id": client})
    world.sync()
    stays = merge_and_link(world, client, customer)

    assert in_concord.standing(world, "scoro", "contacts", client) == "in_step: agreed"
    assert (number_here(world, client), number_there(world, stays)) == ("555 2222", "555 2222")
    assert_at_rest(world)


@pytest.mark.parametrize("number", [{}, {"PrimaryPhone": {"FreeFormNumber": "555 3333"}}], ids=["no number", "its own"])
def test_edit_that_waits_while_the_vendor_joins(world: World, number: in_quickbooks.Row) -> None:
    """Given a phone number edited in Scoro, when the run that reads it reads a new vendor of that company too, which joins by
    itself, then the number reaches the customer all the same."""
    client = in_scoro.client(world, "Acme Ltd", means_of_contact={"phone": ["555 1111"]})["contact_id"]
    world.sync()
    customer = in_concord.partner(world, "scoro", "contacts", client, "quickbooks.customer")
    in_scoro.edit(world, "contacts", client, means_of_contact={"phone": ["555 2222"]})
    in_quickbooks.vendor(world, "Acme Ltd (v)", CompanyName="Acme Ltd", **number)
    world.sync()

    assert (number_here(world, client), number_there(world, customer)) == ("555 2222", "555 2222")
    assert_at_rest(world)


def test_held_edit_of_a_customer_that_is_merged_away(world: World) -> None:
    """Given a number that QuickBooks has and the direction holds back, when its customer goes up in another one and the link is
    mended, then Scoro keeps its own number, and the customer that stayed gets it."""
    acme = in_scoro.client(world, "Acme Ltd", means_of_contact={"phone": ["555 0000"]})
    client = acme["contact_id"]
    in_scoro.invoice(world, acme)
    world.sync()
    customer = in_concord.partner(world, "scoro", "contacts", client, "quickbooks.customer")
    in_quickbooks.edit(world, "Customer", customer, PrimaryPhone={"FreeFormNumber": "555 1111"})
    world.sync()
    assert in_concord.standing(world, "scoro", "contacts", client) == "held: against_direction"
    stays = merge_and_link(world, client, customer)

    assert (number_here(world, client), number_there(world, stays)) == ("555 0000", "555 0000")
    assert_at_rest(world)


def contact_in_conflict(world: World) -> tuple[int, str]:
    """A client of Scoro and its customer, with a phone number of its own on each side: the ids of both."""
    client = in_scoro.client(world, "Acme Ltd")["contact_id"]
    world.sync()
    customer = in_concord.partner(world, "scoro", "contacts", client, "quickbooks.customer")
    in_quickbooks.edit(world, "Customer", customer, PrimaryPhone={"FreeFormNumber": "555 1111"})
    in_scoro.edit(world, "contacts", client, means_of_contact={"phone": ["555 2222"]})
    world.sync()
    assert in_concord.standing(world, "scoro", "contacts", client) == "conflict: same_field_edited"
    return client, customer


def merge_and_link(world: World, client: int, customer: str) -> str:
    """The customer goes up in another one, somebody links that one, and a run follows; the id of the one that stays."""
    stays = in_quickbooks.customer(world, "Acme Limited", PrimaryPhone={"FreeFormNumber": "555 3333"})
    in_quickbooks.merge(world, "Customer", customer, stays["Id"])
    world.sync()
    here = in_concord.object_id(world, "scoro", "contacts", client)
    there = in_concord.object_id(world, "quickbooks", "Customer", stays["Id"])
    matching.link_by_hand(world.deps, world.connection_id, here, there, PERSON)
    matching.apply_matches(world.deps, world.connection_id, PERSON)
    world.sync()
    return str(stays["Id"])


def choose(world: World, client: int, side: str) -> None:
    """A person settles the conflict; then a run."""
    thing = in_concord.object_id(world, "scoro", "contacts", client)
    view = resolve.conflict(world.deps, thing)
    choices = {contest.path: {"side": side} for contest in view.contests}
    resolve.resolve(world.deps, thing, version=view.version, choices=choices, person=PERSON)
    world.sync()


def number_here(world: World, client: int) -> str:
    """The phone number in Scoro."""
    return str(in_scoro.see(world, "contacts", client)["means_of_contact"]["phone"][0])


def number_there(world: World, customer: str) -> str:
    """The phone number in QuickBooks."""
    return str(in_quickbooks.see(world, "Customer", customer)["PrimaryPhone"]["FreeFormNumber"])


def assert_at_rest(world: World) -> None:
    """Nothing is left to write, and everything is what the log says."""
    assert in_concord.is_quiet(world)
    assert verify.verify(world.deps, world.connection_id).holds
