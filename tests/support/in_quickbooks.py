"""What people do and see in QuickBooks, in an accountant's words. Rows are as QuickBooks' own interface tells them."""

from __future__ import annotations

from typing import Any

from tests.support.scenes import (
    quickbooks_create,
    quickbooks_delete,
    quickbooks_edit,
    quickbooks_query,
    quickbooks_read,
)
from tests.support.world import World

Row = dict[str, Any]


def customer(world: World, name: str, **body: Any) -> Row:
    """A company among the customers."""
    return quickbooks_create(world, "Customer", **{"DisplayName": name, "CompanyName": name, **body})


def vendor(world: World, name: str, **body: Any) -> Row:
    """A company among the vendors."""
    return quickbooks_create(world, "Vendor", **{"DisplayName": name, "CompanyName": name, **body})


def item(world: World, name: str, price: float = 100, **body: Any) -> Row:
    """A service with a price."""
    income = {"value": account(world, "Income")["Id"]}
    return quickbooks_create(
        world, "Item", **{"Name": name, "Type": "Service", "UnitPrice": price, "IncomeAccountRef": income, **body}
    )


def project(world: World, name: str, customer: Row) -> Row:
    """A project of a customer, as a row of the customers list."""
    return dict(
        world.quickbooks.person(action="project", id=customer["Id"], project=name, realmId=world.realm)["Customer"]
    )


def tracking_class(world: World, name: str) -> Row:
    """A class."""
    return quickbooks_create(world, "Class", Name=name)


def tax_code(world: World, name: str, percent: float, **body: Any) -> Row:
    """A tax code over one new rate for each side; with ``ReverseCharge`` the buyer accounts for the tax."""
    body = {"Name": name, "RateValue": percent, **body}
    return dict(world.quickbooks.person(action="tax", body=body, realmId=world.realm))


def sold(item: Row, price: float = 100, tax: str = "NON", **detail: Any) -> Row:
    """A line of an invoice."""
    about = {"ItemRef": {"value": item["Id"]}, "Qty": 1, "UnitPrice": price, "TaxCodeRef": {"value": tax}, **detail}
    return {"Amount": price, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": about}


def spent(world: World, price: float = 100, **detail: Any) -> Row:
    """A line of a bill on the first expense account."""
    about = {"AccountRef": {"value": account(world, "Expense")["Id"]}, **detail}
    return {"Amount": price, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": about}


def invoice(world: World, to: Row, *lines: Row, **body: Any) -> Row:
    """An invoice."""
    return quickbooks_create(world, "Invoice", CustomerRef={"value": to["Id"]}, Line=list(lines), **body)


def bill(world: World, of: Row, *lines: Row, **body: Any) -> Row:
    """A bill; over 100 when no lines are given."""
    rows = list(lines) or [spent(world)]
    return quickbooks_create(world, "Bill", VendorRef={"value": of["Id"]}, Line=rows, **body)


def pay(world: World, entity: str, id: str, amount: float | None = None) -> Row:
    """A payment of an invoice or bill: the amount, or all that is open."""
    part = {} if amount is None else {"amount": amount}
    made = world.quickbooks.person(action="payment", entity=entity, id=id, realmId=world.realm, **part)
    return dict(made.get("Payment") or made["BillPayment"])


def prefer(world: World, group: str, **values: Any) -> None:
    """Somebody changes the company's settings."""
    world.quickbooks.person(action="preferences", body={group: values}, realmId=world.realm)


def account(world: World, type: str, position: int = 0) -> Row:
    """An account of a type."""
    return quickbooks_query(world, f"select * from Account where AccountType = '{type}'")[position]


def edit(world: World, entity: str, id: str, **body: Any) -> Row:
    """Somebody edits a record."""
    return quickbooks_edit(world, entity, id, **body)


def see(world: World, entity: str, id: str) -> Row:
    """A record as QuickBooks shows it."""
    return quickbooks_read(world, entity, id)


def rows(world: World, entity: str) -> list[Row]:
    """Every living record of an entity."""
    found: list[Row] = []
    while True:
        page = f"select * from {entity} orderby Id startposition {len(found) + 1} maxresults 1000"
        found += (rows := quickbooks_query(world, page))
        if len(rows) < 1000:
            return found


def named(world: World, entity: str, name: str) -> list[Row]:
    """Living records of this name."""
    keys = ("DisplayName", "Name", "FullyQualifiedName")
    return [row for row in rows(world, entity) if name in {str(row.get(key)) for key in keys}]


def credit_memo(world: World, to: Row, *lines: Row, **body: Any) -> Row:
    """A credit memo."""
    return quickbooks_create(world, "CreditMemo", CustomerRef={"value": to["Id"]}, Line=list(lines), **body)


def vendor_credit(world: World, of: Row, *lines: Row, **body: Any) -> Row:
    """A credit that a vendor grants; over 100 when no lines are given."""
    rows = list(lines) or [spent(world)]
    return quickbooks_create(world, "VendorCredit", VendorRef={"value": of["Id"]}, Line=rows, **body)


def apply_credit(world: World, of: Row, credit: Row, invoice: Row, **body: Any) -> Row:
    """A payment of nothing that applies a credit memo to an invoice, as QuickBooks makes it."""
    amount = min(credit["Balance"], invoice["Balance"])
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": type}]}
        for row, type in ((invoice, "Invoice"), (credit, "CreditMemo"))
    ]
    return quickbooks_create(world, "Payment", CustomerRef={"value": of["Id"]}, TotalAmt=0, Line=lines, **body)


def drop_currency(world: World, code: str) -> None:
    """Somebody takes a currency off the company's list."""
    edit(world, "CompanyCurrency", _currency(world, code)["Id"], Active=False)


def take_up_currency(world: World, code: str) -> None:
    """Somebody puts a currency back on the company's list."""
    edit(world, "CompanyCurrency", _currency(world, code)["Id"], Active=True)


def _currency(world: World, code: str) -> Row:
    found = quickbooks_query(world, "select * from CompanyCurrency where Active in (true, false)")
    return next(row for row in found if row["Code"] == code)


def delete(world: World, entity: str, id: str) -> None:
    """Somebody deletes a record."""
    quickbooks_delete(world, entity, id)


def merge(world: World, entity: str, id: str, into: str) -> Row:
    """Somebody merges a customer or vendor into another one: its documents move over, and it disappears."""
    return dict(world.quickbooks.person(action="merge", entity=entity, id=id, into=into, realmId=world.realm)[entity])
