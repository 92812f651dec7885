"""Gathering what a decision depends on, in sets, and recording the disposition it gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from engine.core.decide import Decision, Guards, decide, disposition_of
from engine.core.objects import CausalBinding, CausalObject
from engine.core.reasons import Disposition, Reason
from engine.core.records import DOCUMENTS, Kind, Replica, System
from engine.errors import MappingError, UnboundReference
from engine.mapping.registry import MAPPINGS
from engine.services.context import Context
from engine.services.listing import carries
from engine.services.locks import is_paid, locks_of, variance_of
from engine.services.scope import exclusion
from engine.services.stopped import noted
from engine.store.causal import causal_binding, causal_object
from engine.store.pages import plain_rows
from engine.store.tables import Binding, Object, Suggestion

CHUNK = 500
_OBJECT_COLUMNS = (
    "id", "kind", "category", "fields", "dots", "vector", "contests", "facts", "disposition", "reason", "dirty",
    "retry_at", "parked_by", "accepted_variance", "required", "merged_into",
)  # fmt: skip
_BINDING_COLUMNS = (
    "object_id", "replica", "system", "remote_id", "shadow", "seen", "facts", "gone", "remote_created_at",
    "remote_modified_at",
)  # fmt: skip
"""What a decision is made of."""

READONLY: Mapping[Kind, frozenset[Replica]] = {
    Kind.ACCOUNT: frozenset({Replica.QUICKBOOKS}),
    Kind.TAX_RATE: frozenset({Replica.QUICKBOOKS}),
    Kind.TRACKING_CLASS: frozenset({Replica.QUICKBOOKS, Replica.SCORO}),
    Kind.PROJECT: frozenset({Replica.QUICKBOOKS}),
}
"""Replicas that Concord never writes: QuickBooks owns reference data, classes and projects (R3, R15, R23), and
Scoro's API
cannot write accounting objects (reference 2)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One object with everything its decision was made of."""

    row: Object
    bindings: Mapping[Replica, Binding]
    thing: CausalObject
    causal: Mapping[Replica, CausalBinding]
    guards: Guards
    decision: Decision


@cache
def carried_fields(kind: Kind) -> Mapping[Replica, frozenset[str]]:
    """What each replica of a kind can carry."""
    return {replica: carries(MAPPINGS[kind].rules, replica) for replica in Replica}


def decide_objects(
    session: Session,
    context: Context,
    ids: Sequence[str],
    *,
    now: datetime,
    explicit: System | None = None,
    record: bool = True,
) -> list[Case]:
    """Decide these objects as they are now. ``record`` stores the dispositions (without it: explain, preview,
    what-if)."""
    cases: list[Case] = []
    for start in range(0, len(ids), CHUNK):
        cases += _decide_chunk(session, context, ids[start : start + CHUNK], explicit)
    if record:
        record_dispositions(session, cases, now)
    return cases


def decide_one(
    session: Session, context: Context, object_id: str, *, now: datetime, explicit: System | None = None
) -> Case:
    """The same for one object, without recording."""
    return decide_objects(session, context, [object_id], now=now, explicit=explicit, record=False)[0]


def settle_dirty(session: Session, context: Context, ids: Sequence[str], now: datetime) -> None:
    """Decide these objects and record where they stand, in bulk: the same decisions, without keeping the cases. The
    session must not hold any of their rows."""
    connection = session.connection()
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        own = Object.connection_id == context.id
        rows = list(plain_rows(connection, Object, col(Object.id), part, own, only=_OBJECT_COLUMNS))
        replicas = plain_rows(connection, Binding, col(Binding.object_id), part, only=_BINDING_COLUMNS)
        bindings = _by_object(replicas)
        cases = _cases(session, context, rows, bindings, None)
        if changed := [update for case in cases if (update := _update(case, now)) is not None]:
            _record(connection, changed)


def settle_rows(
    session: Session,
    context: Context,
    rows: Sequence[Any],
    bindings: Mapping[str, Iterable[Any]],
    now: datetime,
) -> None:
    """Decide rows that are about to be stored, and note on each where it stands."""
    replicas = {id: {Replica(binding.replica): binding for binding in own} for id, own in bindings.items()}
    for start in range(0, len(rows), CHUNK):
        for case in _cases(session, context, rows[start : start + CHUNK], replicas, None):
            update = _update(case, now) or {}
            for name in update.keys() - {"row"}:
                setattr(case.row, name, update[name])


def _by_object(rows: Iterable[Any]) -> dict[str, dict[Replica, Any]]:
    bindings: dict[str, dict[Replica, Any]] = defaultdict(dict)
    for binding in rows:
        bindings[binding.object_id][Replica(binding.replica)] = binding
    return bindings


def _decide_chunk(session: Session, context: Context, ids: Sequence[str], explicit: System | None) -> list[Case]:
    rows = session.exec(select(Object).where(col(Object.id).in_(ids), Object.connection_id == context.id)).all()
    bindings = _by_object(session.exec(select(Binding).where(col(Binding.object_id).in_([row.id for row in rows]))))
    return _cases(session, context, rows, bindings, explicit)


def _cases(
    session: Session,
    context: Context,
    rows: Sequence[Object],
    bindings: Mapping[str, Mapping[Replica, Binding]],
    explicit: System | None,
) -> list[Case]:
    suggested = _suggested(session, context, [row.id for row in rows])
    return [
        _case(context, row, bindings.get(row.id, {}), row.id in suggested, explicit)
        for row in rows
        if not row.merged_into
    ]


def _suggested(session: Session, context: Context, ids: Sequence[str]) -> set[str]:
    """Objects for which somebody still has to say whether they are the same as one on the other side."""
    found: set[str] = set()
    for column in (col(Suggestion.scoro_object_id), col(Suggestion.quickbooks_object_id)):
        statement = select(column).where(
            Suggestion.connection_id == context.id,
            column.in_(ids),
            col(Suggestion.state).in_(("suggested", "accepted")),
        )
        found.update(session.exec(statement))
    return found


def _case(
    context: Context, row: Object, bindings: Mapping[Replica, Binding], suggested: bool, explicit: System | None
) -> Case:
    thing = causal_object(row)
    causal = {replica: causal_binding(binding) for replica, binding in bindings.items()}
    guards = gather_guards(context, row, thing, bindings, suggested, explicit)
    decision = decide(thing, causal, context.policy(thing.kind), guards)
    return Case(row, bindings, thing, causal, guards, decision)


def gather_guards(
    context: Context,
    row: Object,
    thing: CausalObject,
    bindings: Mapping[Replica, Binding],
    suggested: bool,
    explicit: System | None,
) -> Guards:
    """Everything outside the causal state that the decision depends on."""
    category = context.category(thing.kind)
    demanded = frozenset(Replica(name) for name in row.facts.get("demanded", ()))
    return Guards(
        wanted=MAPPINGS[thing.kind].replicas(thing.fields) | demanded,
        carries=carried_fields(thing.kind),
        gone=frozenset(replica for replica, binding in bindings.items() if binding.gone),
        parked=bool(row.parked_by),
        excluded=exclusion(context, row, thing, bindings),
        unreadable=_unreadable(row),
        locks=locks_of(context, row, thing, bindings, by_hand=explicit is not None),
        readonly=READONLY.get(thing.kind, frozenset()),
        candidates=suggested,
        unsettled=category.matched_at is None,
        required=row.required,
        demanded=demanded,
        paid=is_paid(bindings),
        variance=thing.kind in DOCUMENTS and variance_of(row, bindings) is not None,
        explicit=explicit,
    )


def _unreadable(row: Object) -> Reason:
    if "unreadable" not in row.facts:
        return Reason.NONE
    return reason_of_code(str(row.facts["unreadable"].get("code", "")))


def reason_of_code(code: str) -> Reason:
    """The reason that a mapping's error code stands for."""
    return {
        "tax_not_mapped": Reason.OLD_TAX_RATE,
        "old_tax_rate": Reason.OLD_TAX_RATE,
        "not_bound": Reason.DEPENDENCY_WAITS,
    }.get(code, Reason.CANNOT_MAP)


