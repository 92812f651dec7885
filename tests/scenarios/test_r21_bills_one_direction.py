"""R21 · Bills: either direction, one at a time."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_from_scoro(world: World) -> None:
    """Given Scoro as the source, when a bill is entered there, then QuickBooks has it to the cent, and nothing comes
    back."""
    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"), in_scoro.line(world, 19.95, amount=2))
    world.sync()

    (arrived,) = in_quickbooks.rows(world, "Bill")
    assert arrived["TotalAmt"] == 39.90
    assert in_concord.written(world, "scoro", "bills") == []
    assert in_concord.is_quiet(world)


def test_from_quickbooks(mirrored: World) -> None:
    """Given QuickBooks as the source, when a bill is entered there, then Scoro has it to the cent, and nothing goes
    back."""
    in_quickbooks.bill(mirrored, in_quickbooks.vendor(mirrored, "Paper Inc"), in_quickbooks.spent(mirrored, 39.9))
    mirrored.sync()

    (arrived,) = in_scoro.rows(mirrored, "bills")
    assert float(arrived["sum"]) == 39.90
    assert in_concord.written(mirrored, "quickbooks", "Bill") == []
    assert in_concord.is_quiet(mirrored)


def test_edit_in_quickbooks_is_held(world: World) -> None:
    """Given Scoro as the source, when the bill's note is changed in QuickBooks, then Scoro's stays and the edit is listed."""
    made = in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"), description="Paper for October")
    world.sync()

    in_quickbooks.edit(
        world, "Bill", in_concord.partner(world, "scoro", "bills", made["id"]), PrivateNote="Paid by card"
    )
    world.sync()

    assert in_concord.standing(world, "scoro", "bills", made["id"]) == "held: against_direction"
    assert in_scoro.see(world, "bills", made["id"])["description"] == "Paper for October"
    assert in_concord.written(world, "scoro", "bills") == []


def test_edit_in_scoro_is_held(mirrored: World) -> None:
    """Given QuickBooks as the source, when the bill's note is changed in Scoro, then QuickBooks' stays and the edit is
    listed."""
    made = in_quickbooks.bill(mirrored, in_quickbooks.vendor(mirrored, "Paper Inc"), PrivateNote="Paper for October")
    mirrored.sync()

    in_scoro.edit(
        mirrored, "bills", in_concord.partner(mirrored, "quickbooks", "Bill", made["Id"]), description="Paid by card"
    )
    mirrored.sync()

    assert in_concord.standing(mirrored, "quickbooks", "Bill", made["Id"]) == "held: against_direction"
    assert in_quickbooks.see(mirrored, "Bill", made["Id"])["PrivateNote"] == "Paper for October"
    assert in_concord.written(mirrored, "quickbooks", "Bill") == []


def test_new_bill_on_the_other_side_stays_there(world: World) -> None:
    """Given Scoro as the source, when a bill is entered in QuickBooks, then Scoro gets none, and it is listed."""
    made = in_quickbooks.bill(world, in_quickbooks.vendor(world, "Paper Inc"))
    world.sync()

    assert in_scoro.rows(world, "bills") == []
    assert in_concord.standing(world, "quickbooks", "Bill", made["Id"]) == "held: only_on_other_side"
