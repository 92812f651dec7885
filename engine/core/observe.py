"""Observing: what an observed state of one replica does to an object. Pure; the engine is the only clock.

Whether an edit is concurrent is told by the vectors: an edit is *informed* when the replica had caught up
with the change it overwrites, or when its shadow held the very value it overwrites (whoever wrote it
first). Informed edits are taken; others converge when equal and are contested when not. Existence contains
its content: removing an object or a line is concurrent with every edit of it that the replica had not seen,
and the other way round. So are the fields that make the amount of a line: a price of one side times a
quantity of the other is a sum that nobody has agreed to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from engine.core.diff import changed_paths
from engine.core.objects import ANY, CausalBinding, CausalObject, Contest, Side, clear
from engine.core.records import EXISTS, PRICED, VOID, Path, Scalar, State, is_line, line_root
from engine.core.vector import Dot

Doubt = Mapping[Path, Scalar | None]
"""Path → value of a write to this replica whose answer never came."""


class Effect(StrEnum):
    """What became of one edited field."""

    TAKEN = "taken"
    CONVERGED = "converged"
    CONTESTED = "contested"
    ECHOED = "echoed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One edited field of one observation. ``before`` is the replica's shadow, not the canonical value."""

    path: Path
    before: Scalar | None
    after: Scalar | None
    effect: Effect


@dataclass(frozen=True, slots=True)
class Observation:
    """The object and the binding after the observation, and what was edited. No changes: nothing happened."""

    thing: CausalObject
    binding: CausalBinding
    changes: tuple[FieldChange, ...] = ()


@dataclass(slots=True)
class _Draft:
    """The parts of an object that an observation replaces, while it does. ``echoed``: what a write in doubt has put there."""

    fields: dict[Path, Scalar]
    dots: dict[Path, Dot]
    contests: dict[Path, Contest]
    echoed: frozenset[Path]
    changes: list[FieldChange] = field(default_factory=list)

    def assign(self, path: Path, value: Scalar | None, dot: Dot) -> None:
        """Give ``path`` its canonical value; a line's root takes the dots and contests of its fields with it."""
        self.dots[path] = dot
        if value is not None:
            self.fields[path] = value
            return
        clear(self.fields, path)
        if is_line(path):
            self._forget_content(path)

    def take_content(self, root: Path, state: State) -> None:
        """A line that appeared: its fields come with it, and share its dot."""
        self._forget_content(root)
        self.fields |= {path: value for path, value in state.items() if line_root(path) == root}

    def _forget_content(self, root: Path) -> None:
        self.dots = {path: dot for path, dot in self.dots.items() if line_root(path) != root}
        self.contests = {path: contest for path, contest in self.contests.items() if line_root(path) != root}


def first_sight(thing: CausalObject, binding: CausalBinding, state: State, dot: Dot) -> Observation:
    """The first replica of a new object: everything it says is canonical."""
    vector = thing.vector.with_dot(dot)
    seen = binding.seen.with_dot(dot)
    created = CausalObject(thing.id, thing.kind, dict(state), {ANY: dot}, vector)
    changes = tuple(FieldChange(path, None, value, Effect.TAKEN) for path, value in sorted(state.items()))
    return Observation(created, binding.advanced(dict(state), seen), changes)


def observe(
    thing: CausalObject, binding: CausalBinding, state: State, dot: Dot, doubt: Doubt | None = None
) -> Observation:
    """The edits between the replica's shadow and ``state``, taken into the object under ``dot``.

    ``doubt``: fields equal to a value of ours whose receipt was lost are that receipt, not an edit. They
    say nothing about what else the replica has seen, so ``seen`` does not move for them; equality of values
    keeps them quiet.
    """
    state = _without_existence(binding.shadow) if EXISTS not in state else state
    edited = changed_paths(binding.shadow, state)
    if not edited:
        return Observation(thing, binding)
    echoed = frozenset(path for path in edited if doubt and path in doubt and doubt[path] == state.get(path))
    if EXISTS in edited and EXISTS not in state:
        echoed &= {EXISTS}
    draft = _Draft(dict(thing.fields), dict(thing.dots), dict(thing.contests), echoed)
    for path in sorted(edited):
        if path in echoed:
            _note(draft, binding, path, state, Effect.ECHOED)
        else:
            _take_edit(draft, thing, binding, path, state, dot)
    if edited == echoed:
        return Observation(thing, binding.advanced(dict(state), binding.seen), tuple(draft.changes))
    vector = thing.vector.with_dot(dot)
    grown = CausalObject(thing.id, thing.kind, draft.fields, draft.dots, vector, draft.contests)
    return Observation(grown, binding.advanced(dict(state), binding.seen.with_dot(dot)), tuple(draft.changes))


