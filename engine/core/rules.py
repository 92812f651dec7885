"""Ending contests: by a person's choice, by the policy of a category, or because one system owns the kind. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.core.objects import CausalBinding, CausalObject, Contest, clear, overlay, unseen
from engine.core.policy import ConflictPolicy, Policy
from engine.core.records import EXISTS, HUB, LINES, VOID, Path, Replica, Scalar, State, is_line, line_root
from engine.core.vector import Dot

SKEW = timedelta(minutes=2)
"""Edits closer than this are not told apart by their clocks: newest-wins falls back to asking."""

Choice = Mapping[Path, Scalar | None]


def resolve(thing: CausalObject, choices: Choice, dot: Dot, shadows: Mapping[str, State] | None = None) -> CausalObject:
    """A person's resolution: each chosen path gets its value under one new dot of ``hub``, which dominates all sides.

    ``shadows`` (actor → shadow) gives back the fields of a line, or of an object, that is chosen to live on.
    """
    fields, dots = dict(thing.fields), dict(thing.dots)
    contests = {path: contest for path, contest in thing.contests.items() if not _is_chosen(path, choices)}
    for path, value in choices.items():
        if value is None:
            clear(fields, path)
        else:
            fields[path] = value
            fields |= _content(thing, path, shadows or {})
        dots = {known: had for known, had in dots.items() if line_root(known) != path}
        dots[path] = dot
    return replace(thing, fields=fields, dots=dots, contests=contests, vector=thing.vector.with_dot(dot))


def _is_chosen(path: Path, choices: Choice) -> bool:
    """Whether the choices end the contest of ``path``: by naming it, or by removing what it is part of."""
    containers = {EXISTS, line_root(path)} - {path, None}
    return path in choices or any(
        container in choices and choices[container] is None for container in containers if container
    )


def _content(thing: CausalObject, path: Path, shadows: Mapping[str, State]) -> dict[Path, Scalar]:
    """The fields of a line that lives on, from the replica that kept it."""
    if path not in thing.contests or not path.startswith(LINES):
        return {}
    for actor, side in thing.contests[path].sides.items():
        if side.value is not None and actor in shadows:
            return {known: value for known, value in shadows[actor].items() if known.startswith(path + "/")}
    return {}


def settle(thing: CausalObject, winners: Mapping[Path, str]) -> CausalObject:
    """Let one side of each named contest stand under its own dot. No new edit is made, so the direction keeps its
    say."""
    fields, dots, contests = dict(thing.fields), dict(thing.dots), dict(thing.contests)
    for path, actor in winners.items():
        side = contests.pop(path).sides[actor]
        dots[path] = side.dot
        if side.value is None:
            clear(fields, path)
        else:
            fields[path] = side.value
    return replace(thing, fields=fields, dots=dots, contests=contests)


def without_replicas(thing: CausalObject, gone: Collection[str], living: Sequence[CausalBinding]) -> CausalObject:
    """What replicas that are no more said counts no longer: where one side of a contest is left, it stands under its own dot, and
    where an edit of theirs had reached no other replica, what those say stands."""
    contests = {
        path: Contest(one.base, {actor: side for actor, side in one.sides.items() if actor not in gone})
        for path, one in thing.contests.items()
    }
    told = {path: one for path, one in contests.items() if one.sides}
    alone = {path: next(iter(one.sides)) for path, one in told.items() if len(one.sides) == 1}
    settled = settle(replace(thing, contests=told), alone)
    instead = _instead_of_lost(settled, gone, living)
    dots = {path: dot for path, dot in settled.dots.items() if path not in instead}
    return replace(settled, fields=overlay(settled.fields, instead), dots=dots)


def _instead_of_lost(
    thing: CausalObject, gone: Collection[str], living: Sequence[CausalBinding]
) -> dict[Path, Scalar | None]:
    """Path of an edit that only replicas in ``gone`` had → what all others say; a line that they have comes with its fields."""
    if not gone or not living:
        return {}
    missing = set.intersection(*(unseen(thing, binding) for binding in living))
    lost = {path for path in missing if thing.dot(path).actor in gone and path not in thing.contests}
    said = {path: {binding.shadow.get(path) for binding in living} for path in lost}
    instead = {path: values.pop() for path, values in said.items() if len(values) == 1}
    back = {path for path, value in instead.items() if is_line(path) and value is not None}
    return instead | {path: value for path, value in living[0].shadow.items() if line_root(path) in back}


def winners(thing: CausalObject, policy: Policy, edited_at: Mapping[Dot, datetime]) -> dict[Path, str]:
    """Which contests the policy settles, and for whom. Removals always ask, and so does what ``edited_at`` (dot → when that edit
    was made) does not tell of every side."""
    decided = {
        path: _winner(policy.conflict_policy(path), contest, policy, edited_at)
        for path, contest in thing.contests.items()
        if path not in {EXISTS, VOID} and not is_line(path)
    }
    return {path: actor for path, actor in decided.items() if actor is not None}


def _winner(rule: ConflictPolicy, contest: Contest, policy: Policy, edited_at: Mapping[Dot, datetime]) -> str | None:
    if HUB in contest.sides:
        return None
    match rule:
        case ConflictPolicy.ASK:
            return None
        case ConflictPolicy.SOURCE:
            own = [actor for actor in contest.sides if Replica(actor).system is policy.source]
            return own[0] if len(own) == 1 else None
        case ConflictPolicy.NEWEST:
            return _newest(contest, edited_at)


def _newest(contest: Contest, edited_at: Mapping[Dot, datetime]) -> str | None:
    known = {actor: edited_at[side.dot] for actor, side in contest.sides.items() if side.dot in edited_at}
    if len(known) < len(contest.sides):
        return None
    last, second = sorted(known.values(), reverse=True)[:2]
    return next(actor for actor, moment in known.items() if moment == last) if last - second > SKEW else None


def reassert(thing: CausalObject, paths: frozenset[Path], owner: State, dot: Dot) -> CausalObject:
    """Put back what the owning system says of ``paths`` (R4): under a dot of ``hub``, so that it is written again."""
    return resolve(thing, {path: owner.get(path) for path in paths}, dot)
