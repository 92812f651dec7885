"""From decisions to an ordered list of writes, with the dependencies of documents pulled in (R8, R14), and the
brakes over it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from engine.core.decide import Create, Delete, Propagate, Update, Void, Write, reached_by
from engine.core.objects import overlay
from engine.core.reasons import Disposition
from engine.core.records import CATEGORY_OF, DOCUMENTS, WAVE, Category, Kind, Path, Replica, Scalar, System
from engine.core.safety import Brake, Figures, Limits, brakes
from engine.mapping.registry import MAPPINGS
from engine.services.context import Context
from engine.services.deciding import CHUNK, Case, decide_objects
from engine.store.database import new_id
from engine.store.tables import Binding, Object, Outbox, Reference, Run

SALES = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})
PURCHASES = frozenset({Kind.BILL, Kind.VENDOR_CREDIT})
OPEN_STATES = ("planned", "sent", "retry")
DEPTH = 4
"""How many levels of dependencies a document can have: document, contact or product, account, tax rate."""


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One write of a plan, with the case it was decided on."""

    case: Case
    write: Write
    explicit_by: str = ""

    @property
    def operation(self) -> str:
        """The word for it: create, update, delete, void."""
        return type(self.write).__name__.lower()

    @property
    def values(self) -> dict[Path, Scalar | None]:
        """What the replica is given."""
        return dict(self.write.values) if isinstance(self.write, Create | Update) else {}

    @property
    def before(self) -> dict[Path, Scalar | None]:
        """What the replica says now, for the same paths."""
        binding = self.case.causal.get(self.write.replica)
        return {path: binding.shadow.get(path) if binding else None for path in self.values}


@dataclass(slots=True)
class Plan:
    """Writes in order, and the brakes that fire on them."""

    writes: list[PlannedWrite] = field(default_factory=list)
    brakes: tuple[Brake, ...] = ()

    def digest(self) -> str:
        """A hash over what will be written, so that exactly this can be approved."""
        rows = [
            [write.case.row.id, write.case.row.version, write.write.replica.value, write.operation, write.values]
            for write in self.writes
        ]
        return sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()

    def counts(self) -> dict[str, dict[str, int]]:
        """Category → operation → how many."""
        result: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for write in self.writes:
            result[write.case.row.category][write.operation] += 1
        return {category: dict(operations) for category, operations in result.items()}


def needed_replica(document: Kind, document_fields: Mapping[Path, Scalar], target: Kind, system: System) -> Replica:
    """Which replica of ``target`` a document needs on ``system``."""
    if system is System.SCORO:
        return Replica.SCORO
    if target is not Kind.CONTACT:
        return Replica.QUICKBOOKS
    purchase = document in PURCHASES or document_fields.get("document_type") == "bills"
    return Replica.VENDOR if purchase else Replica.CUSTOMER


def plan_cases(
    session: Session,
    context: Context,
    cases: Iterable[Case],
    *,
    now: datetime,
    explicit: System | None = None,
    person: str = "",
) -> list[PlannedWrite]:
    """The writes of these decisions and of everything they depend on, each object once, in the order of writing."""
    chosen: dict[str, list[PlannedWrite]] = {}
    frontier = [case for case in cases if isinstance(case.decision, Propagate)]
    for level in range(DEPTH):
        for case in frontier:
            by = person if explicit is not None and level == 0 else ""
            chosen.setdefault(case.row.id, _writes(case, by))
        frontier = [
            case
            for case in _dependencies(session, context, frontier, now)
            if isinstance(case.decision, Propagate) and case.row.id not in chosen
        ]
        if not frontier:
            break
    flat = [write for writes in chosen.values() for write in writes]
    return sorted(flat, key=lambda write: (_wave(write), write.case.row.id, write.write.replica.value))


def _wave(write: PlannedWrite) -> int:
    """Creations and edits go down the dependencies, deletions come after everything, from the top."""
    wave = WAVE[write.case.thing.kind]
    if write.write.replica is Replica.VENDOR and write.values.keys() == {"is_client"}:
        return wave - 1
    return 100 - wave if isinstance(write.write, Delete | Void) else wave


def _writes(case: Case, explicit_by: str) -> list[PlannedWrite]:
    assert isinstance(case.decision, Propagate)
    writes = [PlannedWrite(case, write, explicit_by) for write in case.decision.writes]
    return [*_vendor_first(case, writes), *writes]


