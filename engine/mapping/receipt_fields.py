"""The fields of receipts, as the field table shows them."""

from __future__ import annotations

from engine.core.records import Kind
from engine.mapping import normal
from engine.mapping.base import FieldRule
from engine.mapping.columns import ONLY_QUICKBOOKS, Column
from engine.mapping.forms import DAY, NUMBER, text_form

COLUMNS = (
    Column(FieldRule("date", "Date", "date", "date", "TxnDate"), DAY, DAY),
    Column(
        FieldRule("contact", "Contact", "reference", "contact_id", "CustomerRef, VendorRef", reference=Kind.CONTACT)
    ),
    Column(FieldRule("amount", "Amount", "money", "sum", "TotalAmt", money=True), NUMBER, NUMBER),
    Column(
        FieldRule(
            "currency",
            "Currency",
            "code",
            "currency",
            "CurrencyRef",
            transformation="the home currency where none is told",
        )
    ),
    Column(
        FieldRule(
            "exchange_rate",
            "Exchange rate",
            "rate",
            "",
            "ExchangeRate",
            transformation="of the settled documents where the receipt has none",
            carried=ONLY_QUICKBOOKS,
            money=True,
        )
    ),
    Column(
        FieldRule(
            "account",
            "Account",
            "reference",
            "",
            "DepositToAccountRef, CheckPayment.BankAccountRef",
            transformation="the default deposit account on a new payment",
            limits="Scoro's receipt accounts are a list of their own",
            carried=ONLY_QUICKBOOKS,
            reference=Kind.ACCOUNT,
        )
    ),
    Column(
        FieldRule(
            "reference",
            "Reference",
            "text",
            "",
            "PaymentRefNum, DocNumber",
            limits="21 in QuickBooks",
            carried=ONLY_QUICKBOOKS,
        )
    ),
    Column(
        FieldRule(
            "document_type", "For", "code", "sales_doc_type", "", transformation="invoices: Payment, bills: BillPayment"
        )
    ),
    Column(
        FieldRule(
            "memo",
            "Note",
            "text",
            "",
            "PrivateNote",
            limits="4000 in QuickBooks; Scoro has none",
            carried=ONLY_QUICKBOOKS,
        ),
        None,
        text_form(normal.paragraphs, 4000),
    ),
    Column(
        FieldRule(
            "lines/*",
            "Settled document",
            "flag",
            "receipts",
            "Line",
            transformation="by document; credits are no money",
        )
    ),
    Column(
        FieldRule(
            "lines/*/amount",
            "Settled amount",
            "money",
            "receipts.sum",
            "Line.Amount",
            limits="in QuickBooks no more than is open: an overpayment or a cent of rounding stays unapplied; none below zero",
            money=True,
        )
    ),
)
VOID_RULE = FieldRule(
    "@void",
    "Voided",
    "flag",
    "",
    "PrivateNote",
    transformation="total zero and a note that starts with “Voided”",
    money=True,
)
