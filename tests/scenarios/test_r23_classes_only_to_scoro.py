"""R23 · Classes: only from QuickBooks to Scoro."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from engine.services import directions, setup
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import scoro_create
from tests.support.world import PERSON, World


@pytest.fixture
def world(new_world) -> World:
    """Bills go from QuickBooks with their classes."""
    made: World = new_world(categories={"contacts": "quickbooks", "bills": "quickbooks", "classes": "quickbooks"})
    return made


def test_the_other_direction_can_be_chosen_nowhere(world: World) -> None:
    """When the other direction is asked for, in the settings or by a flip, then it is refused."""
    row = next(row for row in setup.category_rows(world.deps, world.connection_id) if row.category == "classes")
    assert row.sources_allowed == ("quickbooks",)
    with pytest.raises(Refused):
        in_concord.choose(world, "classes", source="scoro")
    with pytest.raises(Refused):
        directions.flip(world.deps, world.connection_id, "classes", epoch=1, person=PERSON)


def test_class_of_the_same_name_is_linked_and_carried_on_lines(world: World) -> None:
    """Given an accounting object in Scoro, when QuickBooks has a class of its name on a bill's line, then Scoro's line
    has it."""
    known = scoro_create(world, "financeObjects", name="Studio", object_symbol="STU")
    studio = in_quickbooks.tracking_class(world, "Studio")
    line = in_quickbooks.spent(world, ClassRef={"value": studio["Id"]})

    in_quickbooks.bill(world, in_quickbooks.vendor(world, "Paper Inc"), line)
    world.sync()

    (bill,) = in_scoro.rows(world, "bills")
    assert int(bill["lines"][0]["finance_object_id"]) == int(known["object_id"])


def test_class_that_scoro_lacks_says_what_to_do(world: World) -> None:
    """Given a class that Scoro has no accounting object for, then it is listed with what a person can do about it."""
    made = in_quickbooks.tracking_class(world, "Podcasts")
    world.sync()

    assert in_concord.standing(world, "quickbooks", "Class", made["Id"]) == "blocked: cannot_create_there"
    assert in_concord.written(world, "quickbooks", "Class") == []
