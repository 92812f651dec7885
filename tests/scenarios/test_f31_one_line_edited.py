"""F31 · Editing one line of an invoice rewrote all lines and lost their links; here every other line stays what it was."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_other_lines_keep_their_ids_and_what_is_not_ours(world: World) -> None:
    """F31: given three lines of which QuickBooks dated one, when Scoro edits another, then ids, date and the rest survive."""
    work = in_scoro.product(world, "Design")
    lines = [in_scoro.line(world, 10 * n, of=work, comment=f"Part {n}") for n in (1, 2, 3)]
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), *lines)
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    rows = lines_of(world, remote)
    rows[0]["SalesItemLineDetail"]["ServiceDate"] = "2026-10-30"
    in_quickbooks.edit(world, "Invoice", remote, Line=rows)

    edited = in_scoro.see(world, "invoices", made["id"])["lines"]
    edited[2]["amount"] = 5
    in_scoro.edit(world, "invoices", made["id"], lines=edited)
    world.sync()
    after = lines_of(world, remote)
    assert [row["Id"] for row in after] == [row["Id"] for row in rows]
    assert after[:2] == rows[:2]
    assert after[2]["SalesItemLineDetail"]["Qty"] == 5


def lines_of(world: World, remote: str) -> list[in_quickbooks.Row]:
    """The lines QuickBooks shows, without its subtotal."""
    return [row for row in in_quickbooks.see(world, "Invoice", remote)["Line"] if "Id" in row]
