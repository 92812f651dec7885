"""What people do in Concord itself, in the histories of the machine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.core.records import System
from engine.errors import Refused
from engine.services import directions, matching, objects, push, resolve, setup
from engine.store.tables import Binding, Object, Suggestion
from tests.proofs.machine_people import documents
from tests.proofs.machine_play import NotPossible, Play
from tests.proofs.machine_stage import Died
from tests.support.world import PERSON


def push_by_hand(play: Play) -> None:
    """Somebody sends or pulls one object."""
    _push(play, play.random.choice((System.SCORO, System.QUICKBOOKS)), dies=0)


def push_and_die(play: Play) -> None:
    """The same, in a process that dies on the way."""
    _push(play, play.random.choice((System.SCORO, System.QUICKBOOKS)), dies=play.random.randint(1, 4))


def _push(play: Play, to: System, *, dies: int) -> None:
    row = _object(play)
    play.tell(f"    push {row.kind} {row.title} to {to.value}")
    keys = [key for key in (play.key_of(row.id), *_dependencies(play, row)) if key is not None]
    before = {key: play.ledger.decided.get(key, frozenset()) for key in keys}
    was = set(play.ledger.explicit)
    for key in keys:
        play.ledger.decide(key, everything=True)
    play.stage.start_anew()
    play.stage.nerves.writes_left = dies
    try:
        outcome = push.push(play.stage.mortal.deps, row.id, to, PERSON)  # type: ignore[union-attr]  # set by start_anew
        play.happened[f"push {outcome.state}"] += 1
    except Refused:
        play.ledger.explicit, play.ledger.decided = was, {**play.ledger.decided, **before}
        raise
    except Died:
        play.stage.mortal.deps.database.dispose()  # type: ignore[union-attr]  # set by start_anew
        play.happened["died pushing"] += 1


def _dependencies(play: Play, row: Object) -> list[Any]:
    """What goes along with it."""
    ids = {str(value) for path, value in row.fields.items() if path.rsplit("/", 1)[-1] in {"contact", "product"}}
    lines = {path.split("/")[1] for path in row.fields if path.startswith("lines/")} if row.kind == "receipt" else set()
    return [play.key_of(id) for id in sorted(ids | lines)]


def _object(play: Play, *dispositions: str) -> Object:
    rows = {row.id: row for row in play.objects() if not dispositions or row.disposition in dispositions}
    found: Object = rows[play.pick(rows)]
    return found


def _decided(play: Play, row: Object) -> None:
    key = play.key_of(row.id)
    if key is not None:
        play.ledger.decide(key, shown=_shown_as_they_are(play, row))


def _shown_as_they_are(play: Play, row: Object) -> list[str]:
    """Replicas that say just now what the person was shown of them: a run may have looked in between people's edits."""
    return [
        name
        for name, binding in play.world.bindings(row.id).items()
        if _revision(play, binding) == (None if binding.gone else binding.revision)
    ]


def _revision(play: Play, binding: Binding) -> str | None:
    row = play.stage.rows(binding.system, binding.remote_type).get(binding.remote_id)
    if row is None:
        return None
    return str(row["modified_date"] if binding.system == "scoro" else row["SyncToken"])


def settle_conflict(play: Play) -> None:
    """Somebody chooses a side for each contested field."""
    row = _object(play, "conflict")
    view = resolve.conflict(play.world.deps, row.id)
    choices = {contest.path: {"side": play.pick(contest.sides)} for contest in view.contests}
    play.tell(f"    resolve {row.kind} {row.title}: {choices}")
    resolve.resolve(play.world.deps, row.id, version=view.version, choices=choices, person=PERSON)
    _decided(play, row)


def undo(play: Play) -> None:
    """Somebody takes a resolution back."""
    resolve.undo(play.world.deps, _object(play).id, PERSON)


def settle_and_undo(play: Play) -> None:
    """Somebody settles a conflict and regrets it."""
    row = _object(play, "conflict")
    view = resolve.conflict(play.world.deps, row.id)
    choices = {contest.path: {"side": play.pick(contest.sides)} for contest in view.contests}
    resolve.resolve(play.world.deps, row.id, version=view.version, choices=choices, person=PERSON)
    resolve.undo(play.world.deps, row.id, PERSON)


