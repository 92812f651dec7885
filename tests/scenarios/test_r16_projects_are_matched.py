"""R16 · A new QuickBooks project is matched with an existing Scoro project when name and client both match. If the
clients do not match, a new contact is created in Scoro.
"""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """Contacts go from Scoro, projects come from QuickBooks; Acme is a client on both sides, with a website in the making."""
    world: World = new_world(categories={"contacts": "scoro", "projects": "quickbooks"})
    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.project(world, "Website", acme)
    world.sync()
    return world


def test_same_name_and_client_are_one_project(world: World) -> None:
    """Given Acme's Website in Scoro, when QuickBooks gets one of the same name for Acme, then the two are linked,
    nothing made."""
    in_quickbooks.project(world, "Website", customer(world, "Acme Ltd"))
    world.sync()

    (website,) = in_scoro.named(world, "projects", "Website")
    assert in_concord.partner(world, "scoro", "projects", website["project_id"])
    assert in_concord.written(world, "scoro", "projects") == in_concord.written(world, "scoro", "contacts") == []


def test_same_name_of_another_client_gets_a_contact_and_a_project_of_its_own(world: World) -> None:
    """Given Acme's Website, when QuickBooks gets a Website of Birch, then Scoro gets Birch and a second Website."""
    birch = in_quickbooks.customer(world, "Birch Inc")
    in_quickbooks.project(world, "Website", birch)
    world.sync()

    (contact,) = in_scoro.named(world, "contacts", "Birch Inc")
    clients = {row["company_id"] for row in in_scoro.named(world, "projects", "Website")}
    assert len(clients) == 2
    assert contact["contact_id"] in clients


def test_new_project_of_a_new_name_is_created(world: World) -> None:
    """Given a client on both sides, when QuickBooks gets a project of a new name, then Scoro gets it for that client."""
    in_quickbooks.project(world, "App", customer(world, "Acme Ltd"))
    world.sync()

    (app,) = in_scoro.named(world, "projects", "App")
    (acme,) = in_scoro.named(world, "contacts", "Acme Ltd")
    assert app["company_id"] == acme["contact_id"]


def test_one_project_is_never_linked_twice(world: World) -> None:
    """Given a linked Website, when Scoro gets a second one of the same name and client, then the first link stays
    alone."""
    made = in_quickbooks.project(world, "Website", customer(world, "Acme Ltd"))
    world.sync()
    first = in_concord.partner(world, "quickbooks", "Customer", made["Id"])

    (acme,) = in_scoro.named(world, "contacts", "Acme Ltd")
    second = in_scoro.project(world, "Website", acme)
    world.sync()

    assert in_concord.partner(world, "quickbooks", "Customer", made["Id"]) == first != ""
    assert in_concord.partner(world, "scoro", "projects", second["project_id"]) == ""


def customer(world: World, name: str):
    """A customer by name."""
    return in_quickbooks.named(world, "Customer", name)[0]
