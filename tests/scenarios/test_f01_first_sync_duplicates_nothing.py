"""F1 · A first sync made every customer and item twice; here what both sides have is linked."""

from __future__ import annotations

from engine.services import matching
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


def both_sides_know_acme(world: World) -> None:
    in_scoro.client(world, "Acme Ltd")
    in_scoro.product(world, "Design")
    in_quickbooks.customer(world, "Acme Ltd")
    in_quickbooks.item(world, "Design", Sku="Design")


def test_what_both_sides_have_is_not_created_again(world: World) -> None:
    """F1: given a client and a product of the same names on both sides, when a run goes through, then both wait for a person."""
    both_sides_know_acme(world)
    world.sync()

    assert in_concord.written(world, "quickbooks") == []
    assert world.dispositions()["awaiting_match"] == 4


def test_accepted_suggestions_link_and_write_nothing_twice(world: World) -> None:
    """F1: given the suggestions, when a person accepts them, then each pair is one object, and one record stays on each side."""
    both_sides_know_acme(world)
    world.sync()
    matching.accept_exact(world.deps, world.connection_id, "", PERSON)
    matching.apply_matches(world.deps, world.connection_id, PERSON)
    world.sync()

    assert len(in_quickbooks.named(world, "Customer", "Acme Ltd")) == 1
    assert len(in_quickbooks.named(world, "Item", "Design")) == 1
    assert [row.disposition for kind in ("contact", "product") for row in world.objects(kind=kind)] == ["in_step"] * 2
    assert in_concord.is_quiet(world)
