"""A bill settled by a vendor credit and by money: only the money is a payment in Scoro, however QuickBooks put it down."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import quickbooks_create
from tests.support.world import World


@pytest.mark.parametrize("at_once", [True, False], ids=["one payment", "two payments"])
def test_bill_settled_by_a_credit_and_the_rest_by_money(mirrored: World, at_once: bool) -> None:
    """Given a bill over 100 and a credit over 40, when the credit is applied and 60 are paid, in one payment or in two, then one
    receipt of 60 comes to Scoro, and nothing of the bill is open in QuickBooks."""
    birch = in_quickbooks.vendor(mirrored, "Birch Inc")
    bill = in_quickbooks.bill(mirrored, birch)
    credit = in_quickbooks.vendor_credit(mirrored, birch, in_quickbooks.spent(mirrored, 40))
    mirrored.sync()
    settle(mirrored, birch, {"Bill": (bill, 100 if at_once else 40), "VendorCredit": (credit, 40)}, money=60 * at_once)
    if not at_once:
        mirrored.sync()
        in_quickbooks.pay(mirrored, "Bill", bill["Id"], 60)
    mirrored.sync()

    assert in_quickbooks.see(mirrored, "Bill", bill["Id"])["Balance"] == 0
    assert [row.amount_minor for row in mirrored.objects(kind="receipt")] == [6_000]
    assert [float(row["sum"]) for row in in_scoro.rows(mirrored, "receipts")] == [60]
    for entity, row in (("Bill", bill), ("VendorCredit", credit)):
        assert in_concord.standing(mirrored, "quickbooks", entity, row["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(mirrored)


def settle(
    world: World, vendor: in_quickbooks.Row, parts: dict[str, tuple[in_quickbooks.Row, float]], *, money: float
) -> None:
    """A payment that settles these documents with each other, with so much money for the rest."""
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": type}]}
        for type, (row, amount) in parts.items()
    ]
    bank = {"BankAccountRef": {"value": in_quickbooks.account(world, "Bank")["Id"]}}
    quickbooks_create(
        world, "BillPayment", VendorRef={"value": vendor["Id"]}, TotalAmt=money, PayType="Check", CheckPayment=bank,
        Line=lines,
    )  # fmt: skip