def _vendor_first(case: Case, writes: Sequence[PlannedWrite]) -> list[PlannedWrite]:
    """A vendor that becomes a customer too gives up its plain name before the customer takes it (R11)."""
    vendor = case.bindings.get(Replica.VENDOR)
    makes_customer = any(isinstance(w.write, Create) and w.write.replica is Replica.CUSTOMER for w in writes)
    touched = any(w.write.replica is Replica.VENDOR for w in writes)
    if vendor is None or vendor.gone or not makes_customer or touched:
        return []
    return [PlannedWrite(case, Update(Replica.VENDOR, {"is_client": True}))]


def _dependencies(session: Session, context: Context, cases: Sequence[Case], now: datetime) -> list[Case]:
    """Objects that must exist on the target side first. They are marked as required, whatever their category says."""
    writers = {case.row.id: case for case in cases}
    named = {id: MAPPINGS[case.thing.kind].references(case.thing.fields) for id, case in writers.items()}
    demanded: dict[str, set[Replica]] = defaultdict(set)
    for start in range(0, len(writers), CHUNK):
        ids = list(writers)[start : start + CHUNK]
        statement = select(Reference.object_id, Object.id, Object.kind).join(
            Object, col(Object.id) == Reference.target_id
        )
        for owner, target, kind in session.exec(statement.where(col(Reference.object_id).in_(ids))):
            if target not in named[owner]:  # only a replica still points there
                continue
            for replica in _needs(writers[owner], Kind(kind)):
                demanded[target].add(replica)
    unmet = _unmet(session, demanded)
    _require(session, unmet)
    return decide_objects(session, context, sorted(demanded), now=now) if unmet or demanded else []


PULLED = frozenset({Kind.CONTACT, Kind.PRODUCT})
"""What comes along with a document whatever its category says (R8, R14); nothing else does."""

ATTACHED = tuple(sorted({CATEGORY_OF[kind] for kind in PULLED}))
"""The categories of these."""


def attached_records(connection_id: str, categories: Sequence[str]) -> Any:
    """System, type, id and category of the records that pending documents refer to, in these categories."""
    owner, target = sa.orm.aliased(Object), sa.orm.aliased(Object)
    return (
        select(Binding.system, Binding.remote_type, Binding.remote_id, target.category)
        .join(target, col(target.id) == Binding.object_id)
        .join(Reference, col(Reference.target_id) == target.id)
        .join(owner, col(owner.id) == Reference.object_id)
        .where(
            owner.connection_id == connection_id, owner.disposition == Disposition.PENDING.value,
            col(owner.kind).in_([kind.value for kind in DOCUMENTS]), col(target.category).in_(categories),
            col(target.kind).in_([kind.value for kind in PULLED]), col(Binding.gone).is_(False),
        )
        .distinct()
    )  # fmt: skip


def _needs(case: Case, target: Kind) -> set[Replica]:
    if target not in PULLED:
        return set()
    assert isinstance(case.decision, Propagate)
    systems = {write.replica.system for write in case.decision.writes if isinstance(write, Create | Update)}
    return {needed_replica(case.thing.kind, case.thing.fields, target, system) for system in systems}


def _unmet(session: Session, demanded: Mapping[str, set[Replica]]) -> dict[str, set[Replica]]:
    ids, bound = list(demanded), set()
    for start in range(0, len(ids), CHUNK):
        statement = select(Binding.object_id, Binding.replica).where(
            col(Binding.object_id).in_(ids[start : start + CHUNK]), col(Binding.gone).is_(False)
        )
        bound |= set(session.exec(statement))
    found = {
        target: {replica for replica in replicas if (target, replica.value) not in bound}
        for target, replicas in demanded.items()
    }
    return {target: replicas for target, replicas in found.items() if replicas}


def _require(session: Session, unmet: Mapping[str, set[Replica]]) -> None:
    for target, replicas in unmet.items():
        row = session.get_one(Object, target)
        names = sorted({*row.facts.get("demanded", ()), *(replica.value for replica in replicas)})
        row.required, row.facts = True, {**row.facts, "demanded": names}
        session.add(row)
    session.flush()


