"""Everything that can happen in a history: people in both systems and in Concord, its processes, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox.common.faults import FaultKind, FaultRule
from app.sandbox.common.webhooks import DeliveryMode
from engine.errors import ConcordError
from engine.services import sync
from tests.proofs import machine_office as office
from tests.proofs import machine_people as people
from tests.proofs.machine_people import side_of_the_day
from tests.proofs.machine_play import HOURS, NotPossible, Play


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can happen, and how often."""

    name: str
    weight: int
    do: Callable[[Play], None]


# Processes.


def run(play: Play) -> None:
    """Synchronize now."""
    play.run()


def work(play: Play) -> None:
    """What the scheduler and a worker do: whatever is due, or was woken."""
    play.ledger.observe_begins()
    for run_id in sync.start_due(play.world.deps):
        ended = sync.run_to_end(play.world.deps, run_id)
        play.happened[f"scheduled run {ended.state}"] += 1


def crash(play: Play) -> None:
    """A run that dies at some boundary, often with a write on its way; the process is started anew."""
    play.stage.start_anew()
    if play.random.random() < 0.6:
        play.stage.nerves.writes_left = play.random.randint(1, 6)
    else:
        play.stage.nerves.at = play.random.randint(1, 140)
    play.run(play.stage.mortal)


def paused(play: Play) -> None:
    """A worker is paused somewhere in its run for longer than its lease; people and another worker go on without it."""
    meanwhile = [play.random.choice(MEANWHILE) for _ in range(play.random.randint(1, 3))]
    salts = [play.random.randint(0, 999) for _ in meanwhile]

    def world_goes_on() -> None:
        play.listen()
        play.world.tick(200 + play.random.choice((0, 200)))
        for act, salt in zip(meanwhile, salts, strict=True):
            play.act(f"  meanwhile {act.name}", act.do, salt)
        play.happened["paused"] += 1

    play.stage.start_anew()
    play.stage.nerves.interrupt, play.stage.nerves.interrupt_at = world_goes_on, play.random.randint(1, 120)
    ended = play.run(play.stage.mortal)
    if ended.state == "running":
        play.happened["overtaken"] += 1


def interrupted(play: Play) -> None:
    """People do something in the middle of a run."""
    act, salt = play.random.choice(PEOPLE), play.random.randint(0, 999)

    def somebody_acts() -> None:
        play.listen()
        play.act(f"  meanwhile {act.name}", act.do, salt)
        play.happened["interrupted"] += 1

    play.stage.start_anew()
    play.stage.nerves.interrupt, play.stage.nerves.interrupt_at = somebody_acts, play.random.randint(1, 120)
    play.run(play.stage.mortal)


# Trouble.

QUICKBOOKS_TROUBLE = (
    FaultKind.THROTTLE_MINUTE, FaultKind.THROTTLE_SECOND, FaultKind.HTTP_500, FaultKind.HTTP_503, FaultKind.HTTP_504,
    FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.RESET_AFTER, FaultKind.TRUNCATE_BODY,
    FaultKind.EXPIRED_TOKEN, FaultKind.STALE_TOKEN, FaultKind.STALE_TOKEN, FaultKind.WRONG_DELETED,
    FaultKind.TRUNCATE_PAGE, FaultKind.ERROR_WITH_200, FaultKind.HTML_BODY,
)  # fmt: skip
SCORO_TROUBLE = (
    FaultKind.THROTTLE_SECOND, FaultKind.HTTP_500, FaultKind.HTTP_502, FaultKind.HTTP_408, FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER, FaultKind.RESET_AFTER, FaultKind.TRUNCATE_BODY, FaultKind.REPEAT_PAGE,
    FaultKind.ROW_SHIFT, FaultKind.ERROR_WITH_200, FaultKind.HTML_BODY, FaultKind.LOCALISED,
)  # fmt: skip


def trouble(play: Play) -> None:
    """One of the systems will misbehave soon."""
    side = side_of_the_day(play)
    sandbox = play.stage.scoro if side == "scoro" else play.stage.quickbooks
    kind = play.random.choice(SCORO_TROUBLE if side == "scoro" else QUICKBOOKS_TROUBLE)
    operation = play.random.choice(
        ("", "", "create", "update") if side == "quickbooks" else ("", "", "modify", "create")
    )
    if kind in {FaultKind.WRONG_DELETED, FaultKind.TRUNCATE_PAGE, FaultKind.REPEAT_PAGE, FaultKind.ROW_SHIFT}:
        operation = ""
    rule = FaultRule(
        kind, operation=operation, count=play.random.choice((1, 1, 2)), after=play.random.choice((0, 0, 2, 5))
    )
    play.tell(f"    {side} will have {kind.value} {operation} after {rule.after}")
    sandbox.faults.add(rule)
    play.happened[f"trouble {kind.value}"] += 1


