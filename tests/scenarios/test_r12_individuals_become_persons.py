"""R12 · A QuickBooks customer or vendor who is an individual becomes a person in Scoro."""

from __future__ import annotations

import pytest

from tests.support import in_quickbooks, in_scoro
from tests.support.scenes import quickbooks_create
from tests.support.world import World


@pytest.mark.parametrize("entity", ["Customer", "Vendor"])
def test_individual_becomes_a_person(mirrored: World, entity: str) -> None:
    """Given a customer or vendor with a given and a family name and no company, then Scoro gets a person of that name."""
    quickbooks_create(mirrored, entity, DisplayName="Ada Lovelace", GivenName="Ada", FamilyName="Lovelace")
    mirrored.sync()

    (ada,) = in_scoro.named(mirrored, "contacts", "Ada")
    assert (ada["contact_type"], ada["lastname"]) == ("person", "Lovelace")


def test_company_with_somebody_to_write_to_stays_a_company(mirrored: World) -> None:
    """Given a customer with a company name and a person's name beside it, then Scoro gets a company."""
    in_quickbooks.customer(mirrored, "Acme Ltd", GivenName="Ada", FamilyName="Lovelace")
    mirrored.sync()

    (acme,) = in_scoro.named(mirrored, "contacts", "Acme Ltd")
    assert acme["contact_type"] == "company"


def test_customer_with_nothing_but_a_display_name_is_a_company(mirrored: World) -> None:
    """Given a customer that has only a display name, then Scoro gets a company."""
    quickbooks_create(mirrored, "Customer", DisplayName="Walk-in")
    mirrored.sync()

    (walk_in,) = in_scoro.named(mirrored, "contacts", "Walk-in")
    assert walk_in["contact_type"] == "company"
