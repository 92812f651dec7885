"""A tiny world around the pure kernel: remotes that people edit, a causal object, writes in flight, and an oracle.

The oracle does not know vectors. It keeps, beside every copy of a value, a *mark*: which people's edits that value supersedes or
is, and which systems say it. Whatever overwrites a value must supersede all of its edits; whatever is written must be said by the
source of the direction in force or by a person. Copies that hold the same value share their marks: equal values never conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from engine.core import decide as deciding
from engine.core import observe as observing
from engine.core import rules
from engine.core.objects import CausalBinding, CausalObject, carried, overlay
from engine.core.policy import ConflictPolicy, DeletionPolicy, Policy
from engine.core.reasons import WORDS, Disposition
from engine.core.records import EXISTS, HUB, LINES, Kind, Path, Replica, Scalar, System, line_root
from engine.core.vector import VersionVector

BOTH = frozenset({System.SCORO.value, System.QUICKBOOKS.value})


class Violation(AssertionError):
    """An invariant does not hold."""


class Edit(NamedTuple):
    """What a person did once: to a field, or to the existence of a record or line."""

    number: int
    existence: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """The true history of one copy of a value: the edit that made it, every edit it supersedes, and which systems say it."""

    latest: frozenset[Edit] = frozenset()
    covers: frozenset[Edit] = frozenset()
    said: frozenset[str] = BOTH

    def join(self, other: Mark) -> Mark:
        if self == other:
            return self
        return Mark(self.latest | other.latest, self.covers | other.covers, self.said | other.said)

    def by(self, *who: str) -> Mark:
        return replace(self, said=frozenset(who))


@dataclass(frozen=True, slots=True)
class Scope:
    """A small world to search: who takes part, which fields there are, what may happen."""

    name: str
    replicas: tuple[Replica, ...] = (Replica.SCORO, Replica.QUICKBOOKS)
    fields: tuple[Path, ...] = ("a",)
    carries: Mapping[Replica, frozenset[str]] = field(default_factory=dict)
    values: tuple[int, ...] = (1, 2)
    actions: frozenset[str] = frozenset({"edit", "flip", "resolve", "lose"})
    deletions: DeletionPolicy = DeletionPolicy.FOLLOW
    conflicts: ConflictPolicy = ConflictPolicy.ASK

    def carried_by(self, replica: Replica) -> frozenset[str]:
        everything = {LINES + "quantity", EXISTS, *(path for path in self.fields if not path.startswith(LINES))}
        return self.carries.get(replica, frozenset(everything))


@dataclass(frozen=True, slots=True)
class Flight:
    """A write whose answer was lost. ``after``: what the remote said right after it, if it took effect."""

    write: deciding.Write
    values: Mapping[Path, Scalar | None]
    reached: VersionVector
    thing: CausalObject
    base: Mapping[Path, Scalar]
    after: Mapping[Path, Scalar] | None


@dataclass(slots=True)
class World:
    """One state of the search. Transitions copy it first."""

    scope: Scope
    thing: CausalObject
    bindings: dict[Replica, CausalBinding]
    remotes: dict[Replica, dict[Path, Scalar]]
    marks: dict[tuple[str, Path], Mark]
    source: System = System.SCORO
    flights: dict[Replica, Flight] = field(default_factory=dict)
    pictures: dict[Replica, dict[Path, Scalar]] = field(default_factory=dict)

    def copy(self) -> World:
        return replace(
            self,
            bindings=dict(self.bindings),
            remotes={replica: dict(state) for replica, state in self.remotes.items()},
            marks=dict(self.marks),
            flights=dict(self.flights),
            pictures=dict(self.pictures),
        )

    @property
    def policy(self) -> Policy:
        return Policy(self.source, conflicts=self.scope.conflicts, deletions=self.scope.deletions)

    def guards(self, explicit: System | None = None) -> deciding.Guards:
        return deciding.Guards(
            wanted=frozenset(self.scope.replicas),
            carries={replica: self.scope.carried_by(replica) for replica in self.scope.replicas},
            gone=frozenset(replica for replica, binding in self.bindings.items() if EXISTS not in binding.shadow),
            explicit=explicit,
        )

    def decision(self, explicit: System | None = None) -> deciding.Decision:
        return deciding.decide(self.thing, self.bindings, self.policy, self.guards(explicit))

    def mark(self, place: str, path: Path) -> Mark:
        return self.marks.get((place, path), Mark())

    def places(self) -> Iterator[tuple[str, Mapping[Path, Scalar | None]]]:
        """Every copy of the object, known and unknown to the engine."""
        yield "canon", self.thing.fields
        for replica in self.scope.replicas:
            yield f"remote {replica}", self.remotes[replica]
            yield f"shadow {replica}", self.bindings[replica].shadow
        for replica, flight in self.flights.items():
            yield f"flight {replica}", flight.values
        for replica, picture in self.pictures.items():
            yield f"picture {replica}", picture


def beginning(scope: Scope) -> World:
    """All replicas agree: every field is 0."""
    state: dict[Path, Scalar] = {EXISTS: True, **dict.fromkeys(scope.fields, 0)}
    for path in scope.fields:
        if (root := line_root(path)) is not None:
            state[root] = True
    thing = CausalObject("o", Kind.CONTACT)
    first = observing.first_sight(thing, CausalBinding(Replica.SCORO), state, thing.vector.next_dot("scoro", 0))
    bindings, remotes = {}, {}
    for replica in scope.replicas:
        own: dict[Path, Scalar] = {
            path: value for path, value in state.items() if carried(path, scope.carried_by(replica))
        }
        bindings[replica] = CausalBinding(replica, own, first.thing.vector)
        remotes[replica] = dict(own)
    return World(scope, first.thing, bindings, remotes, {})


# What people do.


def edit(world: World, replica: Replica, path: Path, value: Scalar | None) -> World:
    """A person gives ``path`` of one remote a value; None removes a line or the record, True brings it back."""
    after = world.copy()
    place, state = f"remote {replica}", after.remotes[replica]
    covers = world.mark(place, path).covers
    if value is None:
        covers |= {known for inner in content(path, _all_paths(world)) for known in world.mark(place, inner).covers}
        state.pop(path)
    else:
        state[path] = value
    if is_line(path):
        _fill_or_empty_line(after, replica, path, value, covers)
    made = _made(world, path, value)
    own = Mark(made.latest, covers | made.covers, frozenset({replica.system.value}))
    after.marks[(place, path)] = own if value is None else without_content(path, own)
    return settled(after)


def _made(world: World, path: Path, value: Scalar | None) -> Mark:
    """The edit that gives ``path`` this value: a new one, or the one that some copy with the same value already has."""
    equal = [
        world.mark(place, path)
        for place, state in world.places()
        if _says_something(place, state, path) and state.get(path) == value
    ]
    if equal:
        joined = equal[0]
        for mark in equal[1:]:
            joined = joined.join(mark)
        return joined
    number = 1 + max((known.number for mark in world.marks.values() for known in mark.covers), default=0)
    new = frozenset({Edit(number, is_existence(path))})
    return Mark(new, new)


def without_content(path: Path, mark: Mark) -> Mark:
    """What lives again supersedes removals, not edits."""
    if not is_existence(path):
        return mark
    return replace(mark, covers=frozenset(known for known in mark.covers if known.existence))


def _fill_or_empty_line(
    world: World, replica: Replica, root: Path, value: Scalar | None, covers: frozenset[Edit]
) -> None:
    state = world.remotes[replica]
    for path in content(root, world.scope.fields):
        world.marks.pop((f"remote {replica}", path), None)
        if value is None:
            state.pop(path, None)
        else:
            made = _made(world, path, 0)
            world.marks[(f"remote {replica}", path)] = Mark(
                made.latest, covers | made.covers, frozenset({replica.system.value})
            )
            state[path] = 0


# What the engine does.


def read(world: World, replica: Replica) -> World:
    """A picture of a remote is taken; it is observed later, perhaps too late."""
    after = world.copy()
    after.pictures[replica] = picture_of(after.remotes[replica])
    _copy_marks(after, f"remote {replica}", f"picture {replica}", _all_paths(after))
    return settled(after)


def deliver(world: World, replica: Replica, *, late: bool = False) -> World:
    """A picture of one remote is observed: the one of now, or the one taken before."""
    after = world.copy()
    place = f"picture {replica}" if late else f"remote {replica}"
    state = after.pictures[replica] if late else picture_of(after.remotes[replica])
    after.pictures.pop(replica, None)
    flight = after.flights.get(replica)
    doubt = flight.values if flight and not _edited_since(after, replica) else None
    _observe(after, replica, state, place, doubt)
    _check_idempotent(after, replica, state)
    return settled(after)


def _observe(
    world: World, replica: Replica, state: Mapping[Path, Scalar], place: str, doubt: observing.Doubt | None
) -> None:
    before = world.thing.fields
    dot = world.thing.vector.next_dot(replica.value, 0)
    seen = observing.observe(world.thing, world.bindings[replica], state, dot, doubt)
    told = {change.path: change.after for change in seen.changes}
    if overlay(world.bindings[replica].shadow, told) != seen.binding.shadow:
        raise Violation("the log does not tell what was observed")
    decided = rules.winners(seen.thing, world.policy, {})
    world.thing = rules.settle(seen.thing, decided) if decided else seen.thing
    world.bindings[replica] = seen.binding
    paths = _all_paths(world)
    _copy_marks(world, place, f"shadow {replica}", paths if EXISTS in state else [EXISTS])
    for path in paths:
        value = world.thing.fields.get(path)
        if path in decided:
            world.marks[("canon", path)] = _known(world, path)
        elif value != before.get(path):
            world.marks[("canon", path)] = world.mark(place, path) if value == state.get(path) else _known(world, path)


def _check_idempotent(world: World, replica: Replica, state: Mapping[Path, Scalar]) -> None:
    dot = world.thing.vector.next_dot(replica.value, 0)
    again = observing.observe(world.thing, world.bindings[replica], state, dot)
    if again.changes or again.thing != world.thing or again.binding != world.bindings[replica]:
        raise Violation("observing the same state twice changed something")


def resolve(world: World, path: Path, value: Scalar | None) -> World:
    """A person's choice supersedes everything that is known of the field, and with a removal of its content."""
    after = world.copy()
    before = after.thing.fields
    dot = after.thing.vector.next_dot(HUB, 0)
    shadows = {binding.actor: binding.shadow for binding in after.bindings.values()}
    after.thing = rules.resolve(after.thing, {path: value}, dot, shadows)
    mark = _known(after, path)
    if value is None:
        inner = {path for binding in after.bindings.values() for path in binding.shadow}
        for known in content(path, inner):
            _dismiss(after, known, _known(after, known).covers)
            mark = replace(mark, covers=mark.covers | _known(after, known).covers)
    latest = _made(world, path, value).latest
    _dismiss(after, path, mark.covers - latest)
    after.marks[("canon", path)] = replace(mark, latest=latest)
    for inner_path in _all_paths(after):
        changed = after.thing.fields.get(inner_path) != before.get(inner_path)
        if inner_path != path and (changed or line_root(inner_path) == path):
            after.marks[("canon", inner_path)] = _known(after, inner_path)
    return settled(after)


