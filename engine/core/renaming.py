"""One object goes by another one's name from now on: whatever named the one names the other. Pure; nobody edited anything."""

from __future__ import annotations

from dataclasses import replace

from engine.core.objects import CausalObject, Contest, Side
from engine.core.records import Path, Scalar, State


def renamed_state(state: State, old: str, new: str) -> dict[Path, Scalar]:
    """``state`` with ``new`` wherever it says ``old``, in its values and in its paths (receipts' lines are named after
    documents)."""
    return {renamed_path(path, old, new): new if value == old else value for path, value in state.items()}


def renamed_path(path: Path, old: str, new: str) -> Path:
    """``path`` with ``new`` where a part of it is ``old``."""
    return path if old not in path else "/".join(new if part == old else part for part in path.split("/"))


def renamed_thing(thing: CausalObject, old: str, new: str) -> CausalObject:
    """The same for an object. A contest whose sides say the same by now is over: its value stands as it is."""
    contests = {renamed_path(path, old, new): _renamed(one, old, new) for path, one in thing.contests.items()}
    return replace(
        thing,
        fields=renamed_state(thing.fields, old, new),
        dots={renamed_path(path, old, new): dot for path, dot in thing.dots.items()},
        contests={path: contest for path, contest in contests.items() if not _is_over(contest)},
    )


def _renamed(contest: Contest, old: str, new: str) -> Contest:
    sides = {actor: Side(_value(side.value, old, new), side.dot) for actor, side in contest.sides.items()}
    return Contest(_value(contest.base, old, new), sides)


def _value(value: Scalar | None, old: str, new: str) -> Scalar | None:
    return new if value == old else value


def _is_over(contest: Contest) -> bool:
    return len({side.value for side in contest.sides.values()}) == 1
