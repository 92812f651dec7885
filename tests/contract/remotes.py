"""Three remote systems behind one face: what a person does there, what goes wrong there, and a connector to each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx2

from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.faults import FaultKind, FaultRule
from app.sandbox.quickbooks import create_quickbooks_sandbox
from app.sandbox.scoro import Behaviours, create_scoro_sandbox
from engine.clock import ManualClock
from engine.connectors.base import Connector, RemoteRecord
from engine.connectors.http import Exchange
from engine.connectors.limits import LocalLimiter
from engine.connectors.memory import Ailment, MemoryConnector, MemoryRemote
from engine.connectors.quickbooks import Grant, OAuthApp, OAuthSettings, QuickBooksConnector, Tokens
from engine.connectors.scoro import ApiKey, ScoroClient, ScoroConnector
from engine.core.records import System
from engine.errors import AuthorizationLost, Retryable, Throttled

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
Json = Mapping[str, Any]


def even() -> float:
    """No spread of delays."""
    return 0.0


class Remote(Protocol):
    """A system with two types of records: ``people`` have a unique-looking name, ``papers`` can be deleted."""

    clock: ManualClock
    people: str
    papers: str
    fenced_by_expectation: bool
    """Whether the connector asks the caller's own test before it writes."""

    def connector(self) -> Connector: ...
    def person(self, name: str) -> dict[str, Any]: ...
    def name_of(self, record: RemoteRecord) -> str: ...
    def paper(self) -> dict[str, Any]: ...
    def somebody_creates(self, name: str) -> str: ...
    def somebody_renames(self, id: str, name: str) -> None: ...
    def somebody_writes_a_paper(self) -> str: ...
    def somebody_deletes_the_paper(self, id: str) -> None: ...
    def live(self, name: str) -> int: ...
    def lose_answers(self) -> None: ...
    def break_reads(self) -> None: ...
    def throttle(self) -> None: ...
    def revoke(self) -> None: ...


class InMemory:
    """The connector in memory."""

    people = "person"
    papers = "paper"
    fenced_by_expectation = True

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.remote = MemoryRemote(System.SCORO, self.clock, page=3, overlap=1)

    def connector(self) -> MemoryConnector:
        return MemoryConnector(self.remote)

    def person(self, name: str) -> dict[str, Any]:
        return {"name": name}

    def name_of(self, record: RemoteRecord) -> str:
        return str(record.data["name"])

    def paper(self) -> dict[str, Any]:
        return {"sum": 10}

    def somebody_creates(self, name: str) -> str:
        return self.remote.put(self.people, {"name": name}).id

    def somebody_renames(self, id: str, name: str) -> None:
        self.remote.put(self.people, {"name": name}, id)

    def somebody_writes_a_paper(self) -> str:
        return self.remote.put(self.papers, self.paper()).id

    def somebody_deletes_the_paper(self, id: str) -> None:
        self.remote.remove(self.papers, id)

    def live(self, name: str) -> int:
        return sum(row.data["name"] == name for row in self.remote.live(self.people))

    def lose_answers(self) -> None:
        lost = Retryable("The answer was lost.", maybe_applied=True)
        self.remote.ailments.append(Ailment("write", lost, after_effect=True))

    def break_reads(self) -> None:
        self.remote.ailments.append(Ailment("changes", Retryable("Out of order.")))

    def throttle(self) -> None:
        self.remote.ailments.append(Ailment("write", Throttled("Slower.", after=60)))

    def revoke(self) -> None:
        self.remote.ailments.append(Ailment("write", AuthorizationLost("Revoked.")))


