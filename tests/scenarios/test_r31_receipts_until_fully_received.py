"""R31 · Receipts can be pulled from an invoice or bill until it is fully received."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from engine.services import push
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import PERSON, World


@pytest.mark.both_databases
def test_every_payment_of_the_invoice_is_pulled(world: World) -> None:
    """Given two payments of an invoice in QuickBooks, when its receipts are pulled, then Scoro has both."""
    made, oid = invoice_on_both_sides(world)
    for amount in (40, 25):
        in_quickbooks.pay(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]), amount)

    outcomes = push.pull_receipts(world.deps, oid, PERSON)

    assert [outcome.state for outcome in outcomes] == ["written", "written"]
    assert float(in_scoro.see(world, "invoices", made["id"])["paid_sum"]) == 65


def test_payments_of_a_bill_are_pulled(world: World) -> None:
    """Given a payment of a bill in QuickBooks, when its receipts are pulled, then Scoro has it."""
    made = in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"))
    world.sync()
    in_quickbooks.pay(world, "Bill", in_concord.partner(world, "scoro", "bills", made["id"]), 40)

    push.pull_receipts(world.deps, in_concord.object_id(world, "scoro", "bills", made["id"]), PERSON)

    (receipt,) = in_scoro.rows(world, "receipts")
    assert float(receipt["sum"]) == 40


def test_fully_received_is_refused_with_the_reason(world: World) -> None:
    """Given an invoice that is fully received in Scoro, when its receipts are pulled again, then it is refused and
    says why."""
    made, oid = invoice_on_both_sides(world)
    in_quickbooks.pay(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]))
    push.pull_receipts(world.deps, oid, PERSON)
    world.sync()

    with pytest.raises(Refused) as refusal:
        push.pull_receipts(world.deps, oid, PERSON)
    assert "fully received" in refusal.value.message


def invoice_on_both_sides(world: World):
    """An invoice that was carried over; the row and Concord's id."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    return made, in_concord.object_id(world, "scoro", "invoices", made["id"])
