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