def _take_edit(draft: _Draft, thing: CausalObject, binding: CausalBinding, path: Path, state: State, dot: Dot) -> None:
    value, former = state.get(path), draft.dots.get(path) or thing.dot(path)
    inside = _contest_containers(draft, thing, binding, path, state, dot)
    effect = _effect(draft, thing, binding, path, state, dot)
    if value is not None and is_line(path):
        if effect is Effect.TAKEN:
            draft.take_content(path, state)
        elif effect is Effect.CONVERGED:
            _meet_content(draft, binding, path, state, former, dot)
    _note(draft, binding, path, state, Effect.CONTESTED if inside else effect)


def _note(draft: _Draft, binding: CausalBinding, path: Path, state: State, effect: Effect) -> None:
    """The change for the log; a line that came or went is told with all its fields, so that it can be restored from there."""
    before = binding.shadow
    draft.changes.append(FieldChange(path, before.get(path), state.get(path), effect))
    if not is_line(path):
        return
    inside = {known for known in (*before, *state) if line_root(known) == path}
    for known in sorted(inside):
        own = Effect.CONTESTED if known in draft.contests else effect
        draft.changes.append(FieldChange(known, before.get(known), state.get(known), own))


def _effect(draft: _Draft, thing: CausalObject, binding: CausalBinding, path: Path, state: State, dot: Dot) -> Effect:
    value = state.get(path)
    if path in draft.contests or not informed(thing, binding, path):
        return _join_contest(draft, thing, binding, path, value, dot)
    if _ends(path, value) and _unseen_content(thing, binding, path):
        return _contest_removal(draft, thing, binding, path, value, dot)
    if factors := _unseen_factors(draft, thing, binding, path, state):
        return _contest_amount(draft, thing, binding, [path, *factors], state, dot)
    draft.assign(path, value, dot)
    return Effect.TAKEN


def _contest_containers(
    draft: _Draft, thing: CausalObject, binding: CausalBinding, path: Path, state: State, dot: Dot
) -> bool:
    """Editing inside what was removed or voided elsewhere contests that; the edit itself is kept, whichever came first."""
    found = [container for container in _containers(path) if _is_contested_existence(draft, thing, binding, container)]
    for container in found:
        _join_contest(draft, thing, binding, container, state.get(container), dot)
        if is_line(container) and container not in draft.fields:
            draft.assign(container, True, dot)
            draft.take_content(container, state)
    return bool(found)


def informed(thing: CausalObject, binding: CausalBinding, path: Path) -> bool:
    """Whether the replica knew the canonical value of ``path`` when it was edited there."""
    return binding.seen.includes(thing.dot(path)) or binding.shadow.get(path) == thing.fields.get(path)


def _is_contested_existence(draft: _Draft, thing: CausalObject, binding: CausalBinding, container: Path) -> bool:
    """Whether ``container`` was removed elsewhere without this replica knowing, so that editing inside it contests
    that."""
    if container in draft.contests:
        return True
    here, there = container in binding.shadow or container in draft.echoed, container in thing.fields
    ended = there and not here if container == VOID else here and not there
    return ended and not binding.seen.includes(thing.dot(container))


def _join_contest(
    draft: _Draft, thing: CausalObject, binding: CausalBinding, path: Path, value: Scalar | None, dot: Dot
) -> Effect:
    """Add or renew this replica's side; the contest ends when all sides say the same."""
    known = draft.contests.get(path)
    holder = draft.dots.get(path) or thing.dot(path)
    if known is None:
        known = Contest(binding.shadow.get(path), {holder.actor: Side(draft.fields.get(path), holder)})
    contest = Contest(known.base, {**known.sides, binding.actor: Side(value, dot)})
    if len({side.value for side in contest.sides.values()}) == 1:
        draft.contests.pop(path, None)
        draft.assign(path, value, dot)
        _settle_amount(draft, path)
        return Effect.CONVERGED
    draft.contests[path] = contest
    if holder.actor == binding.actor:
        draft.assign(path, value, dot)
    return Effect.CONTESTED


def _contest_removal(
    draft: _Draft, thing: CausalObject, binding: CausalBinding, path: Path, value: Scalar | None, dot: Dot
) -> Effect:
    """Removing or voiding what was edited elsewhere in the meantime: the edit stands, the removal asks."""
    edits = [_unseen_side(thing, binding, child) or thing.dot(child) for child in _unseen_content(thing, binding, path)]
    edit = max(edits, key=lambda found: found.counter)
    before = binding.shadow.get(path)
    draft.contests[path] = Contest(before, {edit.actor: Side(before, edit), binding.actor: Side(value, dot)})
    return Effect.CONTESTED


