"""A person says that a record deleted at the source stays: it is made there again, and nothing waits for ever."""

from __future__ import annotations

from engine.services import objects
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of
from tests.support.world import PERSON, World


def test_invoice_deleted_at_the_source_is_made_there_again_when_a_person_keeps_it(world: World) -> None:
    """Given an invoice deleted in Scoro, when a person does not follow the deletion, then Scoro has it again and all is quiet."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    thing = object_of(world, "scoro", "invoices", made["id"])
    in_scoro.delete(world, "invoices", made["id"])
    world.tick(7 * 3600)
    world.sync()

    objects.decide_deletion(world.deps, thing.id, False, PERSON)
    world.sync()

    again = world.bindings(thing.id)["scoro"]
    assert float(in_scoro.see(world, "invoices", again.remote_id)["sum"]) == 100
    assert in_quickbooks.see(world, "Invoice", remote)["TotalAmt"] == 100
    assert in_concord.standing(world, "quickbooks", "Invoice", remote) == "in_step: agreed"
    assert in_concord.is_quiet(world)


def test_documents_that_name_the_deleted_contact_go_on_with_the_one_made_again(world: World) -> None:
    """Given an invoice whose contact was deleted in Scoro and kept by a person, when the invoice is edited there, whose contact
    still is the deleted one, then the edit reaches QuickBooks, and one of QuickBooks reaches it when it is pulled."""
    acme = in_scoro.client(world, "Acme Ltd")
    made = in_scoro.invoice(world, acme)["id"]
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made)
    contact = in_concord.object_id(world, "scoro", "contacts", acme["contact_id"])
    in_scoro.delete(world, "contacts", acme["contact_id"])
    world.tick(7 * 3600)
    world.sync()
    objects.decide_deletion(world.deps, contact, False, PERSON)
    world.sync()
    assert world.bindings(contact)["scoro"].remote_id != str(acme["contact_id"])

    in_scoro.edit(world, "invoices", made, description="Thank you")
    world.sync()
    in_quickbooks.edit(world, "Invoice", remote, DueDate="2027-01-01")
    world.sync()
    in_concord.pull(world, in_concord.object_id(world, "scoro", "invoices", made))

    assert in_quickbooks.see(world, "Invoice", remote)["CustomerMemo"]["value"] == "Thank you"
    assert in_scoro.see(world, "invoices", made)["deadline"] == "2027-01-01"
    assert in_concord.standing(world, "scoro", "invoices", made) == "in_step: agreed"
    assert in_concord.is_quiet(world)
