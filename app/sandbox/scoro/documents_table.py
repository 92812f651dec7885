"""Quotes, orders, invoices, prepayments, bills, purchase orders, expenses, receipts (reference 2.8 to 2.15)."""

from __future__ import annotations

from app.sandbox.scoro.fields import (
    DAY,
    FIGURE,
    FLAG,
    INTEGER,
    INTEGERS,
    ISO_STAMP,
    ITEMS,
    MAP,
    MONEY,
    NAIVE_STAMP,
    PERCENT,
    TEXT,
    UNSTATED_STAMP,
    Field,
    text,
)
from app.sandbox.scoro.modules import WRITE, Lookup, Module, Scope

_PDF = WRITE | {"pdf"}

HEADER: dict[str, Field] = {
    "no": TEXT,
    "date": DAY,
    "deadline": DAY,
    "status": TEXT.fixed(),
    "description": TEXT,
    "currency": TEXT,
    "currency_rate": FIGURE,
    "discount": PERCENT,
    "discount2": PERCENT,
    "discount3": PERCENT,
    "sum": MONEY.fixed(),
    "vat_sum": MONEY.fixed(),
    "vat": PERCENT,
    "vat_code_id": INTEGER,
    "company_id": INTEGER,
    "company_address_id": INTEGER,
    "person_id": INTEGER,
    "interested_party_id": INTEGER,
    "interested_party_address_id": INTEGER,
    "project_id": INTEGER,
    "owner_id": INTEGER,
    "account_id": TEXT.fixed(),
    "is_sent": FLAG,
    "is_role_based": FLAG,
    "local_price_list_id": INTEGER,
    "custom_fields": ITEMS.in_detail(),
}

HEADER_LOOKUPS = {
    "vat_code": Lookup("vat_code_id", "vatCodes", "vat_code"),
    "company_name": Lookup("company_id", "contacts", "search_name"),
    "person_name": Lookup("person_id", "contacts", "search_name"),
    "project_name": Lookup("project_id", "projects", "project_name"),
    "owner_email": Lookup("owner_id", "users", "email"),
}

HEADER_REFERENCES = {
    "company_id": "contacts",
    "person_id": "contacts",
    "interested_party_id": "contacts",
    "project_id": "projects",
    "vat_code_id": "vatCodes",
    "owner_id": "users",
}

LINE: dict[str, Field] = {
    "product_id": INTEGER,
    "comment": TEXT,
    "comment2": TEXT,
    "price": FIGURE,
    "amount": FIGURE,
    "amount2": PERCENT.with_setting("additional_amount"),
    "unit": TEXT,
    "discount": PERCENT.with_setting("line_discount"),
    "sum": MONEY.fixed(),
    "vat": PERCENT.with_setting("line_taxes"),
    "vat_code_id": INTEGER.with_setting("line_taxes"),
    "finance_account_id": INTEGER.with_setting("finance_accounts"),
    "finance_object_id": INTEGER.with_setting("accounting_objects"),
    "project_id": INTEGER,
    "cost": PERCENT.with_setting("margin"),
    "supplier_id": INTEGER.with_setting("margin"),
    "doer_id": INTEGER,
    "role_id": INTEGER,
    "is_internal": FLAG,
    "dates": MAP,
    "custom_fields": ITEMS,
}

LINE_LOOKUPS = {
    "product_name": Lookup("product_id", "products", "name"),
    "product_code": Lookup("product_id", "products", "code", setting="product_codes"),
    "vat_code": Lookup("vat_code_id", "vatCodes", "vat_code", setting="line_taxes"),
    "finance_account_name": Lookup("finance_account_id", "financeAccounts", "name", setting="finance_accounts"),
    "finance_account_symbol": Lookup(
        "finance_account_id", "financeAccounts", "account_symbol", setting="finance_accounts"
    ),
    "finance_object_name": Lookup("finance_object_id", "financeObjects", "name", setting="accounting_objects"),
    "finance_object_symbol": Lookup(
        "finance_object_id", "financeObjects", "object_symbol", setting="accounting_objects"
    ),
    "project_name": Lookup("project_id", "projects", "project_name"),
    "supplier_name": Lookup("supplier_id", "contacts", "search_name", setting="margin"),
    "doer_email": Lookup("doer_id", "users", "email"),
    "role_name": Lookup("role_id", "roles", "name"),
}

LINE_REFERENCES = {
    "product_id": "products",
    "vat_code_id": "vatCodes",
    "finance_account_id": "financeAccounts",
    "finance_object_id": "financeObjects",
    "project_id": "projects",
}

_NAIVE = {"created_date": NAIVE_STAMP, "modified_date": NAIVE_STAMP}
_ISO = {"created_date": ISO_STAMP, "modified_date": ISO_STAMP}
_UNSTATED = {"created_date": UNSTATED_STAMP, "modified_date": UNSTATED_STAMP}
_DELETION = {"is_deleted": FLAG.fixed(), "deleted_date": ISO_STAMP}


def _document(
    path: str,
    extra: dict[str, Field],
    stamps: dict[str, Field],
    line_extra: dict[str, Field] | None = None,
    *,
    has_pdf: bool = True,
) -> Module:
    return Module(
        path=path,
        key="id",
        fields=HEADER | extra | stamps | _DELETION,
        actions=_PDF if has_pdf else WRITE,
        scope=Scope.ENTITY,
        required=("company_id", "lines"),
        lookups=HEADER_LOOKUPS,
        references=HEADER_REFERENCES,
        lines=LINE | (line_extra or {}),
        line_lookups=LINE_LOOKUPS,
        line_references=LINE_REFERENCES,
        soft_delete=True,
        has_hook=path != "scheduledInvoices",
        indexes=("no", "company_id", "project_id"),
    )


