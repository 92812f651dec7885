"""The causal state of one object and of its bindings, as the core sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.core.records import EXISTS, LINES, VOID, Kind, Path, Replica, Scalar, State, is_line, line_root
from engine.core.vector import EMPTY, Dot, VersionVector

ANY: Path = "*"
"""The key of the dot that every path not named has."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one actor says a contested field is. ``None``: empty, or for a line, removed."""

    value: Scalar | None
    dot: Dot


@dataclass(frozen=True, slots=True)
class Contest:
    """Concurrent edits of one field that differ: the base, and what each actor made of it. Never an exception."""

    base: Scalar | None
    sides: Mapping[str, Side]


@dataclass(frozen=True, slots=True)
class CausalObject:
    """An object: its canonical fields, who wrote each (``dots``), everything it includes, and its open contests."""

    id: str
    kind: Kind
    fields: State = field(default_factory=dict)
    dots: Mapping[Path, Dot] = field(default_factory=dict)
    vector: VersionVector = EMPTY
    contests: Mapping[Path, Contest] = field(default_factory=dict)

    def dot(self, path: Path) -> Dot:
        """The change that gave ``path`` its canonical value; a line's fields share the root's dot until edited."""
        found = self.dots.get(path)
        if found is not None:
            return found
        root = line_root(path)
        if root is not None and root in self.dots:
            return self.dots[root]
        return self.dots.get(ANY, _NO_DOT)

    def paths(self) -> Iterator[Path]:
        """Every path that has, or once had, a value."""
        yield from self.fields
        yield from (path for path in self.dots if path != ANY and path not in self.fields)


@dataclass(frozen=True, slots=True)
class CausalBinding:
    """One replica: its shadow and the vector it has caught up with."""

    replica: Replica
    shadow: State = field(default_factory=dict)
    seen: VersionVector = EMPTY

    @property
    def actor(self) -> str:
        """The name this replica's changes carry."""
        return self.replica.value

    def advanced(self, shadow: State, seen: VersionVector) -> CausalBinding:
        """The same replica, having caught up."""
        return CausalBinding(self.replica, shadow, seen)


_NO_DOT = Dot("", 0)


def carried(path: Path, fields: frozenset[str]) -> bool:
    """Whether a replica that can carry ``fields`` (bare names; line fields as ``lines/name``) carries ``path``."""
    if not path.startswith(LINES):
        return path in fields
    _, slash, name = path[len(LINES) :].partition("/")
    return LINES + name in fields if slash else True


def unseen(thing: CausalObject, binding: CausalBinding) -> set[Path]:
    """Paths whose canonical value the replica has not caught up with."""
    if binding.seen.dominates(thing.vector):
        return set()
    news = {path for path, dot in thing.dots.items() if not binding.seen.includes(dot)}
    if ANY not in news and not any(is_line(path) for path in news):
        return news  # nothing new is shared by paths that have no dot of their own
    return {path for path in thing.paths() if not binding.seen.includes(thing.dot(path))}


def lagging(thing: CausalObject, binding: CausalBinding, fields: frozenset[str]) -> dict[Path, Scalar | None]:
    """What the replica lacks: unseen paths it can carry whose value differs from its shadow; contested ones are left
    out. Nothing can be written into a voided document, so one that shall stay void lacks none of its content."""
    result: dict[Path, Scalar | None] = {}
    is_void = VOID in thing.fields and VOID in binding.shadow
    for path in unseen(thing, binding) & {EXISTS, VOID} if is_void else unseen(thing, binding):
        if path in thing.contests or line_root(path) in thing.contests or not carried(path, fields):
            continue
        value = thing.fields.get(path)
        if value != binding.shadow.get(path):
            result[path] = value
    return result


def overlay(shadow: State, values: Mapping[Path, Scalar | None]) -> dict[Path, Scalar]:
    """``shadow`` with ``values`` laid over it; None clears, and clearing a line's root takes its fields with it."""
    result = dict(shadow)
    for path, value in values.items():
        if value is None:
            clear(result, path)
        else:
            result[path] = value
    return result


def clear(state: dict[Path, Scalar], path: Path) -> None:
    """Remove ``path``, and with a line's root its fields."""
    state.pop(path, None)
    if is_line(path):
        prefix = path + "/"
        for child in [candidate for candidate in state if candidate.startswith(prefix)]:
            del state[child]
