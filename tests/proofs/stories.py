"""The representative runs of which every boundary is died at."""

from __future__ import annotations

from typing import Any

from engine.core.records import System
from engine.services import directions, objects, push, resolve
from tests.proofs.crashing import Story, _run
from tests.support.scenes import (
    Invoice,
    make_invoice,
    object_of,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_query,
    quickbooks_read,
    scoro_delete,
    scoro_edit,
    scoro_view,
)
from tests.support.world import PERSON, World


def synchronize(world: World, _subject: Any = None) -> None:
    """One run."""
    _run(world.deps, world.connection_id)


def _synced(world: World) -> Invoice:
    made = make_invoice(world)
    world.sync()
    return made


def _one_of_each(world: World, _subject: Any) -> None:
    names = {
        "Customer": "DisplayName = 'Acme Ltd'",
        "Item": "Name = 'Design for Acme Ltd'",
        "Invoice": "TotalAmt = '500'",
    }
    for entity, where in names.items():
        found = len(quickbooks_query(world, f"select * from {entity} where {where}"))
        assert found == 1, f"{found} {entity} records instead of one"
    _adds_up(world)


def _adds_up(world: World) -> None:
    waiting = [row.title for row in world.objects() if row.disposition not in {"in_step", "excluded"}]
    assert not waiting, f"not settled: {waiting}"


def _edited(world: World) -> Invoice:
    made = _synced(world)
    lines = scoro_view(world, "invoices", made.id)["lines"]
    lines[0]["amount"] = 7
    scoro_edit(world, "invoices", made.id, lines=lines, description="new words")
    return made


def _edit_arrived(world: World, made: Invoice) -> None:
    remote = quickbooks_read(world, "Invoice", quickbooks_id(world, "scoro", "invoices", made.id))
    assert remote["CustomerMemo"]["value"] == "new words"
    assert remote["TotalAmt"] == 7 * 100 + 2 * 200, remote["TotalAmt"]
    _adds_up(world)


def _deleted(world: World) -> Invoice:
    made = _synced(world)
    scoro_delete(world, "invoices", made.id)
    world.tick(7 * 3600)
    world.sync()
    objects.decide_deletion(world.deps, object_of(world, "scoro", "invoices", made.id).id, True, PERSON)
    return made


def _is_gone(world: World, _made: Invoice) -> None:
    assert not quickbooks_query(world, "select * from Invoice")
    _adds_up(world)


def _contested(world: World) -> Invoice:
    made = _synced(world)
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    quickbooks_edit(
        world, "Invoice", quickbooks_id(world, "scoro", "invoices", made.id), CustomerMemo={"value": "from QuickBooks"}
    )
    return made


def _is_conflict(world: World, made: Invoice) -> None:
    view = resolve.conflict(world.deps, object_of(world, "scoro", "invoices", made.id).id)
    assert {*view.contests[0].sides.values()} == {"from Scoro", "from QuickBooks"}
    assert scoro_view(world, "invoices", made.id)["description"] == "from Scoro"


def _conflict_found(world: World) -> Invoice:
    made = _contested(world)
    world.sync()
    return made


def _resolve_and_run(world: World, made: Invoice) -> None:
    thing = object_of(world, "scoro", "invoices", made.id)
    choices = {"message": {"side": "quickbooks"}}
    resolve.resolve(world.deps, thing.id, version=thing.version, choices=choices, person=PERSON)
    synchronize(world)


def _settled_or_still_asked(world: World, made: Invoice) -> None:
    """A resolution that was not kept is asked for again; one that was kept is on both sides."""
    thing = object_of(world, "scoro", "invoices", made.id)
    if thing.disposition == "conflict":
        _is_conflict(world, made)
        return
    assert scoro_view(world, "invoices", made.id)["description"] == "from QuickBooks"
    _adds_up(world)


def _held(world: World) -> Invoice:
    made = _synced(world)
    quickbooks_edit(
        world, "Invoice", quickbooks_id(world, "scoro", "invoices", made.id), CustomerMemo={"value": "from QuickBooks"}
    )
    world.sync()
    return made


def _flip_and_run(world: World, _made: Invoice) -> None:
    directions.flip(world.deps, world.connection_id, "invoices", epoch=1, person=PERSON)
    synchronize(world)


def _flipped_or_held(world: World, made: Invoice) -> None:
    """Either the flip was kept and the edit went over, or neither happened."""
    thing = object_of(world, "scoro", "invoices", made.id)
    there = scoro_view(world, "invoices", made.id)["description"]
    assert (thing.disposition, there == "from QuickBooks") in {("in_step", True), ("held", False)}


def _pull(world: World, made: Invoice) -> None:
    push.push(world.deps, object_of(world, "scoro", "invoices", made.id).id, System.SCORO, PERSON)


STORIES = (
    Story("first sync", make_invoice, synchronize, _one_of_each),
    Story("update", _edited, synchronize, _edit_arrived),
    Story("deletion", _deleted, synchronize, _is_gone),
    Story("conflict", _contested, synchronize, _is_conflict),
    Story("resolution", _conflict_found, _resolve_and_run, _settled_or_still_asked),
    Story("flip", _held, _flip_and_run, _flipped_or_held),
    Story("push", _held, _pull, _flipped_or_held),
)
