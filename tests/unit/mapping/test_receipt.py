"""Receipts: money in and out, and what it settles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.connectors.base import Operation
from engine.core.records import EXISTS, VOID, Kind, Replica, Scalar
from engine.errors import MappingError
from engine.mapping.registry import MAPPINGS
from tests.unit.mapping.desk import SETTINGS, Desk, full_desk, quickbooks, scoro
from tests.unit.mapping.samples import quickbooks_payment, scoro_receipt

RECEIPT = Kind.RECEIPT

State = dict[str, Scalar]


@pytest.fixture
def desk() -> Desk:
    return full_desk()


def paid(**more: Scalar) -> State:
    """100 of 150 on the first invoice, 30 on the second."""
    return {
        EXISTS: True,
        "date": "2026-04-01",
        "contact": "acme",
        "amount": "150",
        "currency": "EUR",
        "document_type": "invoices",
        "lines/inv1": True,
        "lines/inv1/amount": "100",
        "lines/inv2": True,
        "lines/inv2/amount": "30",
        **more,
    }


def link(desk: Desk, name: str, amount: Any, type: str = "Invoice") -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": desk.id_of(name), "TxnType": type}]}


def test_both_systems_tell_the_same_receipt_the_same_way(desk: Desk) -> None:
    """Several documents, a part of each, and something over."""
    here = desk.read(RECEIPT, scoro("receipts", scoro_receipt(desk)))
    there = desk.read(RECEIPT, quickbooks("Payment", quickbooks_payment(desk)))
    assert here.state == paid()
    assert there.state == paid(account="bank", reference="T-1")
    assert here.facts["unapplied"] == there.facts["unapplied"] == "20.00"


def test_what_a_credit_pays_is_no_money(desk: Desk) -> None:
    """Cash and a credit in one payment: the receipt is the cash; the credit goes back as it came."""
    credit = desk.add("credit", Kind.CREDIT_NOTE)
    lines = [link(desk, "inv1", 100), link(desk, credit, 40, "CreditMemo")]
    picture = desk.read(
        RECEIPT, quickbooks("Payment", quickbooks_payment(desk, TotalAmt=60, UnappliedAmt=0, Line=lines))
    )
    assert (picture.state["amount"], picture.state["lines/inv1/amount"]) == ("60", "60")
    assert "lines/credit" not in picture.state
    body = desk.write(
        RECEIPT, Replica.QUICKBOOKS, picture.state, Operation.UPDATE,
        changed=["lines/inv1/amount"], line_ids=picture.line_ids, extras=picture.extras,
    ).body  # fmt: skip
    assert body["Line"] == lines


def test_a_credit_s_part_below_zero_in_scoro_is_taken_off_too(desk: Desk) -> None:
    """The same on the other side."""
    data = scoro_receipt(desk, sum=60)
    data["receipts"][1]["sum"] = -40
    picture = desk.read(RECEIPT, scoro("receipts", data))
    assert picture.state["lines/inv1/amount"] == "60"
    assert "lines/inv2" not in picture.state
    body = desk.write(
        RECEIPT, Replica.SCORO, picture.state, Operation.UPDATE,
        changed=["lines/inv1/amount"], line_ids=picture.line_ids, extras=picture.extras,
    ).body  # fmt: skip
    assert [part["sum"] for part in body["receipts"]] == [100, -40]


def test_two_parts_for_one_document_are_one_amount(desk: Desk) -> None:
    """Keyed by the document, whose first part keeps its id."""
    data = scoro_receipt(desk)
    data["receipts"][1]["invoice_id"] = data["receipts"][0]["invoice_id"]
    picture = desk.read(RECEIPT, scoro("receipts", data))
    assert picture.state["lines/inv1/amount"] == "130"
    body = desk.write(
        RECEIPT, Replica.SCORO, picture.state, Operation.UPDATE,
        changed=["lines/inv1/amount"], line_ids=picture.line_ids, extras=picture.extras,
    ).body  # fmt: skip
    assert body["receipts"] == [{"receipt_id": 1, "invoice_id": int(desk.id_of("inv1", Replica.SCORO)), "sum": 130}]


def test_links_to_other_papers_are_carried_back(desk: Desk) -> None:
    """Journal entries and deposits are not ours to drop."""
    journal = {"Amount": 10, "LinkedTxn": [{"TxnId": "88", "TxnType": "JournalEntry"}]}
    picture = desk.read(
        RECEIPT, quickbooks("Payment", quickbooks_payment(desk, Line=[link(desk, "inv1", 100), journal]))
    )
    body = desk.write(
        RECEIPT, Replica.QUICKBOOKS, picture.state, Operation.UPDATE,
        changed=["lines/inv1/amount"], line_ids=picture.line_ids, extras=picture.extras,
    ).body  # fmt: skip
    assert body["Line"] == [link(desk, "inv1", 100), journal]


def test_a_payment_is_written_with_its_links(desk: Desk) -> None:
    """Reference 3.12: the amount, the customer, a line for each invoice, the default account."""
    payload = desk.write(RECEIPT, Replica.QUICKBOOKS, paid(reference="T-1"))
    assert payload.type == "Payment"
    assert payload.body == {
        "TxnDate": "2026-04-01",
        "TotalAmt": 150,
        "CustomerRef": {"value": desk.id_of("acme", Replica.CUSTOMER)},
        "PaymentRefNum": "T-1",
        "DepositToAccountRef": {"value": desk.id_of("bank")},
        "CurrencyRef": {"value": "EUR"},
        "Line": [link(desk, "inv1", 100), link(desk, "inv2", 30)],
    }


def test_a_payment_of_bills_names_the_account_it_came_from(desk: Desk) -> None:
    """Reference 3.14: by cheque from a bank, by card from a card."""
    state: State = {path: value for path, value in paid().items() if not path.startswith("lines/")}
    state |= {"document_type": "bills", "lines/bill1": True, "lines/bill1/amount": "150"}
    cheque = desk.write(RECEIPT, Replica.QUICKBOOKS, state)
    assert (cheque.type, cheque.body["PayType"]) == ("BillPayment", "Check")
    assert cheque.body["CheckPayment"] == {"BankAccountRef": {"value": desk.id_of("bank")}}
    assert cheque.body["VendorRef"] == {"value": desk.id_of("acme", Replica.VENDOR)}
    card = desk.write(RECEIPT, Replica.QUICKBOOKS, state | {"account": "card"}).body
    assert (card["PayType"], card["CreditCardPayment"]) == (
        "CreditCard",
        {"CCAccountRef": {"value": desk.id_of("card")}},
    )
    desk.settings = replace(SETTINGS, default_deposit_account="")
    with pytest.raises(MappingError) as caught:
        desk.write(RECEIPT, Replica.QUICKBOOKS, state)
    assert caught.value.code == "account_missing"


def test_the_exchange_rate_always_goes_along(desk: Desk) -> None:
    """Reference 11.1: a payment without a rate is booked at 1. The documents know one where the receipt does not."""
    own = desk.write(RECEIPT, Replica.QUICKBOOKS, paid(currency="USD", exchange_rate="0.9"))
    assert own.body["ExchangeRate"] == 0.9
    borrowed = desk.write(RECEIPT, Replica.QUICKBOOKS, paid(currency="USD"), Operation.UPDATE, changed=["date"])
    assert borrowed.body == {"sparse": True, "TxnDate": "2026-04-01", "ExchangeRate": 1.25}
    nobody: State = {path: value for path, value in paid(currency="USD").items() if "inv1" not in path}
    with pytest.raises(MappingError) as caught:
        desk.write(RECEIPT, Replica.QUICKBOOKS, nobody)
    assert caught.value.code == "exchange_rate_missing"


def test_deposits_and_processors_are_facts(desk: Desk) -> None:
    """They lock the payment (faults 6540, 6110) and are no edits."""
    data = quickbooks_payment(desk, LinkedTxn=[{"TxnId": "9", "TxnType": "Deposit"}], ProcessPayment=True)
    picture = desk.read(RECEIPT, quickbooks("Payment", data))
    assert (picture.facts["deposited"], picture.facts["processed"]) == (True, True)
    plain = desk.read(RECEIPT, quickbooks("Payment", quickbooks_payment(desk)))
    assert (plain.facts["deposited"], plain.facts["processed"]) == (False, False)
    assert picture.state == plain.state


def test_a_voided_payment_is_what_it_was_and_void(desk: Desk) -> None:
    """One edit, though QuickBooks empties it."""
    before = desk.read(RECEIPT, quickbooks("Payment", quickbooks_payment(desk)))
    empty = quickbooks_payment(desk, TotalAmt=0, Line=[], PrivateNote="Voided")
    assert desk.read(RECEIPT, quickbooks("Payment", empty), before).state == {**before.state, VOID: True}
    assert desk.write(RECEIPT, Replica.QUICKBOOKS, before.state, Operation.VOID).operation is Operation.VOID
    assert desk.write(RECEIPT, Replica.SCORO, before.state, Operation.VOID).operation is Operation.DELETE


def test_a_removal_knows_its_type_from_the_record_that_was_read(desk: Desk) -> None:
    """Payment or BillPayment: the state may be empty by then."""
    payload = desk.write(RECEIPT, Replica.QUICKBOOKS, {}, Operation.DELETE, extras={"type": "BillPayment"})
    assert payload.type == "BillPayment"


def test_a_receipt_tells_its_title_amount_and_references() -> None:
    """For lists, brakes and dependencies."""
    mapping = MAPPINGS[RECEIPT]
    assert mapping.title(paid()) == "150.00 EUR · 2026-04-01"
    assert mapping.amount(paid()) == ("150.00", "EUR")
    assert mapping.references(paid(account="bank")) == {"acme", "bank", "inv1", "inv2"}


def test_money_that_settles_nothing_waits_where_the_other_side_has_no_place_for_it(desk: Desk) -> None:
    """Scoro's receipts and QuickBooks' payments of bills always pay something; payments of invoices need not."""
    state: State = {path: value for path, value in paid().items() if not path.startswith("lines/")}
    assert desk.write(RECEIPT, Replica.QUICKBOOKS, state).body["Line"] == []
    for replica, of in ((Replica.SCORO, "invoices"), (Replica.QUICKBOOKS, "bills")):
        with pytest.raises(MappingError) as caught:
            desk.write(RECEIPT, replica, state | {"document_type": of})
        assert caught.value.code == "nothing_settled"
