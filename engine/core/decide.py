"""Deciding: one pure function that plan, run, retry, explain, preview, push, flip and what-if all call.

A ladder of early returns, most certain first. Each rung opens with what is known by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.objects import CausalBinding, CausalObject, carried, lagging
from engine.core.policy import DeletionPolicy, Policy, generic
from engine.core.reasons import Disposition, Reason
from engine.core.records import EXISTS, HUB, VOID, Path, Replica, Scalar, State, System
from engine.core.vector import EMPTY, Dot, VersionVector

Values = Mapping[Path, Scalar | None]


@dataclass(frozen=True, slots=True)
class Lock:
    """Why one replica may not be written. ``fields``: only writes that touch one of these generic paths; None: any.

    ``creates``: the lock also stops a create.
    """

    reason: Reason
    fields: frozenset[Path] | None = None
    creates: bool = False

    def stops(self, write: Write) -> bool:
        """Whether ``write`` may not be made."""
        match write:
            case Create():
                return self.creates
            case Update(_, values) if self.fields is not None:
                return any(generic(path) in self.fields for path in values)
            case _:
                return self.fields is None


@dataclass(frozen=True, slots=True)
class Guards:
    """Everything outside the causal state that a decision depends on, gathered beforehand.

    ``wanted``: replicas the object should have. ``carries``: bare field names a replica can carry.
    ``gone``: replicas whose record was deleted. ``excluded``: a reason that keeps it out; ``locks``: what
    stops writes to a replica; ``readonly``: replicas Concord never writes (accounting objects).
    ``unreadable``: why its last picture could not be put in canonical form. ``candidates``: an unbound
    record on the other side may be the same. ``unsettled``: the category has not been matched yet.
    ``required``: a document in scope needs it (R8, R14), on the replicas ``demanded``. ``explicit``: the
    system a person is sending to by hand, which lifts direction and scope for this one object.
    """

    wanted: frozenset[Replica]
    carries: Mapping[Replica, frozenset[str]]
    gone: frozenset[Replica] = frozenset()
    parked: bool = False
    excluded: Reason = Reason.NONE
    unreadable: Reason = Reason.NONE
    locks: Mapping[Replica, tuple[Lock, ...]] = field(default_factory=dict)
    readonly: frozenset[Replica] = frozenset()
    candidates: bool = False
    unsettled: bool = False
    required: bool = False
    demanded: frozenset[Replica] = frozenset()
    paid: bool = False
    variance: bool = False
    explicit: System | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """Make the record on ``replica`` with ``values``."""

    replica: Replica
    values: Values


@dataclass(frozen=True, slots=True)
class Update:
    """Give ``replica`` these ``values``; None clears a field."""

    replica: Replica
    values: Values


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete (or deactivate) the record on ``replica``."""

    replica: Replica


@dataclass(frozen=True, slots=True)
class Void:
    """Void the document on ``replica``."""

    replica: Replica


Write = Create | Update | Delete | Void


@dataclass(frozen=True, slots=True)
class InStep:
    """Nothing to do. ``reason`` tells agreed from gone everywhere."""

    reason: Reason = Reason.AGREED


@dataclass(frozen=True, slots=True)
class Propagate:
    """Writes to make, in one step."""

    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Edits on the side that is not the source are kept and listed."""

    paths: frozenset[Path]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Conflict:
    """Open contests wait for a person; the object is not half-written."""

    paths: frozenset[Path]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Blocked:
    """There is something to write, and a reason it cannot be."""

    reason: Reason
    replica: Replica


@dataclass(frozen=True, slots=True)
class Excluded:
    """Out of scope, by setting or by nature."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class AwaitMatch:
    """Nothing is created before a person has said that nothing on the other side is the same."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class DeletedThere:
    """Deleted on one side; a person says whether to follow."""

    reason: Reason
    replicas: frozenset[Replica]


@dataclass(frozen=True, slots=True)
class Variance:
    """Written and read back, yet the totals differ; a person accepts or corrects."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A person set it aside."""


Decision = InStep | Propagate | Hold | Conflict | Blocked | Excluded | AwaitMatch | DeletedThere | Variance | Parked


