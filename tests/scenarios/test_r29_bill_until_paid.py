"""R29 · A bill can be sent until a payment is attached."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


@pytest.fixture
def edited(world: World) -> str:
    """A bill on both sides, set to manual, with an edit in Scoro that has not gone over; Concord's id of it."""
    in_concord.choose(world, "bills", automatic=False)
    in_concord.switch_off(world, "receipts")
    made = in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"))
    world.sync()
    in_scoro.edit(world, "bills", made["id"], description="For October")
    return in_concord.object_id(world, "scoro", "bills", made["id"])


def test_unpaid_bill_can_be_sent(world: World, edited: str) -> None:
    """Given no payment, when the bill is sent, then it goes."""
    assert in_concord.send(world, edited).state == "written"


def test_payment_disables_the_button_and_says_why(world: World, edited: str) -> None:
    """Given a payment in QuickBooks, when the page is opened, then the button is disabled and says why."""
    pay_in_quickbooks(world)
    world.sync(dry=True)

    button = in_concord.button(world, edited, in_concord.QUICKBOOKS)
    assert (button.allowed, button.reason) == (False, "payment_attached")
    assert button.sentence


def test_payment_in_scoro_disables_the_button_too(world: World, edited: str) -> None:
    """Given a full payment in Scoro, when the page is opened, then the button is disabled."""
    (bill,) = in_scoro.rows(world, "bills")
    in_scoro.pay(world, "bills", bill)
    world.sync(dry=True)

    assert not in_concord.button(world, edited, in_concord.QUICKBOOKS).allowed


def test_the_server_refuses_too(world: World, edited: str) -> None:
    """Given a page opened before the payment, when the button is pressed after it, then the server refuses, nothing is
    written."""
    before = len(in_concord.written(world, "quickbooks"))
    pay_in_quickbooks(world)

    with pytest.raises(Refused) as refusal:
        in_concord.send(world, edited)
    assert refusal.value.code == "payment_attached"
    assert len(in_concord.written(world, "quickbooks")) == before


def pay_in_quickbooks(world: World) -> None:
    """Part of the only bill is paid in QuickBooks."""
    in_quickbooks.pay(world, "Bill", in_quickbooks.rows(world, "Bill")[0]["Id"], 40)
