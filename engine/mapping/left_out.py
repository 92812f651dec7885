"""What both systems have and Concord does not carry, each with the reason; rows of the field table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.core.records import Kind


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A field of either system, by the remote names, and why it stays where it is."""

    label: str
    scoro: str
    quickbooks: str
    reason: str


_TERMS_OF_DOCUMENTS = LeftOut(
    "Payment terms", "", "SalesTermRef", "the due date is carried, and tells the same; Scoro's documents name no terms"
)

LEFT_OUT: Mapping[Kind, tuple[LeftOut, ...]] = {
    Kind.CONTACT: (
        LeftOut(
            "Payment terms",
            "client profile: deadline_days",
            "SalesTermRef, TermRef",
            "Scoro keeps them in client profiles, which no program can write and which set tax and currency too; every "
            "document carries its own due date",
        ),
    ),
    Kind.INVOICE: (_TERMS_OF_DOCUMENTS,),
    Kind.BILL: (_TERMS_OF_DOCUMENTS,),
    Kind.VENDOR_CREDIT: (
        LeftOut(
            "Bills it is applied to",
            "receipts",
            "BillPayment.Line.LinkedTxn",
            "Scoro's bills name none that they credit; the credit stays open on the other side until it is applied there, or "
            "used up by a payment of money, which is carried",
        ),
    ),
    Kind.RECEIPT: (
        LeftOut(
            "Receipt account",
            "receipt_account_id",
            "DepositToAccountRef, CheckPayment.BankAccountRef",
            "Scoro's receipt accounts are a list of their own that no program can write and that has no account numbers; new "
            "payments in QuickBooks go to the default deposit account",
        ),
    ),
}
