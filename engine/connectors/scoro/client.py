"""The calls of the Scoro API that Concord makes: all POST, JSON in and out (reference 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2

from engine.clock import Clock
from engine.connectors import wire
from engine.connectors.base import Budget
from engine.connectors.http import DEFAULT_ENDURANCE, Answer, Call, Endurance, HttpClient, Observe
from engine.connectors.limits import Limiter
from engine.connectors.scoro import faults
from engine.connectors.scoro.auth import Auth
from engine.connectors.scoro.modules import Module, Row
from engine.errors import AuthorizationLost, ConcordError, Misconfigured, RemoteRejected

PLAIN = 100
DETAILED = 25
"""The largest pages of plain and of detailed lists (reference 1.3)."""

Filter = Mapping[str, Any]


class ScoroClient:
    """One company account of one site. ``base_url`` is the site's origin, without a path; ``user`` signs what only
    users may do."""

    def __init__(
        self,
        *,
        base_url: str,
        auth: Auth,
        user: Auth | None = None,
        limiter: Limiter,
        clock: Clock,
        jitter: Callable[[], float],
        transport: httpx2.BaseTransport | None = None,
        endurance: Endurance = DEFAULT_ENDURANCE,
        observe: Observe | None = None,
    ) -> None:
        self._auth = auth
        self._user = user
        self._clock = clock
        self._base = f"{base_url.rstrip('/')}/api/v2"
        self._keys = (f"scoro:{urlsplit(base_url).netloc}/{auth.account}",)
        self._budget = Budget()
        self._http = HttpClient(
            classify=self._classify,
            limiter=limiter,
            clock=clock,
            jitter=jitter,
            transport=transport,
            trace_header="cf-ray",
            endurance=endurance,
            observe=observe,
        )

    def page(self, module: Module, *, number: int, detailed: bool, filter: Filter) -> list[Row]:
        """One page of a list, rows deleted in the last 30 days included: they keep a walk through the pages in step."""
        body = {
            "filter": filter,
            "request": {"include_deleted": "1"},
            "include_deleted": "1",
            "page": number,
            "per_page": DETAILED if detailed else PLAIN,
            **({"detailed_response": True} if detailed else {}),
        }
        return list(self.call(f"{module.name}/list", body) or [])

    def view(self, module: Module, id: str) -> Row:
        """One record with everything it has; ``RemoteMissing``, or nothing, when there is none."""
        return _row(self.call(f"{module.name}/view/{id}"))

    def modify(self, module: Module, id: str | None, request: Mapping[str, Any]) -> Row:
        """Create, or change the fields that are sent; answers the whole record as it is afterwards."""
        action = f"{module.name}/modify" if id is None else f"{module.name}/modify/{id}"
        return _row(self._write(action, {"request": request}))

    def delete(self, module: Module, id: str) -> None:
        """Delete one record."""
        self._write(f"{module.name}/delete/{id}", {})

    def call_as_user(self, action: str, body: Mapping[str, Any]) -> Any:
        """The same, signed by a user, whom saved views belong to (reference 1.2); ``Misconfigured`` without one that holds."""
        if self._user is None:
            raise Misconfigured(
                "Bookmarks of Scoro can be read with a user's token only.",
                hint="Enter the token of a Scoro user in Settings, or limit the category by a filter of Concord's own.",
            )
        try:
            return self._send(action, body, self._user, writes=False)
        except AuthorizationLost as lost:
            raise Misconfigured(
                "Scoro refuses the user's token.", hint="Enter a new token of a Scoro user in Settings.", code=lost.code
            ) from lost

    def call(self, action: str, body: Mapping[str, Any] | None = None, *, writes: bool = False) -> Any:
        """The ``data`` of a successful answer."""
        return self._send(action, body or {}, self._auth, writes=writes)

    def _send(self, action: str, body: Mapping[str, Any], auth: Auth, *, writes: bool) -> Any:
        content = wire.dumps({"lang": "eng", "request": {}, **body, **auth.fields()})
        call = Call(
            "POST",
            f"{self._base}/{action}",
            self._keys,
            headers={"Content-Type": "application/json"},
            content=content,
            writes=writes,
            repeatable=not writes,
        )
        return self._http.send(call).json.get("data")

    def budget(self) -> Budget:
        """The daily quota as the last answer told it."""
        return self._budget

    def close(self) -> None:
        """Give back the sockets."""
        self._http.close()

    def _write(self, action: str, body: Mapping[str, Any]) -> Any:
        """A forbidden write may mean that the key has died meanwhile: then the test of the key raises in its place."""
        try:
            return self.call(action, body, writes=True)
        except RemoteRejected as error:
            if error.code in ("401", "403"):
                self.call("companyAccount/list")
            raise

    def _classify(self, answer: Answer, call: Call) -> ConcordError | None:
        self._note_budget(answer.headers)
        return faults.classify(answer, call, self._clock.now())

    def _note_budget(self, headers: Mapping[str, str]) -> None:
        limit, remaining, reset = (
            headers.get(f"x-daily-requests-{what}", "") for what in ("limit", "remaining", "reset")
        )
        if not (limit.isdigit() and remaining.isdigit()):
            return
        seconds = float(reset) if reset.isdigit() else faults.until_midnight(self._clock.now())
        self._budget = Budget(int(limit), int(remaining), self._clock.now() + timedelta(seconds=seconds))


def _row(data: object) -> Row:
    """An object; PHP shows an empty one as an empty list."""
    return data if isinstance(data, Mapping) else {}
