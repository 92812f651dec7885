"""R6 · Each category has its own Enable/Disable."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.mark.parametrize("category", ["contacts", "products", "invoices", "bills"])
def test_nothing_of_a_disabled_category_is_synced_for_its_own_sake(world: World, category: str) -> None:
    """Given one category switched off, when there is something new in all of them, then the others go and it stays."""
    in_concord.switch_off(world, category)

    in_scoro.client(world, "Acme Ltd")
    in_scoro.product(world, "Design")
    in_scoro.invoice(world, in_scoro.client(world, "Birch Ltd"))
    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"))
    world.sync()

    came = {
        "contacts": bool(in_quickbooks.named(world, "Customer", "Acme Ltd")),
        "products": bool(in_quickbooks.named(world, "Item", "Design")),
        "invoices": bool(in_quickbooks.rows(world, "Invoice")),
        "bills": bool(in_quickbooks.rows(world, "Bill")),
    }
    assert came == {name: name != category for name in came}


def test_switching_a_category_on_sends_what_waited(world: World) -> None:
    """Given products switched off and a new one, when they are switched on, then it goes with the next run."""
    in_concord.switch_off(world, "products")
    in_scoro.product(world, "Design")
    world.sync()

    in_concord.choose(world, "products", enabled=True)
    world.sync()

    assert in_quickbooks.named(world, "Item", "Design")


def test_switching_a_category_off_stops_what_was_on_its_way(world: World) -> None:
    """Given a new client that the next run would carry over, when contacts are switched off, then it stays, and is told so."""
    acme = in_scoro.client(world, "Acme Ltd")["contact_id"]
    world.sync(dry=True)

    in_concord.switch_off(world, "contacts")
    world.sync()

    assert in_quickbooks.named(world, "Customer", "Acme Ltd") == []
    assert in_concord.standing(world, "scoro", "contacts", acme) == "excluded: category_off"


def test_payments_stay_when_receipts_are_off(world: World) -> None:
    """Given receipts switched off, when an invoice is paid, then the invoice goes and its payment stays."""
    in_concord.switch_off(world, "receipts")
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    receipt = in_scoro.pay(world, "invoices", made, 40)
    world.sync()

    assert len(in_quickbooks.rows(world, "Invoice")) == 1
    assert in_quickbooks.rows(world, "Payment") == []

    in_concord.choose(world, "receipts", enabled=True)
    world.sync()
    assert in_concord.partner(world, "scoro", "receipts", receipt["id"])


@pytest.mark.parametrize(
    ("category", "entity"), [("contacts", "contacts"), ("bills", "bills"), ("invoices", "invoices")]
)
def test_from_quickbooks_to_scoro_as_well(mirrored: World, category: str, entity: str) -> None:
    """Given QuickBooks as the source and one category off, when there is something new of it, then Scoro gets none of it."""
    in_concord.switch_off(mirrored, category)
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    if category != "contacts":
        in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
        in_quickbooks.bill(mirrored, in_quickbooks.vendor(mirrored, "Paper Inc"))
    mirrored.sync()

    assert in_scoro.rows(mirrored, entity) == []
    assert in_scoro.named(mirrored, "products", "Advice")
