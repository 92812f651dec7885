"""Statements of the QuickBooks query language (reference 5): built here only, every value escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from engine.connectors.quickbooks.entities import Entity
from engine.errors import InvariantBroken

PAGE = 1000
"""The largest page a query gives."""

IDS_PER_QUERY = 100
"""Ids in one IN list, so that the address stays short."""

BOUNDS = {
    "modified_from": "MetaData.LastUpdatedTime >=",
    "modified_to": "MetaData.LastUpdatedTime <",
    "date_from": "TxnDate >=",
    "date_to": "TxnDate <=",
}
"""The conditions that ``Connector.scan`` knows."""


def literal(value: str) -> str:
    """A text as a literal of the language: quotes and backslashes escaped by a backslash."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def equals(property: str, value: str) -> str:
    """The condition that a property has this value."""
    return f"{property} = {literal(value)}"


def among(ids: Iterable[str]) -> str:
    """The condition that a record is one of these."""
    return f"Id IN ({', '.join(map(literal, ids))})"


def modified_since(moment: datetime) -> str:
    """The condition that a record's stamp is not older than ``moment``."""
    return f"MetaData.LastUpdatedTime >= {literal(instant(moment))}"


def within(bounds: Iterable[tuple[str, str]]) -> list[str]:
    """The conditions of a scan; ``InvariantBroken`` for a bound that the protocol does not know."""
    bounds = list(bounds)
    if unknown := [name for name, _ in bounds if name not in BOUNDS]:
        raise InvariantBroken(f"A scan cannot be limited by {', '.join(unknown)}.")
    return [f"{BOUNDS[name]} {literal(value)}" for name, value in bounds]


def rows(entity: Entity, conditions: Sequence[str] = (), *, start: int = 1, limit: int = PAGE) -> str:
    """A page of rows in the order of their ids, the one order that editing does not disturb (reference 5.1)."""
    return f"{_select('*', entity, conditions)} ORDERBY Id STARTPOSITION {start} MAXRESULTS {limit}"


def live(entity: Entity, conditions: Sequence[str]) -> str:
    """The first page of rows that are not deactivated."""
    return f"SELECT * FROM {entity.name}{_where(conditions)} MAXRESULTS {PAGE}"  # noqa: S608  # not SQL; every value is escaped by literal()


def count(entity: Entity, conditions: Sequence[str] = ()) -> str:
    """How many rows there are."""
    return _select("COUNT(*)", entity, conditions)


def instant(moment: datetime) -> str:
    """A moment as QuickBooks reads it everywhere: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _select(what: str, entity: Entity, conditions: Sequence[str]) -> str:
    """Deactivated rows are hidden unless the statement names ``Active`` (reference 5.1)."""
    shown = ["Active IN (true, false)"] if entity.listed else []
    return f"SELECT {what} FROM {entity.name}{_where([*shown, *conditions])}"  # noqa: S608  # not SQL; every value is escaped by literal()


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
