"""The protocol that both adapters and the in-memory one keep. A record is the remote's own JSON; meaning is given by mappings.

Rules of the protocol, each proved by the shared contract tests:

* ``changes`` may repeat records and may hand out a current picture only; it never skips one. A page's ``checkpoint`` may be
  stored only after the page is stored. Without a cursor it hands out everything, deletions excluded.
* ``read`` tells about every id asked for: a record that is gone comes back with ``deleted=True`` and empty data.
* ``write`` yields exactly one outcome per request, as soon as it is known, in any order. It never raises for one request's
  sake; it raises only for what stops the whole connection (``AuthorizationLost``, ``Throttled``, ``Misconfigured``);
  requests without an outcome were certainly not sent, or are reported as ``maybe_applied``.
* A receipt holds the record as the remote says it is *after* the write (read back), never what was meant.
* Repeating a write with the same key never creates a second record where the remote has idempotency keys
  (``replays_writes``); elsewhere the caller looks the record up first with ``find``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from engine.core.records import System
from engine.errors import ConcordError

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """One record as the remote shows it.

    ``type`` is the remote's name of the entity (``"Customer"``, ``"contacts"``); ``revision`` its write fence (SyncToken,
    modified stamp; "" when it has none). ``revision_order`` sorts revisions of one record, later is greater.
    Fractional numbers in ``data`` are ``Decimal``, as the remote wrote them.
    ``modified_at``/``created_at`` are aware UTC moments when the remote tells them. ``complete`` is False for list rows that
    lack parts (Scoro's plain rows have no lines): such a row says only *that* something changed.
    """

    system: System
    type: str
    id: str
    revision: str
    data: Json
    deleted: bool = False
    modified_at: datetime | None = None
    created_at: datetime | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far one stream of a change feed is consumed: ``stream`` names it, ``cursor`` is opaque to everyone else."""

    stream: str
    cursor: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of a feed. ``checkpoint`` is present on the page that completes a stream.

    ``gaps`` are types whose deletions in this span the remote could not tell (an overflowing or expired feed): only a
    comparison with a full ``scan`` finds them.
    """

    records: tuple[RemoteRecord, ...]
    checkpoint: Checkpoint | None = None
    gaps: tuple[str, ...] = ()


class Operation(StrEnum):
    """What a write does. Deactivating a name-list row is an UPDATE."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    VOID = "void"


def always() -> bool:
    """No reason to hold a write back."""
    return True


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """One write. ``key`` is the idempotency key (letters, digits, ``-``; at most 36 characters).

    ``revision`` is the fence: the record must still be at it. ``body`` is the remote's JSON without id and fence, which the
    connector adds. ``expected`` is, for systems without a native fence, a test that the freshly read record is still the one
    the body was built from; the connector calls it between its read and its write and answers ``StaleRevision`` otherwise.
    ``options`` are vendor-specific switches (``allowduplicatedocnum``).

    ``group`` (at most 36 characters) and ``ordinal`` say which requests travel together where the remote has batches; both are
    stored before sending. A repetition passes the very same members with the same ordinals, or the remote would not
    recognise it. Without a group a request travels alone, with ``key`` as its idempotency key. ``repeated`` says that this
    request may have been sent before: its receipt is then read back anew, since the remote replays its first answer.

    ``may_leave`` is asked the moment before it is sent: a write that has waited too long is given no outcome instead, since
    somebody else may be looking for what became of it by now.
    """

    key: str
    type: str
    operation: Operation
    body: Json
    id: str | None = None
    revision: str | None = None
    expected: Expectation | None = None
    options: tuple[str, ...] = ()
    group: str | None = None
    ordinal: int = 0
    repeated: bool = False
    may_leave: Callable[[], bool] = always


class Expectation(Protocol):
    """Tells whether a freshly read record still is what a write was built from."""

    def __call__(self, record: RemoteRecord, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Written:
    """The write took effect; ``record`` is what the remote now says. For a deletion ``record.deleted`` is True."""

    key: str
    record: RemoteRecord
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The write did not take effect, or nobody knows (``Retryable.maybe_applied``)."""

    key: str
    error: ConcordError


WriteOutcome = Written | NotWritten


@dataclass(frozen=True, slots=True)
class CompanyProfile:
    """What a system says about itself; the first thing the set-up shows.

    ``home_currency`` and ``currencies`` are ISO 4217 codes, the home currency included. ``features`` are facts that gate
    categories, by fixed names: ``multicurrency``, ``classes_per_line``, ``classes_per_document``, ``projects``,
    ``custom_numbers``, ``sales_tax``, ``automated_sales_tax``, ``plan``, ``book_close_date``, ``warn_duplicate_numbers``,
    ``default_item`` (the id of the item on sales lines without one); values are "true"/"false" or a text. ``time_zone``
    is an IANA name.
    """

    system: System
    id: str
    name: str
    country: str
    home_currency: str
    currencies: tuple[str, ...]
    time_zone: str
    features: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of the remote's quota. ``limit`` and ``remaining`` are requests per day; None: no daily quota."""

    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None


@runtime_checkable
class SavedViews(Protocol):
    """A system with saved, filtered views of its lists (R36)."""

    def views(self, type: str) -> Mapping[str, str]:
        """The saved views of a record type: id → title. Raises ``Misconfigured`` when there is no user who may see them."""

    def members(self, type: str, view: str) -> frozenset[str]:
        """Ids of the records that a saved view shows now, whoever they belong to and whatever was paid (R37, R38).
        Raises ``Misconfigured`` when there is no such view or no user who may see it."""


class Connector(Protocol):
    """One system seen through the protocol. Instances are cheap, made per job, used by one thread, closed after use."""

    system: System
    replays_writes: bool

    def profile(self) -> CompanyProfile:
        """Who this is. Also the test of the credentials."""

    def changes(self, types: Sequence[str], cursors: Mapping[str, str]) -> Iterator[ChangePage]:
        """What changed since ``cursors`` (stream → cursor) in these record types."""

    def deletions(self, types: Sequence[str], since: datetime) -> Iterator[ChangePage]:
        """Records deleted since ``since`` that ``changes`` does not report. May be empty where it reports them."""

    def scan(self, type: str, *, where: Mapping[str, str] | None = None) -> Iterator[ChangePage]:
        """Every live record of a type, complete. ``where``: ``modified_from``/``modified_to``/``date_from``/``date_to``
        (ISO), used by the historical import; unknown keys are an error."""

    def read(self, type: str, ids: Sequence[str]) -> list[RemoteRecord]:
        """The current picture of these records, complete."""

    def find(self, type: str, key: Mapping[str, str]) -> list[RemoteRecord]:
        """Live records with exactly these natural keys. Keys by fixed names: ``name``, ``number``, ``code``,
        ``contact`` (remote id), ``date``; what the remote cannot filter is compared here."""

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
        """Carry out independent writes, several at a time, and say what became of each."""

    def budget(self) -> Budget:
        """The quota as the last answer told it."""

    def close(self) -> None:
        """Give back sockets."""
