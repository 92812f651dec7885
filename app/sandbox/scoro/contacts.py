"""Companies and persons: their defaults, how their maps are kept, and how two become one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.rules import Rules
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import MODULES

_ADDRESS = ("country", "county", "municipality", "city", "street", "zipcode")
# Where a contact's id stands in other modules.
_POINTERS = {
    "invoices": ("company_id", "person_id", "interested_party_id"),
    "quotes": ("company_id", "person_id"),
    "orders": ("company_id", "person_id"),
    "prepayments": ("company_id", "person_id"),
    "bills": ("company_id", "person_id"),
    "purchaseOrders": ("company_id", "person_id"),
    "expenses": ("company_id",),
    "receipts": ("contact_id",),
    "projects": ("company_id",),
    "products": ("supplier_id",),
}


class ContactRules(Rules):
    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        super().prepare(before, draft, patch)
        if draft["contact_type"] not in ("company", "person"):
            raise ApiError(400, "contact_type must be company or person")
        self._check_names(draft)
        if "means_of_contact" in patch:
            draft["means_of_contact"] = self._means(before, draft["means_of_contact"])
        if "addresses" in patch:
            draft["addresses"] = self._addresses(before, draft["addresses"])
        if "related_companies" in patch:
            draft["related_companies"] = [self._related(each) for each in draft["related_companies"]]
        draft["search_name"] = full_name(draft)

    def _check_names(self, draft: Row) -> None:
        if not draft["name"]:
            raise ApiError(400, "name is required")
        needs_lastname = draft["contact_type"] == "person" and self.office.behaviours.persons_need_lastname
        if needs_lastname and not draft["lastname"]:
            raise ApiError(400, "lastname is required")

    def _means(self, before: Row | None, sent: Mapping[str, Any]) -> dict[str, list[str]]:
        means = {kind: [str(each) for each in _listed(value) if each] for kind, value in sent.items()}
        if before is not None and self.office.behaviours.means_of_contact_merged:
            means = before["means_of_contact"] | means
        return {kind: values for kind, values in means.items() if values}

    def _addresses(self, before: Row | None, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The sent ones take the place of all or, where the site merges, of those with the same ids (Q21)."""
        fresh = [self._address(address) for address in sent]
        if before is None or not self.office.behaviours.addresses_merged:
            return fresh
        sent_ids = {address["id"] for address in fresh}
        return [*(each for each in before["addresses"] if each["id"] not in sent_ids), *fresh]

    def _address(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        address: dict[str, Any] = {name: str(sent.get(name) or "") for name in _ADDRESS}
        address["country"] = address["country"].lower()
        known = str(sent.get("id") or "")
        address["id"] = int(known) if known.isdecimal() else self.office.entity.site.next_id("addresses")
        return address

    def _related(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        id = int(str(sent.get("related_company_id") or 0))
        company = self.office.entity.row("contacts", id)
        if company is None:
            raise ApiError(400, f"related_company_id {id} does not exist")
        return {"related_company_id": id, "related_company_name": company["search_name"]}


def full_name(contact: Mapping[str, Any]) -> str:
    if contact["contact_type"] == "person":
        return f"{contact['name']} {contact['lastname']}".strip()
    return str(contact["name"])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def merge_contacts(office: Office, winner_id: int, loser_id: int) -> Row:
    """One contact takes over another's documents; the other is deleted (Q20)."""
    winner = office.existing("contacts", winner_id)
    loser = office.existing("contacts", loser_id)
    if winner_id == loser_id:
        raise ApiError(400, "a contact cannot be merged with itself")
    for path, names in _POINTERS.items():
        for account_id in office.entity.site.entities:
            _repoint(office, path, account_id, names, winner_id, loser_id)
    office.delete("contacts", loser_id)
    if not office.behaviours.merge_leaves_loser:
        office.entity.table("contacts").remove(loser_id)
    patch = {
        "is_client": winner["is_client"] or loser["is_client"],
        "is_supplier": winner["is_supplier"] or loser["is_supplier"],
    }
    return office.modify("contacts", winner_id, patch)


def _repoint(office: Office, path: str, account_id: str, names: tuple[str, ...], winner_id: int, loser_id: int) -> None:
    entity = office.entity.site.entities[account_id]
    there = Office(office.core, entity, office.hand)
    for row in list(entity.table(path).rows()):
        changes: dict[str, Any] = {name: winner_id for name in names if row[name] == loser_id}
        if path == "receipts":
            changes |= _repointed_parts(row, winner_id, loser_id)
        if changes:
            bump = office.behaviours.merge_bumps_documents
            there.touch(path, row, changes, bump=bump, by=office.hand.actor)


def _repointed_parts(row: Row, winner_id: int, loser_id: int) -> dict[str, Any]:
    if all(part["contact_id"] != loser_id for part in row["receipts"]):
        return {}
    parts = [part | {"contact_id": winner_id} if part["contact_id"] == loser_id else part for part in row["receipts"]]
    return {"receipts": parts}


def profile_of(office: Office, contact_id: int) -> Row | None:
    """The client profile that sets tax, term and currency of a contact's new documents."""
    contact = office.entity.row("contacts", contact_id)
    profile_id = contact["client_profile_id"] if contact else 0
    return office.entity.table(MODULES["clientProfiles"].path).get(profile_id)
