"""What the connector must know of each QuickBooks entity, and how its JSON becomes a record (reference 3.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.connectors.base import RemoteRecord
from engine.connectors.wire import as_utc
from engine.core.records import System
from engine.errors import InvariantBroken


@dataclass(frozen=True, slots=True)
class Entity:
    """``listed``: a name list, whose rows are only ever deactivated and hidden from queries unless asked for.

    ``keys`` are the properties that hold the natural keys of ``Connector.find``. ``captured``: change data capture tells of it.
    ``voids_by_update``: voiding is an update with ``include=void`` (reference 2.1).
    """

    name: str
    keys: Mapping[str, str]
    listed: bool = False
    captured: bool = True
    voids_by_update: bool = False

    @property
    def segment(self) -> str:
        """The part of the address that names it."""
        return self.name.lower()


def _sales(name: str, number: str = "DocNumber", *, voids_by_update: bool = False) -> Entity:
    keys = {"number": number, "date": "TxnDate", "contact": "CustomerRef"}
    return Entity(name, keys, voids_by_update=voids_by_update)


def _purchase(name: str, *, voids_by_update: bool = False) -> Entity:
    keys = {"number": "DocNumber", "date": "TxnDate", "contact": "VendorRef"}
    return Entity(name, keys, voids_by_update=voids_by_update)


def _list(name: str, /, *, captured: bool = True, **keys: str) -> Entity:
    return Entity(name, keys, listed=True, captured=captured)


ENTITIES: Mapping[str, Entity] = {
    entity.name: entity
    for entity in (
        _list("Customer", name="DisplayName"),
        _list("Vendor", name="DisplayName"),
        _list("Item", name="Name", code="Sku"),
        _list("Account", name="Name", number="AcctNum"),
        _list("Class", name="FullyQualifiedName"),
        _list("TaxCode", name="Name", captured=False),
        _list("TaxRate", name="Name", captured=False),
        _list("CompanyCurrency", code="Code"),
        Entity("Preferences", {}),
        Entity("CompanyInfo", {}),
        _sales("Invoice"),
        _sales("CreditMemo"),
        _sales("Payment", "PaymentRefNum", voids_by_update=True),
        _purchase("Bill"),
        _purchase("VendorCredit"),
        _purchase("BillPayment", voids_by_update=True),
    )
}


def entity_of(type: str) -> Entity:
    """The facts of an entity; ``InvariantBroken`` for one that Concord does not know."""
    try:
        return ENTITIES[type]
    except KeyError as unknown:
        raise InvariantBroken(f"QuickBooks has no record type {type!r} that Concord knows.") from unknown


def to_record(type: str, data: Mapping[str, Any]) -> RemoteRecord:
    """The record that a JSON object of the remote shows; a stub with status ``Deleted`` is a deleted one (reference 6)."""
    stamps = data.get("MetaData") or {}
    deleted = is_stub(data)
    return RemoteRecord(
        system=System.QUICKBOOKS,
        type=type,
        id=str(data["Id"]),
        revision=str(data.get("SyncToken", "")),
        data={} if deleted else data,
        deleted=deleted,
        modified_at=as_utc(stamps.get("LastUpdatedTime")),
        created_at=as_utc(stamps.get("CreateTime")),
    )


def gone(type: str, id: str) -> RemoteRecord:
    """A record that is not there any more."""
    return RemoteRecord(System.QUICKBOOKS, type, id, revision="", data={}, deleted=True)


def is_stub(data: Mapping[str, Any]) -> bool:
    """Whether this is what QuickBooks shows of a deleted transaction."""
    return data.get("status") == "Deleted"
