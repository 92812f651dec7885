"""Writes: read, compare, write, take the echo (reference 8.4). Scoro has neither a fence nor idempotency keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.connectors.base import Operation, RemoteRecord, WriteOutcome, WriteRequest, Written
from engine.connectors.flight import Shipment, fly
from engine.connectors.scoro.client import ScoroClient
from engine.connectors.scoro.modules import Module, Row, gone, module_of, row_id, to_record
from engine.connectors.scoro.reading import Reader
from engine.connectors.scoro.site_clock import SiteClock
from engine.errors import DuplicateRemote, InvariantBroken, RemoteMissing, RemoteRejected, Retryable, StaleRevision

MALFORMED = "400"
"""The code of every refusal of a record's content (reference 1.5)."""


class Writer:
    """Writes of one company account."""

    def __init__(self, client: ScoroClient, reader: Reader, site: SiteClock) -> None:
        self._client = client
        self._reader = reader
        self._site = site

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
        """See ``Connector.write``."""
        yield from fly([self._shipment(request) for request in requests])

    def _shipment(self, request: WriteRequest) -> Shipment:
        return Shipment((request,), lambda: [Written(request.key, self._carry_out(request))])

    def _carry_out(self, request: WriteRequest) -> RemoteRecord:
        module = module_of(request.type)
        match request.operation:
            case Operation.CREATE:
                return self._echo(module, self._create(module, request))
            case Operation.UPDATE:
                id = self._fenced(module, request)
                return self._echo(module, self._client.modify(module, id, request.body))
            case Operation.DELETE:
                return self._delete(module, request)
            case Operation.VOID:
                raise RemoteRejected(
                    "Scoro cannot void a document.", hint="Delete it in Scoro or credit it there.", code="void"
                )

    def _create(self, module: Module, request: WriteRequest) -> Row:
        try:
            return self._client.modify(module, None, request.body)
        except RemoteRejected as refusal:
            raise self._duplicate(module, request, refusal) or refusal from None

    def _duplicate(self, module: Module, request: WriteRequest, refusal: RemoteRejected) -> DuplicateRemote | None:
        """Scoro tells a taken number by words alone, in any language (reference Q14), so the number itself is looked for."""
        number = str(request.body.get("no") or "")
        if not number or not module.detailed or refusal.code != MALFORMED:
            return None
        holders = self._reader.find(module, {"number": number})
        if not holders:
            return None
        return DuplicateRemote(
            "Scoro refuses the document and has another one of this number.",
            existing_id=holders[0].id if len(holders) == 1 else None,
            hint="Link the two, or change the number of one.",
            detail=refusal.detail,
            request_id=refusal.request_id,
            code=refusal.code,
        )

    def _delete(self, module: Module, request: WriteRequest) -> RemoteRecord:
        """A repeated deletion that finds nothing did its work the first time."""
        try:
            id = self._fenced(module, request)
            self._client.delete(module, id)
        except RemoteMissing:
            if not request.repeated or request.id is None:
                raise
            id = request.id
        return gone(module, id)

    def _fenced(self, module: Module, request: WriteRequest) -> str:
        """The id, once the record has been read and found to be the one the write was built from."""
        if request.id is None:
            raise InvariantBroken("A record without an id cannot be changed.")
        fresh = self._reader.view(module, request.id)
        if fresh.deleted:
            raise RemoteMissing("The record is not in Scoro any more.", hint="Check the record in Scoro.")
        if not _expected(request, fresh):
            raise StaleRevision("Somebody changed the record in Scoro first.", hint="It is read and decided again.")
        return request.id

    def _echo(self, module: Module, row: Row) -> RemoteRecord:
        if row_id(module, row) and (not module.detailed or isinstance(row.get("lines"), list)):
            return to_record(module, row, self._site)
        if not row_id(module, row):
            raise Retryable(
                "Scoro answered a write without the record.",
                maybe_applied=True,
                hint="It is looked for before it is sent again.",
                code="no_echo",
            )
        return self._reader.view(module, row_id(module, row))


def _expected(request: WriteRequest, fresh: RemoteRecord) -> bool:
    """Stamps have a resolution of a second, so the caller's own test decides where there is one."""
    if request.expected is not None:
        return request.expected(fresh)
    return not request.revision or fresh.revision == request.revision