class MemoryTokens:
    """A token store in memory that keeps a protocol of what happened."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.events: list[str] = []
        self._lock = threading.Lock()

    def load(self) -> Tokens:
        return self.tokens

    def refresh_exclusively(self, fn: Callable[[Tokens], Tokens]) -> Tokens:
        with self._lock:
            renewed = fn(self.tokens)
            if renewed is not self.tokens:
                self.tokens = renewed
                self.events.append("stored")
            return renewed


class QuickBooks:
    """The simulated QuickBooks, an empty company, in this process."""

    people = "Customer"
    papers = "Payment"
    fenced_by_expectation = False

    def __init__(self, *, profile: str = "us", seed: str = "empty") -> None:
        self.clock = ManualClock(START)
        self.app = create_quickbooks_sandbox(profile=profile, seed=seed, clock=SandboxClock(self.clock.now))
        self.sandbox = self.app.extensions["quickbooks"]
        self.transport = httpx2.WSGITransport(app=self.app)
        self.limiter = LocalLimiter(self.clock)
        self.exchanges: list[Exchange] = []
        self.keys = self.sandbox.issue_credentials({})
        self.realm = self.keys["realmId"]
        self.oauth = self._oauth()
        self.tokens = MemoryTokens(self.fresh_tokens())
        self._payer = ""

    def _oauth(self) -> OAuthApp:
        settings = OAuthSettings(
            client_id=self.keys["client_id"],
            client_secret=self.keys["client_secret"],
            redirect_uri="http://localhost/connected",
            authorize_url="http://quickbooks.test/connect/oauth2",
            token_url="http://quickbooks.test/oauth2/v1/tokens/bearer",
            revoke_url="http://quickbooks.test/v2/oauth2/tokens/revoke",
        )
        return OAuthApp(settings, self.clock, transport=self.transport)

    def fresh_tokens(self, life: int = 3600) -> Tokens:
        """A grant as after the consent page. The sandbox's token lives an hour whatever we believe of it."""
        now = self.clock.now()
        return Tokens(
            self.keys["access_token"],
            self.keys["refresh_token"],
            now + timedelta(seconds=life),
            now + timedelta(days=100),
        )

    def connector(self, transport: httpx2.BaseTransport | None = None) -> QuickBooksConnector:
        return QuickBooksConnector(
            realm_id=self.realm,
            base_url="http://quickbooks.test",
            grant=Grant(self.tokens, self.oauth, self.clock),
            limiter=self.limiter,
            clock=self.clock,
            jitter=even,
            transport=transport or self.transport,
            observe=self.exchanges.append,
        )

    def person(self, name: str) -> dict[str, Any]:
        return {"DisplayName": name}

    def name_of(self, record: RemoteRecord) -> str:
        return str(record.data["DisplayName"])

    def paper(self) -> dict[str, Any]:
        self._payer = self._payer or self.somebody_creates("The payer")
        return {"CustomerRef": {"value": self._payer}, "TotalAmt": 10}

    def act(self, action: str, entity: str, **rest: Any) -> dict[str, Any]:
        answer = self.sandbox.act_as_person({"action": action, "entity": entity, **rest})
        made: dict[str, Any] = answer[entity]
        return made

    def somebody_creates(self, name: str) -> str:
        return str(self.act("create", self.people, body=self.person(name))["Id"])

    def somebody_renames(self, id: str, name: str) -> None:
        self.act("edit", self.people, id=id, body=self.person(name))

    def somebody_writes_a_paper(self) -> str:
        return str(self.act("create", self.papers, body=self.paper())["Id"])

    def somebody_deletes_the_paper(self, id: str) -> None:
        self.act("delete", self.papers, id=id)

    def live(self, name: str) -> int:
        company = self.sandbox.companies[self.realm]
        return sum(row.data["DisplayName"] == name for row in company.all(self.people))

    def arm(self, kind: FaultKind, **match: Any) -> None:
        self.sandbox.faults.add(FaultRule(kind, **match))

    def lose_answers(self) -> None:
        """As often as one call is repeated by itself."""
        for endpoint in ("entity", "batch"):
            self.arm(FaultKind.RESET_AFTER, endpoint=endpoint, count=4)

    def break_reads(self) -> None:
        for endpoint in ("cdc", "query", "batch"):
            self.arm(FaultKind.HTTP_503, endpoint=endpoint, count=4)

    def throttle(self) -> None:
        self.arm(FaultKind.THROTTLE_MINUTE)

    def revoke(self) -> None:
        self.sandbox.act_as_person({"action": "disconnect"})

    def requests(self) -> int:
        count: int = self.sandbox.stats.as_json()["requests"]
        return count


class Scoro:
    """The simulated Scoro, an empty site, in this process."""

    people = "contacts"
    papers = "projects"
    fenced_by_expectation = True

    def __init__(self, *, seed: str = "empty", **switches: Any) -> None:
        self.clock = ManualClock(START)
        self.app = create_scoro_sandbox(
            seed=seed, clock=SandboxClock(self.clock.now), behaviours=Behaviours(**switches)
        )
        self.sandbox = self.app.extensions["sandbox"]
        self.transport = httpx2.WSGITransport(app=self.app)
        self.limiter = LocalLimiter(self.clock)
        self.keys = self.sandbox.issue_credentials({})
        self.account = self.keys["company_account_id"]
        self.exchanges: list[Exchange] = []

    def client(self, transport: httpx2.BaseTransport | None = None, key: str = "") -> ScoroClient:
        return ScoroClient(
            base_url="http://scoro.test",
            auth=ApiKey(key or self.keys["apiKey"], self.account),
            limiter=self.limiter,
            clock=self.clock,
            jitter=even,
            transport=transport or self.transport,
            observe=self.exchanges.append,
        )

    def connector(self, transport: httpx2.BaseTransport | None = None, key: str = "") -> ScoroConnector:
        client = self.client(transport, key)
        return ScoroConnector(client, account=self.account, time_zone="America/New_York", clock=self.clock)

    def person(self, name: str) -> dict[str, Any]:
        return {"name": name}

    def name_of(self, record: RemoteRecord) -> str:
        return str(record.data["name"])

    def paper(self) -> dict[str, Any]:
        return {"project_name": "A project"}

    def act(self, action: str, module: str, **rest: Any) -> dict[str, Any]:
        answer = self.sandbox.act_as_person({"action": action, "module": module, **rest})
        made: dict[str, Any] = answer["object"]
        return made

    def somebody_creates(self, name: str) -> str:
        return str(self.act("create", self.people, fields=self.person(name))["contact_id"])

    def somebody_renames(self, id: str, name: str) -> None:
        self.act("edit", self.people, id=id, fields=self.person(name))

    def somebody_writes_a_paper(self) -> str:
        return str(self.act("create", self.papers, fields=self.paper())["project_id"])

    def somebody_deletes_the_paper(self, id: str) -> None:
        self.sandbox.act_as_person({"action": "delete", "module": self.papers, "id": id})

    def live(self, name: str) -> int:
        return len(self.connector().find(self.people, {"name": name}))

    def arm(self, kind: FaultKind, **match: Any) -> None:
        self.sandbox.faults.add(FaultRule(kind, **match))

    def lose_answers(self) -> None:
        self.arm(FaultKind.RESET_AFTER, operation="create")

    def break_reads(self) -> None:
        self.arm(FaultKind.HTTP_503, operation="list", count=4)

    def throttle(self) -> None:
        self.arm(FaultKind.THROTTLE_DAILY)

    def revoke(self) -> None:
        self.arm(FaultKind.REVOKED_TOKEN, count=None)

    def requests(self) -> int:
        count: int = self.sandbox.stats.as_json()["requests"]
        return count
