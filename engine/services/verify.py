"""Checking what is stored against the change log: the hash chain holds, and every object is the fold of its entries.

Objects are taken in chunks by their ids, each with its own entries only, so that memory does not grow with the number
of objects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engine.core.objects import clear
from engine.core.records import Path, Scalar, State
from engine.services.deps import Deps
from engine.store import log
from engine.store.database import reading
from engine.store.tables import Change, Object

CHUNK = 200
SHOWN = 20
CANONICAL = frozenset({"taken", "converged", "superseded"})
"""Effects after which the canonical state has the value that the entry names."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose stored value is not what the log adds up to."""

    object_id: str
    title: str
    path: Path
    logged: Scalar | None
    stored: Scalar | None


@dataclass(slots=True)
class Verdict:
    """What was checked. ``broken``: the first sequence number at which the chain does not hold. ``differences`` names the
    first ``SHOWN``; ``wrong`` counts the objects that differ."""

    broken: int | None = None
    objects: int = 0
    wrong: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything is as the log tells it."""
        return self.broken is None and not self.wrong


def verify(deps: Deps, connection_id: str) -> Verdict:
    """Check one connection. Only reads; each chunk sees one moment, so runs may go on meanwhile."""
    with reading(deps.database) as session:
        verdict = Verdict(broken=log.broken_link(session, connection_id))
    for ids in _ids(deps, connection_id):
        with reading(deps.database) as session:
            _verify_chunk(session, ids, verdict)
    return verdict


def _ids(deps: Deps, connection_id: str) -> Iterator[list[str]]:
    after = ""
    while True:
        statement = select(Object.id).where(
            Object.connection_id == connection_id, Object.merged_into == "", col(Object.id) > after
        )
        with reading(deps.database) as session:
            ids = list(session.exec(statement.order_by(col(Object.id)).limit(CHUNK)))
        if not ids:
            return
        yield ids
        after = ids[-1]


def _verify_chunk(session: Session, ids: list[str], verdict: Verdict) -> None:
    histories = _histories(session, ids)
    for row in session.execute(sa.select(col(Object.id), col(Object.title), col(Object.fields)).where(_in(ids))):
        verdict.objects += 1
        differences = list(_compare(session, row.id, row.title, fold(histories[row.id]), row.fields))
        verdict.wrong += bool(differences)
        verdict.differences += differences[: SHOWN - len(verdict.differences)]


def _in(ids: list[str]) -> sa.ColumnElement[bool]:
    return col(Object.id).in_(ids)


def _histories(session: Session, ids: list[str]) -> Mapping[str, list[Any]]:
    columns = (col(Change.object_id), col(Change.fields), col(Change.details))
    statement = sa.select(*columns).where(col(Change.object_id).in_(ids)).order_by(col(Change.sequence))
    found: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(statement):
        found[row.object_id].append(row)
    return found


def fold(entries: Iterable[Any]) -> State:
    """The canonical state that these entries (with ``fields`` and ``details``, in order) add up to. An entry that kept the
    whole state afterwards says so; any other moves field by field."""
    state: dict[Path, Scalar] = {}
    for entry in entries:
        if "state" in entry.details:
            state = dict(entry.details["state"])
        else:
            _apply(state, entry.fields)
    return state


def _apply(state: dict[Path, Scalar], changes: Iterable[tuple[Path, Any, Any, str]]) -> None:
    for path, _, after, effect in changes:
        if effect not in CANONICAL:
            continue
        if after is None:
            clear(state, path)
        else:
            state[path] = after


def _compare(session: Session, object_id: str, title: str, logged: State, stored: State) -> Iterator[Difference]:
    if logged == stored:
        return
    logged = _under_new_names(session, logged)
    for path in sorted({*logged, *stored}):
        if logged.get(path) != stored.get(path):
            yield Difference(object_id, title, path, logged.get(path), stored.get(path))


def _under_new_names(session: Session, state: State) -> State:
    """References to objects that were linked into others since, by the names these have now."""
    names = {str(value) for value in state.values()} | {path.split("/")[1] for path in state if "/" in path}
    statement = select(Object.id, Object.merged_into).where(col(Object.id).in_(names), Object.merged_into != "")
    merged = dict(session.exec(statement).all())
    if not merged:
        return state
    renamed = {_renamed(path, merged): merged.get(str(value), value) for path, value in state.items()}
    return _under_new_names(session, renamed)


def _renamed(path: Path, merged: Mapping[str, str]) -> Path:
    return "/".join(merged.get(part, part) for part in path.split("/"))
