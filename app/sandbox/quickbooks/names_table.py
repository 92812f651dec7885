"""Property tables of the name lists (reference 3.1 to 3.9)."""

from __future__ import annotations

from app.sandbox.quickbooks.fields import (
    Field,
    address,
    anything,
    choice,
    day,
    email,
    fixed,
    flag,
    group,
    many,
    number,
    phone,
    ref,
    table,
    text,
    website,
)

ACCOUNT_TYPES = (
    "Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset", "Other Asset", "Accounts Payable",
    "Credit Card", "Other Current Liability", "Long Term Liability", "Equity", "Income", "Cost of Goods Sold",
    "Expense", "Other Income", "Other Expense", "Non-Posting",
)  # fmt: skip

_INTERNAL = {
    name: fixed(anything()) for name in ("V4IDPseudonym", "ClientEntityId", "Source", "CustomerEx", "VendorEx")
}

_PERSON: dict[str, Field] = {
    **_INTERNAL,
    "Title": text(16),
    "Suffix": text(16),
    "GivenName": text(100),
    "MiddleName": text(100),
    "FamilyName": text(100),
    "DisplayName": text(500),
    "CompanyName": text(100),
    "PrintOnCheckName": text(110),
    "Active": flag(),
    "PrimaryEmailAddr": email(),
    "PrimaryPhone": phone(),
    "AlternatePhone": phone(),
    "Mobile": phone(),
    "Fax": phone(),
    "WebAddr": website(),
    "BillAddr": address(),
    "Notes": text(2000),
    "BusinessNumber": text(10),
    "GSTIN": text(15),
    "GSTRegistrationType": text(40),
    "CurrencyRef": ref("CompanyCurrency"),
    "Balance": number(),
    "OpenBalanceDate": day(),
    "CustomField": anything(),
    "OtherContactInfo": anything(),
}

CUSTOMER = table(
    **_PERSON,
    ShipAddr=address(),
    ResaleNum=text(16),
    Job=flag(),
    ParentRef=ref("Customer"),
    BillWithParent=flag(),
    Level=fixed(number()),
    FullyQualifiedName=fixed(text(0)),
    IsProject=fixed(flag()),
    BalanceWithJobs=fixed(number()),
    Taxable=flag(),
    DefaultTaxCodeRef=ref("TaxCode"),
    TaxExemptionReasonId=text(40),
    PrimaryTaxIdentifier=text(40),
    SecondaryTaxIdentifier=text(40),
    SalesTermRef=ref("Term"),
    PaymentMethodRef=ref("PaymentMethod"),
    PreferredDeliveryMethod=choice("Print", "Email", "None"),
    CustomerTypeRef=ref(),
    ARAccountRef=ref("Account"),
)

VENDOR = table(
    **{**_PERSON, "PrintOnCheckName": text(100)},
    AcctNum=text(100),
    TermRef=ref("Term"),
    Vendor1099=flag(),
    TaxIdentifier=text(20),
    BillRate=number(),
    CostRate=number(),
    APAccountRef=ref("Account"),
    VendorPaymentBankDetail=anything(),
    T4AEligible=flag(),
    T5018Eligible=flag(),
    HasTPAR=flag(),
    TaxReportingBasis=text(40),
)

EMPLOYEE = table(
    **{name: each for name, each in _PERSON.items() if name not in {"CurrencyRef", "Balance", "OpenBalanceDate"}},
    PrimaryAddr=address(),
    EmployeeNumber=text(100),
    SSN=text(100),
    BillRate=number(),
    CostRate=number(),
    BillableTime=flag(),
    BirthDate=day(),
    HiredDate=day(),
    ReleasedDate=day(),
    Gender=text(10),
    Organization=flag(),
    EmailAddress=anything(),
)

ITEM = table(
    Name=text(100),
    Type=choice("Service", "NonInventory", "Inventory", "Category", "Group"),
    Sku=text(100),
    Description=text(4000),
    PurchaseDesc=text(1000),
    UnitPrice=number(),
    PurchaseCost=number(),
    Taxable=flag(),
    SalesTaxCodeRef=ref("TaxCode"),
    PurchaseTaxCodeRef=ref("TaxCode"),
    SalesTaxIncluded=flag(),
    PurchaseTaxIncluded=flag(),
    SubItem=flag(),
    ParentRef=ref("Item"),
    Level=fixed(number()),
    FullyQualifiedName=fixed(text(0)),
    Active=flag(),
    ClassRef=ref("Class"),
    PrefVendorRef=ref("Vendor"),
    ReorderPoint=number(),
    TaxClassificationRef=ref(),
    DeferredRevenue=flag(),
    IncomeAccountRef=ref("Account"),
    ExpenseAccountRef=ref("Account"),
    AssetAccountRef=ref("Account"),
    TrackQtyOnHand=flag(),
    QtyOnHand=number(),
    InvStartDate=day(),
    ItemGroupDetail=anything(),
    PrintGroupedItems=flag(),
    AbatementRate=number(),
    ReverseChargeRate=number(),
    ServiceType=anything(),
    ItemCategoryType=anything(),
    UQCId=anything(),
    UQCDisplayText=anything(),
    Source=fixed(anything()),
)

