"""R15 · Projects: only from QuickBooks to Scoro."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from engine.services import directions, setup
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


@pytest.fixture
def world(new_world) -> World:
    """Contacts and projects come from QuickBooks."""
    made: World = new_world(categories={"contacts": "quickbooks", "projects": "quickbooks"})
    return made


def test_new_project_arrives_in_scoro(world: World) -> None:
    """Given a customer, when QuickBooks gets a project of it, then Scoro has the project with its client."""
    acme = in_quickbooks.customer(world, "Acme Ltd")
    in_quickbooks.project(world, "Website", acme)
    world.sync()

    (website,) = in_scoro.named(world, "projects", "Website")
    assert in_scoro.see(world, "contacts", website["company_id"])["name"] == "Acme Ltd"
    assert in_concord.is_quiet(world)


def test_new_project_in_scoro_stays_there(world: World) -> None:
    """Given a project made in Scoro, when the run is through, then QuickBooks has none, and the reason is told."""
    made = in_scoro.project(world, "Website", in_scoro.client(world, "Acme Ltd"))
    world.sync()

    assert [row for row in in_quickbooks.rows(world, "Customer") if row.get("IsProject")] == []
    assert in_concord.standing(world, "scoro", "projects", made["project_id"]) == "excluded: not_written_by_concord"


def test_the_other_direction_can_be_chosen_nowhere(world: World) -> None:
    """When the other direction is asked for, in the settings or by a flip, then it is refused."""
    row = next(row for row in setup.category_rows(world.deps, world.connection_id) if row.category == "projects")
    assert row.sources_allowed == ("quickbooks",)
    with pytest.raises(Refused):
        in_concord.choose(world, "projects", source="scoro")
    with pytest.raises(Refused):
        directions.flip(world.deps, world.connection_id, "projects", epoch=1, person=PERSON)


def test_project_cannot_be_sent_by_hand(world: World) -> None:
    """Given a project that only Scoro has, when somebody wants to send it by hand, then the button says why not."""
    made = in_scoro.project(world, "Website", in_scoro.client(world, "Acme Ltd"))
    world.sync()

    button = in_concord.button(
        world, in_concord.object_id(world, "scoro", "projects", made["project_id"]), in_concord.QUICKBOOKS
    )
    assert not button.allowed
    assert button.sentence
