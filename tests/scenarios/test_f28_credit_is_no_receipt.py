"""F28 · A payment of nothing, made to apply a credit, was imported as a receipt; here only money is a receipt."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_payment_of_nothing_is_no_receipt_and_money_is(mirrored: World) -> None:
    """F28: given an invoice settled by a credit of 40 and 60 of money, when the runs are through, then one receipt of 60 came."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice, 100))
    credit = in_quickbooks.credit_memo(mirrored, birch, in_quickbooks.sold(advice, 40))
    mirrored.sync()
    applied = in_quickbooks.apply_credit(mirrored, birch, credit, made)
    in_quickbooks.pay(mirrored, "Invoice", made["Id"], 60)
    mirrored.sync()

    assert applied["TotalAmt"] == 0
    assert [row.amount_minor for row in mirrored.objects(kind="receipt")] == [6_000]
    assert [float(row["sum"]) for row in in_scoro.rows(mirrored, "receipts") if float(row["sum"])] == [60]
    assert in_concord.is_quiet(mirrored)
