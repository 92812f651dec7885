"""A problem is told with the moment from which on it held the record up, however often it is tried and looked at since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.services import browse
from engine.services.browse.problems import Cause
from tests.support import in_concord, in_scoro
from tests.support.scenes import scoro_create
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


def old_invoice(world: World) -> int:
    line = in_scoro.line(world, vat_code_id=in_scoro.rate(world, 18))
    return int(in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"), line)["id"])


def set_rate(world: World, invoice: int, percent: float) -> None:
    lines = in_scoro.see(world, "invoices", invoice)["lines"]
    lines[0]["vat_code_id"] = in_scoro.rate(world, percent)
    in_scoro.edit(world, "invoices", invoice, lines=lines)
    world.sync()
