"""Customers, vendors and employees (reference 3.3, 3.4)."""

from __future__ import annotations

from decimal import Decimal

from app.sandbox.quickbooks import addresses, currency, faults, references, uniqueness
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
MAX_LEVELS = 5
_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_FORBIDDEN = {":", "\t", "\n"}
_MASKED = {"TaxIdentifier": 4, "PrimaryTaxIdentifier": 4}


def customer_defaults(company: Company) -> Json:
    defaults: Json = {
        "Taxable": True,
        "Job": False,
        "BillWithParent": False,
        "Balance": ZERO,
        "BalanceWithJobs": ZERO,
        "PreferredDeliveryMethod": "Print",
        "IsProject": False,
        "Active": True,
    }
    if company.profile.is_us:
        defaults["DefaultTaxCodeRef"] = {"value": "2"}
    return defaults


def vendor_defaults(company: Company) -> Json:
    return {"Balance": ZERO, "BillRate": ZERO, "Vendor1099": False, "CostRate": ZERO, "Active": True}


def employee_defaults(company: Company) -> Json:
    return {"BillableTime": False, "Active": True}


def prepare(booking: Booking, draft: Draft) -> None:
    _settle_names(booking, draft)
    if draft.kind.name != "Employee":
        currency.party_currency(booking, draft)
        _settle_balance(draft)
    references.check(booking, draft)
    if draft.kind.name == "Customer":
        _settle_parent(booking, draft)
        _settle_billing(booking, draft)
    _mask(draft)
    addresses.number_addresses(booking, draft)
    settle_active(booking, draft, "DisplayName")
    uniqueness.check_name(booking, draft)


def _settle_names(booking: Booking, draft: Draft) -> None:
    data = draft.data
    if not data.get("DisplayName"):
        _display_name_from_parts(draft)
    name = data["DisplayName"]
    if _FORBIDDEN & set(name):
        raise faults.fault(
            "2040", "Invalid String : DisplayName must not contain a colon, tab or new line.", "DisplayName"
        )
    if len(name) > booking.behaviours.display_name_limit:
        raise faults.too_long(booking.behaviours.display_name_limit, len(name), "DisplayName")
    data["DisplayName"] = name.strip()
    if not data.get("PrintOnCheckName") or _followed(draft):
        data["PrintOnCheckName"] = data.get("CompanyName") or data["DisplayName"]


def _display_name_from_parts(draft: Draft) -> None:
    if draft.before is not None and "DisplayName" in draft.body:
        draft.data["DisplayName"] = draft.was["DisplayName"]  # a sparse update cannot remove it
        return
    parts = [draft.data[part] for part in _NAME_PARTS if draft.data.get(part)]
    if not parts:
        raise faults.fault("6080", "No name provided : At least one of the name fields is required.", "DisplayName")
    draft.data["DisplayName"] = " ".join(parts)


def _followed(draft: Draft) -> bool:
    """The name on checks follows the display name until somebody sets it."""
    was = draft.was
    same = was.get("PrintOnCheckName") == (was.get("CompanyName") or was.get("DisplayName"))
    return draft.before is not None and same and "PrintOnCheckName" not in draft.body


def _settle_balance(draft: Draft) -> None:
    """An opening balance counts on create only and needs its date."""
    opening = draft.body.get("Balance")
    if draft.before is not None:
        draft.data["Balance"] = draft.was["Balance"]
    elif opening:
        if not draft.body.get("OpenBalanceDate"):
            raise faults.fault("6060", "OpenBalanceDate needed with OpenBalance", "OpenBalanceDate")
        draft.data["BalanceWithJobs"] = opening
    draft.data.pop("OpenBalanceDate", None)
    if draft.kind.name != "Customer":
        draft.data.pop("BalanceWithJobs", None)


