"""The public packages python-quickbooks and intuit-oauth, unmodified but for the base address, on a real socket."""

from __future__ import annotations

from typing import Any

import pytest
import quickbooks.objects as public
from intuitlib.client import AuthClient
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException, ValidationException
from quickbooks.objects.billpayment import BillPaymentLine, CheckPayment
from quickbooks.objects.companycurrency import CompanyCurrency
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.payment import PaymentLine
from quickbooks.objects.taxservice import TaxRateDetails, TaxService

from tests.sandbox.quickbooks.public_client import (
    account,
    cost_line,
    invoice_for,
    link,
    named,
    ref,
    sales_line,
    service,
)


def test_intuit_oauth_connects_refreshes_asks_who_and_revokes(oauth: AuthClient) -> None:
    """The whole life of a connection with Intuit's own package."""
    before = oauth.access_token
    oauth.refresh()
    assert oauth.access_token != before
    assert oauth.x_refresh_token_expires_in == 8_726_400
    assert oauth.get_user_info().json()["emailVerified"] is True
    assert oauth.revoke(token=oauth.refresh_token) is True
    with pytest.raises(AuthClientError) as refused:
        oauth.refresh()
    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    ("cls", "field"),
    [
        (public.Customer, "Notes"),
        (public.Vendor, "AcctNum"),
        (public.Account, "Description"),
        (public.Class, None),
        (public.Department, None),
        (public.Term, None),
        (public.PaymentMethod, None),
        (public.Item, "Description"),
    ],
)
def test_python_quickbooks_creates_reads_updates_and_deactivates_names(
    qb: QuickBooks, cls: Any, field: str | None
) -> None:
    """Create, read, full update from the object read, query, deactivation."""
    more: dict[str, Any] = {}
    if cls is public.Account:
        more["AccountType"] = "Expense"
    if cls is public.Term:
        more["DueDays"] = 10
    if cls is public.Item:
        more |= {"Type": "Service", "IncomeAccountRef": ref(account(qb, "Income"))}
    made = named(cls, qb, "Public client", **more)
    read = cls.get(made.Id, qb=qb)
    assert read.SyncToken == "0"
    if field is not None:
        setattr(read, field, "changed")
        saved = read.save(qb=qb)
        assert (getattr(saved, field), saved.SyncToken) == ("changed", "1")
        read = saved
    label = "DisplayName" if hasattr(read, "DisplayName") else "Name"
    assert [row.Id for row in cls.filter(**{label: "Public client"}, qb=qb)] == [made.Id]
    read.Active = False
    assert getattr(read.save(qb=qb), label) == "Public client (deleted)"
    assert cls.filter(**{label: "Public client"}, qb=qb) == []


def test_python_quickbooks_reads_the_settings(qb: QuickBooks) -> None:
    """CompanyInfo, Preferences, tax codes and rates, currencies, exchange rates, the tax service."""
    info = public.CompanyInfo.get(qb.company_id, qb=qb)
    assert (info.CompanyName, info.Country) == ("Northlight Studio", "US")
    assert public.Preferences.get(qb=qb).CurrencyPrefs.HomeCurrency.value == "USD"
    assert {code.Name for code in public.TaxCode.all(qb=qb)} >= {"TAX", "NON"}
    assert public.TaxRate.all(qb=qb)[0].AgencyRef.value == "1"
    assert public.TaxAgency.all(qb=qb)[0].Id == "1"
    assert "EUR" in {each.Code for each in CompanyCurrency.all(qb=qb)}
    rate = ExchangeRate()
    rate.SourceCurrencyCode, rate.TargetCurrencyCode, rate.Rate, rate.AsOfDate = "EUR", "USD", 1.2, "2026-05-05"
    assert rate.save(qb=qb).Rate == 1.2
    details = TaxRateDetails()
    details.TaxRateName, details.RateValue, details.TaxAgencyId, details.TaxApplicableOn = "County", 3, "1", "Sales"
    tax = TaxService()
    tax.TaxCode, tax.TaxRateDetails = "County tax", [details]
    assert tax.save(qb=qb).TaxCode == "County tax"


def test_python_quickbooks_keeps_sales_and_payments(qb: QuickBooks) -> None:
    """Invoice, CreditMemo, Payment: create, update from the object read, void, delete."""
    customer, item = named(public.Customer, qb, "Acme"), service(qb)
    invoice = invoice_for(qb, customer, item)
    assert (invoice.TotalAmt, invoice.Line[-1].DetailType) == (100, "SubTotalLineDetail")
    invoice.PrivateNote = "from the object read"
    invoice = invoice.save(qb=qb)
    assert (invoice.SyncToken, invoice.Line[0].Id, invoice.TotalAmt) == ("1", "1", 100)
    payment = public.Payment()
    payment.CustomerRef, payment.TotalAmt = ref(customer), 40
    line = PaymentLine()
    line.Amount, line.LinkedTxn = 40, [link(invoice, "Invoice")]
    payment.Line.append(line)
    payment = payment.save(qb=qb)
    assert public.Invoice.get(invoice.Id, qb=qb).Balance == 60
    payment.void(qb=qb)
    assert public.Payment.get(payment.Id, qb=qb).TotalAmt == 0
    invoice = public.Invoice.get(invoice.Id, qb=qb)
    invoice.void(qb=qb)
    assert public.Invoice.get(invoice.Id, qb=qb).PrivateNote.startswith("Voided")
    memo = public.CreditMemo()
    memo.CustomerRef = ref(customer)
    memo.Line.append(sales_line(item, 30))
    memo = memo.save(qb=qb)
    assert memo.RemainingCredit == 30
    assert memo.delete(qb=qb)["CreditMemo"]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        public.CreditMemo.get(memo.Id, qb=qb)


