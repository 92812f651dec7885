"""Joining two objects that turn out to be one: the first contact of two replicas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from engine.core.fingerprint import fingerprint
from engine.core.objects import ANY, CausalObject, unseen
from engine.core.records import HUB, LINES, Kind, Path, Scalar, State, System, line_fields, line_keys
from engine.core.renaming import renamed_path, renamed_state, renamed_thing
from engine.core.rules import without_replicas
from engine.core.vector import Dot, VersionVector
from engine.errors import Refused
from engine.mapping.base import Facts
from engine.services.context import Context
from engine.services.listing import listing_columns
from engine.services.references import forget_references, renew_references
from engine.store import log
from engine.store.causal import causal_binding, causal_object, object_columns
from engine.store.tables import Binding, MatchKey, Object, Outbox, Reference, Suggestion


def differences(kept: State, other: State) -> dict[Path, list[Scalar | None]]:
    """Fields that both sides have and that differ: path → [kept, other]."""
    return {path: [kept[path], other[path]] for path in sorted(kept.keys() & other.keys()) if kept[path] != other[path]}


def _total_of(bindings: Iterable[Binding]) -> Facts:
    """What the first of them that knows a total was told by its system."""
    return next((binding.facts for binding in bindings if binding.facts.get("total")), {})


def link(
    session: Session, context: Context, kept_id: str, other_id: str, *, now: datetime, person: str = "", rule: str = ""
) -> list[log.Entry]:
    """Make ``other`` part of ``kept``. There is no base: equal fields become it; where both have a value
    and they differ, the source's is canonical and pending for the other side; where only one has a value it
    stays where it is. The other values stand in the log and can be brought back. What a replica of one of
    them waits for it goes on waiting for, and conflicts stay open. The connection's row has to be locked;
    the caller appends the entries."""
    kept, other = session.get_one(Object, kept_id), session.get_one(Object, other_id)
    _check_linkable(session, kept, other)
    gone = _forget_gone(session, _bindings(session, kept_id), _bindings(session, other_id))
    own, theirs = _bindings(session, kept_id), _bindings(session, other_id)
    left, right = (_as_left(row, gone[row.id], bindings) for row, bindings in ((kept, own), (other, theirs)))
    right = _align_lines(left, theirs, right)
    winner, loser = _by_source(context, left, own, right.fields)
    merged, lost = _merge(left, right, winner, loser, {**awaited(right, theirs), **awaited(left, own)}, now)
    for name, value in {**object_columns(merged), **listing_columns(merged, _total_of([*own, *theirs]))}.items():
        setattr(kept, name, value)
    kept.version += 1
    kept.dirty, kept.updated_at, kept.required = True, now, kept.required or other.required
    _bind(session, own, kept_id, right.vector)
    _bind(session, theirs, kept_id, left.vector)
    other.merged_into, other.dirty = kept_id, False
    session.add_all([kept, other])
    session.flush()
    shadows = [binding.shadow for binding in (*own, *theirs)]
    renew_references(session.connection(), context.id, merged, shadows)
    settled = absorb(session, kept_id, other_id)
    linked = log.Entry(
        action="linked",
        object_id=kept_id,
        kind=kept.kind,
        actor=HUB,
        person=person,
        counter=merged.vector[HUB],
        vector=dict(merged.vector.counters),
        fields=[[path, before, merged.fields.get(path), "superseded"] for path, before in sorted(lost.items())],
        details={"other": other_id, "rule": rule, "state": dict(merged.fields)},
        noticed="rule" if rule else "manual",
    )
    return [linked, *settled]


def _check_linkable(session: Session, kept: Object, other: Object) -> None:
    if kept.kind != other.kind or kept.connection_id != other.connection_id:
        raise Refused("These two are not of the same kind.", hint="Choose a record of the same kind.")
    if kept.merged_into or other.merged_into or kept.id == other.id:
        raise Refused("One of these two is already linked.", hint="Reload the page.")
    own, theirs = (_living(_bindings(session, thing.id)) for thing in (kept, other))
    if own & theirs:
        raise Refused("Both already stand for a record of the same system.", hint="Merge them in that system first.")
    statement = select(Outbox.id).where(col(Outbox.object_id).in_((kept.id, other.id)), col(Outbox.state) == "sent")
    if session.exec(statement).first():
        raise Refused("A write of one of these is on its way.", hint="Try again in a minute.")


def _living(bindings: Sequence[Binding]) -> set[str]:
    return {binding.replica for binding in bindings if not binding.gone}


def _forget_gone(session: Session, own: Sequence[Binding], theirs: Sequence[Binding]) -> Mapping[str, set[str]]:
    """A record that went up in another one makes room for it. Returns object → its replicas that are forgotten."""
    both, forgotten = _living([*own, *theirs]), defaultdict[str, set[str]](set)
    for binding in [*own, *theirs]:
        if binding.gone and binding.replica in both:
            forgotten[binding.object_id].add(binding.replica)
            session.delete(binding)
    session.flush()
    return forgotten


def _as_left(row: Object, gone: set[str], bindings: Sequence[Binding]) -> CausalObject:
    """The object as its replicas leave it that are still there."""
    return without_replicas(causal_object(row), gone, [causal_binding(binding) for binding in bindings])


def awaited(thing: CausalObject, bindings: Iterable[Binding]) -> dict[Path, Dot]:
    """The edits that not all replicas of an object have: pending, held, or contested."""
    return {path: thing.dot(path) for binding in bindings for path in unseen(thing, causal_binding(binding))}


def _bind(session: Session, bindings: Iterable[Binding], kept_id: str, news: VersionVector) -> None:
    """Replicas of the kept object from now on; what the other object had seen is no news to them."""
    for binding in bindings:
        binding.object_id = kept_id
        binding.seen = dict(causal_binding(binding).seen.join(news).counters)
        session.add(binding)


def _bindings(session: Session, object_id: str) -> list[Binding]:
    return list(session.exec(select(Binding).where(Binding.object_id == object_id)))


def _by_source(context: Context, left: CausalObject, own: Sequence[Binding], right: State) -> tuple[State, State]:
    """(fields of the source's side, fields of the other side)."""
    source = context.policy(left.kind).source
    if any(System(binding.system) is source for binding in own):
        return left.fields, right
    return right, left.fields


def _merge(
    left: CausalObject, right: CausalObject, winner: State, loser: State, waiting: Mapping[Path, Dot], now: datetime
) -> tuple[CausalObject, dict[Path, Scalar]]:
    """The canonical state after the link, and the values that lost. A dot of ``hub`` stands for the differing fields only: every
    replica has seen all the rest, but for what was ``waiting`` before."""
    vector = left.vector.join(right.vector)
    dot = vector.next_dot(HUB, int(now.timestamp()))
    fields = _without_foreign_lines({**loser, **winner}, winner)
    lost = {path: loser[path] for path in loser if path in winner and loser[path] != winner[path]}
    lost |= {path: value for path, value in loser.items() if path not in fields}
    settled = next(iter(left.dots.values()), dot) if left.dots else dot
    dots = {ANY: left.dots.get(ANY, settled), **waiting} | dict.fromkeys(lost, dot)
    if any(path.startswith(LINES) for path in lost):
        dots |= {path: dot for path in fields if path.startswith(LINES) and path.count("/") == 1 and path not in loser}
    return CausalObject(
        left.id, left.kind, fields, dots, vector.with_dot(dot), {**right.contests, **left.contests}
    ), lost


def _without_foreign_lines(fields: dict[Path, Scalar], winner: State) -> dict[Path, Scalar]:
    """Lines are taken from the source as a whole: a line that only the other side has would change the total."""
    if not any(path.startswith(LINES) for path in winner):
        return fields
    keys = set(line_keys(winner))
    return {path: value for path, value in fields.items() if not path.startswith(LINES) or path.split("/")[1] in keys}


def _align_lines(left: CausalObject, theirs: Sequence[Binding], right: CausalObject) -> CausalObject:
    """Give the other side's lines the keys of the equal lines here, in its state, its shadow and its line ids."""
    renames = line_renames(left.fields, right.fields)
    if not renames:
        return right
    for binding in theirs:
        binding.shadow = _renamed(binding.shadow, renames)
        binding.fingerprint = fingerprint(binding.shadow)
        binding.line_ids = [[remote, renames.get(key, key)] for remote, key in binding.line_ids]
    fields, dots, contests = (_renamed(part, renames) for part in (right.fields, right.dots, right.contests))
    return replace(right, fields=fields, dots=dots, contests=contests)


def line_renames(left: State, right: State) -> dict[str, str]:
    """Line keys of ``right`` → the keys of the lines of ``left`` they are: equal ones first, then in order."""
    ours, theirs = line_keys(left), line_keys(right)
    renames: dict[str, str] = {}
    for key in theirs:
        equal = [
            own for own in ours if own not in renames.values() and line_fields(left, own) == line_fields(right, key)
        ]
        if equal:
            renames[key] = equal[0]
    rest = iter([own for own in ours if own not in renames.values()])
    for key in theirs:
        if key not in renames and (own := next(rest, None)) is not None:
            renames[key] = own
    return {key: own for key, own in renames.items() if key != own}


def _renamed(state: Mapping[Path, Any], renames: Mapping[str, str]) -> dict[Path, Any]:
    return {_under_new_key(path, renames): value for path, value in state.items()}


def _under_new_key(path: Path, renames: Mapping[str, str]) -> Path:
    if not path.startswith(LINES):
        return path
    head, key, *rest = path.split("/", 2)
    return "/".join([head, renames.get(key, key), *rest])


def absorb(session: Session, kept_id: str, other_id: str) -> list[log.Entry]:
    """From now on the other object is the kept one: neither lives on one side only any more, suggestions about them are settled,
    and whatever points to the other points to the kept one, which is no edit. Returns what is to be told of contests that are
    over with it."""
    _forget_alone(session, kept_id, other_id)
    owners = list(session.exec(select(Reference.object_id).where(Reference.target_id == other_id)))
    settled = [entry for owner in owners if (entry := _point_to(session, owner, kept_id, other_id)) is not None]
    session.flush()
    connection = session.connection()
    renamed = sa.func.replace(MatchKey.value, other_id, kept_id)
    connection.execute(sa.update(MatchKey).where(col(MatchKey.object_id).in_(owners)).values(value=renamed))
    already = select(Reference.object_id).where(Reference.target_id == kept_id)
    connection.execute(
        sa.delete(Reference).where(col(Reference.target_id) == other_id, col(Reference.object_id).in_(already))
    )
    connection.execute(sa.update(Reference).where(col(Reference.target_id) == other_id).values(target_id=kept_id))
    forget_references(connection, other_id)
    return settled


def _forget_alone(session: Session, kept_id: str, other_id: str) -> None:
    both = (kept_id, other_id)
    session.connection().execute(sa.delete(MatchKey).where(col(MatchKey.object_id).in_(both)))
    about = or_(col(Suggestion.scoro_object_id).in_(both), col(Suggestion.quickbooks_object_id).in_(both))
    session.connection().execute(
        sa.update(Suggestion).where(about, col(Suggestion.state) != "ignored").values(state="applied")
    )


def _point_to(session: Session, owner_id: str, kept_id: str, other_id: str) -> log.Entry | None:
    owner = session.get_one(Object, owner_id)
    before = causal_object(owner)
    after = renamed_thing(before, other_id, kept_id)
    for name, value in object_columns(after).items():
        setattr(owner, name, value)
    owner.version += 1
    owner.dirty = owner.dirty or owner.disposition in _MOVED_APART
    session.add(owner)
    for binding in _bindings(session, owner_id):
        binding.shadow = renamed_state(binding.shadow, other_id, kept_id)
        binding.fingerprint = fingerprint(binding.shadow)
        binding.line_ids = [[remote, renamed_path(key, other_id, kept_id)] for remote, key in binding.line_ids]
        session.add(binding)
    over = {renamed_path(path, other_id, kept_id) for path in before.contests} - after.contests.keys()
    return _over(after, over) if over else None


_MOVED_APART = ("conflict", "held", "pending")
"""Where the sides of an object may differ, so that a new name may bring them together."""


def _over(thing: CausalObject, paths: Iterable[Path]) -> log.Entry:
    """What the log says of contests whose sides turned out to be the same."""
    values = [[path, thing.fields.get(path), thing.fields.get(path), "converged"] for path in sorted(paths)]
    return log.Entry(
        "resolved", object_id=thing.id, kind=thing.kind.value, actor=HUB, vector=dict(thing.vector.counters),
        fields=values, details={"rule": "linked", "state": dict(thing.fields)}, noticed="rule",
    )  # fmt: skip


def kinds_linked_by_rule() -> frozenset[Kind]:
    """Kinds that are linked without a person when name and number are equal and nothing is ambiguous (R3, R16, R23)."""
    return frozenset({Kind.ACCOUNT, Kind.TAX_RATE, Kind.TRACKING_CLASS, Kind.PROJECT})
