"""Trying out every payload of a plan before anything is queued: what cannot be expressed on the other side is told
now, at no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col

from engine.core.decide import Create
from engine.core.reasons import Disposition
from engine.core.records import Replica
from engine.errors import MappingError
from engine.mapping.base import Locate, Payload
from engine.services.claiming import build_payload
from engine.services.context import Context
from engine.services.deciding import problem_of, reason_of_code
from engine.services.directory import Directory
from engine.services.planning import PlannedWrite
from engine.services.stopped import noted
from engine.store.tables import Object

PLANNED = "0"
"""Stands for the id of a record that an earlier write of the same plan will create."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Writes whose payload can be built, and those that cannot with the reason."""

    kept: list[PlannedWrite]
    refused: list[tuple[PlannedWrite, MappingError]]


def prove(context: Context, directory: Directory, writes: Sequence[PlannedWrite]) -> Proof:
    """Build every payload. An object of which one write fails keeps all of them back; so does what depends on it."""
    planned = {(write.case.row.id, write.write.replica) for write in writes if isinstance(write.write, Create)}
    proof = Proof([], [])
    locate = _locating(directory, planned)
    for write in writes:
        try:
            payload_of(context, directory, locate, write)
        except MappingError as error:
            proof.refused.append((write, error))
            planned.discard((write.case.row.id, write.write.replica))
    failed = {write.case.row.id for write, _ in proof.refused}
    proof.kept.extend(write for write in writes if write.case.row.id not in failed)
    return proof


def _locating(directory: Directory, planned: set[tuple[str, Replica]]) -> Locate:
    def locate(object_id: str, replica: Replica) -> str:
        return PLANNED if (object_id, replica) in planned else directory.locate(object_id, replica)

    return locate


def payload_of(context: Context, directory: Directory, locate: Locate, write: PlannedWrite) -> Payload:
    """The exact write, as far as it is known before its dependencies exist. Raises ``MappingError``."""
    case, replica = write.case, write.write.replica
    binding = case.bindings.get(replica)
    live = binding if binding is not None and not binding.gone else None
    payload, _ = build_payload(
        context,
        locate,
        directory.state,
        directory.facts,
        case.thing.kind,
        replica,
        write.operation,
        write.values,
        live,
        case.thing.fields,
        next((other.facts for other in case.bindings.values() if other.system != replica.system), {}),
    )
    return payload


def record_refused(session: Session, proof: Proof, now: datetime) -> None:
    """Blocked until the object, or what it refers to, changes; it is tried anew at every run."""
    updates: list[dict[str, Any]] = []
    for write, error in proof.refused:
        row = write.case.row
        facts = {**row.facts, "problem": problem_of(error)}
        reason = reason_of_code(error.code)
        facts = noted(facts, Disposition.BLOCKED, reason, now) or facts
        updates.append(
            {
                "row": row.id,
                "disposition": Disposition.BLOCKED.value,
                "reason": reason.value,
                "facts": facts,
                "updated_at": now,
            }
        )
        set_committed_value(row, "facts", facts)
    if updates:
        names = ("disposition", "reason", "facts", "updated_at")
        bound: dict[str, Any] = {name: sa.bindparam(name) for name in names}
        statement = sa.update(Object).where(col(Object.id) == sa.bindparam("row")).values(bound)
        session.connection().execute(statement, updates)