def test_python_quickbooks_keeps_bills_and_their_payments(qb: QuickBooks) -> None:
    """Bill, BillPayment, VendorCredit: create, update, void, delete."""
    vendor = named(public.Vendor, qb, "Paper Ltd")
    bill = public.Bill()
    bill.VendorRef = ref(vendor)
    bill.Line.append(cost_line(qb))
    bill = bill.save(qb=qb)
    bill.PrivateNote = "checked"
    assert bill.save(qb=qb).SyncToken == "1"
    payment = public.BillPayment()
    payment.VendorRef, payment.PayType, payment.TotalAmt = ref(vendor), "Check", 60
    payment.CheckPayment = CheckPayment()
    payment.CheckPayment.BankAccountRef = ref(account(qb, "Bank"))
    line = BillPaymentLine()
    line.Amount, line.LinkedTxn = 60, [link(bill, "Bill")]
    payment.Line.append(line)
    payment = payment.save(qb=qb)
    assert public.Bill.get(bill.Id, qb=qb).Balance == 0
    payment.void(qb=qb)
    paid = public.Bill.get(bill.Id, qb=qb)
    assert paid.Balance == 60
    paid.delete(qb=qb)
    credit = public.VendorCredit()
    credit.VendorRef = ref(vendor)
    credit.Line.append(cost_line(qb, 25))
    credit = credit.save(qb=qb)
    assert public.VendorCredit.get(credit.Id, qb=qb).TotalAmt == 25
    credit.delete(qb=qb)
    assert public.VendorCredit.count(qb=qb) == 0


def test_python_quickbooks_pages_captures_and_batches(qb: QuickBooks) -> None:
    """Paging by position, CDC over several classes, batches of create, update and delete."""
    drafts = []
    for number in range(35):
        customer = public.Customer()
        customer.DisplayName = f"Batch {number:02}"
        drafts.append(customer)
    made = batch_create(drafts, qb=qb)
    assert (len(made.successes), made.faults) == (35, [])
    again = public.Customer()
    again.DisplayName = "Batch 00"
    assert batch_create([again], qb=qb).faults[0].Error[0].code == "6240"
    pages = [public.Customer.all(start_position=start, max_results=20, qb=qb) for start in (1, 21, 41)]
    assert [len(page) for page in pages] == [20, 15, 0]
    assert public.Customer.count(qb=qb) == 35
    for customer in made.successes[:3]:
        customer.Notes = "by batch"
    assert [row.SyncToken for row in batch_update(made.successes[:3], qb=qb).successes] == ["1", "1", "1"]
    item = service(qb)
    invoices = [invoice_for(qb, made.successes[0], item) for _ in range(2)]
    assert len(batch_delete([invoices[0]], qb=qb).successes) == 1
    since = invoices[0].MetaData.CreateTime
    captured = change_data_capture([public.Invoice, public.Customer], since, qb=qb)
    assert [row.Id for row in captured.Invoice._object_list] == [invoices[1].Id, invoices[0].Id]
    assert captured.Invoice._object_list[-1].status == "Deleted"
    assert made.successes[0].Id in {row.Id for row in captured.Customer._object_list}


def test_python_quickbooks_understands_refusals(qb: QuickBooks) -> None:
    """Faults arrive as the package's own exceptions with the code."""
    with pytest.raises(ValidationException) as query:
        public.Customer.query("select * from Custmoer", qb=qb)
    assert query.value.error_code == 4001
    named(public.Customer, qb, "Twice")
    with pytest.raises(QuickbooksException) as duplicate:
        named(public.Vendor, qb, "Twice")
    assert duplicate.value.error_code == 6240


@pytest.mark.parametrize(
    "cls", [public.Estimate, public.SalesReceipt, public.RefundReceipt], ids=lambda cls: cls.__name__
)
def test_python_quickbooks_keeps_other_sales_forms(qb: QuickBooks, cls: Any) -> None:
    """The table-driven entities create, read, update and delete."""
    form = cls()
    form.CustomerRef = ref(named(public.Customer, qb, "Acme"))
    form.Line.append(sales_line(service(qb), 12))
    if cls is public.RefundReceipt:
        form.DepositToAccountRef = ref(account(qb, "Bank"))
    saved = form.save(qb=qb)
    assert saved.TotalAmt == 12
    saved.PrivateNote = "seen"
    assert saved.save(qb=qb).SyncToken == "1"
    assert cls.get(saved.Id, qb=qb).PrivateNote == "seen"
    assert cls.get(saved.Id, qb=qb).delete(qb=qb)[cls.qbo_object_name]["status"] == "Deleted"


def test_python_quickbooks_sends_and_fetches_documents(qb: QuickBooks) -> None:
    """`/send` and `/pdf` through the package."""
    invoice = invoice_for(qb, named(public.Customer, qb, "Acme"), service(qb))
    invoice.send(qb=qb, send_to="a@b.test")
    assert public.Invoice.get(invoice.Id, qb=qb).EmailStatus == "EmailSent"
    assert invoice.download_pdf(qb=qb).startswith(b"%PDF")
