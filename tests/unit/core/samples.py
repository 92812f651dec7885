"""A small object with its replicas, for tests of the pure kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.decide import Decision, Guards, Update, decide, reached_by
from engine.core.objects import CausalBinding, CausalObject, overlay
from engine.core.observe import Doubt, Observation, first_sight, observe
from engine.core.policy import Policy
from engine.core.records import EXISTS, HUB, Kind, Path, Replica, Scalar, System
from engine.core.rules import resolve
from engine.core.vector import Dot

S, Q, C, V = Replica.SCORO, Replica.QUICKBOOKS, Replica.CUSTOMER, Replica.VENDOR
FIELDS = frozenset({EXISTS, "@void", "name", "email", "phone", "lines/quantity", "lines/product"})
STATE: Mapping[Path, Scalar] = {
    EXISTS: True, "name": "Ann", "email": "a@x",
    "lines/1": True, "lines/1/quantity": "1", "lines/2": True, "lines/2/quantity": "2",
}  # fmt: skip
FROM_SCORO = Policy(System.SCORO)
FROM_QUICKBOOKS = Policy(System.QUICKBOOKS)


@dataclass
class Story:
    """Replicas in step, to which things happen one by one."""

    thing: CausalObject
    bindings: dict[Replica, CausalBinding]
    last: Observation | None = None
    policy: Policy = field(default=FROM_SCORO)

    def sees(
        self, replica: Replica, changes: Mapping[Path, Scalar | None], doubt: Doubt | None = None
    ) -> dict[Path, str]:
        """The replica now says what it said before, with these changes; the effect on each edited path."""
        state = overlay(self.bindings[replica].shadow, changes)
        return self.says(replica, {} if changes.get(EXISTS, True) is None else state, doubt)

    def says(self, replica: Replica, state: Mapping[Path, Scalar], doubt: Doubt | None = None) -> dict[Path, str]:
        dot = self.thing.vector.next_dot(replica.value, 0)
        self.last = observe(self.thing, self.bindings[replica], state, dot, doubt)
        self.thing, self.bindings[replica] = self.last.thing, self.last.binding
        return {change.path: change.effect.value for change in self.last.changes}

    def resolves(self, choices: Mapping[Path, Scalar | None]) -> None:
        shadows = {binding.actor: binding.shadow for binding in self.bindings.values()}
        self.thing = resolve(self.thing, choices, self.thing.vector.next_dot(HUB, 0), shadows)

    def receives(self, replica: Replica, values: Mapping[Path, Scalar | None], explicit: System | None = None) -> None:
        """A write to the replica was read back as it was meant."""
        binding = self.bindings.get(replica, CausalBinding(replica))
        reached = binding.seen.join(reached_by(Update(replica, values), self.thing, binding, self.policy, explicit))
        self.bindings[replica] = binding.advanced(overlay(binding.shadow, values), reached)

    def decides(self, policy: Policy | None = None, **more: object) -> Decision:
        return decide(self.thing, self.bindings, policy or self.policy, self.guards(**more))

    def guards(self, **more: object) -> Guards:
        given: dict[str, object] = {
            "wanted": frozenset(self.bindings),
            "carries": dict.fromkeys(Replica, FIELDS),
            "gone": frozenset(replica for replica, binding in self.bindings.items() if EXISTS not in binding.shadow),
        }
        return Guards(**{**given, **more})  # type: ignore[arg-type]  # the tests name guards by keyword


def in_step(*replicas: Replica, state: Mapping[Path, Scalar] = STATE) -> Story:
    """All replicas agree on ``state``; the first one had it first."""
    first, *others = replicas or (S, Q)
    seen = first_sight(CausalObject("o", Kind.CONTACT), CausalBinding(first), state, Dot(first.value, 1))
    bindings = {first: seen.binding}
    for replica in others:
        bindings[replica] = CausalBinding(replica, dict(state), seen.thing.vector)
    return Story(seen.thing, bindings)
