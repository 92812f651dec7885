"""Single records, read and found."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from engine.connectors.base import RemoteRecord
from engine.connectors.scoro.client import DETAILED, Filter, ScoroClient
from engine.connectors.scoro.listing import walk
from engine.connectors.scoro.modules import Module, Row, gone, is_deleted, row_id, to_record
from engine.connectors.scoro.site_clock import SiteClock
from engine.connectors.wire import chunks
from engine.errors import InvariantBroken, RemoteMissing

FEW = 3
"""Up to so many records are viewed one by one; more are listed by their ids."""


class Reader:
    """Reads of one company account."""

    def __init__(self, client: ScoroClient, site: SiteClock) -> None:
        self._client = client
        self._site = site

    def view(self, module: Module, id: str) -> RemoteRecord:
        """The current picture of one record; a deleted one when it is gone."""
        try:
            row = self._client.view(module, id) if module.viewable else {}
        except RemoteMissing:
            return gone(module, id)
        if not row_id(module, row):
            row = self._listed(module, [id]).get(id, {})
        return to_record(module, row, self._site) if row else gone(module, id)

    def pictures(self, module: Module, ids: Sequence[str]) -> list[RemoteRecord]:
        """One record for each id. What a list leaves out is looked at itself before it counts as gone."""
        if len(ids) <= FEW:
            return [self.view(module, id) for id in ids]
        listed: dict[str, Row] = {}
        for chunk in chunks(ids, DETAILED):
            listed |= self._listed(module, chunk)
        return [to_record(module, listed[id], self._site) if id in listed else self.view(module, id) for id in ids]

    def find(self, module: Module, key: Mapping[str, str]) -> list[RemoteRecord]:
        """Live records with exactly these keys; a site that ignores a filter answers with more, which is compared here."""
        if unknown := set(key) - set(module.keys):
            raise InvariantBroken(f"{module.name} cannot be found by {', '.join(sorted(unknown))}.")
        found: dict[str, RemoteRecord] = {}
        for filter in _filters(module, key):
            for rows in walk(self._client, module, filter, detailed=module.detailed):
                found |= {row_id(module, r): to_record(module, r, self._site) for r in rows if _has(module, r, key)}
        return list(found.values())

    def _listed(self, module: Module, ids: Sequence[str]) -> dict[str, Row]:
        """Rows of these ids, as far as the list gives them; a filter that is ignored ends the attempt where views can follow."""
        wanted = set(ids)
        rows: dict[str, Row] = {}
        filter = {module.id_key: [int(id) if id.isdigit() else id for id in ids]}
        for page in walk(self._client, module, filter, detailed=module.detailed):
            rows |= {row_id(module, row): row for row in page if row_id(module, row) in wanted}
            strangers = any(row_id(module, row) not in wanted for row in page)
            if len(rows) == len(wanted) or (strangers and module.viewable):
                break
        return rows


def _filters(module: Module, key: Mapping[str, str]) -> list[Filter]:
    """What the remote is asked. A person's name stands in two fields, so persons are asked for by the last word too."""
    filter = {module.keys[name]: _condition(name, value) for name, value in key.items()}
    words = key.get("name", "").split()
    if module.name != "contacts" or len(words) < 2:
        return [filter]
    return [filter, {**{k: v for k, v in filter.items() if k != "name"}, "lastname": words[-1]}]


def _condition(name: str, value: str) -> Any:
    """A bare end date means the beginning of that day (reference 3)."""
    if name != "date":
        return int(value) if name == "contact" and value.isdigit() else value
    return {"from_date": value, "to_date": (date.fromisoformat(value) + timedelta(days=1)).isoformat()}


def _has(module: Module, row: Row, key: Mapping[str, str]) -> bool:
    if is_deleted(row):
        return False
    return all(value in _values(module, row, name) for name, value in key.items())


def _values(module: Module, row: Row, name: str) -> tuple[str, ...]:
    """What a row may be found by. A person goes by the whole name and, as in the field of that name, by the given one."""
    value = _text(row.get(module.keys[name], ""))
    if module.name == "contacts" and name == "name" and row.get("lastname"):
        return (f"{value} {_text(row['lastname'])}", value)
    return (value,)


def _text(value: object) -> str:
    """Texts may hold HTML entities (reference 1.4)."""
    return html.unescape(str(value))
