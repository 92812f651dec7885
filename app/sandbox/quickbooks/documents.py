"""Invoices, credit memos, bills, vendor credits, payments and bill payments: what a write turns into."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from app.sandbox.quickbooks import (
    addresses,
    currency,
    faults,
    ledger,
    lines,
    references,
    relations,
    settlements,
    stock,
    tax,
    uniqueness,
)
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
_DEFAULT_DAYS = 30
_PAYMENT_TYPES = {"Payment", "BillPaymentCheck"}


def invoice_defaults(company: Company) -> Json:
    return {
        "AllowIPNPayment": False,
        "AllowOnlinePayment": False,
        "AllowOnlineCreditCardPayment": False,
        "AllowOnlineACHPayment": False,
        **_sales_defaults(company),
    }


def credit_memo_defaults(company: Company) -> Json:
    return _sales_defaults(company)


def _sales_defaults(company: Company) -> Json:
    return {
        "TxnDate": company.today().isoformat(),
        "CustomField": [],
        "ApplyTaxAfterDiscount": False,
        "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet",
    }


def dated_defaults(company: Company) -> Json:
    return {"TxnDate": company.today().isoformat()}


def payment_defaults(company: Company) -> Json:
    funds = next((row.id for row in company.all("Account") if row.data["AccountSubType"] == "UndepositedFunds"), "")
    return {
        "TxnDate": company.today().isoformat(),
        "ProcessPayment": False,
        "DepositToAccountRef": {"value": funds},
        "LinkedTxn": [],
    }


def refuse_closed(booking: Booking, *days: str | None) -> None:
    """Nothing may change on or before the closing date (6210)."""
    closing = booking.company.preference("AccountingInfoPrefs", "BookCloseDate")
    if closing and any(day is not None and day <= closing for day in days):
        raise faults.closed_period()


def prepare_invoice(booking: Booking, draft: Draft) -> None:
    customer = _prepare_sales(booking, draft)
    _due_date(booking, draft)
    draft.data["LinkedTxn"] = _links(booking, draft)
    if draft.data.get("EmailStatus") == "NeedToSend" and not draft.data.get("BillEmail"):
        raise faults.fault("6420", "Email address is required : BillEmail is needed to send the document.", "BillEmail")
    _finish_sales(booking, draft, customer)


def prepare_credit_memo(booking: Booking, draft: Draft) -> None:
    customer = _prepare_sales(booking, draft)
    _finish_sales(booking, draft, customer)


def _prepare_sales(booking: Booking, draft: Draft) -> Row:
    customer = references.required_contact(booking, draft, "Customer")
    _common(booking, draft, customer, "Customer")
    references.check_project(booking, draft.data, "ProjectRef")
    if not booking.company.preference("AccountingInfoPrefs", "ClassTrackingPerTxn"):
        draft.data.pop("ClassRef", None)
    if not booking.company.preference("AccountingInfoPrefs", "TrackDepartments"):
        draft.data.pop("DepartmentRef", None)
    uniqueness.assign_number(booking, draft)
    _recipient(booking, draft, customer)
    lines.prepare_sales(booking, draft, customer)
    return customer


def _common(booking: Booking, draft: Draft, contact: Row, entity: str) -> None:
    _refuse_moving(booking, draft, f"{entity}Ref")
    references.check(booking, draft)
    refuse_closed(booking, draft.data["TxnDate"], draft.was.get("TxnDate"))
    by_date = draft.kind.name in {"Invoice", "CreditMemo", "Bill"}
    currency.document_currency(booking, draft, contact, rate_by_date=by_date)


def _refuse_moving(booking: Booking, draft: Draft, name: str) -> None:
    """A document with payments stays with its party."""
    if draft.before is None or not settlements.has_payment(booking.company, draft.before):
        return
    if draft.ref(name) != draft.before.ref(name):
        raise faults.business("You can't change the name of a transaction that has payments linked to it.")


def _recipient(booking: Booking, draft: Draft, customer: Row) -> None:
    """Addresses and e-mail come from the customer unless given."""
    addresses.settle_document(booking, draft, customer, {"BillAddr": "BillAddr", "ShipAddr": "ShipAddr"})
    mail = customer.data.get("PrimaryEmailAddr")
    if draft.before is None and mail and not draft.data.get("BillEmail"):
        draft.data["BillEmail"] = dict(mail)


def _due_date(booking: Booking, draft: Draft) -> None:
    if draft.data.get("DueDate"):
        return
    contact = booking.company.find("Customer", draft.ref("CustomerRef"))
    term = draft.ref("SalesTermRef") or (contact.ref("SalesTermRef") if contact and draft.before is None else "")
    if term:
        draft.data["SalesTermRef"] = {"value": term}
    draft.data["DueDate"] = _due(booking.company, draft.data["TxnDate"], term, _DEFAULT_DAYS)


def _due(company: Company, day: str, term: str, default: int) -> str:
    row = company.find("Term", term)
    days = int(row.data.get("DueDays") or 0) if row else default
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _links(booking: Booking, draft: Draft) -> list[Json]:
    others = [
        {"TxnId": link["TxnId"], "TxnType": link["TxnType"]}
        for link in draft.data.get("LinkedTxn") or []
        if link.get("TxnType") not in {None, *_PAYMENT_TYPES} and link.get("TxnId")
    ]
    for link in others:
        if link not in draft.was.get("LinkedTxn", []):
            relations.check(booking, link, draft.data)
    return [*others, *(settlements.mirror(booking.company, draft.before.key) if draft.before else [])]


def _finish_sales(booking: Booking, draft: Draft, customer: Row) -> None:
    data = draft.data
    reduction = lines.discount(data["Line"])
    base_reduction = reduction if data.get("ApplyTaxAfterDiscount") or not booking.company.profile.is_us else ZERO
    total_tax = tax.apply(booking, draft, customer, purchase=False, reduction=base_reduction)
    _total(booking, draft, lines.subtotal(data["Line"]) - reduction + total_tax)
    stock.refuse_early(booking, draft)


def _total(booking: Booking, draft: Draft, total: Decimal) -> None:
    data = draft.data
    if total < 0:
        raise faults.business("You must specify a transaction amount that is 0 or greater.")
    data["TotalAmt"] = total
    settled = ledger.paid(booking.company, draft.before.key) if draft.before else ZERO
    left = total - Decimal(data.get("Deposit") or 0) - settled
    if left < 0:
        _refuse_below_paid(booking, draft)
        left = ZERO
    data.update(ledger.carry_open(booking.company, data, draft.kind.name, left))


def _refuse_below_paid(booking: Booking, draft: Draft) -> None:
    if draft.before is None or not booking.behaviours.total_below_paid_allowed:
        raise faults.business("The amount of the transaction is below what is already paid.")


def prepare_bill(booking: Booking, draft: Draft) -> None:
    vendor = _prepare_purchase(booking, draft)
    if not draft.data.get("DueDate"):
        term = draft.ref("SalesTermRef") or vendor.ref("TermRef")
        draft.data["DueDate"] = _due(booking.company, draft.data["TxnDate"], term, 0)
    addresses.settle_document(booking, draft, vendor, {"VendorAddr": "BillAddr"})
    draft.data["LinkedTxn"] = _links(booking, draft)


def prepare_vendor_credit(booking: Booking, draft: Draft) -> None:
    _prepare_purchase(booking, draft)
    if draft.before is not None:
        draft.data["LinkedTxn"] = settlements.mirror(booking.company, draft.before.key)


def _prepare_purchase(booking: Booking, draft: Draft) -> Row:
    vendor = references.required_contact(booking, draft, "Vendor")
    _common(booking, draft, vendor, "Vendor")
    uniqueness.assign_number(booking, draft)
    _payable_account(booking, draft)
    if not booking.company.preference("AccountingInfoPrefs", "TrackDepartments"):
        draft.data.pop("DepartmentRef", None)
    lines.prepare_expenses(booking, draft)
    total_tax = tax.apply(booking, draft, vendor, purchase=True)
    _total(booking, draft, lines.subtotal(draft.data["Line"]) + total_tax)
    stock.refuse_early(booking, draft)
    return vendor


def _payable_account(booking: Booking, draft: Draft) -> None:
    if not draft.ref("APAccountRef"):
        account = currency.control_account(booking.company, "Accounts Payable", draft.ref("CurrencyRef"))
        if account is not None:
            draft.data["APAccountRef"] = {"value": account.id}


def prepare_payment(booking: Booking, draft: Draft) -> None:
    customer = references.required_contact(booking, draft, "Customer")
    _common(booking, draft, customer, "Customer")
    references.check_project(booking, draft.data, "ProjectRef")
    _refuse_foreign_account(booking, draft, draft.ref("DepositToAccountRef"))
    settlements.prepare(booking, draft, customer)
    if draft.before is not None:
        settlements.refuse_processed(draft.before, "6110")
        settlements.refuse_deposited(draft.before, draft.data)
    currency.home_amounts(booking.company, draft.data)


def prepare_bill_payment(booking: Booking, draft: Draft) -> None:
    vendor = references.required_contact(booking, draft, "Vendor")
    _common(booking, draft, vendor, "Vendor")
    _pay_from(booking, draft)
    _payable_account(booking, draft)
    if draft.before is None and not draft.data.get("Line"):
        raise faults.missing("Line")
    settlements.prepare(booking, draft, vendor)
    currency.home_amounts(booking.company, draft.data)


def _refuse_foreign_account(booking: Booking, draft: Draft, account_id: str) -> None:
    """Money goes to an account of its own or of the home currency."""
    account = booking.company.find("Account", account_id)
    if account is not None and account.ref("CurrencyRef") not in {draft.ref("CurrencyRef"), booking.company.home}:
        raise faults.business("You must specify a different account")


_SOURCES = {
    "Check": ("CheckPayment", "BankAccountRef", "Bank"),
    "CreditCard": ("CreditCardPayment", "CCAccountRef", "Credit Card"),
}


def _pay_from(booking: Booking, draft: Draft) -> None:
    kind = draft.data.get("PayType")
    if not kind:
        raise faults.missing("PayType")
    group, name, account_type = _SOURCES[kind]
    source = (draft.data.get(group) or {}).get(name)
    if not source:
        raise faults.missing(f"{group}.{name}")
    if booking.company.get("Account", source["value"]).data["AccountType"] != account_type:
        raise faults.fault(
            "6430", "Invalid account type used : the account does not fit the way of payment.", f"{group}.{name}"
        )
    _refuse_foreign_account(booking, draft, source["value"])
