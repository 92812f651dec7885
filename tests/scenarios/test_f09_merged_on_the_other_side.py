"""F9 · A merge on the remote side broke links for ever; here the record that stayed is proposed for the link."""

from __future__ import annotations

import pytest

from engine.services import matching
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import run_meanwhile
from tests.support.world import PERSON, World


@pytest.fixture
def merged(world: World) -> tuple[World, in_scoro.Row, in_quickbooks.Row]:
    """QuickBooks' customer of a Scoro client, which has an invoice, went up in another customer there."""
    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.invoice(world, acme)
    world.sync()
    stays = in_quickbooks.customer(world, "Acme Limited")
    goes = in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer")
    in_quickbooks.merge(world, "Customer", goes, stays["Id"])
    world.sync()
    return world, acme, stays


def test_record_that_stayed_is_proposed(merged: tuple[World, in_scoro.Row, in_quickbooks.Row]) -> None:
    """F9: given a customer merged into another, when the run is over, then a link with that one is proposed."""
    world, acme, stays = merged
    assert in_concord.standing(world, "scoro", "contacts", acme["contact_id"]) == "deleted_there: merged_there"
    (proposal,) = [
        view.row for view in matching.suggestions(world.deps, world.connection_id, kind="contact", state="suggested")
    ]
    assert proposal.scoro_object_id == in_concord.object_id(world, "scoro", "contacts", acme["contact_id"])
    assert proposal.quickbooks_object_id == in_concord.object_id(world, "quickbooks", "Customer", stays["Id"])
    assert len(in_quickbooks.rows(world, "Customer")) == 1


@pytest.mark.both_databases
def test_accepted_proposal_mends_the_links(merged: tuple[World, in_scoro.Row, in_quickbooks.Row]) -> None:
    """F9: given that proposal, when it is accepted, then client and invoice are in step, and edits flow again."""
    world, acme, stays = merged
    proposals = matching.suggestions(world.deps, world.connection_id, kind="contact", state="suggested")
    matching.decide_suggestions(
        world.deps, world.connection_id, [view.row.id for view in proposals], "accepted", PERSON
    )
    matching.apply_matches(world.deps, world.connection_id, PERSON)
    world.sync()

    assert in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer") == stays["Id"]
    assert {row.disposition for kind in ("contact", "invoice") for row in world.objects(kind=kind)} == {"in_step"}
    assert in_concord.is_quiet(world)
    in_scoro.edit(world, "contacts", acme["contact_id"], means_of_contact={"email": ["office@acme.example"]})
    world.sync()
    assert in_quickbooks.see(world, "Customer", stays["Id"])["PrimaryEmailAddr"]["Address"] == "office@acme.example"


def test_merge_while_an_edit_is_on_its_way(world: World) -> None:
    """F9: given an edited invoice, when its customer is merged into another in the moment of sending, so that the invoice is seen
    to have moved before the merge is, then the next run proposes the link all the same."""
    acme = in_scoro.client(world, "Acme Ltd")
    made = in_scoro.invoice(world, acme)
    world.sync()
    stays = in_quickbooks.customer(world, "Acme Limited")
    goes = in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer")
    in_scoro.edit(world, "invoices", made["id"], description="with our thanks")
    run_meanwhile(world, lambda: in_quickbooks.merge(world, "Customer", goes, stays["Id"]))
    world.sync()

    assert in_concord.standing(world, "scoro", "contacts", acme["contact_id"]) == "deleted_there: merged_there"
    (proposal,) = matching.suggestions(world.deps, world.connection_id, kind="contact", state="suggested")
    assert proposal.row.quickbooks_object_id == in_concord.object_id(world, "quickbooks", "Customer", stays["Id"])