def problem_of(error: MappingError) -> dict[str, str]:
    """What an object's facts keep of a write that cannot be expressed; ``about``: what has to be settled first."""
    told = {"message": error.message, "hint": error.hint, "code": error.code}
    return told | {"about": error.object_id} if isinstance(error, UnboundReference) else told


def record_dispositions(session: Session, cases: Sequence[Case], now: datetime) -> int:
    """Store what changed; returns how many. A failed object keeps that state until its time to retry has come."""
    changed = [(case.row, update) for case in cases if (update := _update(case, now)) is not None]
    if changed:
        session.flush()
        _record(session.connection(), [update for _, update in changed])
    for row, update in changed:
        for name in update.keys() - {"row"}:
            set_committed_value(row, name, update[name])
    return len(changed)


_RECORDED = ("disposition", "reason", "dirty", "updated_at")


def _recording(*names: str) -> sa.Update:
    bound: dict[str, Any] = {name: sa.bindparam(name) for name in names}
    return sa.update(Object).where(col(Object.id) == sa.bindparam("row")).values(bound)


_RECORD, _RECORD_WITH_FACTS = _recording(*_RECORDED), _recording(*_RECORDED, "facts")


def _record(connection: sa.Connection, updates: Sequence[dict[str, Any]]) -> None:
    """Most decisions leave the facts alone; those that begin or end a problem do not."""
    for statement, with_facts in ((_RECORD, False), (_RECORD_WITH_FACTS, True)):
        if part := [update for update in updates if ("facts" in update) is with_facts]:
            connection.execute(statement, part)


