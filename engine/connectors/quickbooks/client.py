"""The calls of the QuickBooks API that Concord makes, each answered with parsed JSON (reference 2, 5, 6, 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from engine.connectors import wire
from engine.connectors.http import Answer, Call, HttpClient
from engine.connectors.quickbooks import query
from engine.connectors.quickbooks.faults import EXPIRED, faults_of, to_error
from engine.connectors.quickbooks.oauth import Grant
from engine.connectors.wire import as_utc
from engine.errors import AuthorizationLost, Retryable

BATCH = 30
"""The most items a batch may have."""

REFRESHABLE = frozenset({EXPIRED, "100", "110", ""})
"""Refusals of an access token that a refresh may cure (reference 2.6)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its JSON, the moment the server began with it, and the trace id."""

    json: Mapping[str, Any]
    time: datetime
    request_id: str


class QuickBooksClient:
    """One company. ``base_url`` is the API's origin, without a path."""

    def __init__(self, http: HttpClient, grant: Grant, *, base_url: str, realm_id: str) -> None:
        self._http = http
        self._grant = grant
        self._company = f"{base_url.rstrip('/')}/v3/company/{quote(realm_id, safe='')}"
        self._keys = (f"quickbooks:{realm_id}",)
        self._batch_keys = (*self._keys, f"quickbooks-batch:{realm_id}")

    def query(self, statement: str) -> Reply:
        """The answer to one statement; its ``QueryResponse`` lacks the entity when nothing was found."""
        return self._send(self._call("GET", "query", {"query": statement}))

    def queries(self, statements: Sequence[str]) -> tuple[list[Mapping[str, Any]], Reply]:
        """The ``QueryResponse`` of each of up to 30 statements, in one request, and the whole reply."""
        reply = self.ask(statements)
        answers = items_by_id(reply)
        return [_query_response(answers, str(n), reply) for n in range(len(statements))], reply

    def ask(self, statements: Sequence[str]) -> Reply:
        """The batch of answers to up to 30 statements, with their position as ``bId``; single ones may be faults."""
        return self._send(self._batch_call([{"bId": str(n), "Query": text} for n, text in enumerate(statements)]))

    def changed(self, types: Sequence[str], since: datetime) -> Reply:
        """The change feed of these entities."""
        params = {"entities": ",".join(types), "changedSince": query.instant(since)}
        return self._send(self._call("GET", "cdc", params))

    def write(self, segment: str, params: Mapping[str, str], body: Mapping[str, Any], request_id: str) -> Reply:
        """Create, change or delete one object. The request id makes a repetition harmless (reference 2.2)."""
        call = self._call("POST", segment, {**params, "requestid": request_id})
        return self._send(replace(call, content=wire.dumps(body), headers=_JSON, writes=True))

    def write_batch(self, items: Sequence[Mapping[str, Any]], request_id: str) -> Reply:
        """Carry out up to 30 independent writes. Request id and ``bId`` together name an item (reference 7)."""
        return self._send(self._batch_call(items, {"requestid": request_id}, writes=True))

    def close(self) -> None:
        """Give back the sockets."""
        self._http.close()
        self._grant.close()

    def _batch_call(
        self, items: Sequence[Mapping[str, Any]], params: Mapping[str, str] | None = None, *, writes: bool = False
    ) -> Call:
        call = self._call("POST", "batch", params or {})
        content = wire.dumps({"BatchItemRequest": items})
        return replace(call, keys=self._batch_keys, content=content, headers=_JSON, writes=writes)

    def _call(self, method: str, path: str, params: Mapping[str, str]) -> Call:
        return Call(method, f"{self._company}/{path}", self._keys, {**params, "minorversion": "75"})

    def _send(self, call: Call) -> Reply:
        bearer = self._grant.bearer()
        try:
            return _reply(self._http.send(_signed(call, bearer)))
        except AuthorizationLost as error:
            if error.code not in REFRESHABLE:
                raise
        return _reply(self._http.send(_signed(call, self._grant.renew(bearer))))


_JSON = {"Content-Type": "application/json; charset=utf-8"}


def items_by_id(reply: Reply) -> Mapping[str, Mapping[str, Any]]:
    """The answers of a batch by their ``bId``."""
    return {str(item.get("bId")): item for item in reply.json.get("BatchItemResponse", [])}


def unanswered(reply: Reply, *, writes: bool) -> Retryable:
    """The error of a batch item that the answer does not mention."""
    return Retryable(
        "QuickBooks answered a batch without saying what became of an item.",
        maybe_applied=writes,
        hint="It is tried again by itself.",
        request_id=reply.request_id,
        code="unanswered",
    )


def _query_response(answers: Mapping[str, Mapping[str, Any]], bid: str, reply: Reply) -> Mapping[str, Any]:
    answer = answers.get(bid)
    if answer is None:
        raise unanswered(reply, writes=False)
    if faults := faults_of(answer):
        raise to_error(faults, request_id=reply.request_id)
    response: Mapping[str, Any] = answer.get("QueryResponse") or {}
    return response


def _signed(call: Call, bearer: str) -> Call:
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {bearer}"})


def _reply(answer: Answer) -> Reply:
    time = as_utc(answer.json.get("time"))
    if time is None:
        raise Retryable(
            "QuickBooks answered without the time of its clock.",
            hint="It is tried again by itself.",
            request_id=answer.request_id,
            code="no_time",
        )
    return Reply(answer.json, time, answer.request_id)
