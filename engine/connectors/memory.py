"""A remote system in memory and its connector: the protocol as a program, for tests and for trying things out.

``MemoryRemote`` is the system: people edit it with ``put`` and ``remove``, ``ailments`` are what it suffers from next.
``MemoryConnector`` is one session with it. Several connectors may share a remote, as several jobs share a company.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.clock import Clock
from engine.connectors.base import (
    Budget,
    ChangePage,
    Checkpoint,
    CompanyProfile,
    NotWritten,
    Operation,
    RemoteRecord,
    WriteOutcome,
    WriteRequest,
    Written,
)
from engine.connectors.flight import STOPS
from engine.core.records import System
from engine.errors import (
    ConcordError,
    DuplicateRemote,
    InvariantBroken,
    RemoteMissing,
    Retryable,
    StaleRevision,
)

STREAM = "memory"

Shape = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""(type, id, data) → data as the remote keeps it: where it computes, defaults or numbers lines."""


@dataclass(slots=True)
class Ailment:
    """A fault that strikes once: at which method of the connector, and for a write whether it takes effect all the same.

    ``key`` limits it to one request.
    """

    call: str
    error: ConcordError
    after_effect: bool = False
    key: str = ""


@dataclass(slots=True)
class MemoryRemote:
    """One company in memory.

    ``keys``: type → natural key of ``find`` → field of the data; a name it does not list is the field of that name.
    ``unique``: type → field that no two live records may share. ``replays``: it recognises a repeated request.
    ``tells_deletions``: its feed does, otherwise only ``deletions``. ``overlap`` changes are handed out again at each poll.
    ``before_write`` runs just before a write.
    """

    system: System
    clock: Clock
    profile: CompanyProfile | None = None
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unique: Mapping[str, str] = field(default_factory=dict)
    replays: bool = True
    tells_deletions: bool = True
    page: int = 1000
    overlap: int = 0
    shape: Shape = lambda type, id, data: data
    before_write: Callable[[WriteRequest], None] = lambda request: None
    ailments: list[Ailment] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    writes: list[WriteRequest] = field(default_factory=list)
    _rows: dict[tuple[str, str], RemoteRecord] = field(default_factory=dict)
    _log: list[tuple[str, str]] = field(default_factory=list)
    _answers: dict[tuple[str, int], Written] = field(default_factory=dict)

    def put(self, type: str, data: Mapping[str, Any], id: str | None = None) -> RemoteRecord:
        """Create a record, or lay fields over an existing one."""
        id = id or str(len(self._rows) + 1)
        before = self._rows.get((type, id))
        before = None if before is not None and before.deleted else before
        now = self.clock.now()
        merged = self.shape(type, id, {**(before.data if before else {}), **data})
        revision = int(before.revision) + 1 if before else 0
        created = before.created_at if before else now
        return self._keep(RemoteRecord(self.system, type, id, str(revision), merged, False, now, created))

    def remove(self, type: str, id: str) -> RemoteRecord:
        """Delete a record."""
        return self._keep(
            replace(self._rows[type, id], data={}, deleted=True, revision="", modified_at=self.clock.now())
        )

    def get(self, type: str, id: str) -> RemoteRecord:
        """The current picture; a deleted one when there is none."""
        missing = RemoteRecord(self.system, type, id, revision="", data={}, deleted=True)
        return self._rows.get((type, id), missing)

    def live(self, type: str) -> list[RemoteRecord]:
        """All records of a type that exist, in order of creation."""
        return [row for (kept, _), row in self._rows.items() if kept == type and not row.deleted]

    def changed_since(self, mark: int) -> list[RemoteRecord]:
        """The current pictures of what changed after so many changes, each once."""
        return [self._rows[place] for place in dict.fromkeys(self._log[mark:])]

    @property
    def mark(self) -> int:
        """How many changes there have been."""
        return len(self._log)

    def answer_to(self, request: WriteRequest) -> Written | None:
        """What was answered to this very request before, where the remote remembers."""
        return self._answers.get(_identity(request)) if self.replays else None

    def remember(self, request: WriteRequest, answer: Written) -> None:
        """Keep the answer for repetitions."""
        self._answers[_identity(request)] = answer

    def _keep(self, record: RemoteRecord) -> RemoteRecord:
        self._rows[record.type, record.id] = record
        self._log.append((record.type, record.id))
        return record


def _identity(request: WriteRequest) -> tuple[str, int]:
    return (request.key, 0) if request.group is None else (request.group, request.ordinal)