def decide_deletion(play: Play) -> None:
    """Somebody says whether a deletion is followed."""
    row = _object(play, "deleted_there")
    follow = play.random.random() < 0.5
    play.tell(f"    {row.kind} {row.title}: {'follow' if follow else 'keep'}")
    objects.decide_deletion(play.world.deps, row.id, follow, PERSON)
    _decided(play, row)


def set_aside(play: Play) -> None:
    """Somebody parks an object, or takes it back."""
    row = _object(play)
    (objects.unpark if row.parked_by else objects.park)(play.world.deps, row.id, PERSON)


def try_again(play: Play) -> None:
    """Somebody retries what was refused."""
    objects.retry(play.world.deps, _object(play, "blocked", "failed").id, PERSON)


def accept_variance(play: Play) -> None:
    """Somebody accepts totals that differ."""
    objects.accept_variance(play.world.deps, _object(play, "variance").id, PERSON)


def flip(play: Play) -> None:
    """The direction of a category is turned round."""
    category = play.pick(play.stage.setting.sources)
    epoch = play.settings()[category].epoch
    directions.flip(play.world.deps, play.cid, category, epoch=epoch, person=PERSON)
    play.learn_settings()
    play.tell(f"    {category} now come from {play.ledger.sources[category]}")


def _choose(play: Play, category: str, **changes: Any) -> None:
    row = play.settings()[category]
    kept = ("enabled", "source", "automatic", "start_date", "scope", "conflicts", "deletions")
    values = {name: getattr(row, name) for name in kept} | changes
    play.tell(f"    {category}: {changes}")
    setup.save_categories(play.world.deps, play.cid, [setup.CategoryForm(category, **values)], PERSON)
    play.learn_settings()


def choose_policy(play: Play) -> None:
    """Another policy for conflicts or deletions."""
    category = play.pick(play.stage.setting.sources)
    if play.random.random() < 0.5:
        _choose(play, category, deletions=play.random.choice(("ask", "follow", "never")))
    else:
        _choose(play, category, conflicts=play.random.choice(("ask", "ask", "source", "newest")))


def switch(play: Play) -> None:
    """A category is switched off, or on again."""
    category = play.pick(play.stage.setting.sources)
    _choose(play, category, enabled=not play.settings()[category].enabled)


def change_filter(play: Play) -> None:
    """Another bookmark or filter, or none."""
    category = play.random.choice(("contacts", documents(play)))
    marker = str(play.random.randint(1, 9))
    rules = [{"field": "name" if category == "contacts" else "number", "is": "contains", "value": marker}]
    bookmarks = [
        {"bookmark": id} for id, row in play.stage.rows("scoro", "bookmarks").items() if row["module"] == category
    ]
    _choose(play, category, scope=play.random.choice([{}, {"rules": rules}, *bookmarks]))


def change_start(play: Play) -> None:
    """A start date."""
    category = play.pick(play.stage.setting.sources)
    day = play.world.clock.now().date() + timedelta(days=play.random.choice((0, 1, 30)))
    _choose(play, category, start_date=play.random.choice((None, day)))


def match(play: Play) -> None:
    """Somebody accepts what is suggested to be one, or says that it is not."""
    found = matching.suggestions(play.world.deps, play.cid, state="suggested", limit=20)
    if not found:
        raise NotPossible("nothing is suggested")
    state = "accepted" if play.random.random() < 0.7 else "ignored"
    chosen = play.random.choice(sorted(found, key=lambda view: view.row.id)).row
    matching.decide_suggestions(play.world.deps, play.cid, [chosen.id], state, PERSON)
    for key in (play.key_of(id) for id in (chosen.scoro_object_id, chosen.quickbooks_object_id)):
        if key is not None:  # what is one and what is two is this person's word from now on
            play.ledger.decide(key)
            play.ledger.merged.add(key)
            play.ledger.shared |= {key} if state == "accepted" else set()
    if state == "accepted":
        matching.apply_matches(play.world.deps, play.cid, PERSON)
    else:
        _part(play, chosen)
    play.happened[f"match {state}"] += 1


def _part(play: Play, chosen: Suggestion) -> None:
    for binding in play.world.bindings(chosen.scoro_object_id).values():
        known = play.ledger.records.get((binding.system, binding.remote_type, binding.remote_id))
        if known is not None and play.key_of(chosen.quickbooks_object_id) == known[0]:
            play.ledger.part(known)
