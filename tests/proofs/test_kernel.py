"""The exhaustive search finds nothing in the kernel, and finds every fault that is put into it, by a shortest trace."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from engine.core import decide, observe, rules
from engine.core.objects import CausalBinding, CausalObject
from engine.core.policy import Policy
from engine.core.records import Replica
from engine.core.vector import VersionVector
from tests.proofs.kernel import SCOPES, follow, search
from tests.proofs.model import Scope

STATES = {"nightly": 200_000}.get(os.environ.get("PROVE_BUDGET", ""), 1_500)
"""Per scope; the command ``python -m tests.proofs`` goes by time and further."""


@pytest.mark.parametrize("scope", SCOPES, ids=[scope.name for scope in SCOPES])
def test_no_history_of_a_small_world_breaks_an_invariant(scope):
    """Nothing lost, nothing against the direction, quiet when done, what differs is listed, one disposition each."""
    explored = search(scope, states=STATES)
    assert explored.found is None, str(explored.found)
    assert explored.complete or explored.states >= STATES


FAILED_ONCE = {
    "existence, two replicas": (
        "delete @exists at scoro",
        "delete @exists at quickbooks",
        "deliver quickbooks",
        "resolve @exists as True",
        "write Create {'a': 0, '@exists': True} to quickbooks: lost",
        "deliver scoro",
        "edit a=1 at quickbooks",
        "deliver quickbooks",
    ),
    "existence, three replicas": (
        "edit a=1 at scoro",
        "deliver scoro",
        "delete @exists at scoro",
        "deliver scoro",
        "delete @exists at quickbooks.customer",
        "write Delete {'@exists': None} to quickbooks.vendor: ok",
        "restore @exists at quickbooks.vendor",
    ),
}
"""By scope, histories that lie deeper than the test suite searches."""


@pytest.mark.parametrize("name", FAILED_ONCE, ids=lambda name: name.replace(", ", "_").replace(" ", "_"))
def test_history_that_failed_once_holds(name):
    """An edit of a record that was made again by a write in doubt; an object that was deleted and only partly brought back."""
    follow(next(scope for scope in SCOPES if scope.name == name), FAILED_ONCE[name])


Plant = Callable[[pytest.MonkeyPatch], None]


def _everything_is_informed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "informed", lambda thing, binding, path: True)


def _every_edit_propagates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "propagates", lambda self, actor: True)


def _writes_bring_held_edits_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "reached_vector", lambda thing, policy, explicit: thing.vector)


def _contests_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    original = observe._join_contest

    def forgetting(draft: Any, *arguments: Any) -> Any:
        effect = original(draft, *arguments)
        draft.contests.clear()
        return effect

    monkeypatch.setattr(observe, "_join_contest", forgetting)


def _removals_ask_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "_unseen_content", lambda thing, binding, container: [])


def _receipts_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CausalBinding, "advanced", lambda self, shadow, seen: self)


def _resolutions_have_no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    original = rules.resolve

    def without_dot(thing: CausalObject, *arguments: Any) -> CausalObject:
        after = original(thing, *arguments)
        return CausalObject(after.id, after.kind, after.fields, thing.dots, thing.vector, after.contests)

    monkeypatch.setattr(rules, "resolve", without_dot)


def _vectors_never_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VersionVector, "with_dot", lambda self, dot: self)


def _held_edits_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "_held", lambda thing, bindings, guards: frozenset())


EDITS = Scope("edits", actions=frozenset({"edit", "flip", "resolve"}))
LIFE = Scope("life", values=(1,), actions=frozenset({"edit", "delete", "flip", "resolve"}))
HELD = Scope(
    "held",
    (Replica.SCORO, Replica.CUSTOMER, Replica.VENDOR),
    ("a", "b"),
    values=(1,),
    actions=frozenset({"edit", "flip"}),
)
PLANTS: list[tuple[Plant, Scope, int]] = [
    (_everything_is_informed, EDITS, 3),
    (_every_edit_propagates, EDITS, 1),
    (_writes_bring_held_edits_along, HELD, 6),
    (_contests_are_forgotten, EDITS, 3),
    (_removals_ask_nobody, LIFE, 4),
    (_receipts_are_not_remembered, EDITS, 1),
    (_resolutions_have_no_dot, EDITS, 5),
    (_vectors_never_grow, EDITS, 2),
    (_held_edits_are_not_listed, EDITS, 2),
]


@pytest.mark.parametrize(
    ("plant", "scope", "longest"), PLANTS, ids=[plant.__name__.strip("_") for plant, _, _ in PLANTS]
)
def test_planted_fault_is_found_by_a_shortest_trace(plant, scope, longest, monkeypatch):
    """Each fault of the kernel shows within a few steps."""
    plant(monkeypatch)
    found = search(scope, states=20_000, depth=longest).found
    assert found is not None
    assert len(found.trace) <= longest
    assert found.problem in str(found)


def test_search_ends_by_itself_when_a_world_is_exhausted():
    """A world with one edit and no more has few states, and all are seen."""
    explored = search(Scope("tiny", values=(1,), actions=frozenset({"edit"})))
    assert explored.complete
    assert explored.found is None
    assert 4 < explored.states < 100
    assert str(explored).endswith("all")
