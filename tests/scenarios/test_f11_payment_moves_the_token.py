"""F11 · A payment raised the SyncToken, and every later push of the invoice failed; here it is read again and decided anew."""

from __future__ import annotations

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import run_meanwhile
from tests.support.world import World


def test_token_raised_between_decision_and_write_holds_nothing_up(world: World) -> None:
    """F11: given an edit about to be sent, when a payment comes and goes just before, then the same run writes it."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    remote = in_concord.partner(world, "scoro", "invoices", made["id"])
    in_scoro.edit(world, "invoices", made["id"], description="edited")
    run_meanwhile(
        world, lambda: in_quickbooks.delete(world, "Payment", in_quickbooks.pay(world, "Invoice", remote)["Id"])
    )

    assert in_quickbooks.see(world, "Invoice", remote)["CustomerMemo"]["value"] == "edited"
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"


def test_edit_of_a_paid_invoice_says_what_holds_it_up(world: World) -> None:
    """F11: given an invoice paid in QuickBooks, when it is edited in Scoro, then it is blocked for that."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    in_quickbooks.pay(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]))
    before = in_concord.written(world, "quickbooks")
    in_scoro.edit(world, "invoices", made["id"], description="edited")
    world.sync()

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "blocked: payment_attached"
    assert in_concord.written(world, "quickbooks") == before
    assert world.outbox(state="rejected") == []
