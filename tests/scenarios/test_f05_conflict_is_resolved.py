"""F5 · A conflict was shown but could not be resolved; here a person chooses, both sides get the choice, and it stays closed."""

from __future__ import annotations

import pytest

from engine.services import resolve
from engine.store.database import reading
from engine.store.tables import Object
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


def test_amount_of_a_record_stays_its_total_with_tax_through_a_settlement_and_its_undo(world: World) -> None:
    """F5: what lists and runs show as a document's amount is what both systems call its total, settled or not."""
    taxed = in_scoro.line(world, vat_code_id=in_scoro.rate(world, 8))
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), taxed)
    world.sync()
    object_id = in_concord.object_id(world, "scoro", "invoices", made["id"])
    total = _amount(world, object_id)
    assert total == 10_800
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    in_scoro.edit(world, "invoices", made["id"], description="ours")
    in_quickbooks.edit(world, "Invoice", remote, CustomerMemo={"value": "theirs"})
    world.sync()

    for _ in range(2):
        shown = resolve.conflict(world.deps, object_id)
        resolve.resolve(
            world.deps, object_id, version=shown.version, choices={"message": {"side": "scoro"}}, person=PERSON
        )
        assert _amount(world, object_id) == total
        resolve.undo(world.deps, object_id, PERSON)
        assert _amount(world, object_id) == total


def _amount(world: World, object_id: str) -> int | None:
    with reading(world.deps.database) as session:
        return session.get_one(Object, object_id).amount_minor
