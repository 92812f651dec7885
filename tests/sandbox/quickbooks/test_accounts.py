"""The balances that accounts show (reference 3.6): kept by postings, negative where the company owes."""

from __future__ import annotations

from typing import Any

from tests.sandbox.quickbooks.client import Client, Json, code


def balances(books: Client) -> dict[str, Any]:
    """Every account that has a balance, by name."""
    rows = books.all("Account")["Account"]
    return {row["Name"]: row["CurrentBalance"] for row in rows if row["CurrentBalance"]}


def test_sales_and_receipts_post_to_receivable_tax_and_undeposited_funds(books: Client, customer: Json) -> None:
    """An invoice raises receivable and tax owed, a payment moves it on, a deposit brings it to the bank; all go back."""
    goods = books.item("Goods", Taxable=True)
    invoice = books.invoice(customer, goods, 100)
    assert balances(books) == {"Accounts Receivable (A/R)": 108, "Sales Tax Payable": -8}
    payment = books.pay(customer, 60, (invoice, 60))
    assert balances(books)["Undeposited Funds"] == 60
    bank = next(row for row in books.all("Account")["Account"] if row["AccountType"] == "Bank")["Name"]
    deposit = books.person("deposit", ids=[payment["Id"]])["Deposit"]
    assert balances(books) == {"Accounts Receivable (A/R)": 48, "Sales Tax Payable": -8, bank: 60}
    books.delete("Deposit", deposit)
    books.write("Payment", {"Id": payment["Id"], "SyncToken": "0", "sparse": True}, include="void")
    books.delete("Invoice", books.read("Invoice", invoice["Id"]))
    assert balances(books) == {}


def test_bills_and_their_payments_post_to_payable_bank_and_card(books: Client, vendor: Json) -> None:
    """What is owed is negative; a cost booked to an asset raises it; paying by card owes the card."""
    asset = books.write("Account", {"Name": "Machines", "AccountType": "Fixed Asset"})
    cost = books.cost(40, AccountRef={"value": asset["Id"]})
    bill = books.write("Bill", {"VendorRef": {"value": vendor["Id"]}, "Line": [books.cost(60), cost]})
    assert balances(books) == {"Accounts Payable (A/P)": -100, "Machines": 40}
    link = {"Amount": 100, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}
    card = {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": {"value": books.account("Credit Card")}}}
    books.write("BillPayment", {"VendorRef": {"value": vendor["Id"]}, "TotalAmt": 100, "Line": [link], **card})
    assert balances(books) == {"Mastercard": -100, "Machines": 40}


def test_family_balances_follow_postings_and_a_new_parent(books: Client, vendor: Json) -> None:
    """CurrentBalanceWithSubAccounts counts the accounts below, also after one moves."""
    old, new = (books.write("Account", {"Name": name, "AccountType": "Fixed Asset"}) for name in ("Old", "New"))
    child = books.write("Account", {"Name": "Cars", "AccountType": "Fixed Asset", "ParentRef": {"value": old["Id"]}})
    books.write(
        "Bill", {"VendorRef": {"value": vendor["Id"]}, "Line": [books.cost(70, AccountRef={"value": child["Id"]})]}
    )
    families = [books.read("Account", row["Id"])["CurrentBalanceWithSubAccounts"] for row in (old, new, child)]
    assert families == [70, 0, 70]
    moved = books.sparse("Account", books.read("Account", child["Id"]), ParentRef={"value": new["Id"]})
    assert (moved["FullyQualifiedName"], moved["CurrentBalance"]) == ("New:Cars", 70)
    families = [books.read("Account", row["Id"])["CurrentBalanceWithSubAccounts"] for row in (old, new, child)]
    assert families == [0, 70, 70]


def test_foreign_documents_post_in_their_accounts_currency(books: Client, item: Json) -> None:
    """A euro invoice stands in euro on its own receivable account; its payment reaches the home account at its rate."""
    client = books.customer("Europa", CurrencyRef={"value": "EUR"})
    foreign = {"CurrencyRef": {"value": "EUR"}, "ExchangeRate": 1.25}
    invoice = books.invoice(client, item, 100, **foreign)
    assert balances(books) == {"Accounts Receivable (A/R) - EUR": 100}
    books.pay(client, 100, (invoice, 100), **{**foreign, "ExchangeRate": 1.3})
    assert balances(books) == {"Undeposited Funds": 130}


def test_stock_and_opening_balances_are_posted_too(books: Client, customer: Json) -> None:
    """Goods leave at their purchase cost; an opening balance stands against equity and reaches the parent."""
    accounts = {
        name: {"value": books.account(kind)}
        for name, kind in (("IncomeAccountRef", "Income"), ("ExpenseAccountRef", "Cost of Goods Sold"))
    }
    stock = books.query("select * from Account where AccountSubType = 'Inventory'")["Account"][0]["Id"]
    start = {"TrackQtyOnHand": True, "QtyOnHand": 10, "InvStartDate": "2026-01-01", "PurchaseCost": 4}
    rocks = books.item("Rocks", **accounts, **start, Type="Inventory", AssetAccountRef={"value": stock})
    line = books.line(rocks, 30, Qty=3, UnitPrice=10)
    books.write("Invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [line]})
    assert balances(books) == {"Accounts Receivable (A/R)": 30, "Inventory Asset": -12}
    opening = {"Balance": 50, "OpenBalanceDate": "2026-01-01"}
    books.customer("Old friend", Job=True, ParentRef={"value": customer["Id"]}, **opening)
    assert balances(books)["Accounts Receivable (A/R)"] == 80
    assert balances(books)["Opening Balance Equity"] == -50
    assert books.read("Customer", customer["Id"])["BalanceWithJobs"] == 80


def test_postings_move_an_accounts_stamp_only_where_switched(books: Client, customer: Json, item: Json) -> None:
    """Neither token nor stamp move by default; switched, the stamp does."""
    receivable = books.account("Accounts Receivable")
    before = books.read("Account", receivable)
    books.clock.advance(60)
    books.invoice(customer, item)
    assert books.read("Account", receivable)["MetaData"] == before["MetaData"]
    books.switch(balance_touches_account=True)
    books.invoice(customer, item)
    after = books.read("Account", receivable)
    assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]
    assert after["SyncToken"] == before["SyncToken"]


def test_accounts_quickbooks_needs_stay_active(books: Client) -> None:
    """A system account is 6000; any other can be made inactive."""
    receivable = books.read("Account", books.account("Accounts Receivable"))
    change = {"Id": receivable["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    assert code(books.post("account", change)) == "6000"
    own = books.write("Account", {"Name": "Snacks", "AccountType": "Expense"})
    assert books.sparse("Account", own, Active=False)["Name"] == "Snacks (deleted)"
