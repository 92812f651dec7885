"""A problem is told with the moment from which on it held the record up, however often it is tried and looked at since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.core.reasons import Disposition, Reason
from engine.services import browse
from engine.services.browse.problems import TELLERS, Cause
from engine.services.stopped import noted
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import object_of, scoro_create
from tests.support.world import World


@pytest.fixture
def world(new_world) -> World:
    """A company in a VAT country with an invoice at a rate that QuickBooks has not."""
    world: World = new_world(profile="uk", categories=in_concord.FROM_SCORO)
    scoro_create(world, "vatCodes", vat_code="Old", vat_name="Old 18%", percent=18, is_sales=1, is_purchases=1)
    return world


def problem(world: World) -> Cause:
    (found,) = browse.problems(world.deps, world.connection_id)
    return found


@pytest.mark.both_databases
def test_problem_that_is_tried_anew_at_every_run_is_as_old_as_its_first_run(world: World) -> None:
    """Given an invoice with an old rate, when runs go by, then it has its problem since the first of them; an edit that leaves it
    does not make it a new one."""
    made = old_invoice(world)
    world.sync()
    first = problem(world).since
    for _ in range(2):
        world.tick(3600)
        world.sync()
    in_scoro.edit(world, "invoices", made, description="Corrected")
    world.sync()

    assert problem(world).since == first


def test_problem_that_was_put_right_and_comes_back_begins_anew(world: World) -> None:
    """Given a problem that was mended, when the same one comes back later, then it counts from its return."""
    made = old_invoice(world)
    world.sync()
    first = problem(world).since
    set_rate(world, made, 20)
    assert browse.problems(world.deps, world.connection_id) == ()
    world.tick(3600)
    set_rate(world, made, 18)

    assert problem(world).since > first + timedelta(hours=1)


def test_problem_that_is_over_is_told_no_more(world: World) -> None:
    """Given an invoice whose rate was put right, when it has arrived, then its page no longer tells of the rate; nor does the
    list of problems, when it is deleted in QuickBooks later."""
    made = old_invoice(world)
    world.sync()
    set_rate(world, made, 20)
    assert object_of(world, "scoro", "invoices", made).facts.keys().isdisjoint(TELLERS)
    in_quickbooks.delete(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made))
    world.sync()

    assert (problem(world).disposition, problem(world).code) == ("deleted_there", "")


def test_failure_that_is_over_is_told_no_more() -> None:
    """Given a record that a system without an answer held up, when it has arrived, then nothing tells of that; while it is tried
    again, it does."""
    now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    failed = noted({"failure": {"code": "503"}}, Disposition.FAILED, Reason.REMOTE_UNREACHABLE, now) or {}

    assert failed.keys() == {"failure", "stopped"}
    assert noted(failed, Disposition.PENDING, Reason.TO_CREATE, now) is None
    assert noted(failed, Disposition.IN_STEP, Reason.AGREED, now) == {}


def old_invoice(world: World) -> int:
    line = in_scoro.line(world, vat_code_id=in_scoro.rate(world, 18))
    return int(in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), line)["id"])


def set_rate(world: World, invoice: int, percent: float) -> None:
    lines = in_scoro.see(world, "invoices", invoice)["lines"]
    lines[0]["vat_code_id"] = in_scoro.rate(world, percent)
    in_scoro.edit(world, "invoices", invoice, lines=lines)
    world.sync()
