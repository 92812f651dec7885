"""R41 · Default income account: used for new products going to QuickBooks; a product card's own income or expense
account comes first.
"""

from __future__ import annotations

import pytest

from engine.services import setup
from tests.support import in_quickbooks, in_scoro
from tests.support.scenes import object_of
from tests.support.world import PERSON, World


@pytest.fixture
def chosen(world: World) -> str:
    """The second income account is the default; its QuickBooks id."""
    account = in_quickbooks.account(world, "Income", 1)["Id"]
    income = object_of(world, "quickbooks", "Account", account).id
    setup.save_accounts(world.deps, world.connection_id, income=income, expense="", person=PERSON)
    return str(account)


def test_new_product_gets_the_default_account(world: World, chosen: str) -> None:
    """Given a product without an account, when it goes to QuickBooks, then its income goes to the default account."""
    in_scoro.product(world, "Design")
    world.sync()

    (item,) = in_quickbooks.named(world, "Item", "Design")
    assert item["IncomeAccountRef"]["value"] == chosen


def test_account_of_the_product_card_comes_first(world: World, chosen: str) -> None:
    """Given a product with income and expense accounts of its own, when it goes to QuickBooks, then it keeps them."""
    world.sync()
    income, expense = in_quickbooks.account(world, "Income", 0), in_quickbooks.account(world, "Expense", 0)
    accounts = {row["account_symbol"]: row["id"] for row in in_scoro.rows(world, "financeAccounts")}

    in_scoro.product(
        world,
        "Design",
        sales_finance_account_id=accounts[income["AcctNum"]],
        purchases_finance_account_id=accounts[expense["AcctNum"]],
    )
    world.sync()

    (item,) = in_quickbooks.named(world, "Item", "Design")
    assert item["IncomeAccountRef"]["value"] == income["Id"] != chosen
    assert item["ExpenseAccountRef"]["value"] == expense["Id"]
