"""Two payments of one client, day and amount: each belongs to its own invoice, even when Scoro's answers to both were lost."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import arm, disarm, run_anyhow
from tests.support.world import World


def test_answers_to_both_were_lost(mirrored: World) -> None:
    """Given two invoices of one client that were paid with the same amount on the same day, when Scoro stores both receipts and
    its answers get lost, then each is found again by the invoice it pays, nobody is asked, and there are two receipts."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = [in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice, price)) for price in (100, 200)]
    mirrored.sync()
    payments = [in_quickbooks.pay(mirrored, "Invoice", one["Id"], 40) for one in made]
    arm(mirrored.scoro, "reset_after", count=2, entity="receipts", operation="create")
    run_anyhow(mirrored)
    disarm(mirrored.scoro)
    mirrored.tick(3600)
    mirrored.sync()
    assert len(in_scoro.rows(mirrored, "receipts")) == 2
    standings = [in_concord.standing(mirrored, "quickbooks", "Payment", one["Id"]) for one in payments]
    assert standings == ["in_step: agreed"] * 2
    assert in_concord.is_quiet(mirrored)
