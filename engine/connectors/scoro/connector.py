"""Scoro seen through the connector protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.clock import Clock
from engine.connectors.base import (
    Budget,
    ChangePage,
    CompanyProfile,
    NotWritten,
    RemoteRecord,
    WriteOutcome,
    WriteRequest,
    Written,
)
from engine.connectors.scoro.bookmarks import members, views
from engine.connectors.scoro.changes import ChangeFeed
from engine.connectors.scoro.client import Filter, ScoroClient
from engine.connectors.scoro.currencies import ProfileCurrencies
from engine.connectors.scoro.modules import module_of
from engine.connectors.scoro.profile import fetch_profile
from engine.connectors.scoro.reading import Reader
from engine.connectors.scoro.site_clock import SiteClock
from engine.connectors.scoro.writing import Writer
from engine.connectors.wire import as_utc
from engine.core.records import System
from engine.errors import ConcordError, InvariantBroken, Retryable


class ScoroConnector:
    """One company account. ``time_zone`` is the site's, an IANA name: stamps come without one."""

    system = System.SCORO
    replays_writes = False

    def __init__(self, client: ScoroClient, *, account: str, time_zone: str, clock: Clock) -> None:
        self._client = client
        self._account = account
        self._site = SiteClock(ZoneInfo(time_zone), clock)
        self._reader = Reader(client, self._site)
        self._feed = ChangeFeed(client, self._site)
        self._writer = Writer(client, self._reader, self._site)
        self._currencies = ProfileCurrencies(client)

    def profile(self) -> CompanyProfile:
        """Who this is. Also the test of the credentials."""
        return fetch_profile(self._client, self._account, self._site.zone)

    def changes(self, types: Sequence[str], cursors: Mapping[str, str]) -> Iterator[ChangePage]:
        """A stream per module; where nothing changed, one request each."""
        return self._joined(self._feed.changes(types, cursors))

    def deletions(self, types: Sequence[str], since: datetime) -> Iterator[ChangePage]:
        """Rows deleted in the last 30 days; a gap is named when ``since`` lies further back."""
        return self._feed.deletions(types, since)

    def scan(self, type: str, *, where: Mapping[str, str] | None = None) -> Iterator[ChangePage]:
        """Every live record of a type, with its lines."""
        return self._joined(self._feed.scan(module_of(type), _bounds(where or {}, self._site)))

    def read(self, type: str, ids: Sequence[str]) -> list[RemoteRecord]:
        """The current picture of these records, in the order of the ids."""
        return list(self._currencies.all_joined(self._reader.pictures(module_of(type), list(dict.fromkeys(ids)))))

    def find(self, type: str, key: Mapping[str, str]) -> list[RemoteRecord]:
        """Live records with exactly these natural keys."""
        return list(self._currencies.all_joined(self._reader.find(module_of(type), key)))

    def views(self, type: str) -> Mapping[str, str]:
        """See ``SavedViews``."""
        return views(self._client, module_of(type))

    def members(self, type: str, view: str) -> frozenset[str]:
        """See ``SavedViews``."""
        return members(self._client, module_of(type), view)

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
        """One by one, up to ten under way."""
        for outcome in self._writer.write([self._expecting_joined(request) for request in requests]):
            yield self._joined_outcome(outcome)

    def _joined_outcome(self, outcome: WriteOutcome) -> WriteOutcome:
        """A write that took effect has an outcome, even if its record could not be completed."""
        if not isinstance(outcome, Written):
            return outcome
        try:
            return replace(outcome, record=self._currencies.joined(outcome.record))
        except ConcordError as error:
            return NotWritten(outcome.key, _incomplete(error))

    def _joined(self, pages: Iterator[ChangePage]) -> Iterator[ChangePage]:
        for page in pages:
            yield replace(page, records=self._currencies.all_joined(page.records))

    def _expecting_joined(self, request: WriteRequest) -> WriteRequest:
        """The caller compares records as it was handed them."""
        expected = request.expected
        if expected is None:
            return request
        return replace(request, expected=lambda record: expected(self._currencies.joined(record)))

    def budget(self) -> Budget:
        """The daily quota as the last answer told it."""
        return self._client.budget()

    def close(self) -> None:
        """Give back sockets."""
        self._client.close()


def _incomplete(error: ConcordError) -> Retryable:
    return Retryable(
        "The contact was written, but its currency could not be read.",
        maybe_applied=True,
        hint="It is looked at again by itself.",
        detail=error.detail,
        request_id=error.request_id,
        code="not_read_back",
    )


_EDGES = {
    "modified_from": ("modified_date", "from_date"),
    "modified_to": ("modified_date", "to_date"),
    "date_from": ("date", "from_date"),
    "date_to": ("date", "to_date"),
}


def _bounds(where: Mapping[str, str], site: SiteClock) -> Filter:
    """The filter of a scan; ``InvariantBroken`` for a bound that the protocol does not know."""
    filter: dict[str, dict[str, str]] = {}
    for name, value in where.items():
        if name not in _EDGES:
            raise InvariantBroken(f"A scan cannot be limited by {name}.")
        field, edge = _EDGES[name]
        filter.setdefault(field, {})[edge] = _after(value) if name == "date_to" else _wall(value, site)
    return filter


def _wall(value: str, site: SiteClock) -> str:
    """A moment with an offset as the site's clock on the wall; anything else as it is."""
    at = as_utc(value)
    return site.wall(at) if at else value


def _after(day: str) -> str:
    """A bare end date means the beginning of that day, so the day after it is named (reference 3)."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
