"""Books that are closed in QuickBooks: what falls into them waits before anything is sent, and goes once they are open."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_invoice_of_a_closed_period_waits_and_goes_once_it_is_open(world: World) -> None:
    """Given books closed to the end of October, when an invoice of October comes, then it is blocked without a request; when the
    books are open again, it goes by itself."""
    in_quickbooks.prefer(world, "AccountingInfoPrefs", BookCloseDate="2026-10-31")
    acme = in_scoro.client(world, "Acme Ltd")
    old, new = (in_scoro.invoice(world, acme, date=day) for day in ("2026-10-15", "2026-11-01"))
    world.sync()

    assert in_concord.standing(world, "scoro", "invoices", old["id"]) == "blocked: period_locked"
    assert in_concord.standing(world, "scoro", "invoices", new["id"]) == "in_step: agreed"
    assert world.outbox(object_id=in_concord.object_id(world, "scoro", "invoices", old["id"])) == []

    in_quickbooks.prefer(world, "AccountingInfoPrefs", BookCloseDate="2026-09-30")
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", old["id"]) == "in_step: agreed"


def test_edit_of_a_document_whose_period_was_closed_waits(world: World) -> None:
    """Given an invoice in both, when its period is closed and Scoro's is edited, then the edit waits and QuickBooks' stays."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    in_quickbooks.prefer(world, "AccountingInfoPrefs", BookCloseDate="2026-11-30")
    in_scoro.edit(world, "invoices", made["id"], description="Thank you")
    world.sync()

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "blocked: period_locked"
    (there,) = in_quickbooks.rows(world, "Invoice")
    assert "CustomerMemo" not in there
    assert in_concord.is_quiet(world)
