"""F29 · Under "newest wins" a balance that moves a customer's stamp makes nobody's edit newer than it is."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import arm, disarm, run_anyhow
from tests.support.world import World


def test_stamp_that_moved_after_the_edit_was_noticed(mirrored: World) -> None:
    """Given a phone number edited in QuickBooks and not written yet, when a payment moves the customer's stamp after somebody has
    edited the number in Scoro, then Scoro's edit is the newer one, and it is not overwritten."""
    customer, client, invoice = customer_with_invoice(mirrored)
    in_quickbooks.edit(mirrored, "Customer", customer, PrimaryPhone={"FreeFormNumber": "555 1111"})
    arm(mirrored.scoro, "http_503", count=None, entity="contacts", operation="modify")
    run_anyhow(mirrored)
    disarm(mirrored.scoro)
    mirrored.tick(3600)
    in_scoro.edit(mirrored, "contacts", client, means_of_contact={"phone": ["555 2222"]})
    mirrored.tick(3600)
    in_quickbooks.pay(mirrored, "Invoice", invoice, 40)
    mirrored.sync()

    assert phone(mirrored, client) == "555 2222"
    assert in_concord.standing(mirrored, "quickbooks", "Customer", customer) == "held: against_direction"


def test_stamp_that_moved_between_an_edit_and_its_reading(mirrored: World) -> None:
    """Given edits of a phone number on both sides, when a payment has moved the customer's stamp before either was read, then
    nobody knows which is newer, and a person is asked."""
    customer, client, invoice = customer_with_invoice(mirrored)
    in_quickbooks.edit(mirrored, "Customer", customer, PrimaryPhone={"FreeFormNumber": "555 1111"})
    mirrored.tick(3600)
    in_scoro.edit(mirrored, "contacts", client, means_of_contact={"phone": ["555 2222"]})
    mirrored.tick(3600)
    in_quickbooks.pay(mirrored, "Invoice", invoice, 40)
    mirrored.sync()

    assert in_concord.standing(mirrored, "quickbooks", "Customer", customer) == "conflict: same_field_edited"
    assert phone(mirrored, client) == "555 2222"


def customer_with_invoice(world: World) -> tuple[str, str, str]:
    """A customer of QuickBooks in a category where the newest edit wins: its id, the client's in Scoro, the invoice's."""
    in_concord.choose(world, "contacts", conflicts="newest")
    birch, advice = in_quickbooks.customer(world, "Birch Inc"), in_quickbooks.item(world, "Advice")
    made = in_quickbooks.invoice(world, birch, in_quickbooks.sold(advice))
    world.sync()
    return birch["Id"], in_concord.partner(world, "quickbooks", "Customer", birch["Id"]), made["Id"]


def phone(world: World, client: str) -> str:
    """The number that Scoro shows."""
    return str(in_scoro.see(world, "contacts", client)["means_of_contact"]["phone"][0])