def _update(case: Case, now: datetime) -> dict[str, Any] | None:
    disposition, reason = disposition_of(case.decision)
    row = case.row
    if disposition is Disposition.PENDING and row.retry_at is not None and row.retry_at > now:
        disposition, reason = Disposition.FAILED, Reason.REMOTE_UNREACHABLE
    if (row.disposition, row.reason, row.dirty) == (disposition.value, reason.value, False):
        return None
    facts = noted(row.facts, disposition, reason, now)
    update = {
        "row": row.id,
        "disposition": disposition.value,
        "reason": reason.value,
        "dirty": False,
        "updated_at": now,
    }
    return update if facts is None else update | {"facts": facts}


def dirty_ids(session: Session, context: Context, *, limit: int = 5000) -> list[str]:
    """Objects whose decision has to be made anew."""
    statement = (
        select(Object.id)
        .where(Object.connection_id == context.id, col(Object.dirty).is_(True), Object.merged_into == "")
        .limit(limit)
    )
    return list(session.exec(statement))


def mark_dirty(session: Session, connection_id: str, *conditions: sa.ColumnElement[bool]) -> int:
    """Have the decisions of many objects made anew."""
    statement = sa.update(Object).where(col(Object.connection_id) == connection_id, *conditions).values(dirty=True)
    return session.connection().execute(statement).rowcount


def pending_ids(
    session: Session, context: Context, categories: Sequence[str], *, chunk: int = CHUNK
) -> Iterator[list[str]]:
    """Objects with something to write, in chunks, by keyset."""
    after = ""
    while True:
        statement = (
            select(Object.id)
            .where(
                Object.connection_id == context.id,
                col(Object.disposition).in_(("pending", "failed")),
                col(Object.id) > after,
                *([col(Object.category).in_(categories)] if categories else []),
            )
            .order_by(col(Object.id))
            .limit(chunk)
        )
        ids = list(session.exec(statement))
        if not ids:
            return
        yield ids
        after = ids[-1]
