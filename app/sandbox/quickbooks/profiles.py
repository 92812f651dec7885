"""The kinds of company a sandbox can hold: country, currency, tax model and plan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class TaxModel(Enum):
    US_AUTOMATED = "us-automated"
    US_MANUAL = "us-manual"
    VALUE_ADDED = "value-added"


@dataclass(frozen=True, slots=True)
class Rate:
    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Code:
    """A tax code: names of its sales and purchase rates; empty where it cannot be used."""

    name: str
    description: str
    sales: tuple[str, ...] = ()
    purchases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """`currencies` maps ISO codes of the company list to home units per one foreign unit."""

    name: str
    country: str
    home_currency: str
    tax_model: TaxModel
    agency: str
    rates: tuple[Rate, ...]
    codes: tuple[Code, ...]
    currencies: dict[str, Decimal]
    sku: str = "QuickBooks Online Plus"
    language: str = "en"
    classes: bool = True
    projects: bool = True

    @property
    def is_us(self) -> bool:
        return self.tax_model is not TaxModel.VALUE_ADDED


CURRENCY_NAMES = {
    "USD": "United States Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "CAD": "Canadian Dollar",
    "AUD": "Australian Dollar",
    "CHF": "Swiss Franc",
    "SEK": "Swedish Krona",
    "NOK": "Norwegian Krone",
    "DKK": "Danish Krone",
    "PLN": "Polish Zloty",
    "CZK": "Czech Koruna",
    "JPY": "Japanese Yen",
    "INR": "Indian Rupee",
    "NZD": "New Zealand Dollar",
    "ZAR": "South African Rand",
}

_US_RATES = (Rate("California", Decimal(8)), Rate("Tucson City", Decimal("2")), Rate("AZ State tax", Decimal("7.1")))
_US_CODES = (
    Code("California", "California", ("California",)),
    Code("Tucson", "Tucson", ("AZ State tax", "Tucson City")),
)

_VAT_RATES = (
    Rate("20% S sales", Decimal(20)),
    Rate("20% S purchases", Decimal(20)),
    Rate("5% R sales", Decimal(5)),
    Rate("5% R purchases", Decimal(5)),
    Rate("0% Z sales", Decimal(0)),
    Rate("0% Z purchases", Decimal(0)),
)
_VAT_CODES = (
    Code("20.0% S", "Standard rate", ("20% S sales",), ("20% S purchases",)),
    Code("5.0% R", "Reduced rate", ("5% R sales",), ("5% R purchases",)),
    Code("0.0% Z", "Zero rate", ("0% Z sales",), ("0% Z purchases",)),
    Code("No VAT", "Outside the scope of VAT", ("0% Z sales",), ("0% Z purchases",)),
    Code("20.0% S sales only", "Standard rate, sales", ("20% S sales",)),
)
_TVA_RATES = (Rate("TVA 20 % ventes", Decimal(20)), Rate("TVA 20 % achats", Decimal(20)))
_TVA_CODES = (Code("TVA 20 %", "Taux normal", ("TVA 20 % ventes",), ("TVA 20 % achats",)),)

_TO_DOLLAR = {"EUR": Decimal("1.08"), "GBP": Decimal("1.27")}
_TO_POUND = {"EUR": Decimal("0.85"), "USD": Decimal("0.79")}

PROFILES = {
    "us": Profile(
        "us",
        "US",
        "USD",
        TaxModel.US_AUTOMATED,
        "California Department of Tax and Fee Administration",
        _US_RATES,
        _US_CODES,
        _TO_DOLLAR,
    ),
    "us-manual": Profile(
        "us-manual", "US", "USD", TaxModel.US_MANUAL, "Arizona Dept. of Revenue", _US_RATES, _US_CODES, _TO_DOLLAR
    ),
    "uk": Profile(
        "uk", "GB", "GBP", TaxModel.VALUE_ADDED, "HM Revenue & Customs (VAT)", _VAT_RATES, _VAT_CODES, _TO_POUND
    ),
    "fr": Profile("fr", "FR", "EUR", TaxModel.VALUE_ADDED, "DGFiP", _TVA_RATES, _TVA_CODES, {}, language="fr"),
    "simple": Profile(
        "simple",
        "US",
        "USD",
        TaxModel.US_AUTOMATED,
        "California Department of Tax and Fee Administration",
        _US_RATES,
        _US_CODES,
        {},
        sku="QuickBooks Online Simple Start",
        classes=False,
        projects=False,
    ),
}
