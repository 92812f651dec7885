"""The change feed: per module one list of what was modified lately, or the whole list where there is no stamp.

The cursor of a stamped module is the greatest stamp seen. It is asked again with an overlap until nothing new has come for that
long on our own clock; then it is *settled*, and an idle site answers with no rows at all however many share that stamp.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine.connectors import wire
from engine.connectors.base import ChangePage, Checkpoint, RemoteRecord
from engine.connectors.scoro.client import Filter, ScoroClient
from engine.connectors.scoro.listing import walk
from engine.connectors.scoro.modules import Module, Row, is_deleted, module_of, row_id, to_record
from engine.connectors.scoro.reading import Reader
from engine.connectors.scoro.site_clock import SiteClock
from engine.connectors.wire import as_utc
from engine.errors import RemoteRejected

OVERLAP = timedelta(minutes=2)
FOLD = timedelta(hours=3)
"""No clock on a wall is put back by more."""

SHOWN_FOR = timedelta(days=30)
"""How long deleted rows can be seen."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """``until`` is the greatest stamp, ``first_seen`` when our clock first met it, ``settled`` that it needs no overlap."""

    until: datetime
    first_seen: datetime
    settled: bool = False

    @classmethod
    def parse(cls, text: str | None) -> Cursor | None:
        """The cursor of a text; None, which means everything, for none."""
        try:
            parts = json.loads(text or "{}")
        except ValueError:
            return None
        until, first_seen = as_utc(parts.get("until")), as_utc(parts.get("first_seen"))
        return cls(until, first_seen, bool(parts.get("settled"))) if until and first_seen else None

    def text(self) -> str:
        """The cursor as it is stored."""
        return json.dumps(
            {
                "until": self.until.isoformat(),
                "first_seen": self.first_seen.isoformat(),
                "settled": self.settled,
            }
        )

    def since(self) -> datetime:
        """From when on to ask."""
        return self.until + timedelta(seconds=1) if self.settled else self.until - OVERLAP


class ChangeFeed:
    """The changes of one company account."""

    def __init__(self, client: ScoroClient, site: SiteClock) -> None:
        self._client = client
        self._site = site
        self._reader = Reader(client, site)

    def changes(self, types: Sequence[str], cursors: Mapping[str, str]) -> Iterator[ChangePage]:
        """See ``Connector.changes``. Each module is a stream of its own name."""
        for module in map(module_of, types):
            if module.stamped:
                yield from self._modified(module, Cursor.parse(cursors.get(module.name)))
            else:
                yield self._compared(module, cursors.get(module.name))

    def deletions(self, types: Sequence[str], since: datetime) -> Iterator[ChangePage]:
        """See ``Connector.deletions``. Modules without stamps tell of deletions in ``changes``."""
        for module in map(module_of, types):
            if module.stamped:
                yield from self._deleted(module, since)

    def scan(self, module: Module, filter: Filter) -> Iterator[ChangePage]:
        """Every live row that passes the filter."""
        for rows in walk(self._client, module, filter, detailed=module.detailed):
            yield ChangePage(tuple(self._records(module, rows, deleted=False)))

    def _modified(self, module: Module, cursor: Cursor | None) -> Iterator[ChangePage]:
        now = self._site.clock.now()
        pages = 0
        latest: datetime | None = None
        filter = {} if cursor is None else {"modified_date": {"from_date": self._wall(cursor.since())}}
        for rows in walk(self._client, module, filter, detailed=module.detailed, strict=False):
            pages += 1
            latest = _later(latest, (self._site.moment(row.get("modified_date")) for row in rows))
            yield ChangePage(tuple(self._records(module, rows, deleted=cursor is not None)))
        if latest is not None and pages > 1:
            latest = min(latest, now)
        after = self._advanced(cursor, latest, now)
        yield ChangePage((), Checkpoint(module.name, after.text() if after else ""))

    @staticmethod
    def _advanced(cursor: Cursor | None, latest: datetime | None, now: datetime) -> Cursor | None:
        """A walk of several pages may have missed edits made during it, so it is believed up to its start only."""
        if latest is not None and (cursor is None or latest > cursor.until):
            return Cursor(latest, now)
        if cursor is None or now - cursor.first_seen <= OVERLAP:
            return cursor
        return Cursor(cursor.until, cursor.first_seen, settled=True)

    def _wall(self, since: datetime) -> str:
        """A moment as the site's clock on the wall. Where that is put back soon after, the same wall times come again."""
        put_back = _offset(since, self._site.zone) - _offset(since + FOLD, self._site.zone)
        return self._site.wall(since - max(put_back, timedelta()))

    def _compared(self, module: Module, cursor: str | None) -> ChangePage:
        """The whole list, if it differs from last time; the cursor holds its digest and its ids. What a list leaves out is
        looked at itself before it counts as gone."""
        pages = walk(self._client, module, {}, detailed=False)
        rows = [row for page in pages for row in page if not is_deleted(row)]
        ids = {row_id(module, row) for row in rows}
        digest = hashlib.sha256(b"".join(sorted(map(wire.dumps, rows)))).hexdigest()
        before = json.loads(cursor or "{}")
        if before.get("digest") == digest:
            return ChangePage((), Checkpoint(module.name, cursor or ""))
        left_out = self._reader.pictures(module, sorted(set(before.get("ids", ())) - ids))
        alive = ids | {record.id for record in left_out if not record.deleted}
        checkpoint = Checkpoint(module.name, json.dumps({"digest": digest, "ids": sorted(alive)}))
        return ChangePage((*self._records(module, rows, deleted=False), *left_out), checkpoint)

    def _deleted(self, module: Module, since: datetime) -> Iterator[ChangePage]:
        """A site that does not know this filter answers with everything, so the rows are looked through here."""
        for rows in self._deleted_rows(module):
            yield ChangePage(tuple(self._records(module, self._deleted_since(rows, since), deleted=True)))
        if since < self._site.clock.now() - SHOWN_FOR:
            yield ChangePage((), gaps=(module.name,))

    def _deleted_rows(self, module: Module) -> Iterator[list[Row]]:
        try:
            yield from walk(self._client, module, {"is_deleted": 1}, detailed=False)
        except RemoteRejected:
            yield from walk(self._client, module, {}, detailed=False)

    def _deleted_since(self, rows: Iterable[Row], since: datetime) -> Iterator[Row]:
        for row in rows:
            at = self._site.moment(row.get("deleted_date"))
            if is_deleted(row) and (at is None or at >= since):
                yield row

    def _records(self, module: Module, rows: Iterable[Row], *, deleted: bool) -> Iterator[RemoteRecord]:
        return (to_record(module, row, self._site) for row in rows if deleted or not is_deleted(row))


def _later(latest: datetime | None, moments: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in (latest, *moments) if at is not None), default=None)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
