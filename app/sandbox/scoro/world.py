"""Sites, their entities and their tables: the state of the simulated service, without any of its rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.sandbox.scoro.documents_table import DOCUMENT_MODULES
from app.sandbox.scoro.lists_table import LIST_MODULES
from app.sandbox.scoro.modules import Module, Scope
from app.sandbox.scoro.store import Row, Table

MODULES: Mapping[str, Module] = {module.path: module for module in (*LIST_MODULES, *DOCUMENT_MODULES)}

Settled = tuple[str, int]
"""What a part of a receipt pays: the document's module and id."""


@dataclass(slots=True)
class Entity:
    """One company account of a site: its own books, money and numbers."""

    account_id: str
    site: Site
    facts: dict[str, Any]
    base_currency: str
    currencies: list[str]
    rates: dict[str, Decimal]
    """Base currency for one unit of each currency."""
    locked_until: date | None = None
    numbers: dict[str, int] = field(default_factory=dict)
    """The highest number given in each module."""
    payments: defaultdict[Settled, dict[int, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    """What each live receipt pays of each document."""

    def table(self, path: str) -> Table:
        return self.site.table(path, self.account_id)

    def row(self, path: str, id: int) -> Row | None:
        return self.table(path).get(id)

    def live_rows(self, path: str) -> list[Row]:
        """What is not deleted and seen by this entity, newest first."""
        table = self.table(path)
        rows = (table.get(id) for id in reversed(table.live()))
        return [row for row in rows if row is not None and self.sees(table.module, row)]

    def sees(self, module: Module, row: Row) -> bool:
        """Whether a row of a module that is shared by choice belongs to or is shared with this entity."""
        if module.scope is not Scope.CHOICE:
            return True
        return row.get("account_id") == self.account_id or self.account_id in row.get(module.shared_by, ())


@dataclass(slots=True)
class Site:
    """One installation: shared contacts and users, one time zone, one key, several entities."""

    name: str
    zone: ZoneInfo
    language: str
    api_key: str
    entities: dict[str, Entity] = field(default_factory=dict)
    tables: dict[tuple[str, str], Table] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    """User tokens and whose they are."""
    passwords: dict[str, str] = field(default_factory=dict)

    def table(self, path: str, account_id: str) -> Table:
        module = MODULES[path]
        key = (path, account_id if module.scope is Scope.ENTITY else "")
        if key not in self.tables:
            self.tables[key] = Table(module)
        return self.tables[key]

    def next_id(self, name: str) -> int:
        """Ids of one kind are unique within the site."""
        self.sequences[name] = self.sequences.get(name, 0) + 1
        return self.sequences[name]


@dataclass(slots=True)
class World:
    """All sites behind one address, found by company account or key."""

    sites: dict[str, Site] = field(default_factory=dict)

    def entity(self, account_id: str) -> Entity | None:
        return next((site.entities[account_id] for site in self.sites.values() if account_id in site.entities), None)

    def site_of_key(self, api_key: str) -> Site | None:
        return next((site for site in self.sites.values() if site.api_key == api_key), None)

    def site_of_token(self, token: str) -> Site | None:
        return next((site for site in self.sites.values() if token in site.tokens), None)


def whole_second(moment: datetime) -> datetime:
    """Stamps have a resolution of one second."""
    return moment.replace(microsecond=0)
