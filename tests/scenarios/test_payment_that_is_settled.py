"""Payments that QuickBooks or the bank has done with, more than was due, and less than nothing: known before the write."""

from __future__ import annotations

import pytest

from engine.core.records import System
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def paid_invoice(world: World) -> tuple[in_scoro.Row, str]:
    """Scoro's receipt of an invoice, and the payment it became."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    receipt = in_scoro.pay(world, "invoices", made, 40)
    world.sync()
    return receipt, in_concord.partner(world, "scoro", "receipts", receipt["id"])


@pytest.mark.parametrize("act", ["edited", "deleted"])
def test_deposited_payment_is_not_touched(world: World, act: str) -> None:
    """Given a payment that QuickBooks has put into the bank, when Scoro's receipt is edited or deleted and deletions follow, then
    it is blocked with the way out, and nothing is sent."""
    in_concord.choose(world, "receipts", deletions="follow")
    receipt, payment = paid_invoice(world)
    world.quickbooks.person(action="deposit", entity="Payment", ids=[payment], realmId=world.realm)
    world.sync()
    sent = len(world.writes())
    if act == "edited":
        in_scoro.edit(world, "receipts", receipt["id"], date="2026-11-03")
    else:
        in_scoro.delete(world, "receipts", receipt["id"])
    world.sync()

    assert in_concord.standing(world, "scoro", "receipts", receipt["id"]) == "blocked: deposited"
    assert len(world.writes()) == sent
    assert in_quickbooks.see(world, "Payment", payment)["TxnDate"] == "2026-11-02"


def test_payment_of_a_payment_service_is_not_touched(mirrored: World) -> None:
    """Given a payment that a payment service has processed, when it is to change by hand, then it is blocked with the way out."""
    acme, work = in_quickbooks.customer(mirrored, "Acme Inc"), in_quickbooks.item(mirrored, "Work")
    invoice = in_quickbooks.invoice(mirrored, acme, in_quickbooks.sold(work))
    payment = in_quickbooks.pay(mirrored, "Invoice", invoice["Id"], 40)
    in_quickbooks.edit(mirrored, "Payment", payment["Id"], ProcessPayment=True)
    mirrored.sync()
    here = in_concord.partner(mirrored, "quickbooks", "Payment", payment["Id"], "scoro")
    in_scoro.edit(mirrored, "receipts", here, date="2026-11-03")
    mirrored.sync()

    thing = in_concord.object_id(mirrored, "quickbooks", "Payment", payment["Id"])
    option = in_concord.button(mirrored, thing, System.QUICKBOOKS)
    assert (option.allowed, option.reason) == (False, "processed_elsewhere")


def test_overpayment_stays_unapplied_in_quickbooks(world: World) -> None:
    """Given an invoice over 100, when 140 is paid in Scoro, then QuickBooks has a payment of 140 of which 40 is unapplied."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    receipt = in_scoro.pay(world, "invoices", made, 140)
    world.sync()

    (payment,) = in_quickbooks.rows(world, "Payment")
    assert (payment["TotalAmt"], payment["UnappliedAmt"], payment["Line"][0]["Amount"]) == (140, 40, 100)
    assert in_quickbooks.rows(world, "Invoice")[0]["Balance"] == 0
    assert in_concord.standing(world, "scoro", "receipts", receipt["id"]) == "in_step: agreed"
    assert in_concord.is_quiet(world)


def test_refund_is_told_before_it_is_sent(world: World) -> None:
    """Given a paid invoice, when 40 go back to the client in Scoro, then the receipt below zero is blocked with the way out, and
    QuickBooks, which has no such payments, is not asked."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    in_scoro.pay(world, "invoices", made)
    world.sync()
    refund = in_scoro.pay(world, "invoices", made, -40)
    world.sync()

    thing = in_concord.object_id(world, "scoro", "receipts", refund["id"])
    assert in_concord.standing(world, "scoro", "receipts", refund["id"]) == "blocked: cannot_map"
    assert world.outbox(object_id=thing) == []
    assert "refund receipt" in world.objects(id=thing)[0].facts["problem"]["hint"]
    assert in_concord.is_quiet(world)
