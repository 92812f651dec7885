"""Entities generic clients touch, kept without bookkeeping: their properties and abilities."""

from __future__ import annotations

from dataclasses import dataclass

from app.sandbox.quickbooks.fields import (
    Field,
    Table,
    anything,
    choice,
    day,
    fixed,
    flag,
    number,
    objects,
    ref,
    table,
    text,
)


@dataclass(frozen=True, slots=True)
class GenericEntity:
    """`required` are the properties a create must carry; `total` says TotalAmt is the sum of the lines."""

    name: str
    fields: Table
    required: tuple[str, ...] = ()
    queryable: tuple[str, ...] = ("DocNumber", "TxnDate", "TotalAmt")
    transaction: bool = True
    deletable: bool = True
    voidable: bool = False
    counts: bool = False
    captured: bool = True
    total: bool = True
    sequence: str = "transaction"
    label: str = ""


def _anything(*names: str) -> dict[str, Field]:
    return {name: anything() for name in names}


_HEADER: Table = {
    "DocNumber": text(21),
    "TxnDate": day(),
    "PrivateNote": text(4000),
    "CurrencyRef": ref(),
    "ExchangeRate": number(),
    "DepartmentRef": ref("Department"),
    "Line": objects(),
    "LinkedTxn": objects(),
    "TotalAmt": fixed(number()),
    "HomeTotalAmt": fixed(number()),
    **_anything("TxnTaxDetail", "GlobalTaxCalculation", "CustomField", "AttachableRef", "TxnStatus", "TxnSource"),
    **_anything("TransactionLocationType", "RecurDataRef", "CustomExtensions", "TaxFormType", "TaxFormNum"),
}

_SALES: Table = {
    **_HEADER,
    "CustomerRef": ref("Customer"),
    "Balance": fixed(number()),
    **_anything(
        "ProjectRef", "ClassRef", "CustomerMemo", "BillAddr", "ShipAddr", "ShipFromAddr", "ShipDate", "ShipMethodRef"
    ),
    **_anything("TrackingNum", "BillEmail", "BillEmailCc", "BillEmailBcc", "EmailStatus", "PrintStatus", "DueDate"),
    **_anything("ApplyTaxAfterDiscount", "FreeFormAddress", "SalesTermRef", "DeliveryInfo", "PaymentMethodRef"),
    **_anything(
        "PaymentRefNum", "DepositToAccountRef", "CreditCardPayment", "CheckPayment", "PaymentType", "TaxExemptionRef"
    ),
}

_SPENDING: Table = {
    **_HEADER,
    **_anything(
        "VendorRef", "APAccountRef", "VendorAddr", "ShipAddr", "ClassRef", "SalesTermRef", "TaxCodeRef", "DueDate"
    ),
    **_anything("ShipMethodRef", "POStatus", "Memo", "POEmail", "EmailStatus", "ManuallyClosed", "ShipTo"),
    **_anything(
        "PaymentType",
        "Credit",
        "PrintStatus",
        "PurchaseEx",
        "AccountRef",
        "EntityRef",
        "PaymentMethodRef",
        "RemitToAddr",
    ),
}

GENERIC_TABLES = (
    GenericEntity(
        "Estimate",
        table(**_SALES, **_anything("ExpirationDate", "AcceptedBy", "AcceptedDate")),
        ("CustomerRef", "Line"),
    ),
    GenericEntity("SalesReceipt", table(**_SALES), ("Line",), voidable=True),
    GenericEntity("RefundReceipt", table(**_SALES), ("Line",)),
    GenericEntity("Purchase", table(**_SPENDING), ("AccountRef", "PaymentType", "Line")),
    GenericEntity("PurchaseOrder", table(**_SPENDING), ("VendorRef", "Line")),
    GenericEntity("JournalEntry", table(**_HEADER, Adjustment=flag()), ("Line",), total=False, counts=True),
    GenericEntity(
        "Deposit",
        table(**_HEADER, DepositToAccountRef=ref("Account"), CashBack=anything()),
        ("DepositToAccountRef", "Line"),
        counts=True,
    ),
    GenericEntity(
        "Transfer",
        table(
            **{name: each for name, each in _HEADER.items() if name != "Line"},
            Amount=number(),
            FromAccountRef=ref("Account"),
            ToAccountRef=ref("Account"),
        ),
        ("Amount", "FromAccountRef", "ToAccountRef"),
        ("TxnDate",),
        total=False,
    ),
    GenericEntity(
        "TimeActivity",
        table(
            TxnDate=day(),
            CustomerRef=ref("Customer"),
            VendorRef=ref("Vendor"),
            EmployeeRef=ref("Employee"),
            ItemRef=ref("Item"),
            Description=text(4000),
            Hours=number(),
            Minutes=number(),
            HourlyRate=number(),
            CostRate=number(),
            Taxable=flag(),
            BillableStatus=choice("Billable", "NotBillable", "HasBeenBilled"),
            **_anything("NameOf", "BreakHours", "BreakMinutes", "StartTime", "EndTime", "DepartmentRef"),
            **_anything(
                "ClassRef", "AttachableRef", "ProjectRef", "PayrollItemRef", "TransactionLocationType", "Seconds"
            ),
        ),
        ("NameOf",),
        ("TxnDate",),
        captured=False,
        total=False,
        sequence="TimeActivity",
    ),
    GenericEntity(
        "Attachable",
        table(
            FileName=text(1000),
            Note=text(2000),
            AttachableRef=objects(),
            **_anything(
                "FileAccessUri", "TempDownloadUri", "Size", "ContentType", "Category", "Lat", "Long", "PlaceName"
            ),
            **_anything("ThumbnailFileAccessUri", "ThumbnailTempDownloadUri", "Tag"),
        ),
        (),
        ("FileName", "Note", "ContentType"),
        transaction=False,
        total=False,
        sequence="Attachable",
        label="FileName",
    ),
)

GENERIC = {entity.name: entity for entity in GENERIC_TABLES}