def _dismiss(world: World, path: Path, edits: frozenset[Edit]) -> None:
    """A person has decided against these edits, knowing them; whatever overwrites them later takes nothing away."""
    world.marks[("dismissed", path)] = world.mark("dismissed", path).join(Mark(frozenset(), edits))


def _known(world: World, path: Path) -> Mark:
    """All that the engine has heard of a field, as a decision supersedes it."""
    mark = world.mark("canon", path)
    for replica in world.scope.replicas:
        mark = mark.join(world.mark(f"shadow {replica}", path))
    nowhere = path not in world.thing.fields and not is_existence(path)
    return Mark(frozenset() if nowhere else world.mark("canon", path).latest, mark.covers, frozenset({HUB}))


def flip(world: World) -> World:
    """The direction changes."""
    after = world.copy()
    after.source = world.source.other
    return after


def send(world: World, write: deciding.Write, answer: str, explicit: System | None = None) -> World:
    """One decided write, fenced. ``answer``: "ok", "lost" (it took effect) or "unsent" (it did not, and nobody knows)."""
    after = world.copy()
    replica = write.replica
    values = values_of(write)
    _check_direction(world, write, values, explicit)
    if picture_of(after.remotes[replica]) != picture_of(dict(after.bindings[replica].shadow)):
        return deliver(world, replica)
    before = after.bindings[replica]
    reached = deciding.reached_by(write, after.thing, before, after.policy, explicit)
    for path in values:
        mark = _origin(world, path, values[path])
        after.marks[(f"flight {replica}", path)] = replace(mark, said=mark.said | {HUB}) if explicit else mark
    effect = None if answer == "unsent" else _apply(after, write, values)
    after.flights[replica] = Flight(write, values, before.seen.join(reached), world.thing, before.shadow, effect)
    if answer == "ok":
        assert effect is not None
        _receive(after, replica, effect)
    return settled(after)


