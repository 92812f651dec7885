"""The table of entities: where they live, what may be done with them, and what a query may filter on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.sandbox.quickbooks import names_table as names
from app.sandbox.quickbooks import transactions_table as transactions
from app.sandbox.quickbooks.fields import Table
from app.sandbox.quickbooks.generic_table import GENERIC_TABLES, GenericEntity


class Operation(Enum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    VOID = "void"
    READ = "read"
    QUERY = "query"


class Family(Enum):
    """What a kind is to the books."""

    SINGLETON = "singleton"
    NAMES = "names"
    TRANSACTION = "transaction"


_ALL = frozenset({Operation.CREATE, Operation.UPDATE, Operation.READ, Operation.QUERY})
_TXN = _ALL | {Operation.DELETE}
_VOIDABLE = _TXN | {Operation.VOID}
_FIXED = frozenset({Operation.READ, Operation.QUERY})
_SINGLE = frozenset({Operation.READ, Operation.QUERY, Operation.UPDATE})


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity type.

    `sequence` names the id counter (transactions share one, people another); `label` is the property by which
    lists are ordered; `plural` is how faults speak of it; `queryable` are the filterable and sortable properties.
    """

    name: str
    fields: Table
    family: Family
    sequence: str
    operations: frozenset[Operation] = _ALL
    label: str = "Name"
    queryable: frozenset[str] = frozenset()
    counts: bool = False
    captured: bool = True
    announced: bool = True
    plural: str = ""
    bookkeeping: bool = True

    @property
    def path(self) -> str:
        return self.name.lower()

    @property
    def is_transaction(self) -> bool:
        return self.family is Family.TRANSACTION

    @property
    def is_list(self) -> bool:
        return self.family is Family.NAMES

    @property
    def can_deactivate(self) -> bool:
        return self.is_list and "Active" in self.fields


_META = {"Id", "MetaData.CreateTime", "MetaData.LastUpdatedTime"}
_PERSON_FILTERS = {
    "DisplayName",
    "CompanyName",
    "GivenName",
    "FamilyName",
    "MiddleName",
    "Title",
    "Suffix",
    "PrintOnCheckName",
    "Active",
    "Balance",
}
_TXN_FILTERS = {"DocNumber", "TxnDate", "TotalAmt", "Balance"}


def _filters(*own: str) -> frozenset[str]:
    return frozenset({*_META, *own})


def _people(name: str, fields: Table, *filters: str, label: str = "DisplayName") -> Kind:
    return Kind(
        name,
        fields,
        Family.NAMES,
        "person",
        label=label,
        queryable=_filters(*_PERSON_FILTERS, *filters),
        plural=f"{name}s",
    )


def _list(name: str, fields: Table, *filters: str, **options: Any) -> Kind:
    plural = options.pop("plural", f"{name}s")
    return Kind(
        name, fields, Family.NAMES, name, queryable=_filters("Name", "Active", *filters), plural=plural, **options
    )


def _txn(name: str, fields: Table, *filters: str, operations: frozenset[Operation], counts: bool) -> Kind:
    return Kind(
        name,
        fields,
        Family.TRANSACTION,
        "transaction",
        operations,
        label="",
        queryable=_filters("TxnDate", "TotalAmt", "CurrencyRef", *filters),
        counts=counts,
        plural=f"{name}s",
    )


def _generic(entity: GenericEntity) -> Kind:
    family = Family.TRANSACTION if entity.transaction else Family.NAMES
    operations = (
        _ALL | ({Operation.DELETE} if entity.deletable else set()) | ({Operation.VOID} if entity.voidable else set())
    )
    filters = _filters(*entity.queryable)
    return Kind(
        entity.name,
        entity.fields,
        family,
        entity.sequence,
        frozenset(operations),
        label=entity.label,
        queryable=filters,
        counts=entity.counts,
        captured=entity.captured,
        plural=f"{entity.name}s",
        bookkeeping=False,
    )


