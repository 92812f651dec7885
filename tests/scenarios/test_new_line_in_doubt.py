"""A line that was sent without an answer is the same line when it is seen, whoever has edited it since."""

from __future__ import annotations

import pytest

from engine.core.records import System
from tests.integration.test_write_path import hear_of, lose_the_write
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import arm, disarm, run_anyhow
from tests.support.world import World

SOON, LATE = 0, 600
"""Seconds after which Concord looks again: before it gives the answer up, and after."""


@pytest.mark.parametrize("wait", [SOON, LATE])
@pytest.mark.parametrize("quantity", [1, 5], ids=["untouched", "edited by a person"])
def test_line_that_quickbooks_got_without_an_answer(world: World, wait: int, quantity: int) -> None:
    """Given a line added in Scoro that reached QuickBooks without an answer, when somebody edits it there before Concord looks,
    then there is one such line on either side, and the edit is kept."""
    made, remote = invoice_in_step(world)
    rows = in_scoro.see(world, "invoices", made["id"])["lines"]
    in_scoro.edit(world, "invoices", made["id"], lines=[*rows, {**_bare(rows[0]), "comment": "Extra", "price": 7}])
    arm(world.quickbooks, "reset_after", count=None, entity="Invoice", operation="update")
    run_anyhow(world)
    disarm(world.quickbooks)
    lines = [row for row in in_quickbooks.see(world, "Invoice", remote)["Line"] if "Id" in row]
    assert len(lines) == 2
    if quantity > 1:
        lines[-1]["SalesItemLineDetail"]["Qty"] = quantity
        lines[-1]["Amount"] = 7 * quantity
        in_quickbooks.edit(world, "Invoice", remote, Line=lines)

    world.tick(wait)
    run_anyhow(world)
    world.tick(LATE)
    world.sync()
    world.sync()

    here = in_scoro.see(world, "invoices", made["id"])["lines"]
    there = [row for row in in_quickbooks.see(world, "Invoice", remote)["Line"] if "Id" in row]
    assert (len(here), len(there)) == (2, 2)
    assert there[-1]["SalesItemLineDetail"]["Qty"] == quantity
    standing = in_concord.standing(world, "scoro", "invoices", made["id"])
    assert standing == ("held: against_direction" if quantity > 1 else "in_step: agreed")
    assert in_concord.is_quiet(world)


@pytest.mark.parametrize("wait", [SOON, LATE])
@pytest.mark.parametrize("quantity", [1, 5], ids=["untouched", "edited by a person"])
def test_line_that_scoro_got_without_an_answer(mirrored: World, wait: int, quantity: int) -> None:
    """The same from QuickBooks to Scoro."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    mirrored.sync()
    local = in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"])
    rows = [row for row in in_quickbooks.see(mirrored, "Invoice", made["Id"])["Line"] if "Id" in row]
    in_quickbooks.edit(mirrored, "Invoice", made["Id"], Line=[*rows, in_quickbooks.sold(advice, 7)])
    arm(mirrored.scoro, "reset_after", count=1, entity="invoices", operation="modify")
    run_anyhow(mirrored)
    disarm(mirrored.scoro)
    lines = in_scoro.see(mirrored, "invoices", local)["lines"]
    assert len(lines) == 2
    if quantity > 1:
        lines[-1]["amount"] = quantity
        in_scoro.edit(mirrored, "invoices", local, lines=lines)

    mirrored.tick(wait)
    run_anyhow(mirrored)
    mirrored.tick(LATE)
    mirrored.sync()
    mirrored.sync()

    here = in_scoro.see(mirrored, "invoices", local)["lines"]
    there = [row for row in in_quickbooks.see(mirrored, "Invoice", made["Id"])["Line"] if "Id" in row]
    assert (len(here), len(there)) == (2, 2)
    assert float(here[-1]["amount"]) == quantity
    standing = in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"])
    assert standing == ("held: against_direction" if quantity > 1 else "in_step: agreed")
    assert in_concord.is_quiet(mirrored)


def test_line_that_is_seen_before_the_lost_write_is_cleared_up(mirrored: World) -> None:
    """Given a worker that died over a new line which Scoro has, edited by somebody since, when a webhook has it read at once,
    then it is that line and no other, and the edit is kept."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    mirrored.sync()
    local = in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"])
    rows = [row for row in in_quickbooks.see(mirrored, "Invoice", made["Id"])["Line"] if "Id" in row]
    in_quickbooks.edit(mirrored, "Invoice", made["Id"], Line=[*rows, in_quickbooks.sold(advice, 7)])
    lose_the_write(mirrored)
    (first,) = in_scoro.see(mirrored, "invoices", local)["lines"]
    arrived = {**_bare(first), "price": 7, "amount": 5}
    in_scoro.edit(mirrored, "invoices", local, lines=[first, arrived])
    hear_of(mirrored, System.SCORO, "invoices", local)

    mirrored.tick(LATE)
    mirrored.sync()
    mirrored.sync()

    here = in_scoro.see(mirrored, "invoices", local)["lines"]
    there = [row for row in in_quickbooks.see(mirrored, "Invoice", made["Id"])["Line"] if "Id" in row]
    assert (len(here), len(there)) == (2, 2)
    assert float(here[-1]["amount"]) == 5
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "held: against_direction"


def invoice_in_step(world: World) -> tuple[in_scoro.Row, str]:
    """An invoice in both systems; the row in Scoro and the id in QuickBooks."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    return made, in_concord.partner(world, "scoro", "invoices", made["id"])


def _bare(line: in_scoro.Row) -> in_scoro.Row:
    return {name: value for name, value in line.items() if name in {"product_id", "vat_code_id", "amount"}}
