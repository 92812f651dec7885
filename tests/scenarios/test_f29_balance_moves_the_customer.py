"""F29 · A customer's balance moved its timestamp, and the tool pushed the customer back and forth; here a balance is no edit."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of
from tests.support.world import World


def test_invoice_and_payment_leave_the_contact_in_peace(world: World) -> None:
    """F29: given a customer, when an invoice and a payment move its balance and stamp, then the contact stays."""
    acme = in_scoro.client(world, "Acme Ltd")
    made = in_scoro.invoice(world, acme)
    world.sync()
    customer = in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer")
    before = in_quickbooks.see(world, "Customer", customer)
    version = dict(object_of(world, "scoro", "contacts", acme["contact_id"]).vector)

    in_quickbooks.pay(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]), 40)
    world.sync()
    after = in_quickbooks.see(world, "Customer", customer)
    assert (after["Balance"], after["MetaData"]["LastUpdatedTime"]) != (
        before["Balance"],
        before["MetaData"]["LastUpdatedTime"],
    )
    assert dict(object_of(world, "scoro", "contacts", acme["contact_id"]).vector) == version
    assert in_concord.standing(world, "scoro", "contacts", acme["contact_id"]) == "in_step: agreed"
    assert len(in_concord.written(world, "quickbooks", "Customer")) == 1
