"""The change feed: one CDC call for everything it covers, queries for what overflows or is too old, taxes on their own.

Two streams. ``cdc``: its cursor is the server's clock at the start of the call, minus an overlap, per type, so that a run over
some types does not advance the others. ``tax``: tax codes have no feed; they are read as a whole every six hours.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.clock import Clock
from engine.connectors.base import ChangePage, Checkpoint, RemoteRecord
from engine.connectors.quickbooks import query
from engine.connectors.quickbooks.client import QuickBooksClient, Reply
from engine.connectors.quickbooks.entities import entity_of, is_stub, to_record
from engine.connectors.quickbooks.faults import faults_of, to_error
from engine.connectors.quickbooks.reading import Reader
from engine.connectors.quickbooks.taxes import TaxReader
from engine.connectors.wire import as_utc
from engine.errors import RemoteRejected

CDC = "cdc"
TAX = "tax"
OVERLAP = timedelta(minutes=5)
LOOK_BACK = timedelta(days=29)
TAX_AGE = timedelta(hours=6)
UNSUPPORTED = "500"
"""The code of a feed that is asked for something too old (reference 6)."""

FULL = 1000
"""As many rows of one entity mean that some were left out (reference 6)."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which moment each type is consumed."""

    moments: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> Cursor:
        """The cursor of a text; an empty one, which means everything, for a text that is none."""
        try:
            groups = json.loads(text or "{}")
        except ValueError:
            return cls()
        read = ((type, as_utc(moment)) for moment, types in groups.items() for type in types.split(","))
        return cls({type: moment for type, moment in read if moment is not None})

    def advanced(self, types: Iterable[str], moment: datetime) -> Cursor:
        """The cursor after these types were consumed up to ``moment``."""
        return Cursor({**self.moments, **dict.fromkeys(types, moment)})

    def text(self) -> str:
        """The cursor as it is stored."""
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for type, moment in sorted(self.moments.items()):
            groups[moment.isoformat()].append(type)
        return json.dumps({moment: ",".join(types) for moment, types in groups.items()})


@dataclass(slots=True)
class _Told:
    """What a feed told: rows by type, ids of deletions to confirm by type, types it could not tell completely."""

    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    stubs: dict[str, dict[str, RemoteRecord]] = field(default_factory=dict)
    overflowing: list[str] = field(default_factory=list)


class ChangeFeed:
    """The changes of one company."""

    def __init__(self, client: QuickBooksClient, reader: Reader, taxes: TaxReader, clock: Clock) -> None:
        self._client = client
        self._reader = reader
        self._taxes = taxes
        self._clock = clock

    def changes(self, types: Sequence[str], cursors: Mapping[str, str]) -> Iterator[ChangePage]:
        """See ``Connector.changes``."""
        captured = [type for type in types if entity_of(type).captured]
        if captured:
            yield from self._captured(captured, Cursor.parse(cursors.get(CDC)))
        if "TaxCode" in types and self._aged(cursors.get(TAX)):
            yield ChangePage(self._taxes.codes(), Checkpoint(TAX, query.instant(self._clock.now())))

    def _captured(self, types: Sequence[str], cursor: Cursor) -> Iterator[ChangePage]:
        """The checkpoint comes last, so a fault on the way leaves the cursor where it was."""
        horizon = self._clock.now() - LOOK_BACK
        fed = [type for type in types if (moment := cursor.moments.get(type)) and moment > horizon]
        reply = self._feed(fed, cursor)
        walked = [type for type in types if reply is None or type not in fed]
        gaps = [type for type in walked if type in cursor.moments]
        began: list[datetime] = []
        if reply is not None:
            began.append(reply.time)
            told = _told(reply, fed)
            yield from self._pages(told)
            walked += told.overflowing
            gaps += told.overflowing
        for type in walked:
            yield from self._walk(type, cursor.moments.get(type), began)
        done = cursor.advanced(types, min(began) - OVERLAP)
        yield ChangePage((), Checkpoint(CDC, done.text()), tuple(gaps))

    def _feed(self, types: Sequence[str], cursor: Cursor) -> Reply | None:
        """The feed's answer; None when it does not look back so far, which the server's clock decides and not ours."""
        if not types:
            return None
        try:
            return self._client.changed(types, min(cursor.moments[type] for type in types))
        except RemoteRejected as error:
            if error.code != UNSUPPORTED:
                raise
            return None

    def _walk(self, type: str, since: datetime | None, began: list[datetime]) -> Iterator[ChangePage]:
        conditions = [query.modified_since(since)] if since else []
        for page in self._reader.walk(type, conditions):
            began.append(page.time)
            yield ChangePage(tuple(to_record(type, row) for row in page.rows))

    def _pages(self, told: _Told) -> Iterator[ChangePage]:
        for type, rows in told.rows.items():
            yield ChangePage(tuple(to_record(type, row) for row in rows))
        if told.stubs:
            yield ChangePage(tuple(self._confirmed(told.stubs)))

    def _confirmed(self, stubs: Mapping[str, Mapping[str, RemoteRecord]]) -> Iterator[RemoteRecord]:
        """A record is gone when a read says so too: the feed is sometimes wrong (reference 6, behaviour 37)."""
        alive = self._reader.read({type: list(records) for type, records in stubs.items()})
        for type, records in stubs.items():
            for id, stub in records.items():
                yield alive.get((type, id), stub)

    def _aged(self, cursor: str | None) -> bool:
        read = as_utc(cursor)
        return read is None or self._clock.now() - read > TAX_AGE


def _told(reply: Reply, types: Sequence[str]) -> _Told:
    """Sort a feed's answer. A fault in place of a group stops the run: its changes are unknown."""
    told = _Told()
    for response in reply.json.get("CDCResponse", []):
        for group in [response, *response.get("QueryResponse", [])]:
            if faults := faults_of(group):
                raise to_error(faults, request_id=reply.request_id)
            for type in types:
                if type in group:
                    _sort(told, type, group)
    return told


def _sort(told: _Told, type: str, group: Mapping[str, Any]) -> None:
    rows = group[type]
    promised = max(int(group.get("totalCount") or 0), int(group.get("maxResults") or 0))
    if len(rows) >= FULL or promised > len(rows):
        told.overflowing.append(type)
    else:
        told.rows[type] = [row for row in rows if not is_stub(row)]
    stubs = {str(row["Id"]): to_record(type, row) for row in rows if is_stub(row)}
    if stubs:
        told.stubs[type] = stubs
