"""Scoro rounds the tax of every line and QuickBooks that of every rate; what comes from Scoro has Scoro's tax in both."""

from __future__ import annotations

from typing import Any

import pytest

from tests.proofs.year import match
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """A company in a VAT country."""
    made: World = new_world(profile="uk", categories=in_concord.FROM_SCORO, match=False)
    match(made)
    return made


def lines(world: World, *prices: float, **fields: Any) -> list[in_scoro.Row]:
    """Lines at the standard rate, and one of 4.00 at the reduced one."""
    standard, reduced = in_scoro.rate(world, 20), in_scoro.rate(world, 5)
    taxed = [in_scoro.line(world, price, vat_code_id=standard, **fields) for price in prices]
    return [*taxed, in_scoro.line(world, 4, **{"vat_code_id": reduced, **fields})]


def figures(world: World, module: str, entity: str, id: int) -> tuple[str, float, float, float]:
    """Where it stands; its total in Scoro and in QuickBooks, and QuickBooks' tax."""
    here, there = (
        in_scoro.see(world, module, id),
        in_quickbooks.see(world, entity, in_concord.partner(world, "scoro", module, id)),
    )
    total = round(abs(float(here["sum"]) + float(here["vat_sum"])), 2)
    return in_concord.standing(world, "scoro", module, id), total, there["TotalAmt"], there["TxnTaxDetail"]["TotalTax"]


def test_invoice_has_the_tax_of_its_lines_in_both(world: World) -> None:
    """Given lines whose taxes add up to a cent more than the tax of their sum, when the invoice goes, then both say the same."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), *lines(world, 10.03, 10.03, 10.03))
    world.sync()

    assert figures(world, "invoices", "Invoice", made["id"]) == ("in_step: agreed", 40.32, 40.32, 6.23)
    assert in_concord.is_quiet(world)


def test_tax_stays_told_when_something_else_changes(world: World) -> None:
    """Given such an invoice, when its note changes, then its tax stays; when a line changes, its new tax is told."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), *lines(world, 10.03, 10.03, 10.03))
    world.sync()
    in_scoro.edit(world, "invoices", made["id"], description="Thank you")
    world.sync()
    assert figures(world, "invoices", "Invoice", made["id"]) == ("in_step: agreed", 40.32, 40.32, 6.23)

    kept = in_scoro.see(world, "invoices", made["id"])["lines"]
    kept[0]["price"] = 20.03
    in_scoro.edit(world, "invoices", made["id"], lines=kept)
    world.sync()
    assert figures(world, "invoices", "Invoice", made["id"]) == ("in_step: agreed", 52.32, 52.32, 8.23)
    assert in_concord.is_quiet(world)


def test_discount_on_the_whole_comes_off_before_the_tax(world: World) -> None:
    """Given a discount on the whole and on the lines, when the invoice goes, then both say the same to the cent."""
    rows = lines(world, 10.03, 20.07, 33.33, discount=5)
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), *rows, discount=7)
    world.sync()

    standing, here, there, _ = figures(world, "invoices", "Invoice", made["id"])
    assert (standing, here) == ("in_step: agreed", there)


def test_bill_credit_and_vendor_credit_alike(world: World) -> None:
    """Given a bill, a credit invoice and a vendor credit, when they go, then each has Scoro's tax in QuickBooks."""
    acme, paper = in_scoro.client(world, "Acme Ltd"), in_scoro.supplier(world, "Paper Ltd")
    invoice = in_scoro.invoice(world, acme, *lines(world, 10.03, 10.03, 10.03))
    credit = in_scoro.credit(world, invoice)
    bill = in_scoro.bill(world, paper, *lines(world, 10.03, 10.03, 10.03))
    back = in_scoro.bill(world, paper, *lines(world, 10.03, 10.03, 10.03, amount=-1))
    world.sync()

    assert figures(world, "bills", "Bill", bill["id"]) == ("in_step: agreed", 40.32, 40.32, 6.23)
    assert figures(world, "invoices", "CreditMemo", credit["id"]) == ("in_step: agreed", 40.32, 40.32, 6.23)
    assert figures(world, "bills", "VendorCredit", back["id"])[1:] == (40.32, 40.32, 6.23)
    assert in_concord.is_quiet(world)


def test_tax_that_quickbooks_computes_alike_is_left_to_it(world: World) -> None:
    """Given an invoice whose tax is the same either way, when it goes, then no figure of tax is sent."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), *lines(world, 100, 50))
    world.sync()

    (there,) = in_quickbooks.rows(world, "Invoice")
    assert all(line["TaxLineDetail"]["PercentBased"] for line in there["TxnTaxDetail"]["TaxLine"])
    assert figures(world, "invoices", "Invoice", made["id"])[1:] == (184.2, 184.2, 30.2)