def _origin(world: World, path: Path, value: Scalar | None) -> Mark:
    """The history of a value that is written: the canonical one, or what the source says instead of an edit that is held."""
    if world.thing.fields.get(path) == value:
        return world.mark("canon", path)
    sides = [replica for replica in world.scope.replicas if replica.system is world.source]
    own = next((replica for replica in sides if world.bindings[replica].shadow.get(path) == value), None)
    if own is None:
        raise Violation(f"{path} is written as {value}, which nobody says")
    return world.mark(f"shadow {own}", path).by(world.source.value)


def _apply(world: World, write: deciding.Write, values: Mapping[Path, Scalar | None]) -> dict[Path, Scalar]:
    """The remote takes the write; this is where edits could be lost."""
    replica, state = write.replica, world.remotes[write.replica]
    if isinstance(write, deciding.Create):
        _check_superseded(world, replica, [EXISTS], values)
        result = overlay({}, values)
        for path in state.keys() - result.keys():  # it went with the record, and whoever deleted that knew it
            world.marks.pop((f"remote {replica}", path), None)
    else:
        _check_superseded(world, replica, values, values)
        result = overlay(state, values)
    world.remotes[replica] = result
    for path, value in values.items():
        mark = world.mark(f"flight {replica}", path)
        world.marks[(f"remote {replica}", path)] = replace(mark, said=mark.said | {replica.system.value})
        if value is None and is_line(path):
            for inner in world.scope.fields:
                if inner.startswith(path + "/"):
                    world.marks.pop((f"remote {replica}", inner), None)
    return picture_of(result)


