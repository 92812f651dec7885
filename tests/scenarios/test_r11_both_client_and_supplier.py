"""R11 · A contact that is both gets "(v)" added to the vendor's name."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of
from tests.support.world import World


def test_customer_keeps_the_plain_name_and_the_vendor_is_marked(world: World) -> None:
    """Given a company on both lists, when the run is through, then customer and vendor are two names of one contact."""
    acme = in_scoro.client(world, "Acme Ltd", is_supplier=1)["contact_id"]
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Acme Ltd")
    assert in_quickbooks.named(world, "Vendor", "Acme Ltd (v)")
    replicas = world.bindings(object_of(world, "scoro", "contacts", acme).id)
    assert set(replicas) == {"scoro", "quickbooks.customer", "quickbooks.vendor"}
    assert in_concord.is_quiet(world)


def test_supplier_that_becomes_a_client_too_gives_up_the_plain_name(world: World) -> None:
    """Given a vendor, when the company is put on the clients list as well, then the vendor is renamed and a customer
    made."""
    paper = in_scoro.supplier(world, "Paper Ltd")["contact_id"]
    world.sync()

    in_scoro.edit(world, "contacts", paper, is_client=1)
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Paper Ltd")
    assert in_quickbooks.named(world, "Vendor", "Paper Ltd (v)")


def test_long_name_is_shortened_before_the_mark(world: World) -> None:
    """Given a name of the full length, when the contact is both, then the vendor's is cut, the mark whole, and it is
    noted."""
    in_scoro.client(world, "A" * 100, is_supplier=1)
    world.sync()

    (vendor,) = in_quickbooks.rows(world, "Vendor")
    assert vendor["DisplayName"].endswith(" (v)")
    assert len(vendor["DisplayName"]) <= 100
    (write,) = world.outbox(replica="quickbooks.vendor")
    assert any("shortened" in note or "longer" in note for note in write.notes), write.notes


def test_customer_and_vendor_of_one_company_become_one_contact_in_scoro(mirrored: World) -> None:
    """Given QuickBooks as the source, when it has “Acme Ltd” and “Acme Ltd (v)”, then Scoro gets one contact that is
    both."""
    in_quickbooks.customer(mirrored, "Acme Ltd")
    in_quickbooks.vendor(mirrored, "Acme Ltd (v)", CompanyName="Acme Ltd")
    mirrored.sync()

    (acme,) = in_scoro.named(mirrored, "contacts", "Acme Ltd")
    assert (acme["is_client"], acme["is_supplier"]) == (1, 1)
    assert in_concord.is_quiet(mirrored)


def test_edits_of_customer_and_vendor_are_edits_of_one_contact(mirrored: World) -> None:
    """Given one contact of both, when customer and vendor are edited in different fields, then Scoro's contact has
    both."""
    customer = in_quickbooks.customer(mirrored, "Acme Ltd")
    vendor = in_quickbooks.vendor(mirrored, "Acme Ltd (v)", CompanyName="Acme Ltd")
    mirrored.sync()

    in_quickbooks.edit(mirrored, "Customer", customer["Id"], PrimaryEmailAddr={"Address": "sales@acme.example"})
    in_quickbooks.edit(mirrored, "Vendor", vendor["Id"], PrimaryPhone={"FreeFormNumber": "555 0100"})
    mirrored.sync()

    (acme,) = in_scoro.named(mirrored, "contacts", "Acme Ltd")
    assert acme["means_of_contact"]["email"] == ["sales@acme.example"]
    assert acme["means_of_contact"]["phone"] == ["555 0100"]
