"""Exhaustive breadth-first search over the pure kernel: every interleaving of small worlds, up to the depth a budget allows.

A violation is reported with the shortest trace that leads to it. Deterministic: no randomness, no clock but the budget's.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from engine.core import decide as deciding
from engine.core.policy import ConflictPolicy, DeletionPolicy
from engine.core.records import EXISTS, LINES, Path, Replica, System, line_root
from engine.core.vector import VersionVector
from tests.proofs import model
from tests.proofs.model import Scope, Violation, World

Step = tuple[str, Callable[[], World]]

THREE = (Replica.SCORO, Replica.CUSTOMER, Replica.VENDOR)
QUANTITY = LINES + "1/quantity"
OTHER = LINES + "2/quantity"

FIELD = frozenset({"edit", "flip", "resolve", "lose"})
LIFE = frozenset({"edit", "delete", "flip", "resolve"})

SCOPES = (
    Scope("one field, two replicas", actions=FIELD | {"late", "push"}),
    Scope("two fields, two replicas", fields=("a", "b"), actions=FIELD),
    Scope("existence, two replicas", values=(1,), actions=LIFE | {"lose"}),
    Scope("deletions ask", values=(1,), actions=LIFE | {"lose", "push"}, deletions=DeletionPolicy.ASK),
    Scope("one line, two replicas", fields=(QUANTITY,), values=(1,), actions=LIFE),
    Scope(
        "two lines, two replicas",
        fields=(QUANTITY, OTHER),
        values=(1,),
        actions=frozenset({"edit", "lines", "resolve"}),
    ),
    Scope("one field, three replicas", THREE, actions=frozenset({"edit", "flip", "resolve", "push"})),
    Scope("existence, three replicas", THREE, values=(1,), actions=LIFE),
    Scope(
        "unequal replicas", THREE, ("a", "b"), {Replica.VENDOR: frozenset({"a", EXISTS})}, values=(1,), actions=FIELD
    ),
    Scope("the source wins", conflicts=ConflictPolicy.SOURCE),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A violated invariant and the shortest way to it."""

    scope: str
    problem: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        steps = "".join(f"\n  {number}. {step}" for number, step in enumerate(self.trace, 1))
        return f"{self.scope}: {self.problem}{steps}"


@dataclass(frozen=True, slots=True)
class Explored:
    """How far one search came. ``depth``: every history of so many steps was seen."""

    scope: str
    states: int
    depth: int
    complete: bool
    found: Found | None = None

    def __str__(self) -> str:
        how = "all" if self.complete else f"to depth {self.depth}"
        return f"{self.scope}: {self.states:,} states, {how}"


def search(scope: Scope, *, seconds: float = 1e9, depth: int = 1000, states: int = 10**9) -> Explored:
    """Every state within ``depth`` steps, as far as the budget goes; stops at the first violation."""
    until = time.monotonic() + seconds
    start = model.beginning(scope)
    parents: dict[object, tuple[object, str] | None] = {key(start): None}
    level, reached = [start], 0
    while level and reached < depth:
        following: list[World] = []
        for world in level:
            if time.monotonic() > until or len(parents) > states:
                return Explored(scope.name, len(parents), reached, False)
            for name, step in steps(world):
                try:
                    after = step()
                    code = key(after)
                    if code in parents:
                        continue
                    model.check(after)
                    stabilise(after)
                except Violation as violation:
                    found = Found(scope.name, str(violation), (*_trace(parents, key(world)), name))
                    return Explored(scope.name, len(parents), reached, False, found)
                parents[code] = (key(world), name)
                following.append(after)
        level, reached = following, reached + 1
    return Explored(scope.name, len(parents), reached, not level)


def follow(scope: Scope, trace: Iterable[str]) -> None:
    """One history by the names of its steps; every state of it is checked, and comes to rest."""
    world = model.beginning(scope)
    for name in trace:
        world = dict(steps(world))[name]()
        model.check(world)
        stabilise(world)


def _trace(parents: dict[object, tuple[object, str] | None], code: object) -> tuple[str, ...]:
    names: list[str] = []
    while (parent := parents[code]) is not None:
        code, name = parent
        names.append(name)
    return tuple(reversed(names))


def stabilise(world: World) -> World:
    """Let everything arrive; a second round writes nothing, and what still differs is listed."""
    for _ in range(8):
        world, wrote = round_of(world)
        if not wrote:
            model.check(world)
            model.check_rest(world)
            return world
    raise Violation("it never comes to rest")


def round_of(world: World) -> tuple[World, bool]:
    """One run: recover what is in doubt, observe both sides, decide, write."""
    for replica in list(world.flights):
        world = model.recover(world, replica)
    world = world.copy()
    world.pictures.clear()
    for replica in world.scope.replicas:
        world = model.deliver(world, replica)
    wrote = False
    decision = world.decision()
    if isinstance(decision, deciding.Propagate):
        for write in decision.writes:
            world, wrote = model.send(world, write, "ok"), True
    return world, wrote


def steps(world: World) -> Iterator[Step]:
    """Everything that may happen next."""
    allowed = world.scope.actions
    for replica in world.scope.replicas:
        yield from _edits(world, replica, allowed)
        yield f"deliver {replica}", lambda replica=replica: model.deliver(world, replica)  # type: ignore[misc]  # bound at once
        if "late" in allowed and replica not in world.pictures:
            yield f"read {replica}", lambda replica=replica: model.read(world, replica)  # type: ignore[misc]  # bound at once
        if replica in world.pictures:
            yield f"deliver late {replica}", lambda replica=replica: model.deliver(world, replica, late=True)  # type: ignore[misc]  # bound at once
        if replica in world.flights:
            yield f"recover {replica}", lambda replica=replica: model.recover(world, replica)  # type: ignore[misc]  # bound at once
    yield from _sends(world, None, allowed)
    if "push" in allowed:
        for system in System:
            yield from _sends(world, system, frozenset())
    if "flip" in allowed:
        yield "flip", lambda: model.flip(world)
    if "resolve" in allowed:
        yield from _resolutions(world)