def _check_superseded(
    world: World, replica: Replica, paths: Iterable[Path], values: Mapping[Path, Scalar | None]
) -> None:
    state = world.remotes[replica]
    for path in paths:
        overwritten = set(world.mark(f"remote {replica}", path).latest)
        if values[path] is None:
            for inner in content(path, state):
                overwritten |= world.mark(f"remote {replica}", inner).latest
        lost = overwritten - world.mark(f"flight {replica}", path).covers - world.mark("dismissed", path).covers
        if values[path] is None:
            lost -= {known for inner in content(path, _all_paths(world)) for known in _decided_against(world, inner)}
        if lost and values[path] != state.get(path):
            raise Violation(f"an edit of {path} at {replica} is overwritten by a write that does not know it")


def _decided_against(world: World, path: Path) -> frozenset[Edit]:
    """Edits that gave way to a later one, or to a person's choice."""
    return superseded(world, path) | world.mark("dismissed", path).covers


def superseded(world: World, path: Path) -> frozenset[Edit]:
    """Edits over which the canonical value has prevailed, by a resolution or a later edit."""
    mark = world.mark("canon", path)
    return mark.covers - mark.latest


def _check_direction(
    world: World, write: deciding.Write, values: Mapping[Path, Scalar | None], explicit: System | None
) -> None:
    if explicit is not None:
        if write.replica.system is not explicit:
            raise Violation(f"sent by hand to {explicit}, yet {write.replica} is written")
        return
    for path in values:
        said = _origin(world, path, values[path]).said
        if world.source.value not in said and HUB not in said and not _own(world, write, path):
            raise Violation(f"{path} is written to {write.replica} against the direction")


