"""What the connector must know of each Scoro module, and how its JSON becomes a record (reference 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.connectors.base import RemoteRecord
from engine.connectors.scoro.site_clock import SiteClock
from engine.core.records import System
from engine.errors import InvariantBroken

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Module:
    """``id_key`` names the id, ``keys`` the fields with the natural keys of ``Connector.find``.

    ``detailed``: plain rows lack the lines, so lists are asked in detail. ``stamped``: rows have a modified stamp that a list
    can be filtered by; others are read whole and compared. ``viewable``: single records can be viewed.
    """

    name: str
    id_key: str = "id"
    keys: Mapping[str, str] = field(default_factory=dict)
    detailed: bool = False
    stamped: bool = True
    viewable: bool = True


_DOCUMENT = {"number": "no", "date": "date", "contact": "company_id"}

MODULES: Mapping[str, Module] = {
    module.name: module
    for module in (
        Module("contacts", "contact_id", {"name": "name"}),
        Module("products", "product_id", {"name": "name", "code": "code"}),
        Module(
            "projects", "project_id", {"name": "project_name", "number": "no", "contact": "company_id", "date": "date"}
        ),
        Module("invoices", "id", _DOCUMENT, detailed=True),
        Module("bills", "id", _DOCUMENT, detailed=True),
        Module("receipts", "id", {"date": "date", "contact": "contact_id"}, viewable=False),
        Module("vatCodes", "vat_code_id", {"name": "vat_name", "code": "vat_code"}, stamped=False),
        Module("financeAccounts", "id", {"name": "name", "number": "account_symbol"}, stamped=False),
        Module("financeObjects", "object_id", {"name": "name", "code": "object_symbol"}, stamped=False),
        Module("clientProfiles", "id", {"name": "name"}, stamped=False),
    )
}


def module_of(type: str) -> Module:
    """The facts of a module; ``InvariantBroken`` for one that Concord does not know."""
    try:
        return MODULES[type]
    except KeyError as unknown:
        raise InvariantBroken(f"Scoro has no record type {type!r} that Concord knows.") from unknown


def row_id(module: Module, row: Row) -> str:
    """The id of a row; some modules also answer with a plain ``id`` (reference 1.4)."""
    return str(row.get(module.id_key, row.get("id", "")))


def is_deleted(row: Row) -> bool:
    """Booleans arrive as 0/1, true/false or their texts (reference 1.4)."""
    return str(row.get("is_deleted", "0")).lower() in ("1", "true")


def to_record(module: Module, row: Row, site: SiteClock, *, complete: bool = True) -> RemoteRecord:
    """The record that a row shows that was read just now."""
    deleted = is_deleted(row)
    return RemoteRecord(
        system=System.SCORO,
        type=module.name,
        id=row_id(module, row),
        revision=str(row.get("modified_date") or ""),
        data={} if deleted else row,
        deleted=deleted,
        modified_at=site.moment(row.get("modified_date")),
        created_at=site.moment(row.get("created_date")),
        complete=complete,
    )


def gone(module: Module, id: str) -> RemoteRecord:
    """A record that is not there any more."""
    return RemoteRecord(System.SCORO, module.name, id, revision="", data={}, deleted=True)
