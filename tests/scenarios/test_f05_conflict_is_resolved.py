"""F5 · A conflict was shown but could not be resolved; here a person chooses, both sides get the choice, and it stays closed."""

from __future__ import annotations

import pytest

from engine.services import resolve
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


@pytest.mark.parametrize(
    ("choice", "agreed"),
    [({"side": "scoro"}, "ours"), ({"side": "quickbooks"}, "theirs"), ({"value": "both of us"}, "both of us")],
)
def test_choice_of_a_person_reaches_both_sides_and_stays(world: World, choice: dict[str, str], agreed: str) -> None:
    """F5: given one field edited on both sides, when a person chooses, then both sides say that, and the conflict is over."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    in_scoro.edit(world, "invoices", made["id"], description="ours")
    in_quickbooks.edit(world, "Invoice", remote, CustomerMemo={"value": "theirs"})
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "conflict: same_field_edited"

    shown = resolve.conflict(world.deps, in_concord.object_id(world, "scoro", "invoices", made["id"]))
    resolve.resolve(world.deps, shown.object_id, version=shown.version, choices={"message": choice}, person=PERSON)
    world.sync()

    assert in_scoro.see(world, "invoices", made["id"])["description"] == agreed
    assert in_quickbooks.see(world, "Invoice", remote)["CustomerMemo"]["value"] == agreed
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)
