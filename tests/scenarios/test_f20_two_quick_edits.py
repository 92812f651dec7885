"""F20 · Two quick edits made a field flip back and forth; here the last word of the source stays, on both sides."""

from __future__ import annotations

from engine.core.records import System
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.troubles import (
    arm,
    disarm,
    footprint,
    run_anyhow,
    run_meanwhile,
    run_that_dies_after_sending,
    run_with_picture,
)
from tests.support.world import World


def test_edit_while_the_first_one_is_on_its_way(world: World) -> None:
    """F20: given an edit on its way, when the field is edited again, then both sides end with the second and keep it."""
    made, remote = invoice_in_step(world)
    in_scoro.edit(world, "invoices", made["id"], description="first")
    run_meanwhile(world, lambda: in_scoro.edit(world, "invoices", made["id"], description="second"))
    world.sync()

    assert_second_everywhere(world, made, remote)


def test_edit_while_the_answer_to_the_first_one_is_lost(world: World) -> None:
    """F20: given an edit that was written without an answer, when the field is edited again, then it does not flip."""
    made, remote = invoice_in_step(world)
    in_scoro.edit(world, "invoices", made["id"], description="first")
    arm(world.quickbooks, "reset_after", count=None, entity="Invoice", operation="update")
    run_anyhow(world)
    in_scoro.edit(world, "invoices", made["id"], description="second")
    world.tick(180)
    run_anyhow(world)
    assert not in_concord.standing(world, "scoro", "invoices", made["id"]).startswith("conflict")

    disarm(world.quickbooks)
    world.tick(180)
    world.sync()
    world.sync()

    assert_second_everywhere(world, made, remote)


def test_echo_of_the_first_that_comes_after_the_second(world: World) -> None:
    """F20: given two edits written one after the other, when QuickBooks' feed still shows the first of them, then the field does
    not flip back: the late picture is no edit."""
    made, remote = invoice_in_step(world)
    in_scoro.edit(world, "invoices", made["id"], description="first")
    world.sync()
    late = in_quickbooks.see(world, "Invoice", remote)
    in_scoro.edit(world, "invoices", made["id"], description="second")
    world.sync()
    before = footprint(world)

    run_with_picture(world, "Invoice", late)

    assert footprint(world) == before
    assert_second_everywhere(world, made, remote)
    assert memos_written(world) == ["first", "second"]


def test_second_edit_before_the_first_ones_echo(mirrored: World) -> None:
    """F20: given QuickBooks as the source and an edit that Scoro stored although the process that sent it died, when the field
    is edited again, then what Scoro shows is that first edit of ours and no edit of its own: the second one stays."""
    birch, advice = in_quickbooks.customer(mirrored, "Birch Inc"), in_quickbooks.item(mirrored, "Advice")
    made = in_quickbooks.invoice(mirrored, birch, in_quickbooks.sold(advice))
    mirrored.sync()
    copy = in_concord.partner(mirrored, "quickbooks", "Invoice", made["Id"])
    in_quickbooks.edit(mirrored, "Invoice", made["Id"], CustomerMemo={"value": "first"})
    run_that_dies_after_sending(mirrored, System.SCORO)
    assert in_scoro.see(mirrored, "invoices", copy)["description"] == "first"

    in_quickbooks.edit(mirrored, "Invoice", made["Id"], CustomerMemo={"value": "second"})
    mirrored.sync()
    mirrored.sync()
    assert not in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]).startswith("conflict")

    mirrored.tick(600)
    mirrored.sync()
    assert in_scoro.see(mirrored, "invoices", copy)["description"] == "second"
    assert in_quickbooks.see(mirrored, "Invoice", made["Id"])["CustomerMemo"]["value"] == "second"
    assert in_concord.standing(mirrored, "quickbooks", "Invoice", made["Id"]) == "in_step: agreed"
    assert in_concord.is_quiet(mirrored)


def invoice_in_step(world: World) -> tuple[in_scoro.Row, str]:
    """An invoice on both sides: Scoro's row and QuickBooks' id."""
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    return made, in_concord.partner(world, "scoro", "invoices", made["id"])


def assert_second_everywhere(world: World, made: in_scoro.Row, remote: str) -> None:
    assert in_quickbooks.see(world, "Invoice", remote)["CustomerMemo"]["value"] == "second"
    assert in_scoro.see(world, "invoices", made["id"])["description"] == "second"
    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "in_step: agreed"
    assert in_concord.written(world, "scoro", "invoices") == []
    assert in_concord.is_quiet(world)


def memos_written(world: World) -> list[str]:
    """What Concord wrote into the field so far, in order."""
    rows = world.outbox(operation="update", state="confirmed", kind="invoice")
    return [str(row.values["message"]) for row in sorted(rows, key=lambda row: row.id)]


def test_edits_within_one_second_with_a_run_after_each(world: World) -> None:
    """F20: given edits that bear the same stamp in Scoro, when a run follows each of them, then QuickBooks has each in turn."""
    made, remote = invoice_in_step(world)
    for text in ("first", "second"):
        in_scoro.edit(world, "invoices", made["id"], description=text)
        in_concord.run_at_once(world)
        assert in_quickbooks.see(world, "Invoice", remote)["CustomerMemo"]["value"] == text
    assert in_concord.is_quiet(world)
