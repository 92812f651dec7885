"""What transactions post to the balance sheet, and the balances that accounts show (reference 3.6).

Amounts are positive on the debit side, so what the company owes shows as a negative balance. Income and expense
accounts show no balance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.currency import cents, control_account
from app.sandbox.quickbooks.lists import CLASSIFICATION
from app.sandbox.quickbooks.references import detail
from app.sandbox.quickbooks.stock import DIRECTION, tracked
from app.sandbox.quickbooks.wire import Json

ZERO = Decimal(0)
Entry = tuple[Row | None, Decimal]
_UNBALANCED = {"Revenue", "Expense"}
_SOURCES = (("CheckPayment", "BankAccountRef"), ("CreditCardPayment", "CCAccountRef"))


def repost(company: Company, row: Row, data: Json | None) -> None:
    """Replace what the row has posted by what `data` posts; None takes everything back."""
    after = _totals(company, row.entity, data) if data is not None else {}
    for identity in {**row.posted, **after}:
        change = after.get(identity, ZERO) - row.posted.get(identity, ZERO)
        account = company.find("Account", identity)
        if change and account is not None:
            carry(company, account, change)
    row.posted = after


def carry(company: Company, account: Row, change: Decimal) -> None:
    """Move an account's balance, and the family balance of every account above it."""
    account.data = {**account.data, "CurrentBalance": account.amount("CurrentBalance") + change}
    if company.behaviours.balance_touches_account:
        company.touch(account)
    carry_family(company, account, change)


def carry_family(company: Company, account: Row, change: Decimal) -> None:
    for each in company.family(account):
        total = each.amount("CurrentBalanceWithSubAccounts") + change
        each.data = {**each.data, "CurrentBalanceWithSubAccounts": total}


def _totals(company: Company, entity: str, data: Json) -> dict[str, Decimal]:
    """What `data` posts by account id, each in its account's own currency."""
    totals: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for account, amount in _ENTRIES[entity](company, entity, data):
        if account is not None and CLASSIFICATION[account.data["AccountType"]] not in _UNBALANCED:
            totals[account.id] += _in_currency(account, amount, data)
    return {identity: amount for identity, amount in totals.items() if amount}


def _in_currency(account: Row, amount: Decimal, data: Mapping[str, Any]) -> Decimal:
    if account.ref("CurrencyRef") == str((data.get("CurrencyRef") or {}).get("value", account.ref("CurrencyRef"))):
        return amount
    return cents(amount * Decimal(data.get("ExchangeRate") or 1))


def _named(company: Company, holder: Mapping[str, Any] | None, name: str) -> Row | None:
    return company.find("Account", str(((holder or {}).get(name) or {}).get("value", "")))


def _control(company: Company, data: Mapping[str, Any], name: str, account_type: str) -> Row | None:
    return _named(company, data, name) or control_account(company, account_type, data["CurrencyRef"]["value"])


def _of_sub_type(company: Company, sub_type: str) -> Row | None:
    return next((row for row in company.all("Account") if row.data["AccountSubType"] == sub_type), None)


def _tax(data: Mapping[str, Any]) -> Decimal:
    return Decimal((data.get("TxnTaxDetail") or {}).get("TotalTax") or 0)


def _stock(company: Company, entity: str, data: Mapping[str, Any]) -> Iterator[Entry]:
    """Goods that leave or come back at their purchase cost."""
    for line in data["Line"]:
        inner = detail(line)
        item = tracked(company, inner)
        if item is not None:
            cost = Decimal(inner.get("Qty") or 0) * item.amount("PurchaseCost")
            yield _named(company, item.data, "AssetAccountRef"), cents(DIRECTION[entity] * cost)


def _sale(company: Company, entity: str, data: Json) -> Iterator[Entry]:
    sign = 1 if entity == "Invoice" else -1
    deposit = Decimal(data.get("Deposit") or 0)
    yield _control(company, data, "ARAccountRef", "Accounts Receivable"), sign * data["TotalAmt"] - deposit
    if deposit:
        yield _named(company, data, "DepositToAccountRef") or _of_sub_type(company, "UndepositedFunds"), deposit
    yield _of_sub_type(company, "SalesTaxPayable"), -sign * _tax(data)
    yield from _stock(company, entity, data)


def _purchase(company: Company, entity: str, data: Json) -> Iterator[Entry]:
    sign = 1 if entity == "Bill" else -1
    yield _control(company, data, "APAccountRef", "Accounts Payable"), -sign * data["TotalAmt"]
    yield _of_sub_type(company, "SalesTaxPayable"), sign * _tax(data)
    for line in data["Line"]:
        inner = detail(line)
        item = tracked(company, inner)
        account = _named(company, item.data, "AssetAccountRef") if item else _named(company, inner, "AccountRef")
        yield account, sign * Decimal(line.get("Amount") or 0)


def _payment(company: Company, entity: str, data: Json) -> Iterator[Entry]:
    yield _named(company, data, "DepositToAccountRef"), data["TotalAmt"]
    yield _control(company, data, "ARAccountRef", "Accounts Receivable"), -data["TotalAmt"]


def _bill_payment(company: Company, entity: str, data: Json) -> Iterator[Entry]:
    source = next((found for group, name in _SOURCES if (found := _named(company, data.get(group), name))), None)
    yield source, -data["TotalAmt"]
    yield _control(company, data, "APAccountRef", "Accounts Payable"), data["TotalAmt"]


def _deposit(company: Company, entity: str, data: Json) -> Iterator[Entry]:
    """From where the payments lie, or from the account a line names, into the bank."""
    for line in data.get("Line", []):
        amount = Decimal(str(line.get("Amount") or 0))
        yield _named(company, data, "DepositToAccountRef"), amount
        yield _source_of(company, line), -amount


def _source_of(company: Company, line: Mapping[str, Any]) -> Row | None:
    linked = (line.get("LinkedTxn") or [{}])[0]
    payment = company.find("Payment", str(linked.get("TxnId", ""))) if linked.get("TxnType") == "Payment" else None
    if payment is not None:
        return _named(company, payment.data, "DepositToAccountRef")
    return _named(company, line.get("DepositLineDetail"), "AccountRef")


def _opening(company: Company, entity: str, data: Json) -> Iterable[Entry]:
    """The opening balance of a new customer or vendor."""
    sign, account_type = (1, "Accounts Receivable") if entity == "Customer" else (-1, "Accounts Payable")
    yield control_account(company, account_type, data["CurrencyRef"]["value"]), sign * data["Balance"]
    yield _of_sub_type(company, "OpeningBalanceEquity"), -sign * data["Balance"]


_ENTRIES: dict[str, Callable[[Company, str, Json], Iterable[Entry]]] = {
    "Invoice": _sale,
    "CreditMemo": _sale,
    "Payment": _payment,
    "Bill": _purchase,
    "VendorCredit": _purchase,
    "BillPayment": _bill_payment,
    "Deposit": _deposit,
    "Customer": _opening,
    "Vendor": _opening,
}
POSTING = frozenset(_ENTRIES) - {"Customer", "Vendor"}
OPENING = frozenset({"Customer", "Vendor"})
