"""What the site shows of each entity: columns of its list, fields of its form, what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Input(Enum):
    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    DATE = "date"
    CHECK = "check"
    CHOICE = "choice"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class FormField:
    """`path` is the property, dotted for nested ones; `target` the entity a RECORD input chooses from."""

    path: str
    label: str
    input: Input = Input.TEXT
    target: str = ""
    options: tuple[str, ...] = ()
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    path: str
    label: str
    number: bool = False


class Lines(Enum):
    NONE = "none"
    SALES = "sales"
    COSTS = "costs"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Page:
    """One section of the site. `actions` are those of the control call `person`."""

    entity: str
    title: str
    one: str
    group: str
    columns: tuple[Column, ...]
    fields: tuple[FormField, ...]
    lines: Lines = Lines.NONE
    actions: tuple[str, ...] = ()
    contact: str = ""


def _record(path: str, label: str, target: str, *, fixed: bool = False) -> FormField:
    return FormField(path, label, Input.RECORD, target, fixed=fixed)


_ADDRESS = (
    FormField("BillAddr.Line1", "Street"),
    FormField("BillAddr.City", "City"),
    FormField("BillAddr.CountrySubDivisionCode", "State or region"),
    FormField("BillAddr.PostalCode", "Postcode"),
    FormField("BillAddr.Country", "Country"),
)
_PERSON = (
    FormField("DisplayName", "Display name"),
    FormField("CompanyName", "Company"),
    FormField("GivenName", "First name"),
    FormField("FamilyName", "Last name"),
    FormField("PrimaryEmailAddr.Address", "E-mail"),
    FormField("PrimaryPhone.FreeFormNumber", "Phone"),
    FormField("Mobile.FreeFormNumber", "Mobile"),
    FormField("WebAddr.URI", "Web site"),
    *_ADDRESS,
    _record("CurrencyRef", "Currency", "CompanyCurrency", fixed=True),
)
_NAMED = (Column("Name", "Name"), Column("Active", "Active"))
_MONEY = (Column("TotalAmt", "Total", number=True), Column("Balance", "Open", number=True))
_DOCUMENT = (
    FormField("DocNumber", "Number"),
    FormField("TxnDate", "Date", Input.DATE),
    FormField("ExchangeRate", "Exchange rate", Input.NUMBER),
    FormField("PrivateNote", "Memo", Input.LONG),
)
_TAX_MODE = FormField(
    "GlobalTaxCalculation", "Amounts are", Input.CHOICE, options=("TaxExcluded", "TaxInclusive", "NotApplicable")
)

PAGES = (
    Page(
        "Customer",
        "Customers",
        "customer",
        "Sales",
        (
            Column("FullyQualifiedName", "Name"),
            Column("PrimaryEmailAddr.Address", "E-mail"),
            Column("Balance", "Open", number=True),
        ),
        (
            *_PERSON,
            FormField("ResaleNum", "Resale or VAT number"),
            _record("ParentRef", "Parent customer", "Customer"),
            FormField("BillWithParent", "Bill with the parent", Input.CHECK),
            _record("SalesTermRef", "Terms", "Term"),
            FormField("Taxable", "Taxable", Input.CHECK),
            FormField("Notes", "Notes", Input.LONG),
        ),
        actions=("deactivate", "reactivate", "merge"),
    ),
    Page(
        "Invoice",
        "Invoices",
        "invoice",
        "Sales",
        (Column("DocNumber", "Number"), Column("TxnDate", "Date"), Column("CustomerRef", "Customer"), *_MONEY),
        (
            _record("CustomerRef", "Customer", "Customer"),
            *_DOCUMENT,
            FormField("DueDate", "Due", Input.DATE),
            _record("SalesTermRef", "Terms", "Term"),
            _record("ProjectRef", "Project", "Project"),
            FormField("CustomerMemo.value", "Message to the customer"),
            FormField("BillEmail.Address", "Send to"),
            _TAX_MODE,
        ),
        Lines.SALES,
        ("payment", "send", "void", "delete"),
        "CustomerRef",
    ),
    Page(
        "CreditMemo",
        "Credit memos",
        "credit memo",
        "Sales",
        (Column("DocNumber", "Number"), Column("TxnDate", "Date"), Column("CustomerRef", "Customer"), *_MONEY),
        (
            _record("CustomerRef", "Customer", "Customer"),
            *_DOCUMENT,
            _record("ProjectRef", "Project", "Project"),
            _TAX_MODE,
        ),
        Lines.SALES,
        ("void", "delete"),
        "CustomerRef",
    ),
    Page(
        "Payment",
        "Payments received",
        "payment",
        "Sales",
        (
            Column("TxnDate", "Date"),
            Column("CustomerRef", "Customer"),
            Column("TotalAmt", "Amount", number=True),
            Column("UnappliedAmt", "Not applied", number=True),
        ),
        (
            _record("CustomerRef", "Customer", "Customer"),
            FormField("TxnDate", "Date", Input.DATE),
            FormField("TotalAmt", "Amount", Input.NUMBER),
            FormField("PaymentRefNum", "Reference"),
            _record("DepositToAccountRef", "Deposit to", "Account"),
            FormField("ExchangeRate", "Exchange rate", Input.NUMBER),
            FormField("PrivateNote", "Memo", Input.LONG),
        ),
        Lines.SETTLED,
        ("deposit", "void", "delete"),
        "CustomerRef",
    ),
    Page(
        "Project",
        "Projects",
        "project",
        "Sales",
        (
            Column("DisplayName", "Name"),
            Column("FullyQualifiedName", "Under"),
            Column("BalanceWithJobs", "Open", number=True),
        ),
        (FormField("DisplayName", "Name"), _record("ParentRef", "Customer", "Customer", fixed=True)),
        actions=("deactivate", "reactivate"),
    ),
    Page(
        "Vendor",
        "Vendors",
        "vendor",
        "Expenses",
        (
            Column("DisplayName", "Name"),
            Column("PrimaryEmailAddr.Address", "E-mail"),
            Column("Balance", "Open", number=True),
        ),
        (
            *_PERSON,
            FormField("AcctNum", "Account number"),
            FormField("TaxIdentifier", "Tax number"),
            _record("TermRef", "Terms", "Term"),
        ),
        actions=("deactivate", "reactivate", "merge"),
    ),
    Page(
        "Bill",
        "Bills",
        "bill",
        "Expenses",
        (Column("DocNumber", "Number"), Column("TxnDate", "Date"), Column("VendorRef", "Vendor"), *_MONEY),
        (
            _record("VendorRef", "Vendor", "Vendor"),
            *_DOCUMENT,
            FormField("DueDate", "Due", Input.DATE),
            _record("SalesTermRef", "Terms", "Term"),
            _TAX_MODE,
        ),
        Lines.COSTS,
        ("payment", "delete"),
        "VendorRef",
    ),
    Page(
        "VendorCredit",
        "Vendor credits",
        "vendor credit",
        "Expenses",
        (Column("DocNumber", "Number"), Column("TxnDate", "Date"), Column("VendorRef", "Vendor"), *_MONEY),
        (_record("VendorRef", "Vendor", "Vendor"), *_DOCUMENT, _TAX_MODE),
        Lines.COSTS,
        ("delete",),
        "VendorRef",
    ),
    Page(
        "BillPayment",
        "Bill payments",
        "bill payment",
        "Expenses",
        (Column("TxnDate", "Date"), Column("VendorRef", "Vendor"), Column("TotalAmt", "Amount", number=True)),
        (
            _record("VendorRef", "Vendor", "Vendor"),
            FormField("TxnDate", "Date", Input.DATE),
            FormField("TotalAmt", "Amount", Input.NUMBER),
            FormField("PayType", "Paid by", Input.CHOICE, options=("Check", "CreditCard")),
            _record("CheckPayment.BankAccountRef", "Bank account", "Account"),
            _record("CreditCardPayment.CCAccountRef", "Credit card", "Account"),
            FormField("PrivateNote", "Memo", Input.LONG),
        ),
        Lines.SETTLED,
        ("void", "delete"),
        "VendorRef",
    ),
    Page(
        "Item",
        "Products and services",
        "product or service",
        "Lists",
        (
            Column("FullyQualifiedName", "Name"),
            Column("Sku", "SKU"),
            Column("Type", "Type"),
            Column("UnitPrice", "Price", number=True),
        ),
        (
            FormField("Name", "Name"),
            FormField("Type", "Type", Input.CHOICE, options=("Service", "NonInventory", "Inventory", "Category")),
            FormField("Sku", "SKU"),
            FormField("Description", "Description", Input.LONG),
            FormField("UnitPrice", "Price", Input.NUMBER),
            FormField("PurchaseCost", "Cost", Input.NUMBER),
            FormField("Taxable", "Taxable", Input.CHECK),
            _record("IncomeAccountRef", "Income account", "Account"),
            _record("ExpenseAccountRef", "Expense account", "Account"),
            _record("ParentRef", "Category", "Item"),
        ),
        actions=("deactivate", "reactivate"),
    ),
    Page(
        "Account",
        "Chart of accounts",
        "account",
        "Lists",
        (
            Column("AcctNum", "Number"),
            Column("FullyQualifiedName", "Name"),
            Column("AccountType", "Type"),
            Column("CurrentBalance", "Balance", number=True),
        ),
        (
            FormField("Name", "Name"),
            FormField("AcctNum", "Number"),
            FormField(
                "AccountType",
                "Type",
                Input.CHOICE,
                options=(
                    "Income",
                    "Expense",
                    "Cost of Goods Sold",
                    "Bank",
                    "Credit Card",
                    "Other Current Asset",
                    "Other Income",
                    "Other Expense",
                    "Equity",
                ),
            ),
            FormField("Description", "Description"),
            _record("ParentRef", "Parent", "Account"),
        ),
        actions=("deactivate", "reactivate"),
    ),
    Page(
        "Class",
        "Classes",
        "class",
        "Lists",
        (Column("FullyQualifiedName", "Name"), Column("Active", "Active")),
        (FormField("Name", "Name"), _record("ParentRef", "Parent", "Class")),
        actions=("deactivate", "reactivate"),
    ),
    Page(
        "Term",
        "Terms",
        "term",
        "Lists",
        (*_NAMED, Column("DueDays", "Days", number=True)),
        (FormField("Name", "Name"), FormField("DueDays", "Days until due", Input.NUMBER)),
        actions=("deactivate", "reactivate"),
    ),
    Page(
        "PaymentMethod",
        "Ways of payment",
        "way of payment",
        "Lists",
        _NAMED,
        (FormField("Name", "Name"),),
        actions=("deactivate", "reactivate"),
    ),
    Page(
        "Department",
        "Locations",
        "location",
        "Lists",
        (Column("FullyQualifiedName", "Name"), Column("Active", "Active")),
        (FormField("Name", "Name"), _record("ParentRef", "Parent", "Department")),
        actions=("deactivate", "reactivate"),
    ),
    Page(
        "TaxCode",
        "Tax codes",
        "tax code",
        "Lists",
        (Column("Name", "Name"), Column("Description", "Description"), Column("Active", "Active")),
        (FormField("Name", "Name"), FormField("RateValue", "Percent (for a new code)", Input.NUMBER, fixed=True)),
        actions=("deactivate", "reactivate"),
    ),
    Page(
        "TaxRate",
        "Tax rates",
        "tax rate",
        "Lists",
        (Column("Name", "Name"), Column("RateValue", "Percent", number=True)),
        (FormField("Name", "Name"), FormField("RateValue", "Percent", Input.NUMBER)),
    ),
    Page(
        "CompanyCurrency",
        "Currencies",
        "currency",
        "Lists",
        (Column("Code", "Code"), Column("Name", "Name"), Column("Active", "Active")),
        (FormField("Code", "ISO code", fixed=True),),
        actions=("deactivate", "reactivate"),
    ),
)

BY_ENTITY = {page.entity: page for page in PAGES}
GROUPS = ("Sales", "Expenses", "Lists")
