"""Products, projects, accounts, tax rates and classes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.base import Operation
from engine.core.records import EXISTS, Kind, Replica, Scalar
from engine.errors import MappingError
from engine.mapping.registry import MAPPINGS
from tests.unit.mapping.desk import SETTINGS, Desk, full_desk, quickbooks, scoro
from tests.unit.mapping.samples import scoro_product

PRODUCT: dict[str, Scalar] = {EXISTS: True, "name": "Design", "item_type": "service", "active": True, "price": "100"}


@pytest.fixture
def desk() -> Desk:
    return full_desk()


def test_a_scoro_product_is_read(desk: Desk) -> None:
    """Zero prices are none, references are objects, 0/1 are no/yes."""
    assert desk.read(Kind.PRODUCT, scoro("products", scoro_product(desk))).state == {
        EXISTS: True,
        "name": "Design hour",
        "code": "D-1",
        "description": "By the hour",
        "price": "100",
        "item_type": "service",
        "active": True,
        "income_account": "sales",
        "sales_tax": "vat20",
    }


@pytest.mark.parametrize(
    ("type", "item_type"), [("Service", "service"), ("NonInventory", "goods"), ("Inventory", "inventory")]
)
def test_the_type_of_an_item_is_told(desk: Desk, type: str, item_type: str) -> None:
    """Reference 3.5."""
    assert desk.read(Kind.PRODUCT, quickbooks("Item", {"Name": "A", "Type": type})).state["item_type"] == item_type


def test_scoro_cannot_tell_stock_from_goods_and_does_not_deny_it(desk: Desk) -> None:
    """Stock stays stock when Scoro says "no service"."""
    row = scoro("products", scoro_product(desk, is_service=0))
    assert desk.read(Kind.PRODUCT, row).state["item_type"] == "goods"
    assert desk.read(Kind.PRODUCT, row, {EXISTS: True, "item_type": "inventory"}).state["item_type"] == "inventory"


def test_an_inactive_item_is_inactive_and_has_its_own_name(desk: Desk) -> None:
    """The suffix of inactive rows is no part of the name; inactive is not gone."""
    state = desk.read(
        Kind.PRODUCT, quickbooks("Item", {"Name": "Chair (deleted)", "Type": "Service", "Active": False})
    ).state
    assert (state["name"], state["active"]) == ("Chair", False)


def test_a_new_item_takes_the_default_income_account(desk: Desk) -> None:
    """R41: the product card's own account comes first."""
    assert desk.write(Kind.PRODUCT, Replica.QUICKBOOKS, PRODUCT).body["IncomeAccountRef"] == {
        "value": desk.id_of("sales")
    }
    own = desk.write(Kind.PRODUCT, Replica.QUICKBOOKS, PRODUCT | {"income_account": "bank"})
    assert own.body["IncomeAccountRef"] == {"value": desk.id_of("bank")}


def test_without_any_income_account_the_product_is_blocked() -> None:
    """R41: the sentence names the product and the way out."""
    desk = full_desk(replace(SETTINGS, default_income_account=""))
    with pytest.raises(MappingError) as caught:
        desk.write(Kind.PRODUCT, Replica.QUICKBOOKS, PRODUCT)
    assert caught.value.code == "income_account_missing"
    assert "Design" in caught.value.message


def test_the_type_of_an_item_is_never_changed(desk: Desk) -> None:
    """QuickBooks refuses it; a note tells."""
    payload = desk.write(
        Kind.PRODUCT, Replica.QUICKBOOKS, PRODUCT | {"item_type": "goods"}, Operation.UPDATE, changed=["item_type"]
    )
    assert payload.body == {"sparse": True}
    assert payload.notes


def test_us_items_have_no_tax_code() -> None:
    """SalesTaxCodeRef is for other countries (reference 11.2)."""
    desk = full_desk(replace(SETTINGS, tax_model="us_automated"))
    assert "SalesTaxCodeRef" not in desk.write(Kind.PRODUCT, Replica.QUICKBOOKS, PRODUCT | {"sales_tax": "vat20"}).body


