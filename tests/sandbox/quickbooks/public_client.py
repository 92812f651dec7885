"""What the tests with the public packages share: small builders of their objects."""

from __future__ import annotations

from typing import Any

import quickbooks.objects as public
from quickbooks import QuickBooks
from quickbooks.objects.base import LinkedTxn, Ref
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    SalesItemLine,
    SalesItemLineDetail,
)


def ref(thing: Any) -> Ref:
    made = Ref()
    made.value = thing.Id if hasattr(thing, "Id") else str(thing)
    return made


def account(qb: QuickBooks, kind: str) -> Any:
    return public.Account.filter(AccountType=kind, qb=qb)[0]


def named(cls: Any, qb: QuickBooks, name: str, **more: Any) -> Any:
    thing = cls()
    setattr(thing, "DisplayName" if hasattr(thing, "DisplayName") else "Name", name)
    for key, value in more.items():
        setattr(thing, key, value)
    return thing.save(qb=qb)


def sales_line(item: Any, amount: float = 100) -> SalesItemLine:
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = ref(item)
    line.SalesItemLineDetail.Qty = 1
    line.SalesItemLineDetail.UnitPrice = amount
    return line


def cost_line(qb: QuickBooks, amount: float = 60) -> AccountBasedExpenseLine:
    line = AccountBasedExpenseLine()
    line.Amount = amount
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = ref(account(qb, "Expense"))
    return line


def link(document: Any, kind: str) -> LinkedTxn:
    made = LinkedTxn()
    made.TxnId, made.TxnType = document.Id, kind
    return made


def service(qb: QuickBooks, name: str = "Consulting") -> Any:
    return named(public.Item, qb, name, Type="Service", IncomeAccountRef=ref(account(qb, "Income")))


def invoice_for(qb: QuickBooks, customer: Any, item: Any) -> Any:
    invoice = public.Invoice()
    invoice.CustomerRef = ref(customer)
    invoice.Line.append(sales_line(item))
    return invoice.save(qb=qb)
