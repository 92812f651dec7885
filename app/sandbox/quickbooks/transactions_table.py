"""Property tables of the transactions and their lines (reference 3.10 to 3.15)."""

from __future__ import annotations

from app.sandbox.quickbooks.fields import (
    Table,
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
    ref,
    table,
    text,
)

LINK: Table = {"TxnId": text(40), "TxnType": text(40), "TxnLineId": text(40)}

_MARKUP = group(
    PercentBased=flag(), Value=number(), Percent=number(), PriceLevelRef=ref(), MarkUpIncomeAccountRef=ref()
)

SALES_DETAIL: Table = {
    "ItemRef": ref("Item"),
    "UnitPrice": number(),
    "RatePercent": number(),
    "Qty": number(),
    "TaxCodeRef": ref("TaxCode"),
    "ClassRef": ref("Class"),
    "ServiceDate": day(),
    "DiscountRate": number(),
    "DiscountAmt": number(),
    "TaxInclusiveAmt": number(),
    "ItemAccountRef": fixed(ref()),
    "MarkupInfo": _MARKUP,
    "TaxClassificationRef": ref(),
    "PriceLevelRef": ref(),
    "DeferredRevenue": flag(),
}

_EXPENSE_COMMON: Table = {
    "CustomerRef": ref("Customer"),
    "ClassRef": ref("Class"),
    "TaxCodeRef": ref("TaxCode"),
    "TaxInclusiveAmt": number(),
    "BillableStatus": choice("Billable", "NotBillable", "HasBeenBilled"),
    "MarkupInfo": _MARKUP,
}

ACCOUNT_EXPENSE_DETAIL: Table = {**_EXPENSE_COMMON, "AccountRef": ref("Account"), "TaxAmount": number()}

ITEM_EXPENSE_DETAIL: Table = {
    **_EXPENSE_COMMON,
    "ItemRef": ref("Item"),
    "Qty": number(),
    "UnitPrice": number(),
    "PriceLevelRef": ref(),
}

_LINE: Table = {
    "Id": text(40),
    "LineNum": number(),
    "Description": text(4000),
    "Amount": number(),
    "DetailType": text(60),
    "LinkedTxn": many(LINK),
    "CustomField": anything(),
    "CustomExtensions": fixed(anything()),
    "LineEx": fixed(anything()),
    "Received": anything(),
}

SALES_LINE: Table = {
    **_LINE,
    "SalesItemLineDetail": group(**SALES_DETAIL),
    "DescriptionLineDetail": group(ServiceDate=day(), TaxCodeRef=ref("TaxCode")),
    "DiscountLineDetail": group(
        PercentBased=flag(),
        DiscountPercent=number(),
        DiscountAccountRef=ref("Account"),
        ClassRef=ref("Class"),
        TaxCodeRef=ref("TaxCode"),
        Discount=anything(),
        DiscountRef=anything(),
    ),
    "GroupLineDetail": group(GroupItemRef=ref("Item"), Quantity=number(), Line=anything(), ServiceDate=day()),
    "SubTotalLineDetail": fixed(anything()),
    "SubtotalLineDetail": fixed(anything()),
}

EXPENSE_LINE: Table = {
    **_LINE,
    "ProjectRef": ref(),
    "AccountBasedExpenseLineDetail": group(**ACCOUNT_EXPENSE_DETAIL),
    "ItemBasedExpenseLineDetail": group(**ITEM_EXPENSE_DETAIL),
}

PAYMENT_LINE: Table = {**_LINE, "TotalAmt": anything()}

TAX_DETAIL = group(
    DefaultTaxCodeRef=ref("TaxCode"),
    TxnTaxCodeRef=ref("TaxCode"),
    TotalTax=number(),
    TaxReviewStatus=anything(),
    UseAutomatedSalesTax=flag(),
    TaxLine=many(
        {
            "Id": text(40),
            "LineNum": number(),
            "Description": text(4000),
            "Amount": number(),
            "DetailType": text(60),
            "TaxLineDetail": group(
                TaxRateRef=ref("TaxRate"),
                PercentBased=flag(),
                TaxPercent=number(),
                NetAmountTaxable=number(),
                TaxInclusiveAmount=number(),
                OverrideDeltaAmount=number(),
                ServiceDate=day(),
            ),
        }
    ),
)

_TXN: Table = {
    "DocNumber": text(21),
    "TxnDate": day(),
    "PrivateNote": text(4000),
    "CurrencyRef": ref("CompanyCurrency"),
    "ExchangeRate": number(),
    "DepartmentRef": ref("Department"),
    "TxnTaxDetail": TAX_DETAIL,
    "GlobalTaxCalculation": choice("TaxExcluded", "TaxInclusive", "NotApplicable"),
    "TotalAmt": fixed(number()),
    "Balance": fixed(number()),
    "HomeTotalAmt": fixed(number()),
    "HomeBalance": fixed(number()),
    "TransactionLocationType": text(100),
    "TxnSource": fixed(anything()),
    "RecurDataRef": fixed(anything()),
    "CustomExtensions": fixed(anything()),
    "CustomField": anything(),
    "AttachableRef": anything(),
    "TxnStatus": fixed(anything()),
    "Tag": anything(),
    "TaxFormNum": anything(),
    "TaxFormType": anything(),
    "IncludeInAnnualTPAR": flag(),
}

