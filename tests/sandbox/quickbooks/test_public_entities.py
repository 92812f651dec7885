"""python-quickbooks over every entity of the books: create, read, update, sparse update, page, capture, batch, void, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import quickbooks.objects as public
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import ObjectNotFoundException
from quickbooks.objects.billpayment import BillPaymentLine, CheckPayment
from quickbooks.objects.companycurrency import CompanyCurrency
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.payment import PaymentLine
from quickbooks.objects.taxservice import TaxRateDetails, TaxService

from tests.sandbox.quickbooks.public_client import account, cost_line, invoice_for, link, ref, sales_line, service

SINCE = datetime.now(UTC) - timedelta(days=1)  # the served sandbox lives in the present


class Office:
    """One company, and what its documents need."""

    def __init__(self, qb: QuickBooks) -> None:
        self.qb = qb
        self.customer = self.saved(public.Customer(), DisplayName="Acme")
        self.vendor = self.saved(public.Vendor(), DisplayName="Paper Ltd")
        self.item = service(qb)

    def saved(self, thing: Any, **values: Any) -> Any:
        return with_values(thing, **values).save(qb=self.qb)

    def sale(self, thing: Any, amount: float) -> Any:
        thing.CustomerRef = ref(self.customer)
        thing.Line.append(sales_line(self.item, amount))
        return thing

    def cost(self, thing: Any, amount: float) -> Any:
        thing.VendorRef = ref(self.vendor)
        thing.Line.append(cost_line(self.qb, amount))
        return thing

    def receipt(self, amount: float) -> Any:
        """A payment of a new invoice of its own."""
        invoice = invoice_for(self.qb, self.customer, self.item)
        line = with_values(PaymentLine(), Amount=amount, LinkedTxn=[link(invoice, "Invoice")])
        return with_values(public.Payment(), CustomerRef=ref(self.customer), TotalAmt=amount, Line=[line])

    def settlement(self, amount: float) -> Any:
        bill = self.cost(public.Bill(), 100).save(qb=self.qb)
        line = with_values(BillPaymentLine(), Amount=amount, LinkedTxn=[link(bill, "Bill")])
        bank = with_values(CheckPayment(), BankAccountRef=ref(account(self.qb, "Bank")))
        payment = with_values(public.BillPayment(), VendorRef=ref(self.vendor), TotalAmt=amount, Line=[line])
        return with_values(payment, PayType="Check", CheckPayment=bank)


def with_values(thing: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(thing, name, value)
    return thing


@dataclass(frozen=True, slots=True)
class Case:
    """How one entity is made (`make` takes the office and a number from 1), and a text that may be changed."""

    cls: Any
    make: Callable[[Office, int], Any]
    field: str
    active: bool = False  # it is made inactive, not deleted
    voidable: bool = False

    @property
    def name(self) -> str:
        return str(self.cls.qbo_object_name)


def person(cls: Any) -> Callable[[Office, int], Any]:
    return lambda office, number: with_values(cls(), DisplayName=f"Public {number}")


def plain(cls: Any, **values: Any) -> Callable[[Office, int], Any]:
    return lambda office, number: with_values(cls(), Name=f"Public {number}", **values)


def item(office: Office, number: int) -> Any:
    income = ref(account(office.qb, "Income"))
    return with_values(public.Item(), Name=f"Public {number}", Type="Service", IncomeAccountRef=income)


def sub_customer(office: Office, number: int) -> Any:
    return with_values(public.Customer(), DisplayName=f"Job {number}", Job=True, ParentRef=ref(office.customer))


CASES = {
    "Customer": Case(public.Customer, person(public.Customer), "Notes", active=True),
    "sub-customer": Case(public.Customer, sub_customer, "Notes", active=True),
    "Vendor": Case(public.Vendor, person(public.Vendor), "AcctNum", active=True),
    "Item": Case(public.Item, item, "Description", active=True),
    "Account": Case(public.Account, plain(public.Account, AccountType="Expense"), "Description", active=True),
    "Class": Case(public.Class, plain(public.Class), "Name", active=True),
    "Department": Case(public.Department, plain(public.Department), "Name", active=True),
    "Term": Case(public.Term, plain(public.Term, DueDays=10), "Name", active=True),
    "PaymentMethod": Case(public.PaymentMethod, plain(public.PaymentMethod), "Name", active=True),
    "Invoice": Case(public.Invoice, lambda office, n: office.sale(public.Invoice(), n), "PrivateNote", voidable=True),
    "CreditMemo": Case(public.CreditMemo, lambda office, n: office.sale(public.CreditMemo(), n), "PrivateNote"),
    "Payment": Case(public.Payment, lambda office, n: office.receipt(n), "PrivateNote", voidable=True),
    "Bill": Case(public.Bill, lambda office, n: office.cost(public.Bill(), n), "PrivateNote"),
    "BillPayment": Case(public.BillPayment, lambda office, n: office.settlement(n), "PrivateNote", voidable=True),
    "VendorCredit": Case(public.VendorCredit, lambda office, n: office.cost(public.VendorCredit(), n), "PrivateNote"),
}


@pytest.fixture
def office(qb: QuickBooks) -> Office:
    return Office(qb)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_entity_lives_its_whole_life_through_the_public_client(office: Office, case: Case) -> None:
    """Create, read, full update, sparse update, paged query, capture, then void and delete or deactivation."""
    qb = office.qb
    made = [case.make(office, number).save(qb=qb) for number in (1, 2, 3)]
    first = case.cls.get(made[0].Id, qb=qb)
    setattr(first, case.field, "full")
    first = first.save(qb=qb)
    assert (getattr(first, case.field), first.SyncToken) == ("full", "1")
    few = {"Id": first.Id, "SyncToken": "1", "sparse": True, case.field: "sparse"}
    assert qb.update_object(case.name, json.dumps(few))[case.name][case.field] == "sparse"
    assert paged(case, qb) >= {row.Id for row in made}
    seen = {row.Id for row in getattr(change_data_capture([case.cls], SINCE, qb=qb), case.name)._object_list}
    assert seen >= {row.Id for row in made}
    if case.voidable:
        made[1].void(qb=qb)
        assert case.cls.get(made[1].Id, qb=qb).TotalAmt == 0
    leave(case, made[2], qb)


def paged(case: Case, qb: QuickBooks) -> set[str]:
    """Every id, two at a time."""
    ids: list[str] = []
    while page := case.cls.all(order_by="Id", start_position=len(ids) + 1, max_results=2, qb=qb):
        ids += [row.Id for row in page]
    assert len(ids) == len(set(ids)) == case.cls.count(qb=qb)
    return set(ids)


def leave(case: Case, row: Any, qb: QuickBooks) -> None:
    """Deletion, after which nothing is found, or deactivation."""
    row = case.cls.get(row.Id, qb=qb)
    if case.active:
        row.Active = False
        assert row.save(qb=qb).Active is False
        assert row.Id not in {each.Id for each in case.cls.all(qb=qb)}
        return
    assert row.delete(qb=qb)[case.name]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        case.cls.get(row.Id, qb=qb)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_entity_is_made_changed_and_removed_by_batches(office: Office, case: Case) -> None:
    """batch_create, batch_update and batch_delete of the public client; name lists refuse deletion, one by one."""
    made = batch_create([case.make(office, number) for number in (1, 2)], qb=office.qb)
    assert (len(made.successes), made.faults) == (2, [])
    rows = [case.cls.get(row.Id, qb=office.qb) for row in made.successes]
    for number, row in enumerate(rows):
        setattr(row, case.field, f"batch {number}")
    changed = batch_update(rows, qb=office.qb)
    assert [(getattr(row, case.field), row.SyncToken) for row in changed.successes] == [
        ("batch 0", "1"),
        ("batch 1", "1"),
    ]
    gone = batch_delete(changed.successes, qb=office.qb)
    expected = (0, 2) if case.active else (2, 0)
    assert (len(gone.successes), len(gone.faults)) == expected


def test_currencies_are_listed_added_and_switched_off(qb: QuickBooks) -> None:
    """CompanyCurrency: create, read, update, query, capture."""
    made = with_values(CompanyCurrency(), Code="SEK").save(qb=qb)
    assert CompanyCurrency.get(made.Id, qb=qb).Name == "Swedish Krona"
    made.Active = False
    assert made.save(qb=qb).Active is False
    assert "SEK" not in {each.Code for each in CompanyCurrency.all(qb=qb)}
    captured = change_data_capture([CompanyCurrency], SINCE, qb=qb).CompanyCurrency
    assert {row.Code: row.Active for row in captured._object_list}["SEK"] is False


def test_exchange_rates_are_set_and_found(qb: QuickBooks) -> None:
    """ExchangeRate: upsert by currency and day, query by the package's own statement."""
    for rate in (1.2, 1.3):
        values = {"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "USD", "Rate": rate, "AsOfDate": "2026-05-05"}
        assert with_values(ExchangeRate(), **values).save(qb=qb).Rate == rate
    (found,) = ExchangeRate.where("SourceCurrencyCode = 'EUR' AND AsOfDate = '2026-05-05'", qb=qb)
    assert found.Rate == 1.3


def test_tax_agencies_codes_and_rates_are_made_and_read(qb: QuickBooks) -> None:
    """TaxAgency by create, TaxCode and TaxRate by the tax service, all by read and query with paging."""
    agency = with_values(public.TaxAgency(), DisplayName="County Office").save(qb=qb)
    assert public.TaxAgency.get(agency.Id, qb=qb).DisplayName == "County Office"
    rates = [
        with_values(TaxRateDetails(), TaxRateName=name, RateValue=value, TaxAgencyId=agency.Id, TaxApplicableOn="Sales")
        for name, value in (("County", 3), ("Bridge", 1))
    ]
    made = with_values(TaxService(), TaxCode="County tax", TaxRateDetails=rates).save(qb=qb)
    code = public.TaxCode.get(made.TaxCodeId, qb=qb)
    listed = [detail.TaxRateRef.value for detail in code.SalesTaxRateList.TaxRateDetail]
    assert [public.TaxRate.get(rate, qb=qb).RateValue for rate in listed] == [3, 1]
    for cls in (public.TaxAgency, public.TaxCode, public.TaxRate):
        pages = [cls.all(order_by="Id", start_position=start, max_results=1, qb=qb) for start in (1, 2)]
        assert len({page[0].Id for page in pages}) == 2


def test_the_company_and_its_preferences_are_read_changed_and_captured(qb: QuickBooks) -> None:
    """CompanyInfo and Preferences: read, full update from the object read, sparse update, query, capture."""
    info = public.CompanyInfo.get(qb.company_id, qb=qb)
    body = {"Id": info.Id, "SyncToken": info.SyncToken, "sparse": True, "LegalName": "Northlight LLC"}
    assert qb.update_object("CompanyInfo", json.dumps(body))["CompanyInfo"]["LegalName"] == "Northlight LLC"
    assert public.CompanyInfo.query("select * from CompanyInfo", qb=qb)[0].LegalName == "Northlight LLC"
    prefs = public.Preferences.get(qb=qb)
    prefs.SalesFormsPrefs.CustomTxnNumbers = True
    assert prefs.save(qb=qb).SalesFormsPrefs.CustomTxnNumbers is True
    captured = change_data_capture([public.Preferences, public.CompanyInfo], SINCE, qb=qb)
    assert captured.Preferences._object_list[0].SyncToken == "1"
    assert captured.CompanyInfo._object_list[0].LegalName == "Northlight LLC"
