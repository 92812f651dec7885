"""The books a new company opens with: preferences, chart of accounts, tax, terms, payment methods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.sandbox.quickbooks import currency, uniqueness
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.lists import CLASSIFICATION
from app.sandbox.quickbooks.profiles import TaxModel
from app.sandbox.quickbooks.rates import add_code, add_rate
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the company is."""

    name: str
    legal_name: str
    email: str
    phone: str
    address: Json


@dataclass(frozen=True, slots=True)
class OpeningAccount:
    name: str
    type: str
    sub_type: str
    number: str = ""


STANDARD_ACCOUNTS = (
    OpeningAccount("Checking", "Bank", "Checking"),
    OpeningAccount("Savings", "Bank", "Savings"),
    OpeningAccount("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    OpeningAccount("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    OpeningAccount("Inventory Asset", "Other Current Asset", "Inventory"),
    OpeningAccount("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    OpeningAccount("Mastercard", "Credit Card", "CreditCard"),
    OpeningAccount("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    OpeningAccount("Services", "Income", "ServiceFeeIncome"),
    OpeningAccount("Sales of Product Income", "Income", "SalesOfProductIncome"),
    OpeningAccount("Discounts given", "Income", "DiscountsRefundsGiven"),
    OpeningAccount("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    OpeningAccount("Advertising", "Expense", "AdvertisingPromotional"),
    OpeningAccount("Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses"),
    OpeningAccount("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
)


def open_books(
    company: Company,
    who: Identity,
    accounts: Iterable[OpeningAccount] = STANDARD_ACCOUNTS,
    *,
    currencies: Iterable[str] = (),
) -> None:
    """Fill an empty company; `currencies` are the foreign ones on its list."""
    codes = list(currencies)
    _company_info(company, who)
    _preferences(company, multicurrency=bool(codes))
    for account in accounts:
        add_account(company, account)
    for code in codes:
        currency.use_currency(company, code)
    _taxes(company)
    _small_lists(company)


def _company_info(company: Company, who: Identity) -> None:
    data: Json = {
        "CompanyName": who.name,
        "LegalName": who.legal_name,
        "CompanyAddr": {"Id": "1", **who.address},
        "LegalAddr": {"Id": "1", **who.address},
        "CustomerCommunicationAddr": {"Id": "1", **who.address},
        "PrimaryPhone": {"FreeFormNumber": who.phone},
        "Email": {"Address": who.email},
        "WebAddr": {},
        "Country": company.profile.country,
        "FiscalYearStartMonth": "January",
        "SupportedLanguages": company.profile.language,
        "CompanyStartDate": "2019-01-02",
        "DefaultTimeZone": "America/Los_Angeles",
        "NameValue": [
            {"Name": "NeoEnabled", "Value": "true"},
            {"Name": "OfferingSku", "Value": company.profile.sku},
            {"Name": "SubscriptionStatus", "Value": "PAID"},
        ],
    }
    company.insert(KINDS["CompanyInfo"], data)


def _preferences(company: Company, *, multicurrency: bool) -> None:
    profile = company.profile
    tax: Json = {"UsingSalesTax": True}
    if profile.is_us:
        tax["TaxGroupCodeRef"] = {"value": "2"}
    if profile.tax_model is TaxModel.US_AUTOMATED:
        tax["PartnerTaxEnabled"] = True
    data: Json = {
        "AccountingInfoPrefs": {
            "UseAccountNumbers": True,
            "TrackDepartments": False,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": profile.classes,
            "CustomerTerminology": "Customers",
            "FirstMonthOfFiscalYear": "January",
            "TaxYearMonth": "January",
            "TaxForm": "6",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
            "RevenueRecognitionEnabled": False,
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": False,
            "AllowDeposit": True,
            "AllowDiscount": True,
            "AllowShipping": False,
            "AllowServiceDate": True,
            "AllowEstimates": True,
            "DefaultTerms": {"value": "3"},
            "AutoApplyCredit": False,
            "AutoApplyPayments": False,
            "ETransactionPaymentEnabled": False,
            "ETransactionEnabledStatus": "NotApplicable",
            "UsingProgressInvoicing": False,
            "CustomField": [],
        },
        "VendorAndPurchasesPrefs": {"TrackingByCustomer": True, "BillableExpenseTracking": True, "POCustomField": []},
        "TimeTrackingPrefs": {"UseServices": True, "BillCustomers": True, "WorkWeekStartDate": "Monday"},
        "EmailMessagesPrefs": {},
        "ReportPrefs": {"ReportBasis": "Accrual"},
        "TaxPrefs": tax,
        "CurrencyPrefs": {"MultiCurrencyEnabled": multicurrency, "HomeCurrency": {"value": profile.home_currency}},
        "OtherPrefs": {
            "NameValue": [
                {"Name": "ProjectsEnabled", "Value": str(profile.projects).lower()},
                {"Name": "SalesFormsPrefs.DefaultItem", "Value": "1"},
                {"Name": "VendorAndPurchasesPrefs.UseCustomTxnNumbers", "Value": "false"},
                {"Name": "WarnDuplicateCheckNumber", "Value": "true"},
                {"Name": "WarnDuplicateBillNumber", "Value": "true"},
                {"Name": "DTXCopyMemo", "Value": "false"},
                {"Name": "SalesFormsPrefs.UsingProgressInvoicing", "Value": "false"},
            ]
        },
    }
    company.insert(KINDS["Preferences"], data)


def add_account(company: Company, account: OpeningAccount) -> Row:
    data: Json = {
        "Name": account.name,
        "FullyQualifiedName": account.name,
        "SubAccount": False,
        "Active": True,
        "Classification": CLASSIFICATION[account.type],
        "AccountType": account.type,
        "AccountSubType": account.sub_type,
        "CurrentBalance": ZERO,
        "CurrentBalanceWithSubAccounts": ZERO,
        "CurrencyRef": {"value": company.home},
    }
    if account.number:
        data["AcctNum"] = account.number
    row = company.insert(KINDS["Account"], data)
    uniqueness.index_name(company, row, None)
    return row


def _taxes(company: Company) -> None:
    """Id 2 is the first real code, as in every US sample company; TAX and NON are pseudo codes."""
    profile = company.profile
    agency = company.insert(
        KINDS["TaxAgency"],
        {
            "DisplayName": profile.agency,
            "TaxTrackedOnSales": True,
            "TaxTrackedOnPurchases": not profile.is_us,
            "TaxAgencyConfig": "SYSTEM_GENERATED",
        },
    )
    uniqueness.index_name(company, agency, None)
    rates = {rate.name: add_rate(company, rate.name, rate.percent, agency.id).id for rate in profile.rates}
    company.counters["TaxCode"] = 1
    for code in profile.codes:
        add_code(
            company,
            code.name,
            code.description,
            [rates[name] for name in code.sales],
            [rates[name] for name in code.purchases],
        )
    if profile.is_us:
        for name, taxable in (("TAX", True), ("NON", False)):
            pseudo = {
                "Name": name,
                "Description": name,
                "Active": True,
                "Hidden": False,
                "Taxable": taxable,
                "TaxGroup": False,
            }
            company.insert(KINDS["TaxCode"], pseudo, identity=name)


def _small_lists(company: Company) -> None:
    for name, days in (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60)):
        data = {
            "Name": name,
            "Active": True,
            "Type": "STANDARD",
            "DueDays": Decimal(days),
            "DiscountPercent": ZERO,
            "DiscountDays": ZERO,
        }
        uniqueness.index_name(company, company.insert(KINDS["Term"], data), None)
    for name, kind in (("Cash", "NON_CREDIT_CARD"), ("Check", "NON_CREDIT_CARD"), ("Visa", "CREDIT_CARD")):
        uniqueness.index_name(
            company, company.insert(KINDS["PaymentMethod"], {"Name": name, "Type": kind, "Active": True}), None
        )
