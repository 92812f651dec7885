"""F2 · A record was shown as synced though it had never arrived; here nothing is in step before it was read back."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of
from tests.support.troubles import arm, disarm, run_anyhow
from tests.support.world import World


@pytest.mark.parametrize("fault", ["html_body", "truncate_body", "http_503", "reset_before"])
def test_answer_that_proves_nothing_is_no_receipt(world: World, fault: str) -> None:
    """F2: given an answer that is no receipt, when the run is over, then the client is not in step; later it arrives once."""
    acme = in_scoro.client(world, "Acme Ltd")["contact_id"]
    arm(world.quickbooks, fault, count=None, entity="Customer", operation="create")
    run_anyhow(world)
    assert object_of(world, "scoro", "contacts", acme).disposition != "in_step"
    assert in_concord.partner(world, "scoro", "contacts", acme) == ""

    disarm(world.quickbooks)
    world.tick(3600)
    world.sync()
    world.sync()
    assert in_concord.standing(world, "scoro", "contacts", acme) == "in_step: agreed"
    assert len(in_quickbooks.named(world, "Customer", "Acme Ltd")) == 1


def test_receipt_holds_what_the_remote_says_and_not_what_was_meant(world: World) -> None:
    """F2: given a client whose name QuickBooks does not take as it is, when it was written, then what Concord knows of the
    customer is what QuickBooks tells, and not what was meant."""
    acme = in_scoro.client(world, "Acme: Berlin")["contact_id"]
    world.sync()

    (customer,) = in_quickbooks.rows(world, "Customer")
    bound = world.bindings(object_of(world, "scoro", "contacts", acme).id)["quickbooks.customer"]
    assert (bound.remote_id, bound.revision) == (customer["Id"], customer["SyncToken"])
    assert bound.shadow["name"] == customer["DisplayName"] == "Acme - Berlin"
