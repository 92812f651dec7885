"""R42 · Default expense account: used on a bill line that has no product."""

from __future__ import annotations

import pytest

from engine.services import setup
from tests.support import in_quickbooks, in_scoro
from tests.support.scenes import object_of
from tests.support.world import PERSON, World


@pytest.fixture
def chosen(world: World) -> str:
    """The second expense account is the default; its QuickBooks id."""
    account = in_quickbooks.account(world, "Expense", 1)["Id"]
    expense = object_of(world, "quickbooks", "Account", account).id
    setup.save_accounts(world.deps, world.connection_id, income="", expense=expense, person=PERSON)
    return str(account)


def test_line_without_a_product_gets_the_default_account(world: World, chosen: str) -> None:
    """Given a bill line without product and account, when it goes to QuickBooks, then it stands on the default
    account."""
    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"))
    world.sync()

    assert booked_on(world) == chosen


def test_account_of_the_line_comes_first(world: World, chosen: str) -> None:
    """Given a bill line with an account of its own, when it goes to QuickBooks, then it stands on that account."""
    world.sync()
    own = in_quickbooks.account(world, "Expense", 0)
    accounts = {row["account_symbol"]: row["id"] for row in in_scoro.rows(world, "financeAccounts")}

    line = in_scoro.line(world, finance_account_id=accounts[own["AcctNum"]])
    in_scoro.bill(world, in_scoro.supplier(world, "Paper Ltd"), line)
    world.sync()

    assert booked_on(world) == own["Id"] != chosen


def booked_on(world: World) -> str:
    """The account of the only line of the only bill."""
    (bill,) = in_quickbooks.rows(world, "Bill")
    return str(bill["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"])
