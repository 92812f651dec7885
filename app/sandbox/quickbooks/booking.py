"""The circumstances of one write: whose books, by whom, with which options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.sandbox.quickbooks.behaviours import Behaviours
from app.sandbox.quickbooks.clean import merge
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.entities import Kind
from app.sandbox.quickbooks.wire import Json


@dataclass(frozen=True, slots=True)
class Booking:
    """`actor` is told to the journal, `person` to other users in stale-object texts."""

    company: Company
    actor: str = "api"
    person: str = "Concord User"
    options: frozenset[str] = frozenset()

    @property
    def behaviours(self) -> Behaviours:
        return self.company.behaviours


@dataclass(slots=True)
class Draft:
    """A write in preparation: the row as it stands (None: create), the cleaned request, and the data being built."""

    kind: Kind
    before: Row | None
    body: Mapping[str, Any]
    data: Json = field(default_factory=dict)

    @property
    def was(self) -> Json:
        return self.before.data if self.before else {}

    def ref(self, name: str) -> str:
        return str((self.data.get(name) or {}).get("value", ""))

    def changed(self, name: str) -> bool:
        return bool(self.data.get(name) != self.was.get(name))


def begin(kind: Kind, before: Row | None, body: Json, defaults: Json, *, sparse: bool) -> Draft:
    """Lay the request over what it starts from: defaults (create, full update) or the stored row (sparse update).

    An emptied property that has a default takes it again.
    """
    if before is None:
        kept: Json = {}
    else:
        kept = before.data if sparse else _unwritable(kind, before)
    return Draft(kind, before, body, {**defaults, **merge(kept, body)})


def _unwritable(kind: Kind, row: Row) -> Json:
    return {name: value for name, value in row.data.items() if name not in kind.fields or kind.fields[name].read_only}
