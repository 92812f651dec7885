"""Two clients are merged in Scoro alone; a payment of the lost one's invoice still reaches that invoice in QuickBooks."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro


def test_payment_belongs_to_whom_its_invoice_belongs_there(new_world) -> None:
    """Given invoices from QuickBooks and two clients merged in Scoro, when the lost one's invoice is paid there, then the payment
    is entered in QuickBooks for the customer that the invoice has there, and says so."""
    world = new_world(categories=in_concord.FROM_QUICKBOOKS | {"receipts": "scoro"})
    work = in_quickbooks.item(world, "Work")
    acme, birch = in_quickbooks.customer(world, "Acme Inc"), in_quickbooks.customer(world, "Birch Inc")
    made = in_quickbooks.invoice(world, acme, in_quickbooks.sold(work))
    in_quickbooks.invoice(world, birch, in_quickbooks.sold(work))
    world.sync()
    lost, kept = (in_concord.partner(world, "quickbooks", "Customer", one["Id"], "scoro") for one in (acme, birch))
    world.scoro.person(action="merge", module="contacts", id=lost, into=kept, company_account_id=world.account)
    world.sync()

    here = in_concord.partner(world, "quickbooks", "Invoice", made["Id"], "scoro")
    receipt = in_scoro.pay(world, "invoices", {"id": int(here)}, 40)
    world.sync()

    (payment,) = in_quickbooks.rows(world, "Payment")
    assert payment["CustomerRef"]["value"] == acme["Id"]
    assert in_quickbooks.see(world, "Invoice", made["Id"])["Balance"] == 60
    notes = [note for row in world.outbox(kind="receipt") for note in row.notes]
    assert any("another contact in QuickBooks" in note for note in notes), notes
    assert in_concord.standing(world, "scoro", "receipts", receipt["id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)
