"""Quantity, price and discount of one line mean money only together: edited on both sides at once, they are not put together."""

from __future__ import annotations

import pytest

from engine.services import resolve, verify
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


@pytest.mark.parametrize(("side", "total"), [("scoro", 200), ("quickbooks", 150)])
def test_amount_of_a_bill_in_quickbooks_and_its_quantity_in_scoro(world: World, side: str, total: float) -> None:
    """Given a bill over 100, when its amount is made 150 in QuickBooks and its quantity 2 in Scoro, then 300 are written nowhere,
    a person is asked, and what the person chooses is on both sides."""
    made = in_scoro.bill(world, in_scoro.supplier(world, "Stone Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "bills", made["id"])
    line = in_quickbooks.see(world, "Bill", remote)["Line"][0]
    in_quickbooks.edit(world, "Bill", remote, Line=[line | {"Amount": 150}])
    row = in_scoro.see(world, "bills", made["id"])["lines"][0]
    in_scoro.edit(world, "bills", made["id"], lines=[row | {"amount": 2}])
    world.sync()

    assert in_concord.standing(world, "scoro", "bills", made["id"]) == "conflict: same_field_edited"
    assert totals(world, made, remote) == (200, 150)

    thing = in_concord.object_id(world, "scoro", "bills", made["id"])
    open_one = resolve.conflict(world.deps, thing)
    choices = {contest.path: {"side": side} for contest in open_one.contests}
    preview = resolve.preview_resolution(world.deps, thing, choices)
    assert (float(preview.totals["total"]), preview.imbalance) == (total, "")
    resolve.resolve(world.deps, thing, version=open_one.version, choices=choices, person=PERSON)
    world.sync()

    assert totals(world, made, remote) == (total, total)
    assert in_concord.standing(world, "scoro", "bills", made["id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)


@pytest.mark.parametrize(
    ("taken_back_in", "outcome", "expected"),
    [("quickbooks", "in_step: agreed", (200, 200)), ("scoro", "held: against_direction", (100, 150))],
)
def test_edit_that_a_person_takes_back(
    world: World, taken_back_in: str, outcome: str, expected: tuple[float, float]
) -> None:
    """Given that conflict, when a person takes one of the two edits back, then nothing is left to ask: the other stands, as far
    as the direction lets it."""
    made = in_scoro.bill(world, in_scoro.supplier(world, "Stone Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "bills", made["id"])
    line, row = (
        in_quickbooks.see(world, "Bill", remote)["Line"][0],
        in_scoro.see(world, "bills", made["id"])["lines"][0],
    )
    in_quickbooks.edit(world, "Bill", remote, Line=[line | {"Amount": 150}])
    in_scoro.edit(world, "bills", made["id"], lines=[row | {"amount": 2}])
    world.sync()
    assert in_concord.standing(world, "scoro", "bills", made["id"]) == "conflict: same_field_edited"

    if taken_back_in == "quickbooks":
        in_quickbooks.edit(world, "Bill", remote, Line=[line])
    else:
        in_scoro.edit(world, "bills", made["id"], lines=[row])
    world.sync()

    assert in_concord.standing(world, "scoro", "bills", made["id"]) == outcome
    assert totals(world, made, remote) == expected
    assert in_concord.is_quiet(world)
    assert verify.verify(world.deps, world.connection_id).holds


def test_price_held_in_quickbooks_and_a_quantity_from_scoro(world: World) -> None:
    """Given a price that QuickBooks has and the direction holds back, when Scoro changes the quantity of that line, then a person
    is asked before QuickBooks shows a sum that nobody has seen."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    line = in_quickbooks.see(world, "Invoice", remote)["Line"][0]
    detail = line["SalesItemLineDetail"] | {"UnitPrice": 150}
    in_quickbooks.edit(world, "Invoice", remote, Line=[line | {"Amount": 150, "SalesItemLineDetail": detail}])
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "held: against_direction"

    row = in_scoro.see(world, "invoices", made["id"])["lines"][0]
    in_scoro.edit(world, "invoices", made["id"], lines=[row | {"amount": 2}])
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "conflict: same_field_edited"
    assert in_quickbooks.see(world, "Invoice", remote)["TotalAmt"] == 150


def totals(world: World, made: in_scoro.Row, remote: str) -> tuple[float, float]:
    """What the bill is in Scoro and in QuickBooks."""
    ours, theirs = in_scoro.see(world, "bills", made["id"]), in_quickbooks.see(world, "Bill", remote)
    return float(ours["sum"]), float(theirs["TotalAmt"])
