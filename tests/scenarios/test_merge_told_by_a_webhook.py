"""A merge that QuickBooks' webhook tells of is proposed for the link, even when no document moved with it."""

from __future__ import annotations

import pytest

from engine.services import matching
from engine.store.database import writing
from engine.store.tables import Hint
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.mark.both_databases
@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
def test_client_without_documents_that_went_up_in_another_one(world: World, told: bool) -> None:
    """Given a client without documents whose customer was merged into another, when the webhook names the two, then a link with
    the one that stayed is proposed; without a webhook a person is asked about a deletion."""
    acme = in_scoro.client(world, "Acme Ltd")
    world.sync()
    stays = in_quickbooks.customer(world, "Acme Limited")
    goes = in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer")
    in_quickbooks.merge(world, "Customer", goes, stays["Id"])
    if told:
        hear_of_merge(world, stays["Id"], goes)
    world.sync()

    found = matching.suggestions(world.deps, world.connection_id, kind="contact", state="suggested")
    proposed = [(view.row.scoro_object_id, view.row.quickbooks_object_id) for view in found]
    here = in_concord.object_id(world, "scoro", "contacts", acme["contact_id"])
    there = in_concord.object_id(world, "quickbooks", "Customer", stays["Id"])
    assert proposed == ([(here, there)] if told else [])
    expected = "deleted_there: merged_there" if told else "deleted_there: deleted_on_other_side"
    assert in_concord.standing(world, "scoro", "contacts", acme["contact_id"]) == expected


def hear_of_merge(world: World, stays: str, goes: str) -> None:
    """QuickBooks' webhook was heard."""
    summary = {"type": "Customer", "id": stays, "merged_id": goes}
    with writing(world.deps.database) as session:
        session.add(
            Hint(
                connection_id=world.connection_id, id="knock", system="quickbooks", received_at=world.clock.now(),
                summary=summary,
            )
        )  # fmt: skip
