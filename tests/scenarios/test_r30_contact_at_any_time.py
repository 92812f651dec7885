"""R30 · A contact can be sent at any time."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_contact_with_paid_invoices_can_be_sent(world: World) -> None:
    """Given a client whose invoice is paid, when its e-mail is changed and it is sent by hand, then QuickBooks has it."""
    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.pay(world, "invoices", in_scoro.invoice(world, acme))
    world.sync()
    in_scoro.edit(world, "contacts", acme["contact_id"], means_of_contact={"email": ["office@acme.example"]})

    outcome = in_concord.send(world, in_concord.object_id(world, "scoro", "contacts", acme["contact_id"]))

    assert outcome.state == "written"
    (customer,) = in_quickbooks.named(world, "Customer", "Acme Ltd")
    assert customer["PrimaryEmailAddr"]["Address"] == "office@acme.example"


def test_contact_can_be_pulled_with_open_and_paid_documents(world: World) -> None:
    """Given Scoro as the source and contacts switched off, when a customer with a paid invoice is edited in QuickBooks and pulled
    by hand, then Scoro has the edit."""
    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.pay(world, "invoices", in_scoro.invoice(world, acme), 40)
    world.sync()
    in_concord.switch_off(world, "contacts")
    customer = in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer")
    in_quickbooks.edit(world, "Customer", customer, PrimaryPhone={"FreeFormNumber": "555 0100"})

    outcome = in_concord.pull(world, in_concord.object_id(world, "scoro", "contacts", acme["contact_id"]))

    assert outcome.state == "written"
    assert in_scoro.see(world, "contacts", acme["contact_id"])["means_of_contact"]["phone"] == ["555 0100"]
