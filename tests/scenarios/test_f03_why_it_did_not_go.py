"""F3 · Nothing told why a record did not go over; here each one has its reason, a sentence, and a way out."""

from __future__ import annotations

import pytest

from engine.core.reasons import WORDS, Reason
from engine.services import objects
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.fixture
def world_of_waiting(world: World) -> World:
    """One record each that is blocked, held, excluded, awaits its match, and is parked."""
    in_concord.choose(world, "invoices", scope={"rules": [{"field": "message", "is": "contains", "value": "wanted"}]})
    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.invoice(world, acme, description="not in the filter")
    in_scoro.client(world, "Nobody's", is_client=0)
    in_scoro.client(world, "Birch Inc")
    in_quickbooks.customer(world, "Birch Inc")
    in_quickbooks.customer(world, "Only There")
    world.sync()
    objects.park(world.deps, in_concord.object_id(world, "scoro", "contacts", acme["contact_id"]), "ann@example.com")
    return world


def test_each_record_that_waits_says_why_and_what_to_do(world_of_waiting: World) -> None:
    """F3: given records that did not go over, when each is asked why, then the ladder ends at one rung with its sentence."""
    waiting = [row for row in world_of_waiting.objects() if row.disposition != "in_step"]
    assert {row.disposition for row in waiting} >= {"held", "excluded", "awaiting_match", "parked"}
    for row in waiting:
        words = WORDS[Reason(row.reason)]
        (decisive,) = [rung for rung in objects.explain(world_of_waiting.deps, row.id) if rung.decisive]
        assert words.sentence in decisive.answer
        assert words.way_out, row.reason


def test_every_record_of_both_systems_is_counted_once(world_of_waiting: World) -> None:
    """F3: given the same, when the dispositions are added up, then they are all the records there are."""
    assert sum(world_of_waiting.dispositions().values()) == len(world_of_waiting.objects())
    assert all(row.reason for row in world_of_waiting.objects())
