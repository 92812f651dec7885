"""F13 · A crash between the create and keeping its id made a second record; here it is looked for before anything is sent."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import arm, disarm, run_anyhow
from tests.support.world import World


def test_lost_answer_of_scoro_ends_with_one_record(mirrored: World) -> None:
    """F13: given a client stored by Scoro whose answer never came, when Concord goes on, then it is found, not made again."""
    acme = in_quickbooks.customer(mirrored, "Acme Ltd")
    arm(mirrored.scoro, "reset_after", entity="contacts", operation="create")
    run_anyhow(mirrored)
    disarm(mirrored.scoro)
    mirrored.tick(180)
    mirrored.sync()
    assert len(in_scoro.named(mirrored, "contacts", "Acme Ltd")) == 1
    assert in_concord.standing(mirrored, "quickbooks", "Customer", acme["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(mirrored)
