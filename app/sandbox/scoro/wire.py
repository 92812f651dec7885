"""Rows as they are answered: plain or detailed, with looked-up names, in the site's manner of writing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.documents_table import RECEIPT_PART
from app.sandbox.scoro.fields import MONEY, Field, WireStyle, write_value
from app.sandbox.scoro.languages import ENGLISH, status_name
from app.sandbox.scoro.modules import Lookup, Module
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import MODULES, Entity

WITH_STATUS_NAMES = frozenset({"projects", "quotes", "orders", "tasks"})
_PAYER = Lookup("contact_id", "contacts", "search_name")


class Writer:
    """Writes the rows of one entity under the switches in force, status names in the language of the request."""

    def __init__(
        self, entity: Entity, behaviours: Behaviours, *, is_user: bool = False, language: str = ENGLISH
    ) -> None:
        self._entity = entity
        self._behaviours = behaviours
        self._style = WireStyle(entity.site.zone, behaviours)
        self._is_user = is_user
        self._language = language

    def write(self, module: Module, row: Row, *, detailed: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {module.key: row.get("wire_id", row["id"])}
        answer |= self._fields(module.fields, row, detailed)
        answer |= self._lookups(module.lookups, row)
        if module.lines is not None:
            answer["lines"] = self._lines(module, row) if detailed else None
        if self._is_user:
            answer["permissions"] = ["read", "modify", "delete"]
        return self._shaped(module, row, answer, detailed)

    def essentials(self, module: Module, row: Row) -> dict[str, Any]:
        """The few fields of a `basic_data` row: the id, names, numbers and stamps."""
        whole = self.write(module, row, detailed=False)
        kept = (module.key, "name", "lastname", "project_name", "event_name", "no", "date", "sum")
        return {name: whole[name] for name in (*kept, "modified_date", "is_deleted") if name in whole}

    def _fields(self, fields: Mapping[str, Field], row: Row, detailed: bool) -> dict[str, Any]:
        return {
            name: write_value(field, row.get(name), self._style)
            for name, field in fields.items()
            if (detailed or not field.detailed) and not field.hidden and self._has(field.setting)
        }

    def _has(self, setting: str) -> bool:
        return not setting or bool(getattr(self._behaviours, setting))

    def _lookups(self, lookups: Mapping[str, Lookup], row: Row) -> dict[str, Any]:
        return {
            name: self._looked_up(lookup, row)
            for name, lookup in lookups.items()
            if (self._is_user or not lookup.user_only) and self._has(lookup.setting)
        }

    def _looked_up(self, lookup: Lookup, row: Row) -> Any:
        target = self._entity.row(lookup.module, row.get(lookup.via) or 0)
        if target is None:
            return ""
        field = MODULES[lookup.module].fields[lookup.field]
        return write_value(field, target[lookup.field], self._style)

    def _lines(self, module: Module, row: Row) -> list[dict[str, Any]]:
        return [
            {"id": line["id"]} | self._fields(module.lines or {}, line, True) | self._lookups(module.line_lookups, line)
            for line in row["lines"]
        ]

    def _shaped(self, module: Module, row: Row, answer: dict[str, Any], detailed: bool) -> dict[str, Any]:
        """What single modules have beyond their table."""
        if self._behaviours.numbers_as_int and module.is_document and module.path != "bills":
            answer["no"] = int(row["no"]) if str(row["no"]).isdecimal() else row["no"]
        if "company_address_id" in module.fields and detailed:
            answer["company_address"] = self._address_of(row)
        if "prepayment_sum" in answer:
            answer["prepayment_sum"] = self._prepaid(row)
        if "custom_fields" in answer:
            answer["custom_fields"] = [self._custom_field(each) for each in answer["custom_fields"]]
        if "status" in answer and module.path in WITH_STATUS_NAMES:
            answer["status_name"] = self._status_name(module.path, row["status"])
        match module.path:
            case "contacts":
                self._shape_contact(row, answer)
            case "receipts":
                answer["receipts"] = [self._part(part) for part in row["receipts"]]
            case "statuses":
                answer["status_name"] = status_name(row["status_name"], self._language)
        return answer

    def _shape_contact(self, row: Row, answer: dict[str, Any]) -> None:
        answer["addresses"] = [with_full_address(address) for address in answer["addresses"]]
        if row["contact_type"] != "person":
            del answer["related_companies"]

    def _custom_field(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """A value beside the name and type of its field."""
        fields = self._entity.table("customFields").rows()
        field = next((each for each in fields if each["wire_id"] == value.get("id")), {})
        return {
            "id": value.get("id"),
            "name": field.get("name", ""),
            "value": value.get("value"),
            "type": field.get("type", ""),
        }

    def _status_name(self, path: str, status: str) -> str:
        statuses = self._entity.table("statuses").having("wire_id", status) or set()
        rows = (self._entity.row("statuses", id) for id in sorted(statuses))
        name = next((row["status_name"] for row in rows if row is not None and row["module"] == path), "")
        return status_name(name, self._language)

    def _address_of(self, row: Row) -> dict[str, Any] | None:
        contact = self._entity.row("contacts", row["company_id"])
        addresses = contact["addresses"] if contact else []
        wanted = row["company_address_id"]
        chosen = next((address for address in addresses if address.get("id") == wanted), None)
        return with_full_address(chosen) if chosen else None

    def _prepaid(self, row: Row) -> Any:
        """What was received for the prepayment invoices that belong to this invoice."""
        prepayments = (self._entity.row("prepayments", id) for id in row["prepayment_id"])
        total = sum((each["paid_sum"] for each in prepayments if each is not None), Decimal())
        return write_value(MONEY, total, self._style)

    def _part(self, part: Row) -> dict[str, Any]:
        answer = {"receipt_id": part["receipt_id"]} | self._fields(RECEIPT_PART, part, True)
        return answer | {"contact_name": self._looked_up(_PAYER, part)}


def with_full_address(address: Mapping[str, Any]) -> dict[str, Any]:
    place = " ".join(part for part in (address.get("zipcode"), address.get("city")) if part)
    parts = (address.get("street"), place, address.get("county"), address.get("country", "").upper())
    return dict(address) | {"full_address": "\n".join(part for part in parts if part)}
