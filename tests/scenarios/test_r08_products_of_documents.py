"""R8 · Products attached to a synced bill or invoice are synced even when the category is off."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.mark.both_databases
def test_product_goes_ahead_of_its_invoice(world: World) -> None:
    """Given products off, when an invoice over one of two products is made, then that product is created first, then
    it."""
    in_concord.switch_off(world, "products")
    design, _ = in_scoro.product(world, "Design"), in_scoro.product(world, "Unused")

    in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), in_scoro.line(world, of=design))
    world.sync()

    order = [entry["entity"] for entry in in_concord.written(world, "quickbooks")]
    assert order.index("Item") < order.index("Invoice")
    assert in_quickbooks.named(world, "Item", "Design")
    assert in_quickbooks.named(world, "Item", "Unused") == []


def test_product_goes_ahead_of_its_bill(world: World) -> None:
    """Given products off, when a bill over a product is made, then the product is created first, then the bill."""
    in_concord.switch_off(world, "products")
    paper = in_scoro.product(world, "Paper")

    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"), in_scoro.line(world, of=paper))
    world.sync()

    order = [entry["entity"] for entry in in_concord.written(world, "quickbooks")]
    assert order.index("Item") < order.index("Bill")


def test_changed_product_goes_along_with_its_next_invoice(world: World) -> None:
    """Given a product that went along once, when it is renamed and invoiced again, then QuickBooks has the new name."""
    in_concord.switch_off(world, "products")
    design, acme = in_scoro.product(world, "Design"), in_scoro.client(world, "Acme Ltd")
    in_scoro.invoice(world, acme, in_scoro.line(world, of=design))
    world.sync()

    in_scoro.edit(world, "products", design["product_id"], name="Design and print")
    in_scoro.invoice(world, acme, in_scoro.line(world, of=design))
    world.sync()

    assert in_quickbooks.named(world, "Item", "Design and print")


def test_from_quickbooks_to_scoro_as_well(mirrored: World) -> None:
    """Given QuickBooks as the source and products off, when an invoice is made there, then Scoro gets its item first."""
    in_concord.switch_off(mirrored, "products")
    advice, _ = in_quickbooks.item(mirrored, "Advice"), in_quickbooks.item(mirrored, "Unused")

    in_quickbooks.invoice(mirrored, in_quickbooks.customer(mirrored, "Birch & Co"), in_quickbooks.sold(advice))
    mirrored.sync()

    order = [entry["entity"] for entry in in_concord.written(mirrored, "scoro")]
    assert order.index("products") < order.index("invoices")
    assert in_scoro.named(mirrored, "products", "Unused") == []
