"""Under reverse charge the buyer accounts for the tax: two opposite rates in QuickBooks, none in Scoro, one total in both."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.proofs.year import match
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World

CODE = "20.0% RC"


@pytest.fixture
def world(new_world) -> World:
    """A company in a VAT country with a code for reverse charge, source Scoro."""
    return with_code(new_world(profile="uk", categories=in_concord.FROM_SCORO, match=False))


@pytest.fixture
def mirrored(new_world) -> World:
    """The same, source QuickBooks."""
    return with_code(new_world(profile="uk", categories=in_concord.FROM_QUICKBOOKS, match=False))


def with_code(world: World) -> World:
    match(world)
    in_quickbooks.tax_code(world, CODE, 20, ReverseCharge=True)
    world.tick(timedelta(hours=7).total_seconds())
    world.sync()
    return world


def reversed_rate(world: World) -> in_scoro.Row:
    """The rate in Scoro that stands for the code."""
    (row,) = in_scoro.named(world, "vatCodes", CODE)
    return row


def tax_of(document: in_quickbooks.Row) -> tuple[float, list[float]]:
    """The tax in QuickBooks and the figures it consists of."""
    detail = document["TxnTaxDetail"]
    return detail["TotalTax"], sorted(line["Amount"] for line in detail["TaxLine"])


def test_code_stands_for_no_tax_in_scoro(world: World) -> None:
    """Given a code of two opposite rates, when the rates come over, then Scoro has one of nought percent."""
    assert float(reversed_rate(world)["percent"]) == 0


def test_bill_under_reverse_charge_goes_to_quickbooks(world: World) -> None:
    """Given a bill of 100.00 under reverse charge, when it goes, then QuickBooks books 20.00 and -20.00 and owes 100.00."""
    paper = in_scoro.supplier(world, "Paper GmbH")
    made = in_scoro.bill(world, paper, in_scoro.line(world, 100, vat_code_id=reversed_rate(world)["vat_code_id"]))
    world.sync()

    there = in_quickbooks.see(world, "Bill", in_concord.partner(world, "scoro", "bills", made["id"]))
    assert (there["TotalAmt"], *tax_of(there)) == (100, 0, [-20, 20])
    assert in_concord.standing(world, "scoro", "bills", made["id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)


def test_invoice_under_reverse_charge_goes_to_quickbooks(world: World) -> None:
    """Given an invoice under reverse charge, when it goes, then it bears the code and no tax in QuickBooks."""
    acme = in_scoro.client(world, "Acme GmbH")
    made = in_scoro.invoice(world, acme, in_scoro.line(world, 100, vat_code_id=reversed_rate(world)["vat_code_id"]))
    world.sync()

    there = in_quickbooks.see(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]))
    (line,) = (line for line in there["Line"] if line["DetailType"] == "SalesItemLineDetail")
    (code,) = in_quickbooks.named(world, "TaxCode", CODE)
    assert line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == code["Id"]
    assert (there["TotalAmt"], there["TxnTaxDetail"]["TotalTax"]) == (100, 0)
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"


def test_bill_under_reverse_charge_comes_to_scoro(mirrored: World) -> None:
    """Given a bill under reverse charge in QuickBooks, when it comes, then Scoro owes the same and names the rate."""
    (code,) = in_quickbooks.named(mirrored, "TaxCode", CODE)
    paper = in_quickbooks.vendor(mirrored, "Paper GmbH")
    made = in_quickbooks.bill(mirrored, paper, in_quickbooks.spent(mirrored, 100, TaxCodeRef={"value": code["Id"]}))
    mirrored.sync()

    here = in_scoro.see(mirrored, "bills", in_concord.partner(mirrored, "quickbooks", "Bill", made["Id"]))
    (line,) = here["lines"]
    assert line["vat_code_id"] == reversed_rate(mirrored)["vat_code_id"]
    assert (float(here["sum"]), float(here["vat_sum"])) == (100, 0)
    assert in_concord.standing(mirrored, "quickbooks", "Bill", made["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(mirrored)