def test_an_account_follows_quickbooks_with_its_parents_in_its_name(desk: Desk) -> None:
    """R3: what it is for follows from its type."""
    row = {
        "Name": "Travel",
        "FullyQualifiedName": "Costs:Travel",
        "AccountType": "Cost of Goods Sold",
        "AcctNum": "5010",
        "Active": True,
    }
    state = desk.read(Kind.ACCOUNT, quickbooks("Account", row)).state
    assert state == {
        EXISTS: True, "name": "Costs:Travel", "number": "5010", "account_class": "expense",
        "for_sales": False, "for_purchases": True, "active": True,
    }  # fmt: skip
    body = desk.write(Kind.ACCOUNT, Replica.SCORO, state).body
    assert body == {
        "name": "Costs:Travel",
        "account_symbol": "5010",
        "is_sales_account": 0,
        "is_purchases_account": 1,
        "is_active": 1,
    }


@pytest.mark.parametrize(
    ("type", "of"),
    [
        ("Bank", "bank"),
        ("Credit Card", "credit_card"),
        ("Other Income", "income"),
        ("Equity", "equity"),
        ("Non-Posting", "other"),
    ],
)
def test_account_types_are_grouped(desk: Desk, type: str, of: str) -> None:
    """Reference 3.6."""
    assert (
        desk.read(Kind.ACCOUNT, quickbooks("Account", {"Name": "A", "AccountType": type})).state["account_class"] == of
    )


def test_a_tax_code_becomes_a_vat_code(desk: Desk) -> None:
    """R3: joined percentages, both uses, code and name alike."""
    row = {"Name": "20.0% S", "Active": True, "SalesRateValue": 20, "PurchaseRateList": None}
    state = desk.read(Kind.TAX_RATE, quickbooks("TaxCode", row)).state
    assert state == {
        EXISTS: True,
        "name": "20.0% S",
        "rate": "20",
        "for_sales": True,
        "for_purchases": False,
        "active": True,
    }
    body = desk.write(Kind.TAX_RATE, Replica.SCORO, state).body
    assert body == {
        "vat_name": "20.0% S",
        "vat_code": "20.0% S",
        "percent": 20,
        "is_sales": 1,
        "is_purchases": 0,
        "is_active": 1,
    }
    read = desk.read(Kind.TAX_RATE, scoro("vatCodes", body)).state
    assert read == state


def test_a_hidden_tax_code_is_inactive(desk: Desk) -> None:
    """It cannot be chosen in QuickBooks any more."""
    assert desk.read(Kind.TAX_RATE, quickbooks("TaxCode", {"Name": "Old", "Hidden": True})).state["active"] is False


def test_a_project_belongs_to_its_client(desk: Desk) -> None:
    """R16: name and client; the key matches both."""
    row = {
        "DisplayName": "Site",
        "IsProject": True,
        "ParentRef": {"value": desk.id_of("acme", Replica.CUSTOMER)},
        "Active": True,
    }
    state = desk.read(Kind.PROJECT, quickbooks("Customer", row)).state
    assert state == {EXISTS: True, "name": "Site", "contact": "acme", "active": True}
    body = desk.write(Kind.PROJECT, Replica.SCORO, state).body
    assert body == {"project_name": "Site", "company_id": int(desk.id_of("acme", Replica.SCORO))}
    back = desk.read(Kind.PROJECT, scoro("projects", body)).state
    assert back == state
    assert MAPPINGS[Kind.PROJECT].keys(back) == MAPPINGS[Kind.PROJECT].keys(state) == (("name_contact", "site|acme"),)


def test_a_closed_project_is_completed_in_scoro(desk: Desk) -> None:
    """A deactivated project row closes the project."""
    state: dict[str, Scalar] = {EXISTS: True, "name": "Site", "active": False}
    body = desk.write(Kind.PROJECT, Replica.SCORO, state, Operation.UPDATE, changed=["active"]).body
    assert body == {"status": "completed"}


@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.TAX_RATE, Kind.TRACKING_CLASS, Kind.PROJECT])
def test_what_quickbooks_owns_is_never_written_there(desk: Desk, kind: Kind) -> None:
    """R3, R4, R15, R23."""
    with pytest.raises(MappingError) as caught:
        desk.write(kind, Replica.QUICKBOOKS, {EXISTS: True, "name": "A"})
    assert caught.value.code == "owned_by_quickbooks"


def test_a_class_that_scoro_lacks_is_told_with_the_way_out(desk: Desk) -> None:
    """Accounting objects cannot be created over Scoro's interface."""
    with pytest.raises(MappingError) as caught:
        desk.write(Kind.TRACKING_CLASS, Replica.SCORO, {EXISTS: True, "name": "All:North"})
    assert caught.value.code == "class_not_in_scoro"
    assert "All:North" in caught.value.message
