"""QuickBooks Online seen through the connector protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import httpx2

from engine.clock import Clock
from engine.connectors.base import (
    Budget,
    ChangePage,
    CompanyProfile,
    RemoteRecord,
    WriteOutcome,
    WriteRequest,
)
from engine.connectors.http import DEFAULT_ENDURANCE, Endurance, HttpClient, Observe
from engine.connectors.limits import Limiter
from engine.connectors.quickbooks import query
from engine.connectors.quickbooks.batch import Writer
from engine.connectors.quickbooks.changes import ChangeFeed
from engine.connectors.quickbooks.client import QuickBooksClient
from engine.connectors.quickbooks.credits import CreditReader
from engine.connectors.quickbooks.entities import Entity, entity_of, to_record
from engine.connectors.quickbooks.faults import classify
from engine.connectors.quickbooks.oauth import Grant
from engine.connectors.quickbooks.profile import fetch_profile
from engine.connectors.quickbooks.reading import Reader
from engine.connectors.quickbooks.taxes import TaxReader
from engine.core.records import System
from engine.errors import InvariantBroken

TRACE_HEADER = "intuit_tid"


class QuickBooksConnector:
    """One company, reached with one grant. ``base_url`` is the API's origin: the production one, the vendor's sandbox or ours."""

    system = System.QUICKBOOKS
    replays_writes = True

    def __init__(
        self,
        *,
        realm_id: str,
        base_url: str,
        grant: Grant,
        limiter: Limiter,
        clock: Clock,
        jitter: Callable[[], float],
        transport: httpx2.BaseTransport | None = None,
        endurance: Endurance = DEFAULT_ENDURANCE,
        observe: Observe | None = None,
    ) -> None:
        http = HttpClient(
            classify=classify,
            limiter=limiter,
            clock=clock,
            jitter=jitter,
            transport=transport,
            trace_header=TRACE_HEADER,
            endurance=endurance,
            observe=observe,
        )
        self._realm_id = realm_id
        self._client = QuickBooksClient(http, grant, base_url=base_url, realm_id=realm_id)
        self._reader = Reader(self._client)
        self._taxes = TaxReader(self._reader)
        self._credits = CreditReader(self._reader)
        self._feed = ChangeFeed(self._client, self._reader, self._taxes, clock)
        self._writer = Writer(self._client, self._reader)

    def profile(self) -> CompanyProfile:
        """Who this is. Also the test of the credentials."""
        return fetch_profile(self._client, self._realm_id)

    def changes(self, types: Sequence[str], cursors: Mapping[str, str]) -> Iterator[ChangePage]:
        """Streams ``cdc`` and ``tax``; deactivated rows of name lists come as records with ``Active`` false."""
        for page in self._feed.changes(types, cursors):
            yield replace(page, records=tuple(self._credits.joined(page.records)))

    def deletions(self, types: Sequence[str], since: datetime) -> Iterator[ChangePage]:
        """Nothing: ``changes`` tells of them, and names the types for which it could not."""
        return iter(())

    def scan(self, type: str, *, where: Mapping[str, str] | None = None) -> Iterator[ChangePage]:
        """Every record of a type that is not deleted; deactivated ones are part of it."""
        for page in self._reader.walk(type, query.within((where or {}).items())):
            records = [to_record(type, row) for row in page.rows]
            yield ChangePage(tuple(self._complete(type, records)))

    def read(self, type: str, ids: Sequence[str]) -> list[RemoteRecord]:
        """The current picture of these records, in the order of the ids."""
        return self._complete(type, self._reader.pictures(type, list(dict.fromkeys(ids))))

    def find(self, type: str, key: Mapping[str, str]) -> list[RemoteRecord]:
        """Live records with these natural keys; letters compare regardless of case, as QuickBooks itself compares names."""
        entity = entity_of(type)
        if unknown := set(key) - set(entity.keys):
            raise InvariantBroken(f"{type} records cannot be found by {', '.join(sorted(unknown))}.")
        found = self._reader.live(type, _asked(entity, key))
        return self._complete(type, [record for record in found if _has(entity, record, key)])

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
        """Groups as batches, others alone, up to ten requests under way."""
        return self._writer.write(requests)

    def budget(self) -> Budget:
        """QuickBooks has no daily quota for what Concord does."""
        return Budget()

    def close(self) -> None:
        """Give back sockets."""
        self._client.close()

    def _complete(self, type: str, records: list[RemoteRecord]) -> list[RemoteRecord]:
        match type:
            case "TaxCode" if records:
                return self._taxes.joined(records)
            case "CreditMemo":
                return self._credits.joined(records)
            case _:
                return records


def _asked(entity: Entity, key: Mapping[str, str]) -> list[str]:
    """What the remote filters by. References are compared here unless there is nothing else to narrow the search."""
    narrow = {name: value for name, value in key.items() if name != "contact"} or key
    return [query.equals(entity.keys[name], value) for name, value in narrow.items()]


def _has(entity: Entity, record: RemoteRecord, key: Mapping[str, str]) -> bool:
    return all(_value(record, entity.keys[name]).casefold() == value.casefold() for name, value in key.items())


def _value(record: RemoteRecord, property: str) -> str:
    value = record.data.get(property)
    return str(value.get("value", "") if isinstance(value, Mapping) else value or "")
