"""R10 · From Scoro: every company and person on the clients or suppliers list becomes a customer or a vendor."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_client_becomes_a_customer(world: World) -> None:
    """Given a company on the clients list, when the run is through, then it is a customer and no vendor."""
    in_scoro.client(world, "Acme Ltd")
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Acme Ltd")
    assert in_quickbooks.rows(world, "Vendor") == []


def test_supplier_becomes_a_vendor(world: World) -> None:
    """Given a company on the suppliers list, when the run is through, then it is a vendor and no customer."""
    in_scoro.supplier(world, "Paper Ltd")
    world.sync()

    assert in_quickbooks.named(world, "Vendor", "Paper Ltd")
    assert in_quickbooks.named(world, "Customer", "Paper Ltd") == []


def test_person_becomes_a_customer(world: World) -> None:
    """Given a person on the clients list, when the run is through, then the customer has a given and a family name."""
    in_scoro.person(world, "Ada", "Lovelace")
    world.sync()

    (ada,) = in_quickbooks.named(world, "Customer", "Ada Lovelace")
    assert (ada["GivenName"], ada["FamilyName"], ada.get("CompanyName")) == ("Ada", "Lovelace", None)


def test_contact_on_neither_list_is_excluded_with_the_reason(world: World) -> None:
    """Given a contact on neither list, when the run is through, then it is excluded, and listed with the reason."""
    prospect = in_scoro.client(world, "Maybe Ltd", is_client=0)
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Maybe Ltd") == []
    standing = in_concord.standing(world, "scoro", "contacts", prospect["contact_id"])
    assert standing == "excluded: not_client_nor_supplier"


def test_contact_that_is_put_on_a_list_goes_over(world: World) -> None:
    """Given a contact on neither list, when it is put on the clients list, then it becomes a customer."""
    prospect = in_scoro.client(world, "Maybe Ltd", is_client=0)
    world.sync()

    in_scoro.edit(world, "contacts", prospect["contact_id"], is_client=1)
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Maybe Ltd")