def decide(thing: CausalObject, bindings: Mapping[Replica, CausalBinding], policy: Policy, guards: Guards) -> Decision:
    """The one decision for ``thing`` as it is now.

    A returned write never goes to the source of the direction in force unless the change is a person's
    (actor ``hub``) or ``guards.explicit`` says that a person is sending this very object.
    """
    # Nothing is known yet but that a person may have set it aside.
    if guards.parked and guards.explicit is None:
        return Parked()

    # It takes part, unless settings or its nature keep it out; what a document needs comes along all the same (R8, R14).
    if guards.excluded is not Reason.NONE and guards.explicit is None and not guards.required:
        return Excluded(guards.excluded)

    # It is in scope. What could not be read cannot be written either.
    if guards.unreadable is not Reason.NONE:
        return Blocked(guards.unreadable, min(bindings, default=Replica.SCORO))

    # It is readable. Contested fields have no agreed value, so nothing of it may be written.
    if thing.contests:
        removal = not thing.contests.keys().isdisjoint({EXISTS, VOID})
        return Conflict(frozenset(thing.contests), Reason.EDITED_AND_DELETED if removal else Reason.SAME_FIELD_EDITED)

    # Every field has one value. If that value is "deleted", only the deletion matters.
    if EXISTS not in thing.fields:
        return _decide_deleted(thing, bindings, policy, guards)

    # It exists. A replica that is gone all the same was deleted against a newer decision to keep it.
    missing = guards.wanted - guards.readonly - bindings.keys()
    writes = [*_creates(thing, bindings, missing, policy, guards), *_updates(thing, bindings, policy, guards)]

    # What has to be written is known; what may not be created yet holds back the rest of the object too.
    if any(isinstance(write, Create) for write in writes):
        if guards.candidates:
            return AwaitMatch(Reason.MATCH_SUGGESTED)
        if guards.unsettled and not guards.required and guards.explicit is None:
            return AwaitMatch(Reason.MATCH_UNSETTLED)
    if writes:
        return _void_waits(thing, writes, policy, guards) or _unless_locked(tuple(writes), guards)

    # Nothing is to be written. What differs all the same is kept back by the direction.
    held = _held(thing, bindings, guards)
    if held:
        return Hold(held, Reason.AGAINST_DIRECTION)
    if missing:
        return _decide_missing(thing, policy, guards)
    unmakeable = (guards.wanted & guards.readonly) - bindings.keys()
    if unmakeable:
        return _decide_unmakeable(min(unmakeable), policy)

    # All replicas have all they can carry.
    return Variance() if guards.variance else InStep()


def reached_vector(thing: CausalObject, policy: Policy, explicit: System | None) -> VersionVector:
    """What a replica has caught up with after a write made under ``policy``: held edits of other replicas are not in
    it."""
    if explicit is not None:
        return thing.vector
    return VersionVector({actor: n for actor, n in thing.vector.counters.items() if policy.propagates(actor)})


def reached_by(
    write: Write, thing: CausalObject, binding: CausalBinding | None, policy: Policy, explicit: System | None
) -> VersionVector:
    """What the replica has caught up with once ``write`` is made. A deletion brings none of the content along: what was
    unsent is sent if the record is ever restored there. An edit before a void leaves the void to be made."""
    if isinstance(write, Delete):
        return EMPTY
    reached = reached_vector(thing, policy, explicit)
    if isinstance(write, Update) and binding is not None and _void_is_to_come(write, thing, binding):
        return _before(reached, thing.dot(VOID))
    return reached


def _void_is_to_come(write: Update, thing: CausalObject, binding: CausalBinding) -> bool:
    return VOID in thing.fields and VOID not in binding.shadow and VOID not in write.values


def _before(vector: VersionVector, dot: Dot) -> VersionVector:
    """As much of ``vector`` as does not include ``dot``."""
    counters = {**vector.counters, dot.actor: min(vector[dot.actor], dot.counter - 1)}
    return VersionVector({actor: counter for actor, counter in counters.items() if counter > 0})


