"""R17 · Invoices: either direction, one at a time."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.mark.both_databases
def test_from_scoro(world: World) -> None:
    """Given Scoro as the source, when an invoice is made there, then QuickBooks has it to the cent, and nothing comes
    back."""
    acme = in_scoro.client(world, "Acme Ltd")
    in_scoro.invoice(world, acme, in_scoro.line(world, 99.99, amount=3), in_scoro.line(world, 0.01))
    world.sync()

    (arrived,) = in_quickbooks.rows(world, "Invoice")
    assert arrived["TotalAmt"] == 299.98
    assert in_concord.written(world, "scoro", "invoices") == []
    assert in_concord.is_quiet(world)


def test_from_quickbooks(mirrored: World) -> None:
    """Given QuickBooks as the source, when an invoice is made there, then Scoro has it to the cent, and nothing goes
    back."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice, 99.99), in_quickbooks.sold(advice, 0.01))
    mirrored.sync()

    (arrived,) = in_scoro.rows(mirrored, "invoices")
    assert float(arrived["sum"]) == 100.00
    assert in_concord.written(mirrored, "quickbooks", "Invoice") == []
    assert in_concord.is_quiet(mirrored)


def test_edit_on_the_other_side_is_held(world: World) -> None:
    """Given Scoro as the source, when the invoice is edited in QuickBooks, then Scoro's stays and the edit is listed."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()

    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    in_quickbooks.edit(world, "Invoice", remote, CustomerMemo={"value": "Thank you"})
    world.sync()

    assert in_concord.written(world, "scoro", "invoices") == []
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "held: against_direction"


def test_edit_in_scoro_is_held_when_quickbooks_is_the_source(mirrored: World) -> None:
    """Given QuickBooks as the source, when the invoice is edited in Scoro, then QuickBooks' stays and the edit is listed."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    mirrored.sync()

    copy = in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"])
    in_scoro.edit(mirrored, "invoices", copy, description="Thank you")
    mirrored.sync()

    assert in_concord.written(mirrored, "quickbooks", "Invoice") == []
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "held: against_direction"
