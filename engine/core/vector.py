"""Version vectors with dots: the engine's only clock.

A dot names one change at one actor. A vector holds, for each actor, the greatest counter it includes; a
missing actor counts as 0. Counters of one actor grow but need not be dense (a counter is ``max(last + 1,
clock in seconds)``), so a vector includes every dot of that actor up to its counter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Dot(NamedTuple):
    """(actor, counter): the name of one change. Counters start at 1."""

    actor: str
    counter: int


class Ordering(StrEnum):
    """How two vectors stand to each other."""

    EQUAL = "equal"
    BEFORE = "before"
    AFTER = "after"
    CONCURRENT = "concurrent"


@dataclass(frozen=True, slots=True)
class VersionVector:
    """An immutable vector. ``counters`` never holds a zero."""

    counters: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, actor: str) -> int:
        return self.counters.get(actor, 0)

    def __iter__(self) -> Iterator[str]:
        return iter(self.counters)

    def __hash__(self) -> int:
        return hash(frozenset(self.counters.items()))

    def includes(self, dot: Dot) -> bool:
        """Whether the change that ``dot`` names is part of this history."""
        return self.counters.get(dot.actor, 0) >= dot.counter

    def dominates(self, other: VersionVector) -> bool:
        """Whether everything in ``other`` is in this one too."""
        mine = self.counters
        return all(mine.get(actor, 0) >= counter for actor, counter in other.counters.items())

    def join(self, other: VersionVector) -> VersionVector:
        """The least vector that includes both."""
        if self.dominates(other):
            return self
        if other.dominates(self):
            return other
        actors = {**self.counters, **other.counters}
        return VersionVector({actor: max(self[actor], other[actor]) for actor in actors})

    def with_dot(self, dot: Dot) -> VersionVector:
        """This history and the change that ``dot`` names."""
        if self.includes(dot):
            return self
        return VersionVector({**self.counters, dot.actor: dot.counter})

    def next_dot(self, actor: str, seconds: int) -> Dot:
        """A dot strictly after everything known of ``actor``; ``seconds`` is the clock, so that numbers are
        never issued twice even after an older backup was restored."""
        return Dot(actor, max(self[actor] + 1, seconds))

    def compare(self, other: VersionVector) -> Ordering:
        """The partial order of histories."""
        mine, theirs = self.dominates(other), other.dominates(self)
        if mine and theirs:
            return Ordering.EQUAL
        if mine:
            return Ordering.AFTER
        return Ordering.BEFORE if theirs else Ordering.CONCURRENT


EMPTY = VersionVector()
