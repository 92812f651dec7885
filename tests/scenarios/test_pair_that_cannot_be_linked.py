"""Accepted pairs are linked each for itself: one that is refused is told with its reason and holds up none of the others."""

from __future__ import annotations

from engine.core.records import System
from engine.services import matching
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import run_that_dies_after_sending
from tests.support.world import PERSON, World


def accepted(world: World) -> list[str]:
    """The names of the pairs that were accepted and are not linked yet."""
    return [view.scoro_title for view in matching.suggestions(world.deps, world.connection_id, state="accepted")]


def link(world: World, client: in_scoro.Row, customer: in_quickbooks.Row) -> None:
    """Somebody says that these two are one."""
    left = in_concord.object_id(world, "scoro", "contacts", client["contact_id"])
    right = in_concord.object_id(world, "quickbooks", "Customer", customer["Id"])
    matching.link_by_hand(world.deps, world.connection_id, left, right, PERSON)


def test_pair_whose_write_is_on_its_way(world: World) -> None:
    """Given two accepted pairs, one of a client whose create is in doubt, when the matches are saved, then the other is linked;
    the first is told with its names and the reason, and stays accepted."""
    busy, acme = in_scoro.client(world, "Busy Ltd"), in_quickbooks.customer(world, "Acme Inc")
    birch, theirs = in_scoro.client(world, "Birch Ltd"), in_quickbooks.customer(world, "Birch Ltd")
    run_that_dies_after_sending(world, System.QUICKBOOKS)
    link(world, busy, acme)
    matching.accept_exact(world.deps, world.connection_id, "contact", PERSON)

    applied = matching.apply_matches(world.deps, world.connection_id, PERSON)

    (no,) = applied.refused
    assert no == "Busy Ltd and Acme Inc: A write of one of these is on its way. Try again in a minute."
    assert (applied.linked, accepted(world)) == (1, ["Busy Ltd"])
    assert in_concord.partner(world, "scoro", "contacts", birch["contact_id"], "quickbooks.customer") == theirs["Id"]


def test_what_was_linked_by_hand_stands_when_all_exact_pairs_are_accepted(world: World) -> None:
    """Given a client that a person linked with a customer of another name, when all exact pairs are accepted, then the pair of
    equal names is not accepted beside it."""
    acme, same = in_scoro.client(world, "Acme Ltd"), in_quickbooks.customer(world, "Acme Ltd")
    chosen = in_quickbooks.customer(world, "Acme Holding")
    world.sync()
    link(world, acme, chosen)
    matching.accept_exact(world.deps, world.connection_id, "", PERSON)
    applied = matching.apply_matches(world.deps, world.connection_id, PERSON)

    assert (applied.linked, applied.refused) == (1, ())
    assert in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer") == chosen["Id"]
    assert in_concord.object_id(world, "quickbooks", "Customer", same["Id"]) != in_concord.object_id(
        world, "scoro", "contacts", acme["contact_id"]
    )