def _edits(world: World, replica: Replica, allowed: frozenset[str]) -> Iterator[Step]:
    state = world.remotes[replica]
    roots = {root for path in world.scope.fields if (root := line_root(path))}
    existences = [EXISTS] * ("delete" in allowed) + sorted(roots) * bool({"delete", "lines"} & allowed)
    for path in existences:
        if path == EXISTS or EXISTS in state:
            value = None if path in state else True
            name = f"{'restore' if value else 'delete'} {path} at {replica}"
            yield name, lambda path=path, value=value: model.edit(world, replica, path, value)  # type: ignore[misc]  # bound at once
    if EXISTS not in state:
        return
    for path in world.scope.fields:
        for number in world.scope.values:
            if path in state and state[path] != number and not _undoes(world, replica, path, number):
                yield (
                    f"edit {path}={number} at {replica}",
                    lambda path=path, number=number: model.edit(world, replica, path, number),  # type: ignore[misc]  # bound at once
                )


def _undoes(world: World, replica: Replica, path: Path, value: int) -> bool:
    """Putting back the very value of before, while an answer is lost, cannot be told from a write that never arrived."""
    return replica in world.flights and world.bindings[replica].shadow.get(path) == value


def _sends(world: World, explicit: System | None, allowed: frozenset[str]) -> Iterator[Step]:
    decision = world.decision(explicit)
    if not isinstance(decision, deciding.Propagate):
        return
    for write in decision.writes:
        if write.replica in world.flights:
            continue
        for answer in ("ok", "lost", "unsent") if "lose" in allowed else ("ok",):
            verb, values = "push" if explicit else "write", model.values_of(write)
            name = f"{verb} {type(write).__name__} {values} to {write.replica}: {answer}"
            yield name, lambda write=write, answer=answer: model.send(world, write, answer, explicit)  # type: ignore[misc]  # bound at once


def _resolutions(world: World) -> Iterator[Step]:
    decision = world.decision()
    choices: set[tuple[Path, object]] = set()
    for path, contest in world.thing.contests.items():
        choices |= {(path, side.value) for side in contest.sides.values()}
    if isinstance(decision, deciding.DeletedThere):
        choices |= {(EXISTS, True), (EXISTS, None)}
    for path, value in sorted(choices, key=str):
        yield f"resolve {path} as {value}", lambda path=path, value=value: model.resolve(world, path, value)  # type: ignore[misc]  # bound at once


def key(world: World) -> object:
    """Two states with the same key behave alike: counters count by their order only."""
    thing, bindings = world.thing, [world.bindings[replica] for replica in world.scope.replicas]
    flights = sorted(world.flights.items())
    vectors = [thing.vector, *(binding.seen for binding in bindings), *(flight.reached for _, flight in flights)]
    dots = [*thing.dots.values(), *(side.dot for contest in thing.contests.values() for side in contest.sides.values())]
    counters: dict[str, set[int]] = {}
    for vector in vectors:
        for actor in vector:
            counters.setdefault(actor, set()).add(vector[actor])
    for dot in dots:
        counters.setdefault(dot.actor, set()).add(dot.counter)
    rank = {(actor, number): at for actor, known in counters.items() for at, number in enumerate(sorted(known))}

    def ranked(vector: VersionVector) -> tuple[object, ...]:
        return tuple((actor, rank[(actor, vector[actor])]) for actor in sorted(vector))

    return (
        world.source,
        _items(thing.fields),
        tuple((path, dot.actor, rank[dot.actor, dot.counter]) for path, dot in sorted(thing.dots.items())),
        tuple(
            (
                path,
                contest.base,
                tuple(
                    (who, side.value, rank[side.dot.actor, side.dot.counter])
                    for who, side in sorted(contest.sides.items())
                ),
            )
            for path, contest in sorted(thing.contests.items())
        ),
        tuple(ranked(vector) for vector in vectors),
        tuple(_items(binding.shadow) for binding in bindings),
        tuple(_items(world.remotes[replica]) for replica in world.scope.replicas),
        tuple(
            (
                replica,
                type(flight.write),
                _items(flight.values),
                _items(flight.base),
                flight.after is None,
                flight.thing == thing,
            )
            for replica, flight in flights
        ),
        tuple((replica, _items(picture)) for replica, picture in sorted(world.pictures.items())),
        tuple(
            sorted(
                (place, tuple(sorted(mark.latest)), tuple(sorted(mark.covers)), tuple(sorted(mark.said)))
                for place, mark in world.marks.items()
            )
        ),
    )


def _items(state: Mapping[Path, object]) -> tuple[object, ...]:
    return tuple(sorted(state.items()))


def explore(seconds: float, scopes: tuple[Scope, ...] = SCOPES) -> list[Explored]:
    """Search every scope, on as many processes as there are cores; the budget is shared out."""
    jobs = min(len(scopes), os.cpu_count() or 1)
    share = seconds * jobs / len(scopes)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(partial(search, seconds=share), scopes))


def main(seconds: float) -> int:
    """Search every scope; print one line each and the shortest trace of what is violated."""
    explored = explore(seconds)
    for one in explored:
        print(one.found or one)  # noqa: T201 - a command's output
    return 1 if any(one.found for one in explored) else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 20))
