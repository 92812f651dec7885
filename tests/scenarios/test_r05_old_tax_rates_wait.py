"""R5 · A document that carries an old tax rate is not synced before the rate is updated."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of, scoro_create
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """A company in a VAT country; Scoro knows a rate of 18 percent that QuickBooks has not."""
    world: World = new_world(profile="uk", categories=in_concord.FROM_SCORO)
    scoro_create(world, "vatCodes", vat_code="Old", vat_name="Old 18%", percent=18, is_sales=1, is_purchases=1)
    return world


def test_document_with_an_old_rate_is_blocked_and_names_it(world: World) -> None:
    """Given an invoice at a rate that QuickBooks has not, then it stays, blocked, and the line and the rate are named."""
    made = invoice_at(world, 18)
    world.sync()

    assert in_quickbooks.rows(world, "Invoice") == []
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "blocked: old_tax_rate"
    told = object_of(world, "scoro", "invoices", made["id"]).facts["problem"]["message"]
    assert "Consulting in October" in told
    assert "Old 18%" in told


def test_it_goes_by_itself_once_the_rate_is_changed(world: World) -> None:
    """Given a blocked invoice, when its line gets a current rate, then the next run carries it over."""
    made = invoice_at(world, 18)
    world.sync()

    lines = in_scoro.see(world, "invoices", made["id"])["lines"]
    lines[0]["vat_code_id"] = in_scoro.rate(world, 20)
    in_scoro.edit(world, "invoices", made["id"], lines=lines)
    world.sync()

    (arrived,) = in_quickbooks.rows(world, "Invoice")
    assert arrived["TotalAmt"] == 120


def test_rate_that_quickbooks_no_longer_uses_is_old(world: World) -> None:
    """Given a rate that was synced, when QuickBooks makes it inactive, then new invoices at it wait."""
    world.sync()
    code = next(row for row in in_quickbooks.rows(world, "TaxCode") if row["Name"] == "5.0% R")
    in_quickbooks.edit(world, "TaxCode", code["Id"], Active=False)
    world.tick(7 * 3600)
    world.sync()

    made = invoice_at(world, 5)
    world.sync()

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "blocked: old_tax_rate"


def invoice_at(world: World, percent: float):
    """An invoice with one line at a rate."""
    line = in_scoro.line(world, comment="Consulting in October", vat_code_id=in_scoro.rate(world, percent))
    return in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), line)