class MemoryConnector:
    """The protocol over a ``MemoryRemote``."""

    def __init__(self, remote: MemoryRemote) -> None:
        self._remote = remote
        self.system = remote.system
        self.replays_writes = remote.replays

    def profile(self) -> CompanyProfile:
        self._suffer("profile")
        if self._remote.profile is None:
            return CompanyProfile(self.system, "memory", "Memory Ltd", "GB", "GBP", ("GBP",), "UTC")
        return self._remote.profile

    def changes(self, types: Sequence[str], cursors: Mapping[str, str]) -> Iterator[ChangePage]:
        self._suffer("changes")
        cursor = cursors.get(STREAM)
        mark = self._remote.mark
        start = max(0, int(cursor) - self._remote.overlap) if cursor else 0
        shown = [row for row in self._remote.changed_since(start) if row.type in types and self._shows(row, cursor)]
        yield from self._pages(shown)
        yield ChangePage((), Checkpoint(STREAM, str(mark)))

    def deletions(self, types: Sequence[str], since: datetime) -> Iterator[ChangePage]:
        self._suffer("deletions")
        if not self._remote.tells_deletions:
            rows = self._remote.changed_since(0)
            yield from self._pages([row for row in rows if row.type in types and _deleted_since(row, since)])

    def scan(self, type: str, *, where: Mapping[str, str] | None = None) -> Iterator[ChangePage]:
        self._suffer("scan")
        bounds = where or {}
        _require_bounds(bounds)
        rows = self._remote.live(type)
        yield from self._pages([row for row in rows if all(_BOUNDS[n](row, e) for n, e in bounds.items())])

    def read(self, type: str, ids: Sequence[str]) -> list[RemoteRecord]:
        self._suffer("read")
        return [self._remote.get(type, id) for id in dict.fromkeys(ids)]

    def find(self, type: str, key: Mapping[str, str]) -> list[RemoteRecord]:
        self._suffer("find")
        fields = self._remote.keys.get(type, {})
        wanted = {fields.get(name, name): value for name, value in key.items()}
        return [row for row in self._remote.live(type) if _has(row, wanted)]

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
        for request in requests:
            self._remote.calls["write"] += 1
            outcome = self._outcome(request)
            stop = outcome.error if isinstance(outcome, NotWritten) and isinstance(outcome.error, STOPS) else None
            if stop is None or (isinstance(stop, Retryable) and stop.maybe_applied):
                yield outcome
            if stop is not None:
                raise stop

    def budget(self) -> Budget:
        return Budget()

    def close(self) -> None:
        """Nothing to give back."""

    def _outcome(self, request: WriteRequest) -> WriteOutcome:
        ailment = self._ailment("write", request.key)
        if ailment is not None and not ailment.after_effect:
            return NotWritten(request.key, ailment.error)
        try:
            written = self._carry_out(request)
        except ConcordError as error:
            return NotWritten(request.key, error)
        return NotWritten(request.key, ailment.error) if ailment else written

    def _carry_out(self, request: WriteRequest) -> Written:
        if before := self._remote.answer_to(request):
            return self._repeated(request, before)
        self._remote.before_write(request)
        written = Written(request.key, self._effect(request))
        self._remote.writes.append(request)
        self._remote.remember(request, written)
        return written

    def _repeated(self, request: WriteRequest, before: Written) -> Written:
        """The first answer is replayed; whoever says that it is a repetition gets today's picture."""
        if not request.repeated or before.record.deleted:
            return before
        current = self._remote.get(request.type, before.record.id)
        if current.deleted:
            raise RemoteMissing("The record was written before and is gone.")
        return replace(before, record=current)

    def _effect(self, request: WriteRequest) -> RemoteRecord:
        self._require_unique(request)
        if request.operation is Operation.CREATE:
            return self._remote.put(request.type, request.body)
        id = self._fenced(request)
        match request.operation:
            case Operation.UPDATE:
                return self._remote.put(request.type, request.body, id)
            case Operation.VOID:
                return self._remote.put(request.type, {"void": True}, id)
            case Operation.DELETE:
                return self._remote.remove(request.type, id)

    def _fenced(self, request: WriteRequest) -> str:
        if request.id is None:
            raise InvariantBroken("A record without an id cannot be changed.")
        current = self._remote.get(request.type, request.id)
        if current.deleted:
            raise RemoteMissing("The record is gone.")
        if request.revision is not None and request.expected is None and request.revision != current.revision:
            raise StaleRevision("Somebody was faster.")
        if request.expected is not None and not request.expected(current):
            raise StaleRevision("Somebody was faster.")
        return request.id

    def _require_unique(self, request: WriteRequest) -> None:
        name = self._remote.unique.get(request.type)
        if name is None or name not in request.body:
            return
        for row in self._remote.live(request.type):
            if row.id != request.id and row.data.get(name) == request.body[name]:
                raise DuplicateRemote("There is one like it.", existing_id=row.id)

    def _shows(self, row: RemoteRecord, cursor: str | None) -> bool:
        return not row.deleted or (bool(cursor) and self._remote.tells_deletions)

    def _pages(self, rows: Sequence[RemoteRecord]) -> Iterator[ChangePage]:
        for start in range(0, len(rows), self._remote.page):
            yield ChangePage(tuple(rows[start : start + self._remote.page]))

    def _suffer(self, call: str) -> None:
        self._remote.calls[call] += 1
        if ailment := self._ailment(call):
            raise ailment.error

    def _ailment(self, call: str, key: str = "") -> Ailment | None:
        for ailment in self._remote.ailments:
            if ailment.call == call and ailment.key in ("", key):
                self._remote.ailments.remove(ailment)
                return ailment
        return None


def _has(row: RemoteRecord, wanted: Mapping[str, str]) -> bool:
    return all(str(_plain(row.data.get(name, ""))) == value for name, value in wanted.items())


def _plain(value: Any) -> Any:
    """A reference counts as the id it holds."""
    return value.get("value", "") if isinstance(value, Mapping) else value


def _deleted_since(row: RemoteRecord, since: datetime) -> bool:
    return row.deleted and row.modified_at is not None and row.modified_at >= since


_Bound = Callable[[RemoteRecord, str], bool]

_BOUNDS: Mapping[str, _Bound] = {
    "modified_from": lambda row, edge: _modified(row) >= edge,
    "modified_to": lambda row, edge: _modified(row) < edge,
    "date_from": lambda row, edge: str(row.data.get("date", "")) >= edge,
    "date_to": lambda row, edge: str(row.data.get("date", "")) <= edge,
}


def _modified(row: RemoteRecord) -> str:
    return row.modified_at.isoformat() if row.modified_at else ""


def _require_bounds(where: Mapping[str, str]) -> None:
    if unknown := set(where) - set(_BOUNDS):
        raise InvariantBroken(f"A scan cannot be limited by {', '.join(sorted(unknown))}.")
