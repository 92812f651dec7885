"""Currencies of parties and documents (reference 11.1)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.profiles import CURRENCY_NAMES
from app.sandbox.quickbooks.uniqueness import index_name
from app.sandbox.quickbooks.wire import Json

CENT = Decimal("0.01")
ONE = Decimal(1)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def party_currency(booking: Booking, draft: Draft) -> None:
    """Settle a contact's currency: set once, then kept (or refused, by switch)."""
    if draft.before is not None:
        _keep(booking, draft)
        return
    code = draft.ref("CurrencyRef") or booking.company.home
    _refuse_foreign(booking, code)
    draft.data["CurrencyRef"] = {"value": code}
    if code != booking.company.home:
        use_currency(booking.company, code)


def _keep(booking: Booking, draft: Draft) -> None:
    kept = draft.was["CurrencyRef"]
    if booking.behaviours.contact_currency_refused and draft.ref("CurrencyRef") not in {"", kept["value"]}:
        raise faults.business("The currency of a customer or vendor cannot be changed.")
    draft.data["CurrencyRef"] = kept


def _refuse_foreign(booking: Booking, code: str) -> None:
    if code == booking.company.home:
        return
    if not booking.company.multicurrency and booking.behaviours.foreign_currency_refused:
        raise faults.business("Multicurrency is not turned on for this company.")
    if code not in CURRENCY_NAMES:
        raise faults.fault("2500", f"Invalid Reference Id : Currency element id {code} not found", "CurrencyRef")


def use_currency(company: Company, code: str) -> None:
    """Put a currency on the company list with its receivable and payable accounts, once."""
    if any(row.data["Code"] == code for row in company.all("CompanyCurrency")):
        return
    listed = {"Code": code, "Name": CURRENCY_NAMES[code], "Active": True}
    index_name(company, company.insert(KINDS["CompanyCurrency"], listed), None)
    for name, kind in (
        ("Accounts Receivable (A/R)", "Accounts Receivable"),
        ("Accounts Payable (A/P)", "Accounts Payable"),
    ):
        _open_account(company, f"{name} - {code}", kind, code)


def _open_account(company: Company, name: str, account_type: str, code: str) -> None:
    data: Json = {
        "Name": name,
        "FullyQualifiedName": name,
        "SubAccount": False,
        "Active": True,
        "Classification": "Asset" if account_type == "Accounts Receivable" else "Liability",
        "AccountType": account_type,
        "AccountSubType": account_type.replace(" ", ""),
        "CurrentBalance": Decimal(0),
        "CurrentBalanceWithSubAccounts": Decimal(0),
        "CurrencyRef": {"value": code},
    }
    index_name(company, company.insert(KINDS["Account"], data), None)


def control_account(company: Company, account_type: str, code: str) -> Row | None:
    """The A/R or A/P account of a currency."""
    for row in company.all("Account"):
        if row.data["AccountType"] == account_type and row.data["CurrencyRef"]["value"] == code:
            return row
    return None


def document_currency(booking: Booking, draft: Draft, contact: Row, *, rate_by_date: bool) -> None:
    """A document is in its party's currency; a missing rate comes from the list of rates or is booked at 1."""
    company, code = booking.company, contact.ref("CurrencyRef") or booking.company.home
    asked = draft.ref("CurrencyRef")
    if asked not in {"", code} or (not asked and code != company.home and draft.before is None):
        raise faults.business("The currency of the transaction must be the currency of the customer or vendor.")
    draft.data["CurrencyRef"] = {"value": code}
    if not company.multicurrency:
        draft.data.pop("ExchangeRate", None)
    elif code == company.home:
        draft.data["ExchangeRate"] = ONE
    elif not draft.data.get("ExchangeRate"):
        draft.data["ExchangeRate"] = rate_on(company, code, draft.data["TxnDate"]) if rate_by_date else ONE


def rate_on(company: Company, code: str, day: str) -> Decimal:
    """Home units per one `code` on `day`: the company's own rate for that day, else the profile's."""
    own = company.find("ExchangeRate", f"{code}:{day}")
    return Decimal(own.data["Rate"]) if own else company.profile.currencies.get(code, ONE)


def home_amounts(company: Company, data: Json) -> None:
    """Derive HomeTotalAmt and HomeBalance of a foreign document."""
    if data["CurrencyRef"]["value"] == company.home or "ExchangeRate" not in data:
        data.pop("HomeTotalAmt", None)
        data.pop("HomeBalance", None)
        return
    data["HomeTotalAmt"] = cents(data["TotalAmt"] * data["ExchangeRate"])
    if "Balance" in data:
        data["HomeBalance"] = cents(data["Balance"] * data["ExchangeRate"])