def lose_consent(play: Play) -> None:
    """Somebody takes the permission back; later somebody gives it again."""
    play.stage.quickbooks.act_as_person({"action": "disconnect", "realmId": play.world.realm})


def clear_trouble(play: Play) -> None:
    """Both systems are well again."""
    play.stage.quickbooks.faults.clear()
    play.stage.scoro.faults.clear()


def time_passes(play: Play) -> None:
    """Minutes, hours or a day; once in a while weeks."""
    hours = play.random.choice((0.1, 0.1, 0.5, 2.0, 7.0, 26.0, 26.0, 31 * 24.0))
    play.world.tick(hours * HOURS)
    if hours > 600:
        play.happened["weeks passed"] += 1


def webhooks(play: Play) -> None:
    """Notifications come: as they should, twice, late, in disorder, or never."""
    mode = play.random.choice(list(DeliveryMode))
    side = play.stage.scoro if play.random.random() < 0.5 else play.stage.quickbooks
    told = side.webhooks.deliver(mode, play.random.randint(0, 99))
    if not told["events"]:
        raise NotPossible("nothing to tell")
    if any(status >= 400 for status in told["statuses"]):
        raise ConcordError(f"webhooks were answered {told['statuses']}")
    play.happened[f"webhooks {mode.value}"] += 1


PEOPLE = (
    Act("new contact", 3, people.new_party),
    Act("same contact on both sides", 1, people.same_party_twice),
    Act("new product", 2, people.new_product),
    Act("new document", 5, people.new_document),
    Act("edit contact", 4, people.edit_party),
    Act("edit product", 3, people.edit_product),
    Act("reword", 5, people.reword),
    Act("reword on both sides", 4, people.reword_both),
    Act("change line", 6, people.change_line),
    Act("change lines on both sides", 4, people.change_line_both),
    Act("add line", 3, people.add_line),
    Act("drop line", 3, people.drop_line),
    Act("change tax", 2, people.change_tax),
    Act("change due date", 2, people.change_due),
    Act("change currency", 1, people.change_currency),
    Act("pay", 4, people.pay),
    Act("delete payment", 2, people.unpay),
    Act("void", 2, people.void),
    Act("credit", 2, people.credit),
    Act("delete", 4, people.delete),
    Act("restore", 2, people.restore),
    Act("merge", 1, people.merge),
    Act("deposit", 1, people.deposit),
    Act("edit reference data", 1, people.edit_reference),
)
OFFICE = (
    Act("push", 5, office.push_by_hand),
    Act("push and die", 2, office.push_and_die),
    Act("resolve", 5, office.settle_conflict),
    Act("undo", 1, office.undo),
    Act("resolve and undo", 2, office.settle_and_undo),
    Act("decide deletion", 4, office.decide_deletion),
    Act("park", 1, office.set_aside),
    Act("retry", 2, office.try_again),
    Act("accept variance", 1, office.accept_variance),
    Act("flip", 5, office.flip),
    Act("policy", 2, office.choose_policy),
    Act("switch", 2, office.switch),
    Act("filter", 1, office.change_filter),
    Act("start date", 1, office.change_start),
    Act("match", 2, office.match),
)
PROCESSES = (
    Act("run", 22, run),
    Act("work", 4, work),
    Act("crash", 8, crash),
    Act("interrupted", 4, interrupted),
    Act("paused", 4, paused),
    Act("trouble", 9, trouble),
    Act("clear trouble", 2, clear_trouble),
    Act("lose consent", 1, lose_consent),
    Act("time", 4, time_passes),
    Act("webhooks", 4, webhooks),
)
MEANWHILE = (*PEOPLE, *OFFICE, Act("run", 1, run), Act("run", 1, run), Act("flip", 1, office.flip), Act("run", 1, run))
ACTS = {act.name: act for act in (*PEOPLE, *OFFICE, *PROCESSES)}
