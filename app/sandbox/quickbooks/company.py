"""One company's books in memory: rows, id counters and the indexes that keep every look-up independent of size."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks.behaviours import Behaviours
from app.sandbox.quickbooks.entities import KINDS, Kind
from app.sandbox.quickbooks.profiles import Profile
from app.sandbox.quickbooks.wire import Json, company_day, whole_second

Key = tuple[str, str]  # (entity, id)


@dataclass(slots=True)
class Row:
    """A stored object. `data` is replaced, never changed in place, so an earlier reference stays a true snapshot.

    `revision` orders changes within one second; `lines_issued` is the highest line id ever given out; `posted` is what
    the row put on each account.
    """

    entity: str
    id: str
    token: int
    created: datetime
    updated: datetime
    data: Json
    revision: int = 0
    lines_issued: int = 0
    modified_by: str = ""
    posted: dict[str, Decimal] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.entity, self.id

    @property
    def kind(self) -> Kind:
        return KINDS[self.entity]

    def ref(self, name: str) -> str:
        """The id a reference property points to, or an empty string."""
        return str((self.data.get(name) or {}).get("value", ""))

    def amount(self, name: str) -> Decimal:
        return Decimal(self.data.get(name) or 0)


@dataclass(frozen=True, slots=True)
class Change:
    """One accepted write as told to the journal and the webhooks.

    `actor` is who wrote: `api`, `person`, `system` or `seed`, and the person's name. `before` and `after` are
    rendered objects.
    """

    realm: str
    at: datetime
    actor: tuple[str, str]
    operation: str
    entity: str
    id: str
    before: Json | None
    after: Json | None
    deleted_id: str | None = None


@dataclass
class Company:
    """A realm. Every access happens under `lock`."""

    realm: str
    profile: Profile
    now: Callable[[], datetime]
    behaviours: Behaviours = field(default_factory=Behaviours)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self.tombstones: dict[str, dict[str, datetime]] = defaultdict(dict)
        self.counters: dict[str, int] = {}
        self.revision = 0
        self.names: dict[tuple[str, str, str], Key] = {}
        self.numbers: dict[tuple[str, str], dict[Key, None]] = defaultdict(dict)
        self.last_number: dict[str, int] = {}
        self.applied: dict[Key, dict[Key, Decimal]] = defaultdict(dict)
        self.children: dict[Key, dict[str, None]] = defaultdict(dict)
        self.listeners: list[Callable[[Change], None]] = []
        self.mails: Counter[date] = Counter()
        self.project_ids: dict[str, str] = {}  # eight-digit project id -> customer id
        self.project_details: dict[str, Json] = {}
        self.subscription_ended = False
        self.access_lost = False

    # -- reading

    def find(self, entity: str, identity: str) -> Row | None:
        return self.rows[entity].get(identity)

    def get(self, entity: str, identity: str) -> Row:
        return self.rows[entity][identity]

    def all(self, entity: str) -> Iterable[Row]:
        return self.rows[entity].values()

    def single(self, entity: str) -> Json:
        """The data of a singleton: CompanyInfo or Preferences."""
        return self.rows[entity]["1"].data

    def preference(self, group: str, name: str) -> Any:
        return (self.single("Preferences").get(group) or {}).get(name)

    def other_preference(self, name: str) -> bool:
        pairs = (self.single("Preferences").get("OtherPrefs") or {}).get("NameValue", [])
        return any(pair["Name"] == name and pair["Value"] == "true" for pair in pairs)

    @property
    def home(self) -> str:
        return self.profile.home_currency

    @property
    def multicurrency(self) -> bool:
        return bool(self.preference("CurrencyPrefs", "MultiCurrencyEnabled"))

    def today(self) -> date:
        return company_day(self.now())

    def stamp(self) -> datetime:
        return whole_second(self.now(), later=self.behaviours.stamps_after_start)

    def family(self, customer: Row) -> Iterator[Row]:
        """The customer and its ancestors, nearest first."""
        step: Row | None = customer
        while step is not None:
            yield step
            step = self.find(step.entity, step.ref("ParentRef"))

    # -- writing

    def next_id(self, sequence: str) -> str:
        self.counters[sequence] = self.counters.get(sequence, 0) + 1
        return str(self.counters[sequence])

    def insert(self, kind: Kind, data: Json, *, identity: str | None = None, by: str = "") -> Row:
        now = self.stamp()
        row = Row(kind.name, identity or self.next_id(kind.sequence), 0, now, now, data, modified_by=by)
        self.rows[kind.name][row.id] = row
        self._advance(row)
        return row

    def replace(self, row: Row, data: Json, *, by: str = "") -> None:
        """An edit: token and stamp move."""
        row.data = data
        row.token += 1
        row.modified_by = by or row.modified_by
        self.touch(row)

    def touch(self, row: Row) -> None:
        """Only the stamp moves."""
        row.updated = self.stamp()
        self._advance(row)

    def remove(self, row: Row) -> None:
        del self.rows[row.entity][row.id]
        self.tombstones[row.entity][row.id] = self.stamp()

    def _advance(self, row: Row) -> None:
        self.revision += 1
        row.revision = self.revision
        rows = self.rows[row.entity]
        rows[row.id] = rows.pop(row.id)

    def announce(self, change: Change) -> None:
        for listener in self.listeners:
            listener(change)
