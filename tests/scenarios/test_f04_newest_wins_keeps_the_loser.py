"""F4 · Newest-wins silently threw an edit away; here the losing value stands in the log and can be brought back."""

from __future__ import annotations

from sqlmodel import select

from engine.store.database import reading
from engine.store.tables import Change
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World


def test_losing_edit_is_kept_by_name(world: World) -> None:
    """F4: given newest wins, when Scoro's edit is the later one, then it goes over, and QuickBooks' stands in the log."""
    made, remote = invoice_under_newest_wins(world)
    in_quickbooks.edit(world, "Invoice", remote, CustomerMemo={"value": "earlier, in QuickBooks"})
    world.tick(3600)
    in_scoro.edit(world, "invoices", made["id"], description="later, in Scoro")
    world.sync()

    assert in_quickbooks.see(world, "Invoice", remote)["CustomerMemo"]["value"] == "later, in Scoro"
    assert settled_over(world) == {"message": {"quickbooks": "earlier, in QuickBooks"}}
    assert "earlier, in QuickBooks" in logged(world, in_concord.object_id(world, "scoro", "invoices", made["id"]))


def settled_over(world: World) -> object:
    """What the rule's entry in the log says gave way."""
    with reading(world.deps.database) as session:
        entry = session.exec(select(Change).where(Change.action == "resolved", Change.noticed == "rule")).one()
    return entry.details["gave_way"]


def test_later_edit_against_the_direction_overwrites_nothing(world: World) -> None:
    """F4: given newest wins, when QuickBooks' edit is the later one, then it is held and listed, and Scoro keeps its own."""
    made, remote = invoice_under_newest_wins(world)
    in_scoro.edit(world, "invoices", made["id"], description="earlier, in Scoro")
    world.tick(3600)
    in_quickbooks.edit(world, "Invoice", remote, CustomerMemo={"value": "later, in QuickBooks"})
    world.sync()

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "held: against_direction"
    assert in_scoro.see(world, "invoices", made["id"])["description"] == "earlier, in Scoro"
    assert in_quickbooks.see(world, "Invoice", remote)["CustomerMemo"]["value"] == "later, in QuickBooks"


def test_edits_of_nearly_the_same_moment_ask(world: World) -> None:
    """F4: given newest wins, when the clocks cannot tell who was later, then a person is asked and nothing is overwritten."""
    made, remote = invoice_under_newest_wins(world)
    in_scoro.edit(world, "invoices", made["id"], description="one")
    in_quickbooks.edit(world, "Invoice", remote, CustomerMemo={"value": "other"})
    world.sync()

    assert in_concord.standing(world, "scoro", "invoices", made["id"]) == "conflict: same_field_edited"
    assert in_scoro.see(world, "invoices", made["id"])["description"] == "one"


def invoice_under_newest_wins(world: World) -> tuple[in_scoro.Row, str]:
    """An invoice on both sides, in a category where the newest edit wins: Scoro's row and QuickBooks' id."""
    in_concord.choose(world, "invoices", conflicts="newest")
    made = in_scoro.invoice(world, in_scoro.client(world, "Acme Ltd"))
    world.sync()
    return made, in_concord.partner(world, "scoro", "invoices", made["id"])


def logged(world: World, object_id: str) -> str:
    """Everything the change log says of an object."""
    with reading(world.deps.database) as session:
        entries = session.exec(select(Change).where(Change.object_id == object_id)).all()
        return "\n".join(f"{entry.fields} {entry.details}" for entry in entries)