_KINDS = (
    Kind(
        "CompanyInfo",
        names.COMPANY_INFO,
        Family.SINGLETON,
        "CompanyInfo",
        _SINGLE,
        queryable=_filters("CompanyName"),
        announced=False,
    ),
    Kind("Preferences", names.PREFERENCES, Family.SINGLETON, "Preferences", _SINGLE, queryable=_filters()),
    _people("Customer", names.CUSTOMER, "Job", "FullyQualifiedName", "Taxable", "Notes", label="FullyQualifiedName"),
    _people("Vendor", names.VENDOR, "AcctNum", "Vendor1099"),
    _list(
        "Item",
        names.ITEM,
        "Sku",
        "Type",
        "FullyQualifiedName",
        "Taxable",
        "UnitPrice",
        "SubItem",
        "QtyOnHand",
        label="FullyQualifiedName",
    ),
    _list(
        "Account",
        names.ACCOUNT,
        "AccountType",
        "AccountSubType",
        "Classification",
        "FullyQualifiedName",
        "AcctNum",
        "SubAccount",
        "CurrentBalance",
    ),
    _list("Class", names.CLASS, "FullyQualifiedName", "SubClass", label="FullyQualifiedName", plural="Classes"),
    _list("Department", names.DEPARTMENT, "FullyQualifiedName", "SubDepartment", label="FullyQualifiedName"),
    _list("Term", names.TERM, "Type", "DueDays"),
    _list("PaymentMethod", names.PAYMENT_METHOD, "Type"),
    _list(
        "TaxCode",
        names.TAX_CODE,
        "Description",
        "Taxable",
        "TaxGroup",
        operations=_FIXED,
        captured=False,
        announced=False,
    ),
    _list(
        "TaxRate",
        names.TAX_RATE,
        "Description",
        "RateValue",
        operations=_FIXED,
        captured=False,
        announced=False,
        counts=True,
    ),
    Kind(
        "TaxAgency",
        names.TAX_AGENCY,
        Family.NAMES,
        "TaxAgency",
        frozenset({Operation.CREATE, *_FIXED}),
        label="DisplayName",
        queryable=_filters("DisplayName"),
        captured=False,
        announced=False,
        plural="TaxAgencies",
    ),
    _list("CompanyCurrency", names.COMPANY_CURRENCY, "Code", label="Code", plural="CompanyCurrencies"),
    Kind(
        "ExchangeRate",
        names.EXCHANGE_RATE,
        Family.NAMES,
        "ExchangeRate",
        frozenset({Operation.UPDATE, *_FIXED}),
        label="SourceCurrencyCode",
        queryable=_filters("SourceCurrencyCode", "AsOfDate"),
        announced=False,
    ),
    _txn(
        "Invoice",
        transactions.INVOICE,
        "DocNumber",
        "CustomerRef",
        "DueDate",
        "Balance",
        "SalesTermRef",
        "ClassRef",
        "DepartmentRef",
        operations=_VOIDABLE,
        counts=True,
    ),
    _txn(
        "CreditMemo",
        transactions.CREDIT_MEMO,
        "DocNumber",
        "CustomerRef",
        "Balance",
        "RemainingCredit",
        operations=_TXN,
        counts=False,
    ),
    _txn(
        "Payment",
        transactions.PAYMENT,
        "CustomerRef",
        "PaymentRefNum",
        "PaymentMethodRef",
        operations=_VOIDABLE,
        counts=False,
    ),
    _txn(
        "Bill",
        transactions.BILL,
        "DocNumber",
        "VendorRef",
        "DueDate",
        "Balance",
        "APAccountRef",
        "SalesTermRef",
        operations=_TXN,
        counts=True,
    ),
    _txn(
        "BillPayment", transactions.BILL_PAYMENT, "DocNumber", "VendorRef", "PayType", operations=_VOIDABLE, counts=True
    ),
    _txn("VendorCredit", transactions.VENDOR_CREDIT, "DocNumber", "VendorRef", "Balance", operations=_TXN, counts=True),
    _people("Employee", names.EMPLOYEE),
    *(_generic(entity) for entity in GENERIC_TABLES),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
BY_PATH: Mapping[str, Kind] = {kind.path: kind for kind in _KINDS}