def disposition_of(decision: Decision) -> tuple[Disposition, Reason]:
    """The state and the cause that lists and screens show for ``decision``."""
    match decision:
        case InStep(reason):
            return Disposition.IN_STEP, reason
        case Propagate(writes):
            return Disposition.PENDING, _cause(writes[0])
        case Hold(_, reason):
            return Disposition.HELD, reason
        case Conflict(_, reason):
            return Disposition.CONFLICT, reason
        case Blocked(reason, _):
            return Disposition.BLOCKED, reason
        case Excluded(reason):
            return Disposition.EXCLUDED, reason
        case AwaitMatch(reason):
            return Disposition.AWAITING_MATCH, reason
        case DeletedThere(reason, _):
            return Disposition.DELETED_THERE, reason
        case Variance():
            return Disposition.VARIANCE, Reason.TOTALS_DIFFER
        case Parked():
            return Disposition.PARKED, Reason.PARKED_BY_PERSON


def _cause(write: Write) -> Reason:
    match write:
        case Create():
            return Reason.TO_CREATE
        case Update():
            return Reason.TO_UPDATE
        case Delete():
            return Reason.TO_DELETE
        case Void():
            return Reason.TO_VOID


def _decide_deleted(
    thing: CausalObject, bindings: Mapping[Replica, CausalBinding], policy: Policy, guards: Guards
) -> Decision:
    living = frozenset(bindings.keys() - guards.gone)
    if not living:
        return InStep(Reason.GONE_EVERYWHERE)
    # It lives on somewhere. Sending by hand deletes only where it is sent to.
    addressed = frozenset(replica for replica in living if guards.explicit in (None, replica.system))
    if not addressed:
        return DeletedThere(_why_ask(thing, policy, guards) or Reason.DELETED_AT_SOURCE, living)
    # A person's word is final; a paid document is never deleted without one.
    if thing.dot(EXISTS).actor != HUB and guards.explicit is None:
        reason = _why_ask(thing, policy, guards)
        if reason is Reason.DELETION_NOT_FOLLOWED:
            return Excluded(reason)
        if reason is not Reason.NONE:
            return DeletedThere(reason, living)
    writable = addressed - guards.readonly
    return _unless_locked(tuple(Delete(replica) for replica in sorted(writable)), guards) if writable else InStep()


def _void_waits(
    thing: CausalObject, writes: list[Write], policy: Policy, guards: Guards
) -> DeletedThere | Excluded | None:
    """A void leaves nothing of a document: like a deletion it is followed, asked about or never followed, unless a person has
    said so already."""
    voided = frozenset(write.replica for write in writes if isinstance(write, Void))
    if not voided or thing.dot(VOID).actor == HUB or guards.explicit is not None:
        return None
    match policy.deletions:
        case DeletionPolicy.FOLLOW:
            return None
        case DeletionPolicy.ASK:
            return DeletedThere(Reason.VOIDED_AT_SOURCE, voided)
        case DeletionPolicy.NEVER:
            return Excluded(Reason.DELETION_NOT_FOLLOWED)


def _unless_locked(writes: tuple[Write, ...], guards: Guards) -> Propagate | Blocked:
    for write in writes:
        for lock in guards.locks.get(write.replica, ()):
            if lock.stops(write):
                return Blocked(lock.reason, write.replica)
    return Propagate(writes)


def _why_ask(thing: CausalObject, policy: Policy, guards: Guards) -> Reason:
    """Why a deletion may not be followed by itself; NONE when it may."""
    if guards.candidates:
        return Reason.MERGED_THERE
    if not policy.propagates(thing.dot(EXISTS).actor):
        return Reason.DELETED_ON_OTHER_SIDE
    if policy.deletions is DeletionPolicy.NEVER:
        return Reason.DELETION_NOT_FOLLOWED
    if guards.paid:
        return Reason.DELETED_BUT_PAID
    return Reason.NONE if policy.deletions is DeletionPolicy.FOLLOW else Reason.DELETED_AT_SOURCE


def _creates(
    thing: CausalObject,
    bindings: Mapping[Replica, CausalBinding],
    missing: frozenset[Replica] | set[Replica],
    policy: Policy,
    guards: Guards,
) -> list[Create]:
    allowed = [replica for replica in sorted(missing) if _may_create(thing, replica, policy, guards)]
    creates = [Create(replica, _portion(thing, bindings, replica, policy, guards)) for replica in allowed]
    return [create for create in creates if EXISTS in create.values]


