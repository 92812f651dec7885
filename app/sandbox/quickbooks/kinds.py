"""Which rules each entity follows: its defaults on create and how a write is prepared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.sandbox.quickbooks import contacts, documents, generic, lists
from app.sandbox.quickbooks.booking import Booking, Draft
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.generic_table import GENERIC_TABLES
from app.sandbox.quickbooks.wire import Json


@dataclass(frozen=True, slots=True)
class Rules:
    defaults: Callable[[Company], Json]
    prepare: Callable[[Booking, Draft], None]


RULES: Mapping[str, Rules] = {
    "CompanyInfo": Rules(generic.plain_defaults, lists.prepare_company_info),
    "Preferences": Rules(generic.plain_defaults, lists.prepare_preferences),
    "Customer": Rules(contacts.customer_defaults, contacts.prepare),
    "Vendor": Rules(contacts.vendor_defaults, contacts.prepare),
    "Employee": Rules(contacts.employee_defaults, contacts.prepare),
    "Item": Rules(lists.item_defaults, lists.prepare_item),
    "Account": Rules(lists.account_defaults, lists.prepare_account),
    "Class": Rules(lists.class_defaults, lists.prepare_class),
    "Department": Rules(lists.department_defaults, lists.prepare),
    "Term": Rules(lists.active_defaults, lists.prepare_term),
    "PaymentMethod": Rules(lists.active_defaults, lists.prepare_payment_method),
    "TaxCode": Rules(lists.active_defaults, lists.prepare),
    "TaxRate": Rules(lists.active_defaults, lists.prepare),
    "TaxAgency": Rules(lists.agency_defaults, lists.prepare),
    "CompanyCurrency": Rules(lists.active_defaults, lists.prepare_currency),
    "Invoice": Rules(documents.invoice_defaults, documents.prepare_invoice),
    "CreditMemo": Rules(documents.credit_memo_defaults, documents.prepare_credit_memo),
    "Payment": Rules(documents.payment_defaults, documents.prepare_payment),
    "Bill": Rules(documents.dated_defaults, documents.prepare_bill),
    "BillPayment": Rules(documents.dated_defaults, documents.prepare_bill_payment),
    "VendorCredit": Rules(documents.dated_defaults, documents.prepare_vendor_credit),
    **{
        entity.name: Rules(generic.defaults if entity.transaction else generic.plain_defaults, generic.prepare)
        for entity in GENERIC_TABLES
    },
}
