"""R7 · Products: either direction, one at a time."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_from_scoro(world: World) -> None:
    """Given Scoro as the source, when products are new on both sides, then only Scoro's is carried over."""
    in_scoro.product(world, "Design", price=120)
    in_quickbooks.item(world, "Advice")
    world.sync()

    (arrived,) = in_quickbooks.named(world, "Item", "Design")
    assert arrived["UnitPrice"] == 120
    assert in_scoro.named(world, "products", "Advice") == []
    assert in_concord.written(world, "scoro", "products") == []


def test_from_quickbooks(mirrored: World) -> None:
    """Given QuickBooks as the source, when products are new on both sides, then only QuickBooks' is carried over."""
    in_quickbooks.item(mirrored, "Advice", price=80)
    in_scoro.product(mirrored, "Design")
    mirrored.sync()

    (arrived,) = in_scoro.named(mirrored, "products", "Advice")
    assert float(arrived["price"]) == 80
    assert in_concord.written(mirrored, "quickbooks", "Item") == []


def test_edit_on_the_other_side_is_held(world: World) -> None:
    """Given Scoro as the source, when the price is changed in QuickBooks, then Scoro keeps its price and the edit is
    listed."""
    product = in_scoro.product(world, "Design", price=120)
    world.sync()

    in_quickbooks.edit(
        world, "Item", in_concord.partner(world, "scoro", "products", product["product_id"]), UnitPrice=150
    )
    world.sync()

    assert float(in_scoro.see(world, "products", product["product_id"])["price"]) == 120
    assert in_concord.standing(world, "scoro", "products", product["product_id"]) == "held: against_direction"


def test_edit_in_scoro_is_held_when_quickbooks_is_the_source(mirrored: World) -> None:
    """Given QuickBooks as the source, when the price is changed in Scoro, then QuickBooks keeps its price and the edit is
    listed."""
    item = in_quickbooks.item(mirrored, "Advice", price=80)
    mirrored.sync()

    in_scoro.edit(mirrored, "products", in_concord.partner(mirrored, "quickbooks", "Item", item["Id"]), price=95)
    mirrored.sync()

    assert in_quickbooks.see(mirrored, "Item", item["Id"])["UnitPrice"] == 80
    assert in_concord.standing(mirrored, "quickbooks", "Item", item["Id"]) == "held: against_direction"
    assert in_concord.written(mirrored, "quickbooks", "Item") == []


def test_edit_of_the_other_side_goes_by_a_persons_explicit_act(world: World) -> None:
    """Given Scoro as the source and a price changed in QuickBooks, when somebody pulls that product, then Scoro has it."""
    product = in_scoro.product(world, "Design", price=120)
    world.sync()
    item = in_concord.partner(world, "scoro", "products", product["product_id"])
    in_quickbooks.edit(world, "Item", item, UnitPrice=150)
    world.sync()

    in_concord.pull(world, in_concord.object_id(world, "scoro", "products", product["product_id"]))

    assert float(in_scoro.see(world, "products", product["product_id"])["price"]) == 150
