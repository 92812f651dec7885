"""R22 · Bills may carry a project on each line."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def with_projects(new_world, source: str) -> World:
    """Bills go from one system; Acme has two projects on both sides."""
    world: World = new_world(categories={"contacts": source, "bills": source, "projects": "quickbooks"})
    if source == "scoro":
        in_scoro.client(world, "Acme Ltd")
        world.sync()
    else:
        in_quickbooks.customer(world, "Acme Ltd")
    (acme,) = in_quickbooks.named(world, "Customer", "Acme Ltd")
    for name in ("Website", "App"):
        in_quickbooks.project(world, name, acme)
    world.sync()
    return world


@pytest.mark.both_databases
def test_each_line_keeps_its_project_on_the_way_to_quickbooks(new_world) -> None:
    """Given a bill in Scoro with a project on each of two lines, when it arrives, then each line has its own project."""
    world = with_projects(new_world, "scoro")
    ids = {row["project_name"]: row["project_id"] for row in in_scoro.rows(world, "projects")}
    lines = [in_scoro.line(world, price, project_id=ids[name]) for price, name in ((10, "Website"), (20, "App"))]

    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"), *lines)
    world.sync()

    (bill,) = in_quickbooks.rows(world, "Bill")
    names = {row["Id"]: row["DisplayName"] for row in in_quickbooks.rows(world, "Customer")}
    assert [names[line["ProjectRef"]["value"]] for line in bill["Line"]] == ["Website", "App"]
    assert in_concord.is_quiet(world)


def test_each_line_keeps_its_project_on_the_way_to_scoro(new_world) -> None:
    """Given a bill in QuickBooks with a project on each of two lines, when it arrives, then each line has its own
    project."""
    world = with_projects(new_world, "quickbooks")
    ids = {row["DisplayName"]: row["Id"] for row in in_quickbooks.rows(world, "Customer")}
    lines = [
        in_quickbooks.spent(world, price, CustomerRef={"value": ids[name]})
        for price, name in ((10, "Website"), (20, "App"))
    ]

    in_quickbooks.bill(world, in_quickbooks.vendor(world, "Paper Inc"), *lines)
    world.sync()

    (bill,) = in_scoro.rows(world, "bills")
    names = {row["project_id"]: row["project_name"] for row in in_scoro.rows(world, "projects")}
    assert [names[line["project_id"]] for line in bill["lines"]] == ["Website", "App"]
    assert in_concord.is_quiet(world)
