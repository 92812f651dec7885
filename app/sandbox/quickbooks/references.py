"""References between objects: they must exist and, where newly set, be active (codes 610, 2500, 6430)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.fields import Field, Shape, Table

SHIPPING_ITEM = "SHIPPING_ITEM_ID"
_CONTROL_ACCOUNTS = {"Accounts Receivable", "Accounts Payable"}
_DETAILS = (
    "SalesItemLineDetail",
    "AccountBasedExpenseLineDetail",
    "ItemBasedExpenseLineDetail",
    "DiscountLineDetail",
    "DescriptionLineDetail",
)


def check(booking: Booking, draft: Draft) -> None:
    """Every reference of the draft names a live object; one kept from before may have become inactive since."""
    known = {(path, value) for path, _, value in _walk(draft.kind.fields, draft.was, "")}
    for path, spec, value in _walk(draft.kind.fields, draft.data, ""):
        _check_one(booking.company, path, spec, value, kept=(path, value) in known)


def _check_one(company: Company, path: str, spec: Field, value: str, *, kept: bool) -> None:
    if not spec.target or spec.target == "CompanyCurrency" or value == SHIPPING_ITEM:
        return
    target = company.find(spec.target, value)
    if target is None:
        raise faults.bad_reference(KINDS[spec.target].plural, value, path)
    if not kept and target.data.get("Active") is False:
        raise faults.inactive_or_missing()


def _walk(table: Table, data: Mapping[str, Any], path: str) -> Iterator[tuple[str, Field, str]]:
    for name, value in data.items():
        spec = table.get(name)
        if spec is None or not value:
            continue
        where = f"{path}.{name}" if path else name
        match spec.shape:
            case Shape.REFERENCE:
                yield where, spec, str(value.get("value", ""))
            case Shape.GROUP:
                yield from _walk(spec.members, value, where)
            case Shape.MANY:
                for each in value:
                    yield from _walk(spec.members, each, where)
            case _:
                continue


def project_exists(company: Company, value: str) -> bool:
    """A project may be named by its Customer id or by its own eight-digit id (U8)."""
    row = company.find("Customer", company.project_ids.get(value, value))
    return row is not None and bool(row.data.get("IsProject"))


def check_project(booking: Booking, holder: Mapping[str, Any], path: str) -> None:
    value = str((holder.get("ProjectRef") or {}).get("value", ""))
    if value and not booking.company.other_preference("ProjectsEnabled"):
        raise faults.feature_missing("Projects are not enabled for this company.")
    if value and not project_exists(booking.company, value):
        raise faults.bad_reference("Projects", value, path)


def refuse_control_account(booking: Booking, account_id: str, element: str) -> None:
    """A/R and A/P accounts cannot carry an item or a bill line."""
    account = booking.company.find("Account", account_id)
    if account is not None and account.data.get("AccountType") in _CONTROL_ACCOUNTS:
        raise faults.fault("6430", "Invalid account type used : A/R or A/P accounts cannot be used here.", element)


def required_contact(booking: Booking, draft: Draft, entity: str) -> Row:
    """The customer or vendor of a document; raises 2020 when it is not named."""
    identity = draft.ref(f"{entity}Ref")
    if not identity:
        raise faults.missing(f"{entity}Ref")
    contact = booking.company.find(entity, identity)
    if contact is None:
        raise faults.bad_reference(KINDS[entity].plural, identity, f"{entity}Ref")
    return contact


def detail(line: Mapping[str, Any]) -> dict[str, Any]:
    """The detail object of a line, whatever its type; an empty one when there is none."""
    for name in _DETAILS:
        if line.get(name) is not None:
            return dict(line[name])
    return {}
