"""R20 · Receipts: either direction, one at a time."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_payment_in_scoro_arrives_in_quickbooks(world: World) -> None:
    """Given an invoice on both sides, when part of it is received in Scoro, then QuickBooks' balance is the same."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()

    in_scoro.pay(world, "invoices", made, 40)
    world.sync()

    assert (
        in_quickbooks.see(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]))["Balance"] == 60
    )
    assert in_concord.written(world, "scoro", "receipts") == []
    assert in_concord.is_quiet(world)


def test_payment_of_a_bill_arrives_in_quickbooks(world: World) -> None:
    """Given a bill on both sides, when it is paid in Scoro, then it is paid in QuickBooks."""
    made = in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"))
    world.sync()

    in_scoro.pay(world, "bills", made)
    world.sync()

    assert in_quickbooks.see(world, "Bill", in_concord.partner(world, "scoro", "bills", made["id"]))["Balance"] == 0


def test_payment_in_quickbooks_arrives_in_scoro(mirrored: World) -> None:
    """Given QuickBooks as the source, when an invoice is paid there, then Scoro has the receipt."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    mirrored.sync()

    in_quickbooks.pay(mirrored, "Invoice", made["Id"], 40)
    mirrored.sync()

    (arrived,) = in_scoro.rows(mirrored, "invoices")
    assert float(arrived["paid_sum"]) == 40
    assert in_concord.written(mirrored, "quickbooks", "Payment") == []
    assert in_concord.is_quiet(mirrored)


def test_payment_of_a_bill_in_quickbooks_arrives_in_scoro(mirrored: World) -> None:
    """Given QuickBooks as the source, when a bill is paid there, then it is paid in Scoro."""
    made = in_quickbooks.bill(mirrored, in_quickbooks.vendor(mirrored, "Paper Inc"))
    mirrored.sync()

    in_quickbooks.pay(mirrored, "Bill", made["Id"])
    mirrored.sync()

    (arrived,) = in_scoro.rows(mirrored, "bills")
    assert arrived["status"] == "paid"
    assert in_concord.written(mirrored, "quickbooks", "BillPayment") == []


def test_payment_on_the_other_side_stays_there(world: World) -> None:
    """Given Scoro as the source, when a payment is entered in QuickBooks, then Scoro gets none, and it is listed."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()

    payment = in_quickbooks.pay(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]), 40)
    world.sync()

    assert in_scoro.rows(world, "receipts") == []
    assert in_concord.standing(world, "quickbooks", "Payment", payment["Id"]) == "held: only_on_other_side"


def test_edit_in_quickbooks_is_held(world: World) -> None:
    """Given Scoro as the source, when the day of a payment is changed in QuickBooks, then Scoro's stays and the edit is
    listed."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    receipt = in_scoro.pay(world, "invoices", made, 40)
    world.sync()

    payment = in_concord.partner(world, "scoro", "receipts", receipt["id"])
    in_quickbooks.edit(world, "Payment", payment, TxnDate="2026-11-01")
    world.sync()

    assert in_concord.standing(world, "scoro", "receipts", receipt["id"]) == "held: against_direction"
    assert [row["date"] for row in in_scoro.rows(world, "receipts")] == [receipt["date"]]
    assert in_concord.written(world, "scoro", "receipts") == []


def test_edit_in_scoro_is_held(mirrored: World) -> None:
    """Given QuickBooks as the source, when the day of a receipt is changed in Scoro, then QuickBooks' stays and the edit is
    listed."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    payment = in_quickbooks.pay(mirrored, "Invoice", made["Id"], 40)
    mirrored.sync()

    receipt = in_concord.partner(mirrored, "quickbooks", "Payment", payment["Id"])
    in_scoro.edit(mirrored, "receipts", receipt, date="2026-11-01")
    mirrored.sync()

    assert in_concord.standing(mirrored, "quickbooks", "Payment", payment["Id"]) == "held: against_direction"
    assert in_quickbooks.see(mirrored, "Payment", payment["Id"])["TxnDate"] == payment["TxnDate"]
    assert in_concord.written(mirrored, "quickbooks", "Payment") == []


def test_credit_application_of_quickbooks_is_no_receipt(mirrored: World) -> None:
    """Given an invoice and a credit of the same customer, when QuickBooks applies one to the other, then no receipt is
    made (F28)."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    credit = in_quickbooks.credit_memo(mirrored, birch, in_quickbooks.sold(advice))
    in_quickbooks.apply_credit(mirrored, birch, credit, made)
    mirrored.sync()

    assert [row for row in in_scoro.rows(mirrored, "receipts") if float(row["sum"])] == []
    assert [row for row in mirrored.objects(kind="receipt") if row.disposition != "in_step"] == []