def check_brakes(
    session: Session, context: Context, writes: Sequence[PlannedWrite], vanished: Mapping[str, int], limits: Limits
) -> tuple[Brake, ...]:
    """The brakes over a whole plan; ``vanished`` counts, per category, records that disappeared since the last run."""
    fired: list[Brake] = []
    for category in Category:
        own = [write for write in writes if write.case.row.category == category]
        if own or vanished.get(category.value):
            figures = _figures(category.value, _bound(session, context, category), own, vanished.get(category.value, 0))
            fired += brakes(figures, limits)
    return tuple(fired)


def _figures(category: str, bound: int, writes: Sequence[PlannedWrite], vanished: int) -> Figures:
    amounts: dict[str, int] = defaultdict(int)
    for write in writes:
        amounts[write.case.row.currency] += abs(write.case.row.amount_minor or 0)
    return Figures(
        category=category,
        bound=bound,
        updates=sum(isinstance(write.write, Update) for write in writes),
        deletions=sum(isinstance(write.write, Delete | Void) for write in writes),
        vanished=vanished,
        amounts=amounts,
    )


def _bound(session: Session, context: Context, category: Category) -> int:
    """How many objects of a category live on both sides."""
    statement = (
        select(func.count())
        .select_from(Binding)
        .join(Object, col(Object.id) == Binding.object_id)
        .where(
            Object.connection_id == context.id, Object.category == category.value, Binding.system == System.SCORO.value
        )
    )
    return session.exec(statement).one()


def limits_of(context: Context) -> Limits:
    """The brakes' limits as the settings have them."""
    stored: Mapping[str, Any] = context.connection.settings.get("limits", {})
    return Limits(**stored) if stored else Limits()


def queue_writes(session: Session, context: Context, writes: Sequence[PlannedWrite], run: Run, now: datetime) -> int:
    """Put a plan into the outbox; returns how many rows are new. An object with an open row keeps that one."""
    busy = _open_slots(session, [write.case.row.id for write in writes])
    rows = [_outbox_row(context, write, run, now) for write in writes if _slot(write) not in busy]
    if rows:
        session.connection().execute(sa.insert(Outbox), rows)
    return len(rows)


def _slot(write: PlannedWrite) -> str:
    return f"{write.case.row.id}:{write.write.replica.value}"


def _open_slots(session: Session, object_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(object_ids), CHUNK):
        statement = select(Outbox.open_slot).where(
            col(Outbox.object_id).in_(object_ids[start : start + CHUNK]), col(Outbox.open_slot).is_not(None)
        )
        found.update(slot for slot in session.exec(statement) if slot)
    return found


def _outbox_row(context: Context, write: PlannedWrite, run: Run, now: datetime) -> dict[str, Any]:
    case, replica = write.case, write.write.replica
    policy = context.policy(case.thing.kind)
    binding = case.bindings.get(replica)
    explicit = case.guards.explicit
    known = case.causal.get(replica)
    reached = reached_by(write.write, case.thing, known, policy, explicit)
    return {
        "id": new_id(now), "connection_id": context.id, "run_id": run.id, "object_id": case.row.id,
        "kind": case.thing.kind.value, "category": case.row.category, "replica": replica.value,
        "system": replica.system.value, "operation": write.operation, "wave": _wave(write), "epoch": policy.epoch,
        "explicit_by": write.explicit_by, "object_version": case.row.version,
        "base_revision": binding.revision if binding else "", "base_fingerprint": binding.fingerprint if binding else "",
        "values": write.values, "target_vector": dict((known.seen.join(reached) if known else reached).counters),
        "open_slot": _slot(write), "state": "planned", "generation": 1, "group_key": "", "ordinal": 0, "attempts": 0,
        "claim_token": "", "payload": {}, "remote_type": binding.remote_type if binding else "",
        "remote_id": binding.remote_id if binding else "", "error": "", "hint": "", "error_code": "", "error_detail": "",
        "request_id": "", "notes": [], "title": case.row.title, "amount_minor": case.row.amount_minor,
        "currency": case.row.currency, "created_at": now,
    }  # fmt: skip


def outgoing_state(shadow: Mapping[Path, Scalar], values: Mapping[Path, Scalar | None]) -> dict[Path, Scalar]:
    """What a replica shall be after a write: its own shadow with the changes laid over it, so that held edits
    survive."""
    return overlay(shadow, values)


def chunks(ids: Sequence[str], size: int = CHUNK) -> Iterator[Sequence[str]]:
    """Slices of at most ``size``."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
