"""What people do and see in Concord itself, in the words of the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.core.records import System
from engine.services import matching, push, setup, sync
from engine.store.database import reading
from engine.store.tables import CategorySettings
from tests.support.scenes import object_of
from tests.support.world import PERSON, World
from tests.support.world import SCORO as SITE

SCORO, QUICKBOOKS = System.SCORO, System.QUICKBOOKS
FROM_SCORO = dict.fromkeys(("products", "contacts", "invoices", "receipts", "bills"), "scoro")
FROM_QUICKBOOKS = dict.fromkeys(FROM_SCORO, "quickbooks")


def standing(world: World, system: str, type: str, id: int | str) -> str:
    """Disposition and reason of what a record is, as ``blocked: old_tax_rate``."""
    thing = object_of(world, system, type, id)
    return f"{thing.disposition}: {thing.reason}"


def partner(world: World, system: str, type: str, id: int | str, replica: str = "") -> str:
    """The id of the same thing on the other side; "" when there is none."""
    bound = world.bindings(object_of(world, system, type, id).id)
    wanted = replica or ("quickbooks" if system == "scoro" else "scoro")
    return bound[wanted].remote_id if wanted in bound else ""


def object_id(world: World, system: str, type: str, id: int | str) -> str:
    """Concord's own id of what a record is."""
    return str(object_of(world, system, type, id).id)


def is_quiet(world: World) -> bool:
    """Whether a further run writes nothing."""
    before = len(world.writes())
    world.sync()
    return len(world.writes()) == before


def written(world: World, system: str, entity: str = "") -> list[dict[str, Any]]:
    """What Concord wrote into a system so far."""
    side = world.scoro if system == "scoro" else world.quickbooks
    entries = side.look("journal?since=0")["entries"]
    return [e for e in entries if e["actor"]["kind"] == "api" and entity in {"", e["entity"]}]


def category(world: World, name: str) -> CategorySettings:
    """A row of the settings."""
    with reading(world.deps.database) as session:
        row = session.get_one(CategorySettings, (world.connection_id, name))
        session.expunge_all()
        return row


def choose(world: World, name: str, **changes: Any) -> None:
    """An administrator changes a row of the settings; what is not named stays."""
    row = category(world, name)
    kept = ("enabled", "source", "automatic", "start_date", "scope", "conflicts", "deletions")
    values = {key: getattr(row, key) for key in kept} | changes
    setup.save_categories(world.deps, world.connection_id, [setup.CategoryForm(name, **values)], PERSON)


def switch_off(world: World, *names: str) -> None:
    """An administrator switches categories off."""
    for name in names:
        choose(world, name, enabled=False)


def enter_user_token(world: World, token: str) -> None:
    """An administrator enters the token of a Scoro user beside the company's key."""
    key = world.scoro.control("key", {"company_account_id": world.account})["apiKey"]
    setup.save_scoro(
        world.deps, world.connection_id, url=SITE, account=world.account, key=key, user_token=token, person=PERSON
    )


def activate(world: World) -> str:
    """Save: the setup is complete. Returns the first run."""
    return setup.activate(world.deps, world.connection_id, PERSON)


def work(world: World) -> list[str]:
    """What the scheduler and a worker do now; the runs they carried out."""
    runs = sync.start_due(world.deps)
    for run_id in runs:
        sync.run_to_end(world.deps, run_id)
    return runs


def run_at_once(world: World) -> None:
    """Somebody presses Synchronize now; no time passes anywhere."""
    sync.run_to_end(world.deps, sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON))


def send(world: World, object_id: str) -> push.PushOutcome:
    """Somebody sends one object to QuickBooks by hand."""
    return push.push(world.deps, object_id, SCORO.other, PERSON)


def pull(world: World, object_id: str) -> push.PushOutcome:
    """Somebody pulls one object into Scoro by hand."""
    return push.push(world.deps, object_id, SCORO, PERSON)


def button(world: World, object_id: str, to: System) -> push.PushOption:
    """The button on the object's page that sends it to a system."""
    return next(option for option in push.push_options(world.deps, object_id) if option.system == to.value)


def today(world: World) -> date:
    """The date everywhere in this world."""
    return world.clock.now().date()


def ignore_suggestions(world: World) -> None:
    """Somebody says that nothing of what is suggested is one."""
    ids = [view.row.id for view in matching.suggestions(world.deps, world.connection_id)]
    matching.decide_suggestions(world.deps, world.connection_id, ids, "ignored", PERSON)


def match(world: World) -> None:
    """Both sides are read, and every exact pair is accepted."""
    sync.run_to_end(world.deps, matching.start_matching(world.deps, world.connection_id, PERSON))
    matching.accept_exact(world.deps, world.connection_id, "", PERSON)
    matching.apply_matches(world.deps, world.connection_id, PERSON)
