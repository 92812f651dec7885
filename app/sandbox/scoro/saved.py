"""A world as plain values, for the state file, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from copy import copy
from typing import Any
from zoneinfo import ZoneInfo

from app.sandbox.common.state import packed, unpacked
from app.sandbox.scoro.fields import starting_values
from app.sandbox.scoro.store import Table
from app.sandbox.scoro.world import MODULES, Entity, Site, World

_SITE = ("name", "language", "api_key", "sequences", "tokens", "passwords")
_ENTITY = ("account_id", "facts", "base_currency", "currencies", "rates", "locked_until", "numbers")


def frozen_world(world: World) -> dict[str, Any]:
    """A snapshot that later writes do not reach: rows are replaced, never changed, and the rest is copied."""
    return {name: _frozen_site(site) for name, site in world.sites.items()}


def packed_world(frozen: dict[str, Any]) -> dict[str, Any]:
    """A snapshot for the file, its rows in pieces."""
    return {name: site | {"tables": _each(packed, site["tables"])} for name, site in frozen.items()}


def unpacked_world(saved: dict[str, Any]) -> dict[str, Any]:
    return {name: site | {"tables": _each(unpacked, site["tables"])} for name, site in saved.items()}


def _each(change: Callable[[Any], Any], tables: dict[Any, Any]) -> dict[Any, Any]:
    return {key: change(rows) for key, rows in tables.items()}


def _frozen_site(site: Site) -> dict[str, Any]:
    return {name: copy(getattr(site, name)) for name in _SITE} | {
        "zone": site.zone.key,
        "entities": [_frozen_entity(entity) for entity in site.entities.values()],
        "tables": {key: list(table.rows()) for key, table in site.tables.items()},
    }


def _frozen_entity(entity: Entity) -> dict[str, Any]:
    payments = {target: dict(paid) for target, paid in entity.payments.items()}
    return {name: copy(getattr(entity, name)) for name in _ENTITY} | {"payments": payments}


def thawed_world(frozen: dict[str, Any]) -> World:
    """A world of its own; the snapshot stays as it is and may be thawed again. Fields it does not know have their defaults."""
    return World({name: _thawed_site(site) for name, site in frozen.items()})


def _thawed_site(frozen: dict[str, Any]) -> Site:
    site = Site(**{name: copy(frozen[name]) for name in _SITE}, zone=ZoneInfo(frozen["zone"]))
    for known in frozen["entities"]:
        site.entities[known["account_id"]] = _thawed_entity(site, known)
    for (path, account_id), rows in frozen["tables"].items():
        site.tables[(path, account_id)] = _thawed_table(path, rows)
    return site


def _thawed_entity(site: Site, frozen: dict[str, Any]) -> Entity:
    payments = defaultdict(dict, {target: dict(paid) for target, paid in frozen["payments"].items()})
    return Entity(**{name: copy(frozen[name]) for name in _ENTITY}, site=site, payments=payments)


def _thawed_table(path: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(MODULES[path])
    defaults = starting_values(table.module.fields)
    for row in rows:
        table.put(row if defaults.keys() <= row.keys() else starting_values(table.module.fields) | row)
    return table