def _may_create(thing: CausalObject, replica: Replica, policy: Policy, guards: Guards) -> bool:
    if guards.explicit is not None:
        return replica.system is guards.explicit
    if replica in guards.demanded:
        return True
    origin = any(policy.propagates(actor) for actor in thing.vector)
    return replica.system is not policy.source and origin


def _portion(
    thing: CausalObject, bindings: Mapping[Replica, CausalBinding], replica: Replica, policy: Policy, guards: Guards
) -> dict[Path, Scalar | None]:
    """All that a new record on ``replica`` gets. Of edits held elsewhere it gets what the source says instead; where that is
    that the object is deleted, nothing is to be made."""
    wanted: dict[Path, Scalar | None] = {
        path: value for path, value in thing.fields.items() if carried(path, guards.carries[replica])
    }
    said = _said_by_source(bindings, policy)
    if guards.explicit is not None or not said:
        return wanted
    held = [
        path
        for path in wanted
        if thing.dot(path).actor != replica.value and not _is_given(thing, path, bindings, policy)
    ]
    instead = {path: next((state[path] for state in said if path in state), None) for path in held}
    return {path: value for path, value in {**wanted, **instead}.items() if value is not None}


def _updates(
    thing: CausalObject, bindings: Mapping[Replica, CausalBinding], policy: Policy, guards: Guards
) -> list[Write]:
    writes: list[Write] = []
    for replica in sorted(bindings.keys() - guards.readonly):
        values = _pending(thing, bindings[replica], bindings, policy, guards)
        if not values:
            continue
        if replica not in guards.gone:
            writes.append(_edit(replica, values))
        elif EXISTS in values:
            writes.append(Create(replica, _portion(thing, bindings, replica, policy, guards)))
    return writes


def _edit(replica: Replica, values: Values) -> Update | Void:
    """A void comes last: nothing can be written into a voided document, so what it lacks besides is sent before."""
    if not values.get(VOID):
        return Update(replica, values)
    others = {path: value for path, value in values.items() if path != VOID}
    return Update(replica, others) if others else Void(replica)


def _pending(
    thing: CausalObject,
    binding: CausalBinding,
    bindings: Mapping[Replica, CausalBinding],
    policy: Policy,
    guards: Guards,
) -> dict[Path, Scalar | None]:
    """What ``binding`` lacks and may be given: edits of the source, and what the source says too, whoever said it last."""
    lacks = lagging(thing, binding, guards.carries[binding.replica])
    if guards.explicit is not None:
        return lacks if binding.replica.system is guards.explicit else {}
    return {path: value for path, value in lacks.items() if _is_given(thing, path, bindings, policy)}


def _is_given(thing: CausalObject, path: Path, bindings: Mapping[Replica, CausalBinding], policy: Policy) -> bool:
    """Whether the direction lets the canonical value of ``path`` through: the source made it, or says it too."""
    if policy.propagates(thing.dot(path).actor):
        return True
    value = thing.fields.get(path)
    return any(shadow.get(path) == value for shadow in _said_by_source(bindings, policy))


def _said_by_source(bindings: Mapping[Replica, CausalBinding], policy: Policy) -> list[State]:
    return [binding.shadow for replica, binding in sorted(bindings.items()) if replica.system is policy.source]


def _held(thing: CausalObject, bindings: Mapping[Replica, CausalBinding], guards: Guards) -> frozenset[Path]:
    writable = bindings.keys() - guards.readonly
    return frozenset(
        path for replica in writable for path in lagging(thing, bindings[replica], guards.carries[replica])
    )


def _decide_unmakeable(replica: Replica, policy: Policy) -> Decision:
    """Concord never makes such a record there: its owner has none, or that system lets no program make one."""
    if replica.system is policy.source:
        return Excluded(Reason.NOT_WRITTEN_BY_CONCORD)
    return Blocked(Reason.CANNOT_CREATE_THERE, replica)


def _decide_missing(thing: CausalObject, policy: Policy, guards: Guards) -> Decision:
    """A wanted replica is missing and may not be created: the object lives only on the side that is not the source."""
    if guards.candidates:
        return AwaitMatch(Reason.MATCH_SUGGESTED)
    return Hold(frozenset({EXISTS}), Reason.ONLY_ON_OTHER_SIDE)