def _contest_amount(
    draft: _Draft, thing: CausalObject, binding: CausalBinding, factors: Sequence[Path], state: State, dot: Dot
) -> Effect:
    """Editing a quantity where the price was edited elsewhere in the meantime, and the like: what the line costs is asked for.
    The last of ``factors`` was edited elsewhere."""
    other = thing.dot(factors[-1])
    for path in factors:
        sides = {other.actor: Side(thing.fields.get(path), other), binding.actor: Side(state.get(path), dot)}
        draft.contests.setdefault(path, Contest(binding.shadow.get(path), sides))
    return Effect.CONTESTED


def _settle_amount(draft: _Draft, path: Path) -> None:
    """A part of a line's amount is agreed on: where only one side still differs from what both had, its edits stand, each under
    its own dot."""
    asked = {factor: draft.contests[factor] for factor in _factors(path) if factor in draft.contests}
    sides = [(actor, side.value == contest.base) for contest in asked.values() for actor, side in contest.sides.items()]
    editors = {actor for actor, is_as_before in sides if not is_as_before}
    if len(editors) != 1:
        return
    (editor,) = editors
    for factor, contest in asked.items():
        del draft.contests[factor]
        draft.assign(factor, contest.sides[editor].value, contest.sides[editor].dot)


def _factors(path: Path) -> list[Path]:
    """What makes the amount of a line, where ``path`` is a part of it."""
    root, _, name = path.rpartition("/")
    return [f"{root}/{factor}" for factor in PRICED] if name in PRICED and line_root(path) == root else []


def _unseen_factors(draft: _Draft, thing: CausalObject, binding: CausalBinding, path: Path, state: State) -> list[Path]:
    """What makes the line's amount together with ``path`` and was edited elsewhere without this replica knowing; nothing where
    the amount is asked for anyway, because both have edited one and the same of these."""
    if line_root(path) not in thing.fields:
        return []
    others = [factor for factor in _factors(path) if factor != path]
    apart = [other for other in others if state.get(other) != thing.fields.get(other)]
    unseen = [other for other in apart if not informed(thing, binding, other)]
    is_asked = any(other in draft.contests or state.get(other) != binding.shadow.get(other) for other in unseen)
    return [] if is_asked else unseen


def _unseen_content(thing: CausalObject, binding: CausalBinding, container: Path) -> list[Path]:
    inside = [path for path in {*thing.paths(), *thing.contests} if path != container and _contains(container, path)]
    return [path for path in inside if not informed(thing, binding, path) or _unseen_side(thing, binding, path)]


def _unseen_side(thing: CausalObject, binding: CausalBinding, path: Path) -> Dot | None:
    """Somebody else's edit in an open contest, which the canonical value does not show."""
    contest = thing.contests.get(path)
    dots = [side.dot for side in contest.sides.values()] if contest else []
    return next((dot for dot in dots if not binding.seen.includes(dot)), None)


def _meet_content(draft: _Draft, binding: CausalBinding, root: Path, state: State, former: Dot, dot: Dot) -> None:
    """Both sides have the line again, each its own: where they differ, they contest."""
    inside = {path for path in (*draft.fields, *state) if path.startswith(root + "/")}
    for path in sorted(inside):
        mine, theirs = state.get(path), draft.fields.get(path)
        if mine != theirs:
            holder = draft.dots.setdefault(path, former)
            draft.contests[path] = Contest(None, {holder.actor: Side(theirs, holder), binding.actor: Side(mine, dot)})


def _containers(path: Path) -> tuple[Path, ...]:
    """What ends ``path`` when it ends: the object's existence, its voiding, and its line's root."""
    if path == EXISTS:
        return ()
    if path == VOID:
        return (EXISTS,)
    root = line_root(path)
    return (EXISTS, VOID) if root is None else (EXISTS, VOID, root)


def _contains(container: Path, path: Path) -> bool:
    if container == VOID:
        return path != EXISTS
    return container == EXISTS or path.startswith(container + "/")


def _ends(path: Path, value: Scalar | None) -> bool:
    """Whether giving ``path`` this value ends what lives in it."""
    return value is not None if path == VOID else value is None and (path == EXISTS or is_line(path))


def _without_existence(shadow: State) -> dict[Path, Scalar]:
    """What a deleted record leaves as its shadow: all it was, so that a restored one is compared with it."""
    return {path: value for path, value in shadow.items() if path != EXISTS}
