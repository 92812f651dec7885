"""No call does more work because the books are bigger: steps are counted, not seconds."""

from __future__ import annotations

import sys

import pytest

from app.sandbox.common.calls import Call
from app.sandbox.common.journal import Actor
from app.sandbox.scoro.core import Hand
from app.sandbox.scoro.office import Office

LINES = [{"comment": "x", "price": 10, "amount": 1, "vat_code_id": 1}]


def steps(act):
    """How many functions an act calls, in Python and in C."""
    counted = 0

    def count(frame, event, argument):
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return counted


def fill(scoro, count):
    """Invoices of many contacts, written long before the calls that are measured."""
    core = scoro.app.extensions["sandbox"].core
    hand = Hand(Actor("person", "Somebody"), Call("scoro", "person", "invoices", "create"))
    office = Office(core, core.world.entity("northlight"), hand)
    contacts = [office.create("contacts", {"name": f"C{number}"})["id"] for number in range(count // 10)]
    for number in range(count):
        office.create("invoices", {"company_id": contacts[number % len(contacts)], "lines": LINES})
    scoro.clock.advance(86_400)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda scoro: scoro.invoice(), id="create"),
        pytest.param(lambda scoro: scoro.ok("invoices/modify/7", {"lines": LINES}), id="modify"),
        pytest.param(lambda scoro: scoro.ok("invoices/view/7"), id="view"),
        pytest.param(lambda scoro: scoro.ok("invoices/list", per_page=100), id="list"),
        pytest.param(lambda scoro: scoro.ok("invoices/list", page=2, detailed_response=1), id="detailed"),
        pytest.param(lambda scoro: scoro.ok("invoices/list", per_page=100, include_deleted=1), id="sweep"),
        pytest.param(
            lambda scoro: scoro.ok("invoices/list", include_deleted=1, filter={"is_deleted": 1}), id="deleted"
        ),
        pytest.param(lambda scoro: scoro.ok("invoices/list", filter={"no": "7"}), id="number"),
        pytest.param(lambda scoro: scoro.ok("invoices/list", filter={"id": [5, 6, 7]}), id="ids"),
        pytest.param(
            lambda scoro: scoro.ok("invoices/list", filter={"modified_date": {"from_date": "2026-11-03"}}), id="changes"
        ),
        pytest.param(lambda scoro: scoro.pay({"id": 7, "company_id": 1}, 1), id="receipt"),
    ],
)
def test_work_does_not_grow_with_the_books(make_scoro, act):
    """Ten times the invoices, at most a tenth more steps."""
    counts = []
    for size in (150, 1_500):
        scoro = make_scoro(seed="empty")
        fill(scoro, size)
        act(scoro)  # what is made once is made here
        counts.append(steps(lambda: act(scoro)))  # noqa: B023 - called at once
    assert counts[1] <= counts[0] * 1.1, counts
