"""Exchange rates and the tax service: the two entities with addresses of their own (reference 3.8, 3.9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks import faults, uniqueness
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.clean import as_number, clean
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.currency import rate_on
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.render import render
from app.sandbox.quickbooks.wire import Json, stamp


def read_rate(company: Company, code: str, day: str) -> Json:
    """The rate of a day: home units per one foreign unit."""
    if not code:
        raise faults.missing("sourcecurrencycode")
    when = _day(day) if day else company.today().isoformat()
    own = company.find("ExchangeRate", f"{code}:{when}")
    if own is not None:
        return {"ExchangeRate": render(company, own)}
    body = {
        "SourceCurrencyCode": code,
        "TargetCurrencyCode": company.home,
        "Rate": rate_on(company, code, when),
        "AsOfDate": when,
        "SyncToken": "0",
        "domain": "QBO",
        "sparse": False,
        "MetaData": {"LastUpdatedTime": stamp(company.now())},
    }
    return {"ExchangeRate": body}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise faults.fault(
            "2060", f"Date should be in the format yyyy-MM-dd. Supplied value:{text}", "asofdate"
        ) from None


def write_rate(booking: Booking, body: Json) -> Json:
    """Set the company's own rate for a day."""
    cleaned = clean(KINDS["ExchangeRate"], body)
    for name in ("SourceCurrencyCode", "Rate"):
        if cleaned.get(name) is None:
            raise faults.missing(name)
    day = cleaned.get("AsOfDate") or booking.company.today().isoformat()
    key = f"{cleaned['SourceCurrencyCode']}:{day}"
    data = {
        "SourceCurrencyCode": cleaned["SourceCurrencyCode"],
        "TargetCurrencyCode": booking.company.home,
        "Rate": cleaned["Rate"],
        "AsOfDate": day,
    }
    row = booking.company.find("ExchangeRate", key)
    if row is None:
        row = booking.company.insert(KINDS["ExchangeRate"], data, identity=key, by=booking.person)
    else:
        booking.company.replace(row, data, by=booking.person)
    return {"ExchangeRate": render(booking.company, row)}


def make_tax_code(booking: Booking, body: Json) -> Json:
    """`POST /taxservice/taxcode`: a code out of new or existing rates; the answer echoes the request with ids."""
    name = _text(body, "TaxCode")
    _refuse_taken(booking.company, "TaxCode", str(name))
    asked = body.get("TaxRateDetails") or []
    if not isinstance(asked, list) or not all(isinstance(each, dict) for each in asked):
        raise faults.fault("2010", "Property Name:Can not construct instance of TaxRateDetails", None)
    details = [_rate(booking, detail) for detail in asked]
    if not details:
        raise faults.missing("TaxRateDetails")
    row = _insert_code(booking, str(name), details)
    echoed = [{**asked, "TaxRateId": rate.id} for asked, rate, _ in details]
    return {"TaxCode": name, "TaxCodeId": row.id, "TaxRateDetails": echoed}


def _text(holder: Json, name: str, path: str = "") -> str:
    value = holder.get(name)
    if value in (None, ""):
        raise faults.missing(f"{path}{name}")
    if isinstance(value, dict | list | bool):
        raise faults.fault("2010", f"Property Name:Can not construct instance of {path}{name}", None)
    return str(value)


def _rate(booking: Booking, asked: Json) -> tuple[Json, Row, bool]:
    """The request, the rate and whether it applies to sales."""
    sales = asked.get("TaxApplicableOn", "Sales") != "Purchase"
    if asked.get("TaxRateId"):
        row = booking.company.find("TaxRate", str(asked["TaxRateId"]))
        if row is None:
            raise faults.bad_reference("TaxRates", str(asked["TaxRateId"]), "TaxRateDetails.TaxRateId")
        return asked, row, sales
    for name in ("TaxRateName", "RateValue", "TaxAgencyId"):
        _text(asked, name, "TaxRateDetails.")
    return asked, _insert_rate(booking, asked), sales


def _insert_rate(booking: Booking, asked: Json) -> Row:
    company = booking.company
    agency = company.find("TaxAgency", str(asked["TaxAgencyId"]))
    if agency is None:
        raise faults.bad_reference("TaxAgencies", str(asked["TaxAgencyId"]), "TaxRateDetails.TaxAgencyId")
    _refuse_taken(company, "TaxRate", str(asked["TaxRateName"]))
    return add_rate(company, str(asked["TaxRateName"]), as_number(asked["RateValue"], "RateValue"), agency.id)


def add_rate(company: Company, name: str, percent: Decimal, agency: str) -> Row:
    data: Json = {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": percent,
        "AgencyRef": {"value": agency},
        "SpecialTaxType": "ZERO_RATE" if not percent else "NONE",
        "DisplayType": "ReadOnly",
        "EffectiveTaxRate": [{"RateValue": percent, "EffectiveDate": "2010-01-01T00:00:00-08:00"}],
    }
    row = company.insert(KINDS["TaxRate"], data)
    uniqueness.index_name(company, row, None)
    return row


def _insert_code(booking: Booking, name: str, details: list[tuple[Json, Row, bool]]) -> Row:
    sales = [rate.id for _, rate, on_sales in details if on_sales]
    purchases = [rate.id for _, rate, on_sales in details if not on_sales]
    return add_code(booking.company, name, name, sales, purchases, made_by="USER_DEFINED")


def add_code(
    company: Company,
    name: str,
    description: str,
    sales: list[str],
    purchases: list[str],
    *,
    made_by: str = "SYSTEM_GENERATED",
) -> Row:
    data: Json = {
        "Name": name,
        "Description": description,
        "Active": True,
        "Hidden": False,
        "Taxable": True,
        "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": _details(sales)},
        "PurchaseTaxRateList": {"TaxRateDetail": _details(purchases)},
        "TaxCodeConfigType": made_by,
    }
    if company.profile.is_us or not purchases:
        data.pop("PurchaseTaxRateList")
    row = company.insert(KINDS["TaxCode"], data)
    uniqueness.index_name(company, row, None)
    return row


def _details(rates: list[str]) -> list[Any]:
    return [{"TaxRateRef": {"value": rate}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0} for rate in rates]


def _refuse_taken(company: Company, entity: str, name: str) -> None:
    if uniqueness.name_key(entity, {"Name": name}) in company.names:
        raise faults.duplicate_name("tax rate")
