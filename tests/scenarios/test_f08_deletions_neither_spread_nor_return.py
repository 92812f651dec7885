"""F8 · A deleted record came back, or a list that came back short was taken for deletions; here both ask a person first."""

from __future__ import annotations

import pytest

from engine.services import sync
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import scoro_delete
from tests.support.troubles import arm, run_anyhow
from tests.support.world import PERSON, World


@pytest.mark.parametrize("fault", ["truncate_page", "wrong_deleted"])
def test_short_or_wrong_answers_delete_nothing(world: World, fault: str) -> None:
    """F8: given clients on both sides, when answers of either come back short or call them deleted, then all stay in step."""
    for name in ("Acme Ltd", "Birch Inc", "Cedar Oy"):
        in_scoro.client(world, name)
    world.sync()
    before = len(world.writes())

    for side in (world.scoro, world.quickbooks):
        arm(side, fault, count=None)
    world.tick(7 * 3600)
    run_anyhow(world)
    assert [row.disposition for row in world.objects(kind="contact")] == ["in_step"] * 3
    assert len(world.writes()) == before


def test_deleted_copy_stays_deleted_when_the_source_is_edited(world: World) -> None:
    """F8: given an invoice deleted in QuickBooks, when Scoro's is edited, then it is not made again before a person says so."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    in_quickbooks.delete(world, "Invoice", in_concord.partner(world, "scoro", "invoices", made["id"]))
    in_scoro.edit(world, "invoices", made["id"], description="edited")
    world.sync()
    world.sync()

    assert in_quickbooks.rows(world, "Invoice") == []
    assert in_concord.standing(world, "scoro", "invoices", made["id"]).split(":")[0] in {"deleted_there", "conflict"}


def test_many_deletions_at_once_halt_the_run(world: World) -> None:
    """F8: given a category that follows deletions, when most records of the source vanish, then the run halts for a person."""
    acme = in_scoro.client(world, "Acme Ltd")
    made = [in_scoro.invoice(world, acme) for _ in range(12)]
    in_concord.choose(world, "invoices", deletions="follow")
    world.sync()
    assert len(in_quickbooks.rows(world, "Invoice")) == 12

    for invoice in made[:11]:
        scoro_delete(world, "invoices", invoice["id"])
    world.tick(7 * 3600)
    run = world.sync()
    assert run.state == "halted"
    assert "11 of 12" in run.error
    assert len(in_quickbooks.rows(world, "Invoice")) == 12

    sync.continue_halted(world.deps, run.id, PERSON)
    sync.run_to_end(world.deps, run.id)
    assert len(in_quickbooks.rows(world, "Invoice")) == 1
