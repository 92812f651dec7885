"""The representative runs of which every boundary is died at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from app import create_app
from app.settings import Settings
from engine.core.records import System
from engine.services import directions, objects, push, resolve, sync
from engine.store.database import reading, writing
from engine.store.tables import Connection
from tests.proofs.crashing import Story, run
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
    run(world.deps, world.connection_id)


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


def _expired(world: World) -> Invoice:
    """The access token has run out, the refresh token is of the same day."""
    made = _edited(world)
    world.tick(2 * 3600)
    return made


def _a_day_later(world: World) -> Invoice:
    """QuickBooks will give a new refresh token, and the old one dies with that answer."""
    made = _edited(world)
    world.tick(timedelta(hours=26).total_seconds())
    return made


def _authorise_again(world: World) -> None:
    """A token that died with the process is asked for, in so many words; a person gives the consent anew."""
    world.tick(300)
    run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
    sync.run_to_end(world.deps, run_id)
    with reading(world.deps.database) as session:
        lost = session.get_one(Connection, world.connection_id).state == "unauthorised"
    if lost:
        assert world.events[-1].name == "connection_lost"
        world.adopt(world.quickbooks.control("token", {"realmId": world.realm}))


def _announced(world: World) -> Invoice:
    """An edit of which Scoro's webhook is going to tell."""
    made = _edited(world)
    with writing(world.deps.database) as session:
        row = session.get_one(Connection, world.connection_id)
        row.webhook_token = "unguessable"
        row.next_run_at = world.clock.now() + timedelta(hours=1)
        session.add(row)
    return made


def _knock_and_run(world: World, made: Invoice) -> None:
    """Scoro knocks, and the scheduler wakes what the knock asks for."""
    settings = Settings(secret_key=SecretStr("k" * 40), database_url=str(world.deps.database.url))
    body = {"entityType": "invoices", "entityId": made.id, "action": "modify"}
    answer = create_app(settings, world.deps).test_client().post("/webhooks/scoro/unguessable", json=body)
    assert answer.status_code == 200
    started = sync.start_due(world.deps)
    assert started, "the knock woke nobody"
    for run_id in started:
        sync.run_to_end(world.deps, run_id)


STORIES = (
    Story("first sync", make_invoice, synchronize, _one_of_each),
    Story("update", _edited, synchronize, _edit_arrived),
    Story("deletion", _deleted, synchronize, _is_gone),
    Story("conflict", _contested, synchronize, _is_conflict),
    Story("resolution", _conflict_found, _resolve_and_run, _settled_or_still_asked),
    Story("flip", _held, _flip_and_run, _flipped_or_held),
    Story("push", _held, _pull, _flipped_or_held),
    Story("token refresh", _expired, synchronize, _edit_arrived),
    Story("token rotation", _a_day_later, synchronize, _edit_arrived, _authorise_again),
    Story("webhook", _announced, _knock_and_run, _edit_arrived),
)

EXCHANGES = (
    "GET …/cdc",
    "GET …/query",
    "POST …/batch",
    "POST …/invoice",
    "POST tokens/bearer",
    "POST contacts/list",
    "POST financeAccounts/list",
    "POST financeAccounts/modify",
    "POST invoices/list",
    "POST invoices/modify",
    "POST invoices/view",
    "POST products/list",
    "POST vatCodes/list",
    "POST vatCodes/modify",
    "POST vatCodes/view",
)
"""Requests to QuickBooks (of a company: …), to its token endpoint, and to Scoro."""

BOUNDARIES = frozenset({"commit"} | {f"{moment} {exchange}" for exchange in EXCHANGES for moment in ("send", "answer")})
"""Every boundary that there may be; a new kind of exchange has to be entered here, and is died at from then on."""
