"""R28 · An invoice can be sent until a payment is attached."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.fixture
def edited(world: World) -> str:
    """An invoice on both sides, set to manual, with an edit in Scoro that has not gone over; Concord's id of it."""
    in_concord.choose(world, "invoices", automatic=False)
    in_concord.switch_off(world, "receipts")
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    in_scoro.edit(world, "invoices", made["id"], description="Thank you")
    return in_concord.object_id(world, "scoro", "invoices", made["id"])


def test_unpaid_invoice_can_be_sent(world: World, edited: str) -> None:
    """Given no payment, when the invoice is sent, then it goes."""
    assert in_concord.send(world, edited).state == "written"


def test_payment_in_quickbooks_disables_the_button_and_says_why(world: World, edited: str) -> None:
    """Given a payment in QuickBooks, when the page is opened, then the button is disabled and says why."""
    pay_in_quickbooks(world)
    look(world)

    button = in_concord.button(world, edited, in_concord.QUICKBOOKS)
    assert (button.allowed, button.reason) == (False, "payment_attached")
    assert "payment" in button.sentence


def test_payment_in_scoro_disables_the_button_too(world: World, edited: str) -> None:
    """Given a payment in Scoro, when the page is opened, then the button is disabled."""
    (invoice,) = in_scoro.rows(world, "invoices")
    in_scoro.pay(world, "invoices", invoice, 40)
    look(world)

    assert not in_concord.button(world, edited, in_concord.QUICKBOOKS).allowed


def test_the_server_refuses_what_the_page_could_not_know(world: World, edited: str) -> None:
    """Given a page opened before the payment, when the button is pressed after it, then the server refuses, nothing is
    written."""
    look(world)
    assert in_concord.button(world, edited, in_concord.QUICKBOOKS).allowed
    before = len(in_concord.written(world, "quickbooks"))
    pay_in_quickbooks(world)

    with pytest.raises(Refused) as refusal:
        in_concord.send(world, edited)
    assert refusal.value.code == "payment_attached"
    assert len(in_concord.written(world, "quickbooks")) == before


def test_after_the_payment_is_removed_it_can_be_sent_again(world: World, edited: str) -> None:
    """Given a payment, when it is deleted in QuickBooks, then the invoice can be sent again."""
    payment = pay_in_quickbooks(world)
    look(world)
    in_quickbooks.delete(world, "Payment", payment["Id"])

    assert in_concord.send(world, edited).state == "written"


def pay_in_quickbooks(world: World):
    """Part of the only invoice is paid in QuickBooks."""
    return in_quickbooks.pay(world, "Invoice", in_quickbooks.rows(world, "Invoice")[0]["Id"], 40)


def look(world: World) -> None:
    """A dry run: everything is looked at and nothing is written."""
    world.sync(dry=True)
