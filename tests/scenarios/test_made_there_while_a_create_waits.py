"""While a create waits, somebody makes the same document by hand on the other side: it is proposed, not made a second time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from engine.connectors.base import Connector, WriteOutcome, WriteRequest
from engine.core.records import System
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import arm, disarm, run_anyhow, run_that_dies_after_sending
from tests.support.world import World


@pytest.mark.parametrize("fault", ["http_503", "throttle_second", "reset_before"])
def test_while_quickbooks_was_not_to_be_reached(world: World, fault: str) -> None:
    """Given an invoice that QuickBooks could not take for a while, when the bookkeeper enters it there by hand, then it is not
    sent a second time: a person says whether the two are one."""
    made, customer, item = invoice_to_be_sent(world)
    arm(world.quickbooks, fault, count=None, entity="Invoice", operation="create")
    run_anyhow(world)
    disarm(world.quickbooks)
    world.tick(3600)
    enter_by_hand(world, customer, item)
    world.tick(3600)
    world.sync()
    assert_asked(world, made)


def test_while_nobody_carried_the_run_on(world: World) -> None:
    """Given a run whose worker died before the invoice was sent, when the bookkeeper enters it by hand and another worker carries
    the run on hours later, then it looks first at what is there by now."""
    made, customer, item = invoice_to_be_sent(world)
    with pytest.raises(SystemExit):
        run_anyhow(replace(world, deps=replace(world.deps, connect=dying_before(world, "Invoice"))))
    world.tick(3600)
    enter_by_hand(world, customer, item)
    world.tick(3600)
    world.sync()
    assert_asked(world, made)


def invoice_to_be_sent(world: World) -> tuple[in_scoro.Row, str, str]:
    """An invoice of today that only Scoro has, with the ids of its customer and its item in QuickBooks."""
    acme, work = in_scoro.client(world, "Acme Ltd"), in_scoro.product(world, "Work")
    world.sync()
    made = in_scoro.invoice(world, acme, in_scoro.line(world, 100, of=work))
    customer = in_concord.partner(world, "scoro", "contacts", acme["contact_id"], "quickbooks.customer")
    return made, customer, in_concord.partner(world, "scoro", "products", work["product_id"])


def enter_by_hand(world: World, customer: str, item: str) -> None:
    """The bookkeeper misses the invoice in QuickBooks, and enters it."""
    in_quickbooks.invoice(world, {"Id": customer}, in_quickbooks.sold({"Id": item}, 100), TxnDate="2026-11-02")


def dying_before(world: World, type: str):
    """Connectors whose process dies in the moment in which a record of this type is to be sent."""

    def connect(connection_id: str, system: System) -> Connector:
        connector = world.deps.connect(connection_id, system)
        send = connector.write

        def write(requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
            if any(request.type == type for request in requests):
                raise SystemExit
            return send(requests)

        connector.write = write  # type: ignore[method-assign]  # the real one, up to that moment
        return connector

    return connect


def assert_asked(world: World, made: in_scoro.Row) -> None:
    """There is one invoice in QuickBooks, and a person is asked about it."""
    assert len(in_quickbooks.rows(world, "Invoice")) == 1
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "awaiting_match: match_suggested"
    assert in_concord.is_quiet(world)


def test_new_record_that_was_edited_before_its_receipt(mirrored: World) -> None:
    """Given an invoice that Scoro stored although the process that sent it died, when somebody edits it there before that is
    cleared up, then it is proposed to be the one, and no second one is made."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    mirrored.sync()
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice, 70))
    run_that_dies_after_sending(mirrored, System.SCORO)
    (copy,) = [row for row in in_scoro.rows(mirrored, "invoices") if float(row["sum"]) == 70]
    in_scoro.edit(mirrored, "invoices", copy["id"], deadline="2026-12-24")
    mirrored.tick(600)
    mirrored.sync()
    mirrored.sync()
    assert len(in_scoro.rows(mirrored, "invoices")) == 2
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "awaiting_match: match_suggested"
    assert in_concord.is_quiet(mirrored)
