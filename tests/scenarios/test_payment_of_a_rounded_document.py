"""A document whose tax is rounded differently is paid in full in either system, and the cent too much stays unapplied."""

from __future__ import annotations

import pytest

from engine.services import objects
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of
from tests.support.world import PERSON, World

PRICES = (10.03, 10.03, 10.03)
"""Three lines at 20 %: 2.01 of tax each, rounded by the line; 6.02 together, rounded once."""


@pytest.fixture
def world(new_world) -> World:
    """A company in a VAT country: invoices are made in QuickBooks, and paid in Scoro."""
    made: World = new_world(profile="uk", categories=in_concord.FROM_QUICKBOOKS | {"receipts": "scoro"})
    return made


def test_full_payment_in_scoro_settles_the_invoice_in_quickbooks(world: World) -> None:
    """Given an invoice a cent dearer in Scoro, when it is paid there in full, then QuickBooks' invoice is settled, one cent of
    the payment is left over, and nothing is refused."""
    acme, work = in_quickbooks.customer(world, "Acme Ltd"), in_quickbooks.item(world, "Work")
    code = next(row["Id"] for row in in_quickbooks.rows(world, "TaxCode") if row["Name"] == "20.0% S")
    made = in_quickbooks.invoice(world, acme, *(in_quickbooks.sold(work, price, tax=code) for price in PRICES))
    world.sync()
    objects.accept_variance(world.deps, object_of(world, "quickbooks", "Invoice", made["Id"]).id, PERSON)

    here = in_concord.partner(world, "quickbooks", "Invoice", made["Id"], "scoro")
    receipt = in_scoro.pay(world, "invoices", {"id": int(here)})
    world.sync()

    there = in_quickbooks.see(world, "Invoice", made["Id"])
    (payment,) = in_quickbooks.rows(world, "Payment")
    assert (float(receipt["sum"]), payment["TotalAmt"], there["TotalAmt"]) == (36.12, 36.12, 36.11)
    assert (there["Balance"], payment["UnappliedAmt"]) == (0, 0.01)
    assert in_concord.standing(world, "scoro", "receipts", receipt["id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)
