"""Sales tax by company: US automated, US manual, value added (reference 11.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.currency import cents
from app.sandbox.quickbooks.profiles import TaxModel
from app.sandbox.quickbooks.references import detail
from app.sandbox.quickbooks.wire import Json

HUNDRED = Decimal(100)
ZERO = Decimal(0)


def default_code(booking: Booking, line: Mapping[str, Any], contact: Row) -> Json | None:
    """The code a US sales line gets when none is given: TAX for taxable items, else NON."""
    if not booking.company.profile.is_us:
        return None
    item = booking.company.find("Item", str((detail(line).get("ItemRef") or {}).get("value", "")))
    taxable = item is not None and item.data.get("Taxable") and contact.data.get("Taxable", True)
    return {"value": "TAX" if taxable else "NON"}


def check_code(booking: Booking, line: Mapping[str, Any], mode: str) -> None:
    """US lines take only TAX or NON (6100); elsewhere a code is required unless the document has no tax."""
    code = str((detail(line).get("TaxCodeRef") or {}).get("value", ""))
    if booking.company.profile.is_us:
        if code and code not in {"TAX", "NON"}:
            raise faults.fault("6100", "Invalid Line TaxCode in the request : Line tax code must be TAX or NON.", "")
    elif not code and mode != "NotApplicable":
        raise faults.business("Make sure all your transactions have a VAT rate before you save.")


def mode_of(booking: Booking, draft: Draft) -> str:
    """GlobalTaxCalculation as it applies: US companies do not use it."""
    if booking.company.profile.is_us:
        return "TaxExcluded"
    return str(draft.data.get("GlobalTaxCalculation") or "TaxExcluded")


def apply(booking: Booking, draft: Draft, contact: Row, *, purchase: bool, reduction: Decimal = ZERO) -> Decimal:
    """Write TxnTaxDetail (and the inclusive amounts of the lines) into the draft and return the total tax.

    `reduction` is the discount already taken from the taxable base.
    """
    if booking.company.profile.is_us:
        draft.data.pop("GlobalTaxCalculation", None)
        return _us(booking, draft, contact, reduction) if not purchase else ZERO
    draft.data["GlobalTaxCalculation"] = mode_of(booking, draft)
    if draft.data["GlobalTaxCalculation"] == "NotApplicable":
        return _no_tax(draft)
    return _value_added(booking, draft, purchase, reduction)


def _us(booking: Booking, draft: Draft, contact: Row, reduction: Decimal) -> Decimal:
    company = booking.company
    base = max(taxable_base(draft) - reduction, ZERO)
    uses = bool(company.preference("TaxPrefs", "UsingSalesTax"))
    code = _us_code(company, draft, contact) if uses and base else ""
    if not code or not contact.data.get("Taxable", True):
        draft.data["TxnTaxDetail"] = {"TotalTax": ZERO}
        return ZERO
    lines = [_tax_line(company, rate, base) for rate in rates_of(company, code, "SalesTaxRateList")]
    total = sum((line["Amount"] for line in lines), ZERO)
    override = _override(draft)
    draft.data["TxnTaxDetail"] = {
        "TxnTaxCodeRef": {"value": code},
        "TotalTax": total if override is None else override,
        "TaxLine": lines,
    }
    return total if override is None else override


def taxable_base(draft: Draft) -> Decimal:
    lines = (line for line in draft.data["Line"] if (detail(line).get("TaxCodeRef") or {}).get("value") == "TAX")
    return sum((line["Amount"] for line in lines), ZERO)


def _us_code(company: Company, draft: Draft, contact: Row) -> str:
    """The automated engine decides by itself; a manual company takes the code the document names."""
    if company.profile.tax_model is TaxModel.US_AUTOMATED:
        return str((company.preference("TaxPrefs", "TaxGroupCodeRef") or {}).get("value", ""))
    named = (draft.data.get("TxnTaxDetail") or {}).get("TxnTaxCodeRef") or contact.data.get("DefaultTaxCodeRef") or {}
    return str(named.get("value", ""))


def _override(draft: Draft) -> Decimal | None:
    """A total the caller insists on; an echo of the stored one is not an override."""
    asked = (draft.body.get("TxnTaxDetail") or {}).get("TotalTax")
    stored = (draft.was.get("TxnTaxDetail") or {}).get("TotalTax")
    return None if asked is None or asked in {stored, ZERO} else Decimal(asked)


def _no_tax(draft: Draft) -> Decimal:
    if (draft.body.get("TxnTaxDetail") or {}).get("TaxLine"):
        raise faults.fault(
            "6170", "Invalid TxnTaxDetail Error : TxnTaxDetail is not allowed with NotApplicable.", "TxnTaxDetail"
        )
    draft.data.pop("TxnTaxDetail", None)
    return ZERO


def _value_added(booking: Booking, draft: Draft, purchase: bool, reduction: Decimal) -> Decimal:
    given = (draft.body.get("TxnTaxDetail") or {}).get("TaxLine")
    lines = given if given else _computed_lines(booking.company, draft, purchase, reduction)
    total = sum((Decimal(line.get("Amount") or 0) for line in lines), ZERO)
    draft.data["TxnTaxDetail"] = {"TotalTax": total, "TaxLine": lines}
    return total


def _computed_lines(company: Company, draft: Draft, purchase: bool, reduction: Decimal) -> list[Json]:
    bases: dict[str, Decimal] = defaultdict(lambda: ZERO)
    column = "PurchaseTaxRateList" if purchase else "SalesTaxRateList"
    for line in draft.data["Line"]:
        for rate in rates_of(company, _code(line), column):
            bases[rate] += line["Amount"]
    whole = sum((line["Amount"] for line in draft.data["Line"] if _code(line)), ZERO)
    share = (whole - reduction) / whole if whole else Decimal(1)
    return [_tax_line(company, rate, cents(base * share)) for rate, base in bases.items()]


def _code(line: Mapping[str, Any]) -> str:
    return str((detail(line).get("TaxCodeRef") or {}).get("value", ""))


def rates_of(company: Company, code: str, column: str) -> list[str]:
    row = company.find("TaxCode", code)
    listed = ((row.data.get(column) or {}) if row else {}).get("TaxRateDetail", [])
    return [each["TaxRateRef"]["value"] for each in listed]


def check_purchase_code(booking: Booking, line: Mapping[str, Any]) -> None:
    """A code without purchase rates cannot be used on a bill."""
    code = _code(line)
    if code and not booking.company.profile.is_us and not rates_of(booking.company, code, "PurchaseTaxRateList"):
        raise faults.business("The tax code used on this line has no purchase rate.")


def percent_of(company: Company, code: str, column: str) -> Decimal:
    return sum(
        (Decimal(company.get("TaxRate", rate).data["RateValue"]) for rate in rates_of(company, code, column)), ZERO
    )


def _tax_line(company: Company, rate: str, base: Decimal) -> Json:
    percent = Decimal(company.get("TaxRate", rate).data["RateValue"])
    inner = {"TaxRateRef": {"value": rate}, "PercentBased": True, "TaxPercent": percent, "NetAmountTaxable": base}
    return {"Amount": cents(base * percent / HUNDRED), "DetailType": "TaxLineDetail", "TaxLineDetail": inner}
