"""F32 · A full update without the date moved the document to today; here an edit sends what changed and nothing else moves."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_edit_of_a_text_leaves_the_date(world: World) -> None:
    """F32: given an invoice of last month on both sides, when its text is edited, then its dates stay what they were."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), date="2026-10-05", deadline="2026-10-19")
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    in_scoro.edit(world, "invoices", made["id"], description="edited")
    world.sync()

    after = in_quickbooks.see(world, "Invoice", remote)
    assert (after["TxnDate"], after["DueDate"], after["CustomerMemo"]["value"]) == (
        "2026-10-05",
        "2026-10-19",
        "edited",
    )
    assert in_quickbooks.see(world, "Invoice", remote)["TxnDate"] != in_concord.today(world).isoformat()