def _own(world: World, write: deciding.Write, path: Path) -> bool:
    """A record made again gets back what its own side said of it."""
    own = write.replica.system.value in world.mark("canon", path).said
    return isinstance(write, deciding.Create) and path != EXISTS and own


def _receive(world: World, replica: Replica, picture: Mapping[Path, Scalar]) -> None:
    """The receipt: the replica says what was read back, and has caught up with what was sent."""
    flight = world.flights.pop(replica)
    before = world.bindings[replica]
    if isinstance(flight.write, deciding.Create):
        shadow: Mapping[Path, Scalar] = dict(picture)
    else:
        sent = {path: picture.get(path) for path in flight.values}
        shadow = overlay(before.shadow, sent) if EXISTS in picture else overlay(before.shadow, {EXISTS: None})
    world.bindings[replica] = CausalBinding(replica, shadow, before.seen.join(flight.reached))
    for path in _all_paths(world):
        if path in flight.values or isinstance(flight.write, deciding.Create):
            world.marks[(f"shadow {replica}", path)] = world.mark(f"flight {replica}", path)
        world.marks.pop((f"flight {replica}", path), None)
    world.pictures.pop(replica, None)
    if EXISTS in picture and picture != shadow:
        _observe(world, replica, picture, f"remote {replica}", None)


def recover(world: World, replica: Replica) -> World:
    """What became of a write whose answer was lost: QuickBooks tells the original answer again, Scoro is looked at."""
    after = world.copy()
    flight, now = after.flights[replica], picture_of(after.remotes[replica])
    if _edited_since(world, replica):
        outcome = None
    elif replica.system is System.QUICKBOOKS and flight.after is not None:
        outcome = flight.after
    elif _says(now, flight):
        outcome = now
    elif after.thing == flight.thing and now == picture_of(dict(flight.base)) == picture_of(
        dict(after.bindings[replica].shadow)
    ):
        outcome = _apply(after, flight.write, flight.values)
    else:
        outcome = None
    if outcome is not None:
        _receive(after, replica, outcome)
    else:
        del after.flights[replica]
        _forget(after, f"flight {replica}")
        return deliver(after, replica)
    return settled(after)


def _edited_since(world: World, replica: Replica) -> bool:
    """Whether an edit was observed there after the write in doubt was decided: then its answer tells nothing any more."""
    return world.bindings[replica].seen[replica.value] > world.flights[replica].reached[replica.value]


def _says(picture: Mapping[Path, Scalar], flight: Flight) -> bool:
    if isinstance(flight.write, deciding.Delete):
        return EXISTS not in picture
    return EXISTS in picture and all(picture.get(path) == value for path, value in flight.values.items())


def values_of(write: deciding.Write) -> dict[Path, Scalar | None]:
    """What a write changes, as the outbox stores it."""
    match write:
        case deciding.Create(_, values) | deciding.Update(_, values):
            return dict(values)
        case deciding.Delete():
            return {EXISTS: None}
        case deciding.Void():
            return {"@void": True}


# Checks of one state.


def check(world: World) -> None:
    """What holds in every state, at rest or not."""
    for binding in world.bindings.values():
        if not world.thing.vector.dominates(binding.seen):
            raise Violation(f"{binding.replica} has seen what the object does not include")
    for path in world.thing.dots:
        if not world.thing.vector.includes(world.thing.dot(path)):
            raise Violation(f"the change of {path} is not in the object's vector")
    for place, state in world.places():
        if not place.startswith("flight") and any((root := line_root(path)) and root not in state for path in state):
            raise Violation(f"{place} has a line field without its line")
    disposition, reason = deciding.disposition_of(world.decision())
    if disposition not in Disposition or reason not in WORDS:
        raise Violation("no disposition")


