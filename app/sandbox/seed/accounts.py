"""Charts of accounts, tax codes and exchange rates of the two profiles."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from app.sandbox.seed.world import ONLY_QUICKBOOKS, ONLY_SCORO, Account, AccountKind, Address, TaxCode

ACCOUNTS = (
    Account("bank", "1000", "Checking", AccountKind.BANK),
    Account("savings", "1010", "Savings", AccountKind.BANK, ONLY_QUICKBOOKS),
    Account("receivable", "1200", "Accounts Receivable (A/R)", AccountKind.RECEIVABLE, ONLY_QUICKBOOKS),
    Account("stock", "1300", "Inventory Asset", AccountKind.INVENTORY, ONLY_QUICKBOOKS),
    Account("undeposited", "1400", "Undeposited Funds", AccountKind.OTHER_ASSET, ONLY_QUICKBOOKS),
    Account("payable", "2000", "Accounts Payable (A/P)", AccountKind.PAYABLE, ONLY_QUICKBOOKS),
    Account("tax_due", "2200", "Sales Tax Payable", AccountKind.LIABILITY, ONLY_QUICKBOOKS),
    Account("opening", "3000", "Opening Balance Equity", AccountKind.EQUITY, ONLY_QUICKBOOKS),
    Account("design", "4000", "Design income", AccountKind.INCOME),
    Account("web", "4010", "Web income", AccountKind.INCOME),
    Account("content", "4020", "Content income", AccountKind.INCOME),
    Account("consulting", "4030", "Consulting income", AccountKind.INCOME),
    Account("goods", "4040", "Sales of goods", AccountKind.INCOME),
    Account("other", "4900", "Other income", AccountKind.INCOME, ONLY_QUICKBOOKS),
    Account("goods_cost", "5000", "Cost of goods sold", AccountKind.COST_OF_SALES),
    Account("subcontractors", "5100", "Subcontractors", AccountKind.COST_OF_SALES),
    Account("printing", "6000", "Printing", AccountKind.EXPENSE),
    Account("hosting", "6010", "Hosting", AccountKind.EXPENSE),
    Account("office", "6020", "Office supplies", AccountKind.EXPENSE),
    Account("rent", "6030", "Rent", AccountKind.EXPENSE),
    Account("travel", "6040", "Travel", AccountKind.EXPENSE),
    Account("software", "6050", "Software", AccountKind.EXPENSE),
    Account("fees", "6900", "Bank fees", AccountKind.EXPENSE, ONLY_QUICKBOOKS),
    Account("old_sales", "4999", "Sales before 2025", AccountKind.INCOME, ONLY_SCORO),
)

_US_TAX = (
    TaxCode("standard", "TAX", "State sales tax 8%", Decimal("8")),
    TaxCode("exempt", "NON", "Not taxable", Decimal(0), taxable=False),
    TaxCode("old", "TAX75", "State sales tax 7.5% (until 2024)", Decimal("7.5"), sides=ONLY_SCORO),
)

_UK_TAX = (
    TaxCode("standard", "20.0% S", "Standard rate", Decimal("20")),
    TaxCode("reduced", "5.0% R", "Reduced rate", Decimal("5")),
    TaxCode("zero", "0.0% Z", "Zero rate", Decimal(0)),
    TaxCode("exempt", "No VAT", "Outside the scope of VAT", Decimal(0), taxable=False),
    TaxCode("old", "17.5% S", "Standard rate (until 2011)", Decimal("17.5"), sides=ONLY_SCORO),
)


class Profile(NamedTuple):
    """What differs between the countries: money, tax, time and where the companies are."""

    home: str
    currencies: tuple[str, ...]
    rates: tuple[tuple[str, Decimal], ...]
    extra_currency: tuple[str, Decimal]
    tax_codes: tuple[TaxCode, ...]
    time_zone: str
    address: Address
    second_address: Address


PROFILES = {
    "us": Profile(
        "USD",
        ("USD", "EUR", "GBP", "CAD", "AUD"),
        (
            ("EUR", Decimal("1.08")),
            ("GBP", Decimal("1.26")),
            ("CAD", Decimal("0.73")),
            ("AUD", Decimal("0.66")),
        ),
        ("CHF", Decimal("1.12")),
        _US_TAX,
        "America/New_York",
        Address("1224 SE Ankeny St", "Portland", "OR", "97214", "US"),
        Address("15 Commercial St", "Portland", "ME", "04101", "US"),
    ),
    "uk": Profile(
        "GBP",
        ("GBP", "EUR", "USD", "CAD", "AUD"),
        (
            ("EUR", Decimal("0.86")),
            ("USD", Decimal("0.79")),
            ("CAD", Decimal("0.58")),
            ("AUD", Decimal("0.52")),
        ),
        ("CHF", Decimal("0.89")),
        _UK_TAX,
        "Europe/London",
        Address("48 Great Eastern St", "London", "", "EC2A 3EP", "GB"),
        Address("2 Harbour Lane", "Falmouth", "", "TR11 3LP", "GB"),
    ),
}
