"""Reading lists that move while they are read, and single records, several at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.connectors.base import RemoteRecord
from engine.connectors.quickbooks import query
from engine.connectors.quickbooks.client import BATCH, QuickBooksClient
from engine.connectors.quickbooks.entities import Entity, entity_of, gone, to_record
from engine.connectors.wire import chunks
from engine.errors import Retryable

WALKS = 3
"""How often a list is walked through before it is given up as too restless."""

QUERIES = min(BATCH, query.PAGE // query.IDS_PER_QUERY)
"""Queries in one batch of reads: together they answer with no more rows than a batch may have."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a list, and the moment the server began with it."""

    rows: list[Mapping[str, Any]]
    time: datetime


class Reader:
    """Reads of one company."""

    def __init__(self, client: QuickBooksClient) -> None:
        self._client = client

    def walk(self, type: str, conditions: Sequence[str] = ()) -> Iterator[Rows]:
        """Every row of a list, some perhaps twice, none left out.

        Rows come in the order of their ids, which edits do not disturb. A row that vanishes moves the later ones forward over
        a page's edge, so pages of transactions overlap by one row; and the number of rows, told with the first page, must
        be reached in the end. Otherwise the list is walked through again.
        """
        for _ in range(WALKS):
            if (yield from self._walk_once(entity_of(type), conditions)):
                return
        raise Retryable(
            f"The list of {type} records changed or came back short {WALKS} times while it was read.",
            hint="It is read again by itself.",
            code="restless",
        )

    def read(self, wanted: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], RemoteRecord]:
        """The records (type → ids) that exist, by type and id; those that are gone are absent."""
        portions = [
            (type, query.rows(entity_of(type), [query.among(chunk)]))
            for type, ids in wanted.items()
            for chunk in chunks(ids, query.IDS_PER_QUERY)
        ]
        found: dict[tuple[str, str], RemoteRecord] = {}
        for group in chunks(portions, QUERIES):
            for (type, _), response in zip(group, self._ask([s for _, s in group]), strict=True):
                found |= {(type, str(row["Id"])): to_record(type, row) for row in response.get(type, [])}
        return found

    def pictures(self, type: str, ids: Sequence[str]) -> list[RemoteRecord]:
        """One record for each id, in order; a deleted one for an id that two queries did not find (F8)."""
        found = self.read({type: ids})
        if missing := [id for id in ids if (type, id) not in found]:
            found |= self.read({type: missing})
        return [found.get((type, id)) or gone(type, id) for id in ids]

    def live(self, type: str, conditions: Sequence[str]) -> list[RemoteRecord]:
        """The records that are not deactivated and meet the conditions."""
        response = self._client.query(query.live(entity_of(type), conditions)).json["QueryResponse"]
        return [to_record(type, row) for row in response.get(type, [])]

    def _walk_once(self, entity: Entity, conditions: Sequence[str]) -> Generator[Rows, None, bool]:
        page, expected = self._first(entity, conditions)
        yield page
        seen = {str(row["Id"]) for row in page.rows}
        step = query.PAGE if entity.listed else query.PAGE - 1
        start = 1
        while len(page.rows) >= query.PAGE and len(seen) < expected:
            start += step
            page = self._next(entity, conditions, start)
            if step < query.PAGE and not (page.rows and str(page.rows[0]["Id"]) in seen):
                return False
            yield page
            seen.update(str(row["Id"]) for row in page.rows)
        return len(seen) >= expected

    def _first(self, entity: Entity, conditions: Sequence[str]) -> tuple[Rows, int]:
        statements = [query.rows(entity, conditions), query.count(entity, conditions)]
        (rows, total), reply = self._client.queries(statements)
        return Rows(list(rows.get(entity.name, [])), reply.time), int(total.get("totalCount", 0))

    def _next(self, entity: Entity, conditions: Sequence[str], start: int) -> Rows:
        reply = self._client.query(query.rows(entity, conditions, start=start))
        return Rows(list(reply.json["QueryResponse"].get(entity.name, [])), reply.time)

    def _ask(self, statements: list[str]) -> list[Mapping[str, Any]]:
        if len(statements) == 1:
            return [self._client.query(statements[0]).json["QueryResponse"]]
        return self._client.queries(statements)[0]
