"""Turning rows into the core's causal values and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.objects import CausalBinding, CausalObject, Contest, Side
from engine.core.records import Kind, Replica
from engine.core.vector import Dot, VersionVector
from engine.store.tables import Binding, Object


def causal_object(row: Object) -> CausalObject:
    """The object as the core sees it."""
    return CausalObject(
        id=row.id,
        kind=Kind(row.kind),
        fields=row.fields,
        dots={path: Dot(actor, counter) for path, (actor, counter) in row.dots.items()},
        vector=VersionVector(row.vector),
        contests={path: _contest(stored) for path, stored in row.contests.items()},
    )


def causal_binding(row: Binding) -> CausalBinding:
    """The binding as the core sees it."""
    return CausalBinding(Replica(row.replica), row.shadow, VersionVector(row.seen))


def object_columns(thing: CausalObject) -> dict[str, Any]:
    """The causal columns of an object's row."""
    return {
        "fields": dict(thing.fields),
        "dots": {path: list(dot) for path, dot in thing.dots.items()},
        "vector": dict(thing.vector.counters),
        "contests": {path: _stored(contest) for path, contest in thing.contests.items()},
    }


def _contest(stored: Mapping[str, Any]) -> Contest:
    sides = {actor: Side(value, Dot(*dot)) for actor, (value, dot) in stored["sides"].items()}
    return Contest(stored["base"], sides)


def _stored(contest: Contest) -> dict[str, Any]:
    sides = {actor: [side.value, list(side.dot)] for actor, side in contest.sides.items()}
    return {"base": contest.base, "sides": sides}