def check_rest(world: World) -> None:
    """At rest, what differs is listed."""
    decision = world.decision()
    match decision:
        case deciding.Hold(paths, _):
            listed = set(paths)
            for path in paths:
                if any(
                    replica.system is world.source
                    and EXISTS in world.remotes[replica]
                    and world.remotes[replica].get(path) == world.thing.fields.get(path)
                    for replica in world.scope.replicas
                    if carried(path, world.scope.carried_by(replica))
                ):
                    raise Violation(f"{path} is held although the source says it")
        case deciding.Conflict():
            return
        case deciding.DeletedThere() | deciding.Excluded():
            return
        case deciding.InStep():
            listed = set()
        case _:
            raise Violation(f"at rest, yet {decision}")
    for path in differences(world):
        if not ({path, line_root(path), EXISTS} & listed):
            raise Violation(f"{path} differs, and {type(decision).__name__} does not list it")


def differences(world: World) -> set[Path]:
    """Paths on which the remotes do not agree, as far as they can carry them. Of records that exist nowhere, none."""
    found: set[Path] = set()
    living = [replica for replica in world.scope.replicas if EXISTS in world.remotes[replica]]
    if living and len(living) < len(world.scope.replicas):
        found.add(EXISTS)
    for path in {path for replica in living for path in world.remotes[replica]}:
        carriers = [replica for replica in living if carried(path, world.scope.carried_by(replica))]
        if len({world.remotes[replica].get(path) for replica in carriers}) > 1:
            found.add(path)
    return found


# Marks.


def settled(world: World) -> World:
    """Copies with equal values share their marks, so that equal edits never count as lost."""
    by_value: dict[tuple[Path, Scalar | None], list[str]] = {}
    paths = _all_paths(world)
    for place, state in world.places():
        for path in paths:
            value = state.get(path)
            if _says_something(place, state, path) and (value is not None or is_existence(path)):
                by_value.setdefault((path, value), []).append(place)
    for (path, _), places in by_value.items():
        joined = world.mark(places[0], path)
        for place in places[1:]:
            joined = joined.join(world.mark(place, path))
        for place in places:
            world.marks[(place, path)] = joined
    _rename(world)
    return world


def _says_something(place: str, state: Mapping[Path, Scalar | None], path: Path) -> bool:
    """A write in flight is silent about what it leaves as it is."""
    return path in state or not place.startswith("flight")


def _rename(world: World) -> None:
    """Edits that are known in the same places are the same to us; numbers follow from where they are known."""
    where: dict[Edit, list[tuple[str, Path, bool]]] = {}
    for key in sorted(world.marks):
        mark = world.marks[key]
        for known in mark.covers:
            where.setdefault(known, []).append((*key, known in mark.latest))
    signatures = sorted({(known.existence, tuple(keys)) for known, keys in where.items()})
    numbers = {signature: number for number, signature in enumerate(signatures, 1)}
    names = {known: Edit(numbers[(known.existence, tuple(keys))], known.existence) for known, keys in where.items()}
    world.marks = {
        key: Mark(frozenset(names[one] for one in mark.latest), frozenset(names[one] for one in mark.covers), mark.said)
        for key, mark in world.marks.items()
        if mark.covers or mark.said != BOTH
    }


def _copy_marks(world: World, origin: str, target: str, paths: Iterable[Path]) -> None:
    for path in paths:
        world.marks[(target, path)] = world.mark(origin, path)


def _forget(world: World, place: str) -> None:
    world.marks = {key: mark for key, mark in world.marks.items() if key[0] != place}


def _all_paths(world: World) -> list[Path]:
    roots = {root for path in world.scope.fields if (root := line_root(path))}
    return [EXISTS, *sorted(roots), *world.scope.fields]


def content(path: Path, state: Iterable[Path]) -> list[Path]:
    """What lives in an existence."""
    if path == EXISTS:
        return [inner for inner in state if inner != EXISTS]
    return [inner for inner in state if inner.startswith(path + "/")] if is_line(path) else []


def is_line(path: Path) -> bool:
    return path.startswith(LINES) and line_root(path) is None


def is_existence(path: Path) -> bool:
    return path == EXISTS or is_line(path)


def picture_of(state: Mapping[Path, Scalar]) -> dict[Path, Scalar]:
    """What a read of a remote says: a deleted record says nothing."""
    return dict(state) if EXISTS in state else {}
