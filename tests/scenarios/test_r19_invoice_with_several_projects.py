"""R19 · An invoice with several projects reaches QuickBooks connected to none of them."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """Invoices go from Scoro, projects come from QuickBooks; Acme has two projects on both sides."""
    world: World = new_world(categories={"contacts": "scoro", "invoices": "scoro", "projects": "quickbooks"})
    in_scoro.client(world, "Acme Ltd")
    world.sync()
    (acme,) = in_quickbooks.named(world, "Customer", "Acme Ltd")
    in_quickbooks.project(world, "Website", acme)
    in_quickbooks.project(world, "App", acme)
    world.sync()
    return world


def test_one_project_is_carried(world: World) -> None:
    """Given an invoice with one project, when it goes to QuickBooks, then it belongs to that project there."""
    invoice(world, "Website", "Website")
    world.sync()

    (arrived,) = in_quickbooks.rows(world, "Invoice")
    assert arrived["ProjectRef"]["value"]


def test_two_projects_are_none_and_the_page_says_so(world: World) -> None:
    """Given an invoice over two projects, when it goes to QuickBooks, then it belongs to none, and a note tells."""
    made = invoice(world, "Website", "App")
    world.sync()

    (arrived,) = in_quickbooks.rows(world, "Invoice")
    assert arrived.get("ProjectRef") is None
    (write,) = world.outbox(object_id=in_concord.object_id(world, "scoro", "invoices", made["id"]))
    assert any("2 projects" in note for note in write.notes)


def invoice(world: World, *projects: str):
    """An invoice with a line for each project."""
    (acme,) = in_scoro.named(world, "contacts", "Acme Ltd")
    ids = {row["project_name"]: row["project_id"] for row in in_scoro.rows(world, "projects")}
    return in_scoro.invoice(world, acme, *(in_scoro.line(world, project_id=ids[name]) for name in projects))