def _settle_parent(booking: Booking, draft: Draft) -> None:
    data = draft.data
    parent = booking.company.find("Customer", draft.ref("ParentRef"))
    if parent is None:
        if draft.body.get("Job"):
            raise faults.fault(
                "6150", "ParentRef Required Validation Error : Job is true without ParentRef.", "ParentRef"
            )
        data.update({"Job": False, "FullyQualifiedName": data["DisplayName"]})
        data.pop("Level", None)
        return
    if draft.before is not None and draft.before.key in {each.key for each in booking.company.family(parent)}:
        raise faults.fault("900", "Parent cannot be child", "ParentRef")
    level = int(parent.data.get("Level", 0)) + 1
    if level >= MAX_LEVELS:
        raise faults.fault("6180", "Sub Level Limit : a hierarchy may have at most five levels.", "ParentRef")
    data.update(
        {
            "Job": True,
            "Level": level,
            "FullyQualifiedName": f"{parent.data['FullyQualifiedName']}:{data['DisplayName']}",
        }
    )


def _settle_billing(booking: Booking, draft: Draft) -> None:
    """Whom a sub-customer bills with is settled by its first invoice or payment (6130)."""
    if draft.before is None or not draft.changed("BillWithParent"):
        return
    sales = (row for entity in ("Invoice", "Payment") for row in booking.company.all(entity))
    if any(row.ref("CustomerRef") == draft.before.id for row in sales):
        raise faults.fault(
            "6130", "Cannot change who customer bills with : it has invoices or payments.", "BillWithParent"
        )


def _mask(draft: Draft) -> None:
    """Tax numbers of persons come back masked to their last four characters."""
    for name, shown in _MASKED.items():
        number = draft.body.get(name)
        if number and not str(number).startswith("XXXXXX"):
            draft.data[name] = f"XXXXXX{str(number)[-shown:]}"


def settle_active(booking: Booking, draft: Draft, label: str) -> None:
    """Deactivation marks the name, which frees it; reactivation takes the mark off again (reference 3.0)."""
    if draft.before is None:
        return
    suffix, was, now = booking.behaviours.deleted_suffix, draft.was.get("Active", True), draft.data.get("Active", True)
    if was and not now:
        _refuse_open_balance(draft)
        _refuse_unbilled(booking, draft)
        _rename(draft, label, str(draft.data[label]) + suffix)
    elif now and not was and str(draft.data[label]).endswith(suffix):
        _rename(draft, label, str(draft.data[label]).removesuffix(suffix))


def _refuse_open_balance(draft: Draft) -> None:
    if draft.was.get("Balance") or draft.was.get("BalanceWithJobs"):
        who = draft.kind.name.lower()
        detail = (
            "The entity you are trying to delete has an open balance. : "
            f"This {who} cannot be deleted because it has a non-zero balance"
        )
        raise faults.fault("6220", detail)


def _refuse_unbilled(booking: Booking, draft: Draft) -> None:
    """A customer with billable costs or time that nobody has billed stays (6280)."""
    if draft.before is not None and draft.kind.name == "Customer" and _has_unbilled(booking.company, draft.before.id):
        detail = "This customer has unbilled charges. Bill or remove them first."
        raise faults.fault("6280", f"Delete Customer Has Unbilled Expenses Error : {detail}")


def _has_unbilled(company: Company, customer: str) -> bool:
    costs = (references.detail(line) for bill in company.all("Bill") for line in bill.data["Line"])
    times = (row.data for row in company.all("TimeActivity"))
    return any(
        each.get("BillableStatus") == "Billable" and (each.get("CustomerRef") or {}).get("value") == customer
        for each in (*costs, *times)
    )


def _rename(draft: Draft, label: str, name: str) -> None:
    old = str(draft.data[label])
    draft.data[label] = name
    qualified = str(draft.data.get("FullyQualifiedName", ""))
    if qualified:
        draft.data["FullyQualifiedName"] = qualified.removesuffix(old) + name


def rename_children(company: Company, row: Row) -> None:
    """A new parent name shows in the qualified names below it; their tokens and stamps stay (U14)."""
    for identity in company.children[row.key]:
        child = company.get(row.entity, identity)
        leaf = child.data.get("DisplayName") or child.data.get("Name")
        child.data = {**child.data, "FullyQualifiedName": f"{row.data['FullyQualifiedName']}:{leaf}"}
        rename_children(company, child)
