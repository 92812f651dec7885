"""A page of observations: the working state of one transaction, and what it brought."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from engine.connectors.base import RemoteRecord
from engine.core.objects import CausalObject
from engine.services.context import Context
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.references import forget_references, reference_rows
from engine.store import log
from engine.store.pages import RowPage
from engine.store.tables import Binding, MatchKey, Object, Reference


@dataclass(slots=True)
class Observed:
    """What a page brought: objects that changed, references that could not be resolved, and counts for the run's page."""

    touched: set[str] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    waiting: list[RemoteRecord] = field(default_factory=list)
    records: int = 0
    edited: int = 0
    created: int = 0
    vanished: int = 0
    conflicts: int = 0

    def absorb(self, other: Observed) -> None:
        """Add up."""
        self.touched |= other.touched
        self.missing |= other.missing
        self.waiting += other.waiting
        for name in ("records", "edited", "created", "vanished", "conflicts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Page:
    """The rows of one transaction: those read, those to be added, and the entries for the log.

    ``settle``: what points to something that cannot be read is remembered with that reason instead of waiting.
    ``settled``: objects whose decision depends on nothing but this page and the settings.
    """

    session: Session
    rows: RowPage
    deps: Deps
    context: Context
    directory: Directory
    noticed: str
    run_id: str
    now: datetime
    settle: bool = False
    result: Observed = field(default_factory=Observed)
    entries: list[log.Entry] = field(default_factory=list)
    settled: dict[str, Any] = field(default_factory=dict)
    new_objects: list[dict[str, Any]] = field(default_factory=list)
    new_bindings: list[dict[str, Any]] = field(default_factory=list)
    new_keys: list[dict[str, Any]] = field(default_factory=list)
    new_references: list[dict[str, Any]] = field(default_factory=list)

    @property
    def seconds(self) -> int:
        """The clock as dots count it."""
        return int(self.now.timestamp())

    def settle_with_page(self, row: Object, settles: bool) -> None:
        """Whether the object's decision may be made with the page, as things stand now."""
        if settles:
            self.settled[row.id] = row
        else:
            self.settled.pop(row.id, None)

    def renew_references(self, thing: CausalObject) -> None:
        """What the object points to from now on."""
        forget_references(self.session.connection(), thing.id)
        shadows = [binding.shadow for binding in self.rows.bindings_of(thing.id)]
        self.new_references += reference_rows(self.context.id, thing, shadows)

    def flush(self) -> None:
        """Write the page in bulk, referred rows first."""
        self.rows.flush()
        connection = self.session.connection()
        for table, rows in (
            (Object, self.new_objects),
            (Binding, self.new_bindings),
            (MatchKey, self.new_keys),
            (Reference, self.new_references),
        ):
            if rows:
                connection.execute(sa.insert(table), rows)
