"""R14 · Contacts attached to an invoice or a bill are always synced, even when the category is off."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_client_goes_ahead_of_its_invoice(world: World) -> None:
    """Given contacts off and two clients, when one is invoiced, then it is created first, and the other not at all."""
    in_concord.switch_off(world, "contacts")
    acme, _ = in_scoro.client(world, "Acme Ltd"), in_scoro.client(world, "Other Ltd")

    in_scoro.invoice(world, acme)
    world.sync()

    order = [entry["entity"] for entry in in_concord.written(world, "quickbooks")]
    assert order.index("Customer") < order.index("Invoice")
    assert in_quickbooks.named(world, "Customer", "Other Ltd") == []


def test_supplier_goes_ahead_of_its_bill(world: World) -> None:
    """Given contacts off, when a supplier's bill is entered, then its vendor is created first."""
    in_concord.switch_off(world, "contacts")

    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"))
    world.sync()

    order = [entry["entity"] for entry in in_concord.written(world, "quickbooks")]
    assert order.index("Vendor") < order.index("Bill")


def test_contact_on_no_list_goes_along_with_its_invoice(world: World) -> None:
    """Given a contact on neither list, when it is invoiced, then it becomes a customer all the same."""
    prospect = in_scoro.client(world, "Maybe Ltd", is_client=0)

    in_scoro.invoice(world, prospect)
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Maybe Ltd")
    assert len(in_quickbooks.rows(world, "Invoice")) == 1


def test_from_quickbooks_to_scoro_as_well(mirrored: World) -> None:
    """Given QuickBooks as the source and contacts off, when a bill is made there, then Scoro gets its supplier, nobody
    else."""
    in_concord.switch_off(mirrored, "contacts")
    paper, _ = in_quickbooks.vendor(mirrored, "Paper Inc"), in_quickbooks.vendor(mirrored, "Other Inc")

    in_quickbooks.bill(mirrored, paper)
    mirrored.sync()

    assert in_scoro.named(mirrored, "contacts", "Paper Inc")
    assert in_scoro.named(mirrored, "contacts", "Other Inc") == []
    assert len(in_scoro.rows(mirrored, "bills")) == 1