_SALES: Table = {
    **_TXN,
    "CustomerRef": ref("Customer"),
    "ProjectRef": ref(),
    "ClassRef": ref("Class"),
    "SalesTermRef": ref("Term"),
    "CustomerMemo": group(value=text(1000)),
    "BillAddr": address(),
    "ShipAddr": address(),
    "ShipFromAddr": address(),
    "ShipDate": day(),
    "ShipMethodRef": ref(),
    "TrackingNum": text(31),
    "FreeFormAddress": flag(),
    "BillEmail": email(),
    "BillEmailCc": email(),
    "BillEmailBcc": email(),
    "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
    "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
    "ApplyTaxAfterDiscount": flag(),
    "Line": many(SALES_LINE),
    "TaxExemptionRef": fixed(anything()),
    "PONumber": text(15),
    "FOB": text(13),
    "SalesRepRef": ref(),
    "PaymentMethodRef": ref("PaymentMethod"),
    "PaymentRefNum": text(21),
    "DepositToAccountRef": ref("Account"),
    "ARAccountRef": ref("Account"),
}

INVOICE = table(
    **_SALES,
    DueDate=day(),
    Deposit=number(),
    DeliveryInfo=fixed(anything()),
    LinkedTxn=many(LINK),
    AllowOnlineCreditCardPayment=flag(),
    AllowOnlineACHPayment=flag(),
    AllowOnlinePayment=flag(),
    AllowIPNPayment=flag(),
    InvoiceLink=fixed(anything()),
    EInvoiceStatus=fixed(anything()),
    invoiceStatusLog=fixed(anything()),
    callToAction=fixed(anything()),
    AutoDocNumber=flag(),
    RemitToRef=ref(),
    DiscountRate=number(),
    DiscountAmt=number(),
    ConvenienceFeeDetail=anything(),
    PaymentDetailsMessage=anything(),
    LessCIS=anything(),
)

CREDIT_MEMO = table(
    **{name: each for name, each in _SALES.items() if name != "PaymentMethodRef"},
    PaymentMethodRef=fixed(ref()),
    RemainingCredit=fixed(number()),
    InvoiceRef=ref(),
    LinkedTxn=fixed(many(LINK)),
    DeliveryInfo=fixed(anything()),
)

PAYMENT = table(
    **{name: each for name, each in _TXN.items() if name not in {"TotalAmt", "TxnTaxDetail", "GlobalTaxCalculation"}},
    CustomerRef=ref("Customer"),
    TotalAmt=number(),
    PaymentRefNum=text(21),
    PaymentMethodRef=ref("PaymentMethod"),
    DepositToAccountRef=ref("Account"),
    UnappliedAmt=fixed(number()),
    ARAccountRef=ref("Account"),
    ProjectRef=ref(),
    ProcessPayment=flag(),
    CreditCardPayment=anything(),
    PaymentType=anything(),
    CheckPayment=anything(),
    TaxExemptionRef=fixed(anything()),
    LinkedTxn=fixed(many(LINK)),
    Line=many(PAYMENT_LINE),
)

_PURCHASE: Table = {
    **_TXN,
    "VendorRef": ref("Vendor"),
    "APAccountRef": ref("Account"),
    "Line": many(EXPENSE_LINE),
}

BILL = table(
    **_PURCHASE,
    DueDate=day(),
    SalesTermRef=ref("Term"),
    VendorAddr=address(),
    LinkedTxn=many(LINK),
)

VENDOR_CREDIT = table(
    **_PURCHASE,
    LinkedTxn=fixed(many(LINK)),
    VendorAddr=address(),
    FromAccountRef=anything(),
    ToAccountRef=anything(),
)

BILL_PAYMENT = table(
    **{name: each for name, each in _TXN.items() if name not in {"TotalAmt", "TxnTaxDetail", "GlobalTaxCalculation"}},
    VendorRef=ref("Vendor"),
    TotalAmt=number(),
    PayType=choice("Check", "CreditCard"),
    CheckPayment=group(
        BankAccountRef=ref("Account"),
        PrintStatus=choice("NotSet", "NeedToPrint", "PrintComplete"),
        CheckDetail=anything(),
        PayeeAddr=anything(),
    ),
    CreditCardPayment=group(CCAccountRef=ref("Account"), CCDetail=anything()),
    APAccountRef=ref("Account"),
    ProcessBillPayment=flag(),
    LinkedTxn=fixed(many(LINK)),
    Line=many(PAYMENT_LINE),
)
