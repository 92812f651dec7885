"""Where the other system numbers its documents by itself, the document goes, and its page says which number it has there."""

from __future__ import annotations

from engine.core.records import System
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import run_that_dies_after_sending
from tests.support.world import World


def notes(world: World) -> list[str]:
    """What Concord noted on the writes of invoices."""
    return [note for row in world.outbox(kind="invoice") for note in row.notes]


def test_scoro_that_lets_no_program_set_numbers(mirrored: World) -> None:
    """Given a Scoro site that numbers by itself, when an invoice of QuickBooks goes over, then the note names both numbers, and
    neither is changed."""
    mirrored.scoro.control("behaviours", {"numbers_settable": False})
    acme, work = in_quickbooks.customer(mirrored, "Acme Inc"), in_quickbooks.item(mirrored, "Work")
    made = in_quickbooks.invoice(mirrored, acme, in_quickbooks.sold(work), DocNumber="7001")
    mirrored.sync()

    (here,) = in_scoro.rows(mirrored, "invoices")
    assert (str(here["no"]), in_quickbooks.see(mirrored, "Invoice", made["Id"])["DocNumber"]) == ("1", "7001")
    assert notes(mirrored) == ["Scoro numbers its documents by itself; 7001 has the number 1 there."]
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(mirrored)


def test_quickbooks_that_numbers_by_itself(world: World) -> None:
    """Given a QuickBooks company without custom numbers, when an invoice of Scoro goes over, then the note says that it is so."""
    in_quickbooks.prefer(world, "SalesFormsPrefs", CustomTxnNumbers=False)
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), no=7001)
    world.sync()

    assert notes(world) == ["QuickBooks numbers its documents by itself; 7001 has its own number there."]
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"


def test_number_of_an_invoice_that_was_paid_before_its_receipt_is_nobodys_edit(world: World) -> None:
    """Given such a company and a process that died after sending the invoice, when the invoice is paid there before that is
    cleared up, then the number that QuickBooks gave it is not taken for somebody's edit, and both keep theirs."""
    in_quickbooks.prefer(world, "SalesFormsPrefs", CustomTxnNumbers=False)
    acme, work = in_scoro.client(world, "Acme Ltd"), in_scoro.product(world, "Work")
    world.sync()
    made = in_scoro.invoice(world, acme, in_scoro.line(world, 100, of=work), no=7001)
    run_that_dies_after_sending(world, System.QUICKBOOKS)
    (there,) = in_quickbooks.rows(world, "Invoice")
    in_quickbooks.pay(world, "Invoice", there["Id"], 10)
    world.tick(600)
    world.sync()
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
    assert in_scoro.see(world, "invoices", made["id"])["no"] == made["no"]
    assert in_concord.is_quiet(world)
