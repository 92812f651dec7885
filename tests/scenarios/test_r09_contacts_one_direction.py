"""R9 · Contacts: either direction, one at a time."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_from_scoro(world: World) -> None:
    """Given Scoro as the source, when contacts are new on both sides, then only Scoro's is carried over."""
    in_scoro.client(world, "Acme Ltd")
    in_quickbooks.customer(world, "Birch Inc")
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Acme Ltd")
    assert in_concord.written(world, "scoro", "contacts") == []


def test_from_quickbooks(mirrored: World) -> None:
    """Given QuickBooks as the source, when contacts are new on both sides, then only QuickBooks' is carried over."""
    in_quickbooks.customer(mirrored, "Birch Inc")
    in_scoro.client(mirrored, "Acme Ltd")
    mirrored.sync()

    assert in_scoro.named(mirrored, "contacts", "Birch Inc")
    assert in_concord.written(mirrored, "quickbooks", "Customer") == []


def test_edit_on_the_other_side_is_held(world: World) -> None:
    """Given Scoro as the source, when a customer's phone is changed in QuickBooks, then Scoro's contact stays as it
    is."""
    acme = in_scoro.client(world, "Acme Ltd")["contact_id"]
    world.sync()

    customer = in_concord.partner(world, "scoro", "contacts", acme, "quickbooks.customer")
    in_quickbooks.edit(world, "Customer", customer, PrimaryPhone={"FreeFormNumber": "555 0100"})
    world.sync()

    assert in_concord.written(world, "scoro", "contacts") == []
    assert in_concord.standing(world, "scoro", "contacts", acme) == "held: against_direction"


def test_edit_in_scoro_is_held_when_quickbooks_is_the_source(mirrored: World) -> None:
    """Given QuickBooks as the source, when a contact's phone is changed in Scoro, then the customer stays as it is."""
    birch = in_quickbooks.customer(mirrored, "Birch Inc")
    mirrored.sync()

    contact = in_concord.partner(mirrored, "quickbooks", "Customer", birch["Id"])
    in_scoro.edit(mirrored, "contacts", contact, means_of_contact={"phone": ["555 0100"]})
    mirrored.sync()

    assert in_concord.written(mirrored, "quickbooks", "Customer") == []
    assert in_concord.standing(mirrored, "quickbooks", "Customer", birch["Id"]) == "held: against_direction"
