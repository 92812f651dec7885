"""Looking up which remote record is which object, for the mappings; cached for the length of a job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock

import sqlalchemy as sa
from sqlmodel import col, select

from engine.core.records import Replica, State, System
from engine.errors import MappingError, MissingReference, UnboundReference
from engine.mapping.base import Facts
from engine.store.database import reading
from engine.store.tables import Binding, Object

NAMES = {System.SCORO: "Scoro", System.QUICKBOOKS: "QuickBooks"}
"""What people call the systems."""

CACHED = 50_000
"""Entries kept per cache before it starts anew; bounds the memory of a job whatever the number of objects."""


class Directory:
    """Look-ups of one connection. Safe to share between threads; sees what was committed when it first asked, and anew once
    ``follow`` tells that something else than its own job has written to the change log: a link moves records to another object.
    """

    def __init__(self, database: sa.Engine, connection_id: str) -> None:
        self._sequence = -1
        self._database = database
        self._connection_id = connection_id
        self._objects: dict[tuple[str, str, str], str] = {}
        self._remotes: dict[tuple[str, Replica], str] = {}
        self._states: dict[str, State] = {}
        self._facts: dict[tuple[str, Replica], Facts] = {}
        self._formers: dict[tuple[str, str, str], str] | None = None
        self._lock = Lock()

    def resolve(self, system: System, type: str, id: str) -> str:
        """The object that a remote record is a replica of. Raises ``MissingReference``."""
        key = (system.value, type, id)
        with self._lock:
            found = self._objects.get(key)
            if found is None:
                found = self._find_object(key)
                self._keep(self._objects, key, found)
        return found

    def locate(self, object_id: str, replica: Replica) -> str:
        """The remote id of one replica of an object. Raises ``MappingError`` when it has none."""
        key = (object_id, replica)
        with self._lock:
            found = self._remotes.get(key)
            if found is None:
                found = self._find_remote(object_id, replica)
                self._keep(self._remotes, key, found)
        return found

    def state(self, object_id: str) -> State:
        """The canonical state of a referred object. Raises ``MappingError`` when there is none."""
        with self._lock:
            found = self._states.get(object_id)
            if found is None:
                found = self._find_state(object_id)
                self._keep(self._states, object_id, found)
        return found

    def facts(self, object_id: str, replica: Replica) -> Facts:
        """What one replica of a referred object computes or controls; empty when there is none."""
        key = (object_id, replica)
        with self._lock:
            found = self._facts.get(key)
            if found is None:
                found = self._find_facts(object_id, replica)
                self._keep(self._facts, key, found)
        return found

    def learn(self, system: str, type: str, id: str, object_id: str, replica: Replica) -> None:
        """Remember a binding that was just made, without asking the database."""
        with self._lock:
            self._keep(self._objects, (system, type, id), object_id)
            self._keep(self._remotes, (object_id, replica), id)

    def forget(self, object_ids: Iterable[str] = ()) -> None:
        """Drop what is remembered of states that changed; without ids, everything."""
        with self._lock:
            ids = set(object_ids)
            if not ids:
                self._objects.clear()
                self._remotes.clear()
                self._states.clear()
                self._facts.clear()
                self._formers = None
            for object_id in ids:
                self._states.pop(object_id, None)
                for replica in Replica:
                    self._facts.pop((object_id, replica), None)

    def follow(self, sequence: int, *, own: bool = False) -> None:
        """Hear where the change log stands. What is remembered goes, unless the log stands where this job left it; ``own``: the
        job itself has just written up to there, and has told what it learnt."""
        if sequence != self._sequence and not own:
            self.forget()
        self._sequence = sequence

    def _find_object(self, key: tuple[str, str, str]) -> str:
        system, type, id = key
        statement = select(Binding.object_id).where(
            Binding.connection_id == self._connection_id,
            Binding.system == system,
            Binding.remote_type == type,
            Binding.remote_id == id,
        )
        with reading(self._database) as session:
            found = session.exec(statement).one_or_none()
        found = found or self._former().get(key)
        if found is None:
            raise MissingReference(type, id)
        return found

    def _former(self) -> Mapping[tuple[str, str, str], str]:
        """Records that were deleted and made again under another id: documents that still name them mean the same."""
        if self._formers is None:
            statement = select(Object.id, Object.merged_into, Object.facts).where(
                Object.connection_id == self._connection_id, col(Object.facts)["former"].as_string().is_not(None)
            )
            with reading(self._database) as session:
                rows = session.exec(statement).all()
            self._formers = {
                (str(system), str(type), str(remote_id)): merged_into or object_id
                for object_id, merged_into, facts in rows
                for system, type, remote_id in facts["former"]
            }
        return self._formers

    def _find_remote(self, object_id: str, replica: Replica) -> str:
        statement = select(Binding.remote_id).where(
            Binding.object_id == object_id, Binding.replica == replica.value, col(Binding.gone).is_(False)
        )
        with reading(self._database) as session:
            found = session.exec(statement).one_or_none()
            title = session.exec(select(Object.title).where(Object.id == object_id)).one_or_none()
        if found is None:
            raise UnboundReference(
                f"“{title or object_id}” is not in {NAMES[replica.system]} yet.",
                object_id,
                hint="Settle that record first; this one follows by itself.",
            )
        return found

    def _find_state(self, object_id: str) -> State:
        with reading(self._database) as session:
            row = session.get(Object, object_id)
            if row is None:
                raise MappingError("A record that is referred to is not known.", code="not_bound")
            return dict(row.fields)

    def _find_facts(self, object_id: str, replica: Replica) -> Facts:
        statement = select(Binding.facts).where(
            Binding.object_id == object_id, Binding.replica == replica.value, col(Binding.gone).is_(False)
        )
        with reading(self._database) as session:
            return dict(session.exec(statement).one_or_none() or {})

    @staticmethod
    def _keep(cache: dict, key: object, value: object) -> None:  # type: ignore[type-arg]  # one rule for four caches
        if len(cache) >= CACHED:
            cache.clear()
        cache[key] = value
