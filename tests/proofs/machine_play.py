"""One history played on a stage: who does what, what the systems wrote down, and what must hold once everything rests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from random import Random
from typing import Any

from sqlmodel import col, select

from app.sandbox.common.control import ControlError
from engine.core.reasons import Disposition
from engine.core.records import Kind
from engine.errors import ConcordError
from engine.services import sync
from engine.services.browse import overview
from engine.services.verify import verify
from engine.store.database import reading
from engine.store.tables import Binding, CategorySettings, Connection, Object, Outbox, Run
from tests.proofs.machine_ledger import Key, Ledger, Violation
from tests.proofs.machine_pictures import EXISTS, READERS, TOTAL, VOID, Picture
from tests.proofs.machine_stage import Died, Row, Stage
from tests.support.world import PERSON, World

TYPES = {
    "scoro": ("contacts", "products", "invoices", "bills", "receipts"),
    "quickbooks": ("Customer", "Vendor", "Item", "Invoice", "CreditMemo", "Bill", "Payment", "BillPayment"),
}
ROUNDS = 10
"""Runs after which everything has to rest: sweeps, retries that wait, and what these bring."""
HOURS = 3600.0


class NotPossible(Exception):
    """Nobody can do this at this moment: nothing to do it to, or the system refuses."""


@dataclass
class Play:
    """A history under way. ``random`` is that of the step being played."""

    stage: Stage
    ledger: Ledger
    random: Random = field(default_factory=Random)
    happened: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    markers: int = 100
    heard: dict[str, int] = field(default_factory=lambda: {"scoro": 0, "quickbooks": 0})
    story: list[str] = field(default_factory=list)

    @property
    def world(self) -> World:
        """The world as people and other workers use it."""
        return self.stage.world

    @property
    def cid(self) -> str:
        """The connection of this history."""
        return self.world.connection_id

    def fresh(self) -> int:
        """A number nobody has used."""
        self.markers += 1
        return self.markers

    def tell(self, text: str) -> None:
        """A line of the story, for whoever has to understand a failure."""
        self.story.append(text)

    def listen(self) -> None:
        """Hear what both systems wrote down since the last time, in the order of time."""
        news: list[tuple[str, str, Row]] = []
        for system, sandbox in (("scoro", self.stage.scoro), ("quickbooks", self.stage.quickbooks)):
            for entry in (
                sandbox.journal.since(str(self.heard[system])) if sandbox.journal.last > self.heard[system] else ()
            ):
                news.append((entry["time"], system, entry))
            self.heard[system] = sandbox.journal.last
        for _, system, entry in sorted(news, key=lambda one: (one[0], one[1], one[2]["sequence"])):
            who = "Concord" if entry["actor"]["kind"] == "api" else entry["actor"]["name"]
            self.tell(f"    {system}: {who} {entry['operation']} {entry['entity']} {entry['id']}")
            self.ledger.hear(system, [entry])

    def act(self, name: str, do: Callable[[Play], None], salt: int) -> None:
        """One step: done, or not possible at this moment."""
        before, self.random = self.random, Random(salt)
        self.tell(f"{name} ({salt})")
        try:
            do(self)
        except (NotPossible, ControlError, IndexError) as refusal:
            self.refused[f"{name}: {refusal}"[:90]] += 1
            self.tell(f"    not possible: {refusal}")
        except ConcordError as refusal:
            self.refused[f"{name}: {refusal.message}"[:90]] += 1
            self.tell(f"    refused: {refusal.message}")
        else:
            self.happened[name] += 1
        finally:
            self.random = before
        self.listen()

    # What people and the process have at hand.

    def pick(self, things: Any) -> Any:
        """One of these; not possible when there are none."""
        found = sorted(things)
        if not found:
            raise NotPossible("nothing there")
        return self.random.choice(found)

    def run(self, world: World | None = None, **options: Any) -> Run:
        """A run of one process from start to end, whatever its end; it may die on the way."""
        self.ledger.observe_begins()
        world = world or self.world
        try:
            run_id = sync.request_run(world.deps, self.cid, trigger="person", person=PERSON, **options)
            run = sync.run_to_end(world.deps, run_id)
        except Died:
            self.happened["died"] += 1
            world.deps.database.dispose()
            raise NotPossible("the process died") from None
        finally:
            self.listen()
        self.happened[f"run {run.state}"] += 1
        if run.error:
            self.tell(f"    run {run.state}: {run.error}")
        self.world.tick(1)
        return run

    def objects(self, **where: str) -> list[Object]:
        """Objects of the categories that history is about."""
        return [row for row in self.world.objects(**where) if row.category != "reference"]

    def key_of(self, object_id: str) -> Key | None:
        """Which thing of the ledger an object is."""
        for binding in self.world.bindings(object_id).values():
            found = self.ledger.key_of(binding.system, binding.remote_type, binding.remote_id)
            if found is not None:
                return found
        return None

    def settings(self) -> dict[str, CategorySettings]:
        """The settings as they are stored."""
        with reading(self.world.deps.database) as session:
            rows = session.exec(select(CategorySettings).where(CategorySettings.connection_id == self.cid)).all()
            session.expunge_all()
            return {row.category: row for row in rows}

    def learn_settings(self) -> None:
        """What directions and policies are in force now."""
        for category, row in self.settings().items():
            self.ledger.sources[category] = row.source
            self.ledger.policies[category] = row.conflicts


def begin(stage: Stage, seed: str) -> Play:
    """The stage put back, and an oracle that knows what is there."""
    stage.reset(seed)
    play = Play(stage, Ledger(dict(stage.setting.sources)))
    for system, types in TYPES.items():
        for type in types:
            for id, row in stage.rows(system, type).items():
                play.ledger.adopt(system, type, id, row)
    return play


def finish(play: Play) -> None:
    """Let everything come to rest, then check the ten invariants. Raises ``Violation``."""
    settle(play)
    check(play)


def settle(play: Play) -> None:
    """No more faults, time passes, people go on with what halted, until a run of a process that was started anew has nothing
    to do: a restart makes no difference."""
    for sandbox in (play.stage.quickbooks, play.stage.scoro):
        sandbox.faults.clear()
    for _ in range(ROUNDS):
        play.stage.start_anew()
        play.world.tick(7 * HOURS)
        before = play.ledger.writes
        _authorise_if_needed(play)
        asked = play.world.clock.now()
        run = play.run(play.stage.mortal)
        if run.state == "halted":
            sync.continue_halted(play.world.deps, run.id, PERSON)
            sync.run_to_end(play.world.deps, run.id)
            play.listen()
            continue
        is_new = (
            run.queued_at == asked
        )  # a run that a dead process left goes on where it was, and looks at nothing anew
        if is_new and run.state == "done" and play.ledger.writes == before and not _moving(play):
            return
    moving = [f"{row.kind} {row.title}: {row.disposition} ({row.reason})" for row in _moving(play)]
    raise Violation(f"it does not come to rest: last run {run.state} {run.error!r}; {moving}")


def _authorise_if_needed(play: Play) -> None:
    with reading(play.world.deps.database) as session:
        state = session.get_one(Connection, play.cid).state
    if state == "unauthorised":
        play.world.adopt(play.world.quickbooks.control("token", {"realmId": play.world.realm}))
        play.happened["authorised again"] += 1


def _moving(play: Play) -> list[Object]:
    return [row for row in play.objects() if row.disposition in {"pending", "failed"}]


def check(play: Play) -> None:
    """Everything that must hold when both sides rest."""
    _check_log(play)
    _check_one_disposition_each(play)
    _check_nothing_twice(play)
    _check_everything_is_listed(play)
    _check_honest(play)
    _check_elsewhere(play)
    _count_what_was_reached(play)


def _check_log(play: Play) -> None:
    verdict = verify(play.world.deps, play.cid)
    if verdict.broken is not None:
        raise Violation(f"the log's chain is broken at {verdict.broken}")
    if not verdict.holds:
        raise Violation(f"the log does not add up to what is stored: {verdict.differences[:3]}")


def _check_one_disposition_each(play: Play) -> None:
    rows = play.world.objects()
    strange = sorted({row.disposition for row in rows} - {one.value for one in Disposition})
    told = overview(play.world.deps, play.cid, UTC).totals
    if strange or sum(told.values()) != len(rows):
        raise Violation(f"dispositions do not add up: {sum(told.values())} told of {len(rows)}; {strange}")


def _pictures(play: Play) -> dict[tuple[str, str, str], Picture]:
    """Every living record of the history, as it reads now."""
    return {
        (system, type, id): READERS[type](row)
        for system, types in TYPES.items()
        for type in types
        for id, row in play.stage.rows(system, type).items()
    }


def _check_nothing_twice(play: Play) -> None:
    """At most one living record of a thing in each place, unless people made more of them."""
    seen: dict[tuple[Key, str], tuple[str, str, str]] = {}
    for place, picture in _pictures(play).items():
        known = play.ledger.records.get(place)
        if known is None or picture.fields.get(EXISTS) is None or known[0] in play.ledger.merged:
            continue
        if known in seen and play.ledger.is_twice(seen[known], place):
            raise Violation(f"{known[0]} exists twice in {known[1]}: {seen[known][1:]} and {place[1:]}")
        seen[known] = place


def _check_everything_is_listed(play: Play) -> None:
    """Every record of a category that is on has its object, and with it its one disposition."""
    enabled = {name for name, row in play.settings().items() if row.enabled}
    with reading(play.world.deps.database) as session:
        rows = session.exec(
            select(Binding.system, Binding.remote_type, Binding.remote_id).where(Binding.connection_id == play.cid)
        ).all()
    bound = {tuple(row) for row in rows}
    for (system, type, id), picture in _pictures(play).items():
        category = {"contact": "contacts", "product": "products", "receipt": "receipts", "bill": "bills"}.get(
            picture.family, "invoices"
        )
        if category in enabled and picture.marker and (system, type, id) not in bound:
            raise Violation(f"{system} {type} {id} ({picture.family} {picture.marker}) is listed nowhere")


def _check_honest(play: Play) -> None:
    """What is called in step is equal on both sides, to the cent; what was deleted everywhere lives nowhere."""
    pictures = _pictures(play)
    enabled = {name for name, row in play.settings().items() if row.enabled}
    for row in play.objects(disposition="in_step"):
        if row.category not in enabled:
            continue
        bindings = play.world.bindings(row.id)
        places = {name: (one.system, one.remote_type, one.remote_id) for name, one in bindings.items()}
        living = {name: pictures[place] for name, place in places.items() if place in pictures}
        living = {
            name: one for name, one in living.items() if one.fields.get(EXISTS) is not None or one.family == "product"
        }
        if row.reason == "gone_everywhere" and living:
            raise Violation(f"{row.kind} {row.title} is gone everywhere, and lives in {sorted(living)}")
        if row.reason == "agreed":
            _check_equal(row, living)


def _check_equal(row: Object, living: dict[str, Picture]) -> None:
    markers = {picture.marker for picture in living.values() if picture.marker}
    if len(markers) > 1 and row.kind != Kind.RECEIPT:
        raise Violation(f"{row.kind} {row.title} ties together {sorted(markers)}")
    if not living:
        return
    first, *others = living.values()
    for other in others:
        for name in sorted({*first.fields, *other.fields} - {"due"}):
            if VOID in (*first.fields, *other.fields) and name != TOTAL:
                continue
            if name == TOTAL and row.accepted_variance:
                continue
            if first.fields.get(name) != other.fields.get(name):
                raise Violation(
                    f"{row.kind} {row.title} ({first.marker}) is called in step, but {name} is "
                    f"{first.fields.get(name)!r} in {first.replica} and {other.fields.get(name)!r} in {other.replica}"
                )


def _check_elsewhere(play: Play) -> None:
    if play.stage.fingerprint_elsewhere() != play.stage.elsewhere:
        raise Violation("the other connection was touched")


def _count_what_was_reached(play: Play) -> None:
    """Paths that only show in what is stored."""
    with reading(play.world.deps.database) as session:
        for state in session.exec(select(Outbox.state).where(Outbox.connection_id == play.cid)):
            play.happened[f"write {state}"] += 1
        explicit = select(Outbox.id).where(Outbox.connection_id == play.cid, col(Outbox.explicit_by) != "")
        play.happened["write by hand"] += len(session.exec(explicit).all())
    for row in play.objects():
        play.happened[f"{row.disposition}: {row.reason}"] += 1


__all__ = ["NotPossible", "Play", "begin", "check", "finish"]
