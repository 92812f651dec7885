"""R3 · Chart of accounts and tax rates are pulled from QuickBooks automatically once connected."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import in_quickbooks, in_scoro
from tests.support.scenes import quickbooks_create
from tests.support.world import World


@pytest.mark.both_databases
def test_every_account_of_quickbooks_is_a_finance_account_in_scoro(world: World) -> None:
    """Given a fresh connection, when the first run is through, then Scoro has every account of QuickBooks."""
    world.sync()

    accounts = {row["FullyQualifiedName"] for row in in_quickbooks.rows(world, "Account")}
    assert accounts <= {row["name"] for row in in_scoro.rows(world, "financeAccounts")}


def test_every_tax_rate_of_quickbooks_is_a_vat_code_in_scoro(new_world) -> None:
    """Given a company in a VAT country, when the first run is through, then Scoro has each rate with its percentage."""
    world: World = new_world(profile="uk")

    world.sync()

    codes = {row["vat_name"]: float(row["percent"]) for row in in_scoro.rows(world, "vatCodes")}
    assert (codes["20.0% S"], codes["5.0% R"]) == (20.0, 5.0)


def test_new_account_follows_by_itself(world: World) -> None:
    """Given a connection in use, when QuickBooks gets an account, then Scoro has it after the next run."""
    world.sync()

    quickbooks_create(world, "Account", Name="Podcasts", AccountType="Income", AcctNum="4711")
    world.sync()

    (account,) = in_scoro.named(world, "financeAccounts", "Podcasts")
    assert (account["account_symbol"], account["is_sales_account"]) == ("4711", 1)


def test_new_tax_rate_follows_by_itself(new_world) -> None:
    """Given a connection in use, when QuickBooks gets a tax rate, then Scoro has it as soon as rates are looked at
    again."""
    world: World = new_world(profile="uk")
    world.sync()

    in_quickbooks.tax_code(world, "21.0% S", 21)
    world.tick(timedelta(hours=7).total_seconds())
    world.sync()

    (code,) = in_scoro.named(world, "vatCodes", "21.0% S")
    assert float(code["percent"]) == 21.0
