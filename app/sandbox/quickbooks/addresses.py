"""Addresses: their own ids, copies on documents, and the flattened form of an address edited on one (reference 3.0)."""

from __future__ import annotations

from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.wire import Json

_ON_CONTACTS = ("BillAddr", "ShipAddr", "PrimaryAddr")
_MERGED = ("City", "CountrySubDivisionCode", "PostalCode")


def number_addresses(booking: Booking, draft: Draft) -> None:
    """Every address of a contact has an id, which an edit keeps."""
    for name in _ON_CONTACTS:
        address = draft.data.get(name)
        if address:
            draft.data[name] = _numbered(booking.company, address, draft.was.get(name))


def _numbered(company: Company, address: Json, before: Json | None) -> Json:
    content = {key: value for key, value in address.items() if key != "Id"}
    return {"Id": before["Id"] if before else company.next_id("address"), **content}


def settle_document(booking: Booking, draft: Draft, contact: Row, copies: dict[str, str]) -> None:
    """A new document copies the contact's addresses (`copies`: document property to contact property).

    One that is given or changed is flattened: names first, then the street, then city, region and postcode in one line.
    """
    for name, source in copies.items():
        held, asked = contact.data.get(source), draft.body.get(name)
        if asked and asked != _bare(draft.was.get(name)):
            draft.data[name] = _numbered(booking.company, _flat(asked, contact), draft.was.get(name))
        elif asked:
            draft.data[name] = draft.was[name]
        elif held and draft.before is None:
            draft.data[name] = dict(held)


def _bare(address: Json | None) -> Json:
    return {key: value for key, value in (address or {}).items() if key != "Id"}


def _flat(address: Json, contact: Row) -> Json:
    """An address that is already flat, or only free lines, stays as it is."""
    if not any(address.get(part) for part in _MERGED):
        return address
    person = " ".join(contact.data[part] for part in ("GivenName", "FamilyName") if contact.data.get(part))
    names = [name for name in (person, contact.data.get("CompanyName") or contact.data["DisplayName"]) if name]
    streets = [address[f"Line{n}"] for n in range(1, 6) if address.get(f"Line{n}")]
    place = f"{address.get('City', '')}, {address.get('CountrySubDivisionCode', '')}  {address.get('PostalCode', '')}"
    lines = [*names, *streets, place.strip(" ,"), *([address["Country"]] if address.get("Country") else [])]
    return {f"Line{number}": line for number, line in enumerate(lines[:5], start=1)}