ACCOUNT = table(
    Name=text(100),
    AccountType=choice(*ACCOUNT_TYPES),
    AccountSubType=text(100),
    AcctNum=text(20),
    Description=text(100),
    SubAccount=fixed(flag()),
    ParentRef=ref("Account"),
    FullyQualifiedName=fixed(text(0)),
    Classification=fixed(text(0)),
    CurrentBalance=fixed(number()),
    CurrentBalanceWithSubAccounts=fixed(number()),
    CurrencyRef=ref("CompanyCurrency"),
    TaxCodeRef=ref("TaxCode"),
    Active=flag(),
    AccountAlias=text(100),
    TxnLocationType=text(100),
)

CLASS = table(Name=text(100), SubClass=flag(), ParentRef=ref("Class"), FullyQualifiedName=fixed(text(0)), Active=flag())

DEPARTMENT = table(
    Name=text(100),
    SubDepartment=flag(),
    ParentRef=ref("Department"),
    FullyQualifiedName=fixed(text(0)),
    Active=flag(),
    Address=address(),
)

TERM = table(
    Name=text(31),
    Active=flag(),
    Type=fixed(text(0)),
    DueDays=number(),
    DiscountDays=number(),
    DiscountPercent=number(),
    DayOfMonthDue=number(),
    DueNextMonthDays=number(),
    DiscountDayOfMonth=number(),
)

PAYMENT_METHOD = table(Name=text(31), Type=text(40), Active=flag())

_RATE_LIST = group(TaxRateDetail=anything(), originatingGroupId=anything())

TAX_CODE = table(
    Name=text(100),
    Description=text(100),
    Active=flag(),
    Hidden=flag(),
    Taxable=fixed(flag()),
    TaxGroup=fixed(flag()),
    SalesTaxRateList=_RATE_LIST,
    PurchaseTaxRateList=_RATE_LIST,
    TaxCodeConfigType=fixed(text(0)),
)

TAX_RATE = table(
    Name=text(100),
    Description=text(100),
    Active=flag(),
    RateValue=number(),
    AgencyRef=ref("TaxAgency"),
    TaxReturnLineRef=ref(),
    SpecialTaxType=text(40),
    DisplayType=text(40),
    EffectiveTaxRate=anything(),
    OriginalTaxRate=anything(),
)

TAX_AGENCY = table(
    DisplayName=text(100),
    TaxTrackedOnSales=flag(),
    TaxTrackedOnPurchases=flag(),
    TaxRegistrationNumber=text(100),
    LastFileDate=fixed(day()),
    TaxAgencyConfig=fixed(text(0)),
)

COMPANY_CURRENCY = table(Code=text(3), Name=fixed(text(0)), Active=flag(), CustomField=anything())

EXCHANGE_RATE = table(
    SourceCurrencyCode=text(3), TargetCurrencyCode=text(3), Rate=number(), AsOfDate=day(), CustomField=anything()
)

COMPANY_INFO = table(
    CompanyName=text(1024),
    LegalName=text(1024),
    CompanyAddr=address(),
    LegalAddr=address(),
    CustomerCommunicationAddr=address(),
    CustomerCommunicationEmailAddr=email(),
    PrimaryPhone=phone(),
    Email=email(),
    WebAddr=website(),
    Country=text(100),
    FiscalYearStartMonth=text(20),
    SupportedLanguages=text(100),
    CompanyStartDate=fixed(text(0)),
    DefaultTimeZone=fixed(text(0)),
    EmployerId=text(100),
    NameValue=fixed(many({})),
)

PREFERENCES = table(
    **{
        name: anything()
        for name in (
            "AccountingInfoPrefs",
            "ProductAndServicesPrefs",
            "SalesFormsPrefs",
            "VendorAndPurchasesPrefs",
            "TimeTrackingPrefs",
            "EmailMessagesPrefs",
            "ReportPrefs",
            "OtherPrefs",
        )
    },
    TaxPrefs=fixed(anything()),
    CurrencyPrefs=fixed(anything()),
)
