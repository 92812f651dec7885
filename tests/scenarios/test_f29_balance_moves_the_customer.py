"""F29 · A customer's balance moved its timestamp, and the tool pushed the customer back and forth; here a balance is no edit."""

from __future__ import annotations

from sqlmodel import func, select

from engine.store.database import reading
from engine.store.tables import Change
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
    known = object_of(world, "scoro", "contacts", acme["contact_id"])
    told = entries(world, known.id)

    in_quickbooks.pay(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]), 40)
    world.sync()
    after = in_quickbooks.see(world, "Customer", customer)
    assert (after["Balance"], after["MetaData"]["LastUpdatedTime"]) != (
        before["Balance"],
        before["MetaData"]["LastUpdatedTime"],
    )
    still = object_of(world, "scoro", "contacts", acme["contact_id"])
    assert (still.vector, still.version) == (known.vector, known.version)
    assert entries(world, known.id) == told
    assert in_concord.standing(world, "scoro", "contacts", acme["contact_id"]) == "in_step: agreed"
    assert len(in_concord.written(world, "quickbooks", "Customer")) == 1


def test_edit_of_the_contact_goes_through_although_the_balance_moved(world: World) -> None:
    """F29: given a customer whose balance moved since it was read, when its e-mail is edited in Scoro, then it is written once,
    in the same run, and nothing comes back."""
    acme = in_scoro.client(world, "Acme Ltd")
    made = in_scoro.invoice(world, acme)
    world.sync()
    customer = in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer")
    in_quickbooks.pay(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]), 40)
    in_scoro.edit(world, "contacts", acme["contact_id"], means_of_contact={"email": ["office@acme.example"]})
    world.sync()

    assert in_quickbooks.see(world, "Customer", customer)["PrimaryEmailAddr"]["Address"] == "office@acme.example"
    assert len(in_concord.written(world, "quickbooks", "Customer")) == 2
    assert in_concord.written(world, "scoro", "contacts") == []
    assert in_concord.is_quiet(world)


def entries(world: World, object_id: str) -> int:
    """How many entries of the change log tell of an object."""
    with reading(world.deps.database) as session:
        return session.exec(select(func.count()).select_from(Change).where(Change.object_id == object_id)).one()