PAYMENT_TYPES = ("banktransfer", "cash", "cardpayment", "credit", "barter")

_CONFIRMATION = {
    "status": TEXT,
    "confirmed_date": ISO_STAMP,
    "estimated_closing_date": DAY,
    "shipment_date": DAY,
    "estimated_duration": TEXT,
}

INVOICE_EXTRA: dict[str, Field] = {
    "payment_type": text("banktransfer").one_of(*PAYMENT_TYPES),
    "fine": TEXT,
    "reference_no": TEXT,
    "quote_id": INTEGERS,
    "order_id": INTEGERS,
    "prepayment_id": INTEGERS,
    "credited_invoices": INTEGERS,
    "prepayment_sum": MONEY.fixed().in_detail(),
    "real_estate_id": INTEGER,
    "paid_sum": MONEY.fixed(),
    "receivable_sum": MONEY.fixed(),
    "payment_fee": MONEY,
    "generation_type": text("manual").fixed(),
    "scheduled_invoice_id": INTEGER.fixed(),
    "accounting_period_from": DAY,
    "accounting_period_to": DAY,
    "pay_now_link": TEXT.fixed(),
}

BILL_EXTRA: dict[str, Field] = {
    "is_chargeable": FLAG,
    "dateofpayment": DAY,
    "payment_type": text("banktransfer").one_of(*PAYMENT_TYPES),
    "recognition_date": DAY,
    "reference_no": TEXT,
    "purchase_order_id": INTEGER,
    "paid_sum": MONEY.fixed().with_setting("bills_return_paid_sum"),
}

PURCHASE_ORDER_EXTRA: dict[str, Field] = {
    "status": TEXT,
    "delivery_address_id": INTEGER,
    "delivery_date": DAY,
    "confirmed_date": ISO_STAMP,
    "quote_id": INTEGER,
    "order_id": INTEGER,
}

PREPAYMENT_EXTRA: dict[str, Field] = {
    "prepayment_percent": PERCENT,
    "quote_id": INTEGER,
    "order_id": INTEGER,
    "fine": TEXT,
    "paid_sum": MONEY.fixed().kept_back(),
}

EXPENSE_LINE: dict[str, Field] = {
    "description": TEXT,
    "quantity": FIGURE,
    "price": FIGURE,
    "sum": MONEY.fixed(),
    "tax_percentage": PERCENT,
    "tax_code_id": INTEGER,
    "finance_account_id": INTEGER.with_setting("finance_accounts"),
    "accounting_object_id": INTEGER.with_setting("accounting_objects"),
    "project_id": INTEGER,
}

EXPENSES = Module(
    path="expenses",
    key="id",
    fields={
        "no": TEXT,
        "date": DAY,
        "due_date": DAY,
        "recognition_date": DAY,
        "owner_id": INTEGER,
        "comment": TEXT,
        "is_chargeable": FLAG,
        "is_reimbursable": FLAG,
        "company_id": INTEGER,
        "project_id": INTEGER,
        "currency": TEXT,
        "currency_rate": FIGURE,
        "status": TEXT.fixed(),
        "sum": MONEY.fixed(),
        "tax_sum": MONEY.fixed(),
        "tax_percentage": PERCENT,
        "tax_code_id": INTEGER,
        "account_id": TEXT.fixed(),
        "custom_fields": ITEMS.in_detail(),
    }
    | _UNSTATED
    | _DELETION,
    actions=WRITE,
    scope=Scope.ENTITY,
    required=("lines",),
    references={
        "company_id": "contacts",
        "project_id": "projects",
        "tax_code_id": "vatCodes",
        "owner_id": "users",
    },
    lines=EXPENSE_LINE,
    line_references={
        "tax_code_id": "vatCodes",
        "finance_account_id": "financeAccounts",
        "accounting_object_id": "financeObjects",
        "project_id": "projects",
    },
    soft_delete=True,
    has_hook=True,
    indexes=("no", "company_id", "project_id"),
)

RECEIPT_PART: dict[str, Field] = {
    "date": DAY,
    "invoice_id": INTEGER,
    "prepayment_id": INTEGER,
    "sum": MONEY,
    "sales_doc_type": TEXT,
    "contact_id": INTEGER,
}

RECEIPTS = Module(
    path="receipts",
    key="id",
    fields={
        "date": DAY,
        "contact_id": INTEGER,
        "sum": MONEY,
        "currency": TEXT,
        "sales_doc_type": text("invoices"),
        "receipt_account_id": INTEGER,
        "receipts": ITEMS,
        "modified_date": NAIVE_STAMP,
        "custom_fields": ITEMS,
    }
    | _DELETION,
    actions=WRITE,
    scope=Scope.ENTITY,
    required=("contact_id", "sum", "receipts"),
    references={"contact_id": "contacts", "receipt_account_id": "receiptAccounts"},
    soft_delete=True,
    indexes=("contact_id",),
)

DOCUMENT_MODULES = (
    _document("quotes", _CONFIRMATION, _ISO, {"is_confirmed": FLAG}),
    _document("orders", _CONFIRMATION, _UNSTATED, {"is_confirmed": FLAG}),
    _document("invoices", INVOICE_EXTRA, _NAIVE, {"depot_amounts": ITEMS}),
    _document("prepayments", PREPAYMENT_EXTRA, _NAIVE),
    _document(
        "purchaseOrders",
        PURCHASE_ORDER_EXTRA,
        {"created_date": NAIVE_STAMP, "modified_date": ISO_STAMP},
        {"is_settled": FLAG},
    ),
    _document("bills", BILL_EXTRA, _NAIVE, has_pdf=False),
    _document("scheduledInvoices", {"fine": TEXT, "interval": TEXT}, _UNSTATED, has_pdf=False),
    EXPENSES,
    RECEIPTS,
)
