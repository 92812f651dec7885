"""A company in the United States that reckons its sales tax by hand: the code of the document says which tax there is."""

from __future__ import annotations

import pytest

from tests.proofs.year import match
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import quickbooks_query
from tests.support.world import World, connect_world

CEDAR = "4620816365003334440"
"""The sandbox's company with manual sales tax."""


@pytest.fixture
def cedar(bare_world: World) -> World:
    """Nothing is connected yet; the company to connect is the one with manual tax."""
    bare_world.realm = CEDAR
    return bare_world


def test_invoices_of_scoro_have_their_tax_there(cedar: World) -> None:
    """Given invoices at 8 and at 0 percent and one at a rate that QuickBooks does not have, when they go, then the first two say
    the same in both, and the third waits with the name of its rate."""
    connect_world(cedar, categories=in_concord.FROM_SCORO, match=False)
    match(cedar)
    acme = in_scoro.client(cedar, "Acme Ltd")
    made = [
        in_scoro.invoice(cedar, acme, *(in_scoro.line(cedar, price, vat_code_id=rate) for price in (10.05, 3.33)))
        for rate in (in_scoro.rate(cedar, percent) for percent in (8, 0, 7.5))
    ]
    cedar.sync()

    standing = [in_concord.standing(cedar, "scoro", "invoices", row["id"]) for row in made]
    assert standing == ["in_step: agreed", "in_step: agreed", "blocked: old_tax_rate"]
    assert sorted(row["TotalAmt"] for row in in_quickbooks.rows(cedar, "Invoice")) == [13.38, 14.45]
    assert in_concord.is_quiet(cedar)


def test_invoices_of_quickbooks_have_their_tax_in_scoro_or_are_named(cedar: World) -> None:
    """Given an invoice with one taxed and one untaxed line under a code of two rates, and one whose tax Scoro rounds otherwise,
    when they go, then the first says the same in both, and the second is named with both totals."""
    connect_world(cedar, categories=in_concord.FROM_QUICKBOOKS, match=False)
    match(cedar)
    acme, work = in_quickbooks.customer(cedar, "Acme Inc"), in_quickbooks.item(cedar, "Work")
    tucson = next(row["Id"] for row in quickbooks_query(cedar, "select * from TaxCode") if row["Name"] == "Tucson")
    code = {"TxnTaxCodeRef": {"value": tucson}}
    taxed, more = in_quickbooks.sold(work, 10.05, tax="TAX"), in_quickbooks.sold(work, 3.33, tax="TAX")
    free = in_quickbooks.sold(work, 3.33)
    half, whole = (in_quickbooks.invoice(cedar, acme, taxed, other, TxnTaxDetail=code) for other in (free, more))
    cedar.sync()

    standing = [in_concord.standing(cedar, "quickbooks", "Invoice", row["Id"]) for row in (half, whole)]
    assert standing == ["in_step: agreed", "variance: totals_differ"]
    totals = {round(float(row["sum"]) + float(row["vat_sum"]), 2) for row in in_scoro.rows(cedar, "invoices")}
    assert (half["TotalAmt"], whole["TotalAmt"], totals) == (14.29, 14.6, {14.29, 14.59})
    assert in_concord.is_quiet(cedar)
