"""R18 · Credit notes made from sales invoices are part of the invoices category."""

from __future__ import annotations

import pytest

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.mark.both_databases
def test_credit_invoice_becomes_a_credit_memo_applied_to_its_invoice(world: World) -> None:
    """Given an invoice on both sides, when it is credited in Scoro, then QuickBooks has a credit memo that settles it."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()

    in_scoro.credit(world, made)
    world.sync()

    (memo,) = in_quickbooks.rows(world, "CreditMemo")
    invoice = in_quickbooks.see(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]))
    assert (memo["TotalAmt"], memo["Balance"], invoice["Balance"]) == (100, 0, 0)
    assert in_concord.is_quiet(world)


def test_run_that_applies_a_credit_has_planned_what_it_has_written(world: World) -> None:
    """Given a credit invoice with its invoice, when it arrives and is applied, then the figures of the run agree: each write,
    the application among them, was planned."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    in_scoro.credit(world, made)

    run = world.sync()

    assert run.counts["planned"] == run.counts["written"] == 2


def test_applying_a_credit_is_no_receipt(world: World) -> None:
    """Given a credited invoice, when the runs are through, then neither system has a receipt of money."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    in_scoro.credit(world, made)
    world.sync()
    world.sync()

    assert [row for row in in_quickbooks.rows(world, "Payment") if row["TotalAmt"]] == []
    assert world.objects(kind="receipt") == []


def test_credit_notes_stay_when_invoices_are_off(world: World) -> None:
    """Given invoices switched off, when an invoice is credited, then no credit memo is made."""
    in_concord.switch_off(world, "invoices")

    in_scoro.credit(world, in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd")))
    world.sync()

    assert in_quickbooks.rows(world, "CreditMemo") == []


def test_partly_paid_invoice_gets_what_is_open(world: World) -> None:
    """Given an invoice of which 40 were received, when it is credited in full, then 60 are applied and 40 stay open."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    in_scoro.pay(world, "invoices", made, 40)
    world.sync()

    in_scoro.credit(world, made)
    world.sync()

    (memo,) = in_quickbooks.rows(world, "CreditMemo")
    invoice = in_quickbooks.see(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]))
    assert (invoice["Balance"], memo["Balance"]) == (0, 40)


def test_credit_memo_of_quickbooks_becomes_a_credit_invoice_of_its_invoice(mirrored: World) -> None:
    """Given QuickBooks as the source, when a credit memo is applied to an invoice, then Scoro has a credit invoice of it."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    credit = in_quickbooks.credit_memo(mirrored, birch, in_quickbooks.sold(advice))
    mirrored.sync()

    in_quickbooks.apply_credit(mirrored, birch, credit, made)
    mirrored.sync()

    invoice = in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"])
    arrived = in_scoro.see(mirrored, "invoices", in_concord.partner(mirrored, "quickbooks", "CreditMemo", credit["Id"]))
    assert [str(id) for id in arrived["credited_invoices"]] == [invoice]
    assert float(arrived["sum"]) == -100
    assert in_concord.is_quiet(mirrored)
