"""Writes: alone, or up to thirty in one request, each with exactly one outcome (reference 2.1, 2.2, 7).

A request id makes a repetition harmless only if it is the very same request again. So a group goes out as one batch whose request
id is the group and whose item ids are the ordinals; a request without a group goes out alone under its own key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.connectors.base import NotWritten, Operation, RemoteRecord, WriteOutcome, WriteRequest, Written
from engine.connectors.flight import Shipment, fly
from engine.connectors.quickbooks.client import BATCH, QuickBooksClient, Reply, items_by_id, unanswered
from engine.connectors.quickbooks.entities import entity_of, gone, is_stub, to_record
from engine.connectors.quickbooks.faults import faults_of, for_operation, to_error
from engine.connectors.quickbooks.reading import Reader
from engine.errors import ConcordError, InvariantBroken, RemoteMissing, Retryable

ID_LENGTH = 36
"""The longest request id of a batch."""


class Writer:
    """Writes of one company."""

    def __init__(self, client: QuickBooksClient, reader: Reader) -> None:
        self._client = client
        self._reader = reader

    def write(self, requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
        """See ``Connector.write``."""
        groups: defaultdict[str, list[WriteRequest]] = defaultdict(list)
        alone: list[WriteRequest] = []
        for request in requests:
            (alone if request.group is None else groups[request.group]).append(request)
        shipments = [self._batch(group, members) for group, members in groups.items()]
        yield from fly([*shipments, *map(self._single, alone)])

    def _single(self, request: WriteRequest) -> Shipment:
        _check(request.key, [request])
        return Shipment((request,), lambda: self._current((request,), [self._send(request)]))

    def _batch(self, group: str, members: Sequence[WriteRequest]) -> Shipment:
        _check(group, members)
        requests = tuple(sorted(members, key=lambda request: request.ordinal))
        return Shipment(requests, lambda: self._current(requests, self._send_batch(group, requests)))

    def _send(self, request: WriteRequest) -> WriteOutcome:
        entity = entity_of(request.type)
        try:
            reply = self._client.write(entity.segment, _params(request), _body(request), request.key)
        except RemoteMissing as error:
            return NotWritten(request.key, for_operation(error, request.operation))
        return _outcome(request, reply.json, reply)

    def _send_batch(self, group: str, requests: Sequence[WriteRequest]) -> list[WriteOutcome]:
        reply = self._client.write_batch([_item(request) for request in requests], group)
        answers = items_by_id(reply)
        return [_outcome(request, answers.get(str(request.ordinal)), reply) for request in requests]

    def _current(self, requests: Sequence[WriteRequest], outcomes: list[WriteOutcome]) -> list[WriteOutcome]:
        """Repeated requests are answered with the first answer, which may be old by now: those records are read anew."""
        again = {request.key: request for request in requests if request.repeated}
        old = [o for o in outcomes if isinstance(o, Written) and o.key in again and not o.record.deleted]
        today = self._today(old)
        return [today.get(outcome.key) or _deleted_before(outcome, again) for outcome in outcomes]

    def _today(self, old: Sequence[Written]) -> dict[str, WriteOutcome]:
        """What has become of records that were written before, by key."""
        if not old:
            return {}
        try:
            fresh = self._reader.read(_ids_by_type(old))
        except ConcordError as error:
            return {outcome.key: NotWritten(outcome.key, _unread(error)) for outcome in old}
        return {outcome.key: _refreshed(outcome, fresh) for outcome in old}


def _check(request_id: str, members: Sequence[WriteRequest]) -> None:
    if len(request_id) > ID_LENGTH:
        raise InvariantBroken(f"The request id {request_id} is longer than {ID_LENGTH} characters.")
    if len(members) > BATCH or len({member.ordinal for member in members}) < len(members):
        raise InvariantBroken(f"The group {request_id} has more than {BATCH} members or an ordinal twice.")


def _body(request: WriteRequest) -> dict[str, Any]:
    """The object with id and fence. Updates are sparse, so that what we do not map stays (reference 3.0)."""
    fence = {} if request.id is None else {"Id": request.id, "SyncToken": request.revision or "0"}
    match request.operation:
        case Operation.CREATE:
            return dict(request.body)
        case Operation.UPDATE:
            return {"sparse": True, **request.body, **fence}
        case Operation.VOID:
            sparse = {"sparse": True} if entity_of(request.type).voids_by_update else {}
            return {**sparse, **fence}
        case Operation.DELETE:
            return fence


def _params(request: WriteRequest) -> dict[str, str]:
    include = list(request.options)
    params: dict[str, str] = {}
    match request.operation:
        case Operation.DELETE:
            params["operation"] = "delete"
        case Operation.VOID if entity_of(request.type).voids_by_update:
            params["operation"] = "update"
            include.append("void")
        case Operation.VOID:
            params["operation"] = "void"
        case _:
            pass
    return params | ({"include": ",".join(include)} if include else {})


def _item(request: WriteRequest) -> dict[str, Any]:
    params = _params(request)
    operation = params.get("operation", request.operation.value)
    options = {"optionsData": params["include"]} if "include" in params else {}
    return {"bId": str(request.ordinal), "operation": operation, **options, request.type: _body(request)}


def _outcome(request: WriteRequest, answer: Mapping[str, Any] | None, reply: Reply) -> WriteOutcome:
    if answer is None:
        return NotWritten(request.key, unanswered(reply, writes=True))
    if faults := faults_of(answer):
        error = to_error(faults, request_id=reply.request_id, writes=True)
        return NotWritten(request.key, for_operation(error, request.operation))
    data = answer.get(request.type)
    if not isinstance(data, Mapping) or "Id" not in data or _unproved(request, data):
        return NotWritten(request.key, unanswered(reply, writes=True))
    return Written(request.key, to_record(request.type, data), reply.request_id)


def _unproved(request: WriteRequest, data: Mapping[str, Any]) -> bool:
    """A deletion is proved by the stub (reference 2.4)."""
    return request.operation is Operation.DELETE and not is_stub(data)


def _ids_by_type(outcomes: Sequence[Written]) -> dict[str, list[str]]:
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for outcome in outcomes:
        ids[outcome.record.type].append(outcome.record.id)
    return ids


def _refreshed(outcome: Written, fresh: Mapping[tuple[str, str], RemoteRecord]) -> WriteOutcome:
    record = fresh.get((outcome.record.type, outcome.record.id))
    if record is not None:
        return replace(outcome, record=record)
    return NotWritten(
        outcome.key,
        RemoteMissing(
            "The record was written before, and has been deleted in QuickBooks since.",
            hint="Send it again as a new record if it is still wanted.",
            request_id=outcome.request_id,
        ),
    )


def _deleted_before(outcome: WriteOutcome, again: Mapping[str, WriteRequest]) -> WriteOutcome:
    """A repeated deletion that finds nothing did its work the first time."""
    request = again.get(outcome.key)
    if request is None or request.id is None or request.operation is not Operation.DELETE:
        return outcome
    if isinstance(outcome, NotWritten) and isinstance(outcome.error, RemoteMissing):
        return Written(outcome.key, gone(request.type, request.id), outcome.error.request_id)
    return outcome


def _unread(error: ConcordError) -> Retryable:
    return Retryable(
        "The write took effect, but its result could not be read back.",
        maybe_applied=True,
        hint="It is looked at again by itself.",
        request_id=error.request_id,
        code="not_read_back",
    )
