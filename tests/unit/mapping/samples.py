"""Records with the shapes and extras that the two systems really send."""

from __future__ import annotations

from typing import Any

from engine.core.records import Kind, Replica
from tests.unit.mapping.desk import Desk

Json = dict[str, Any]


def scoro_contact(**more: Any) -> Json:
    return {
        "contact_id": 87,
        "contact_type": "company",
        "name": "Acme & Söhne",
        "lastname": "",
        "id_code": "12345678",
        "vatno": "EE123456789",
        "reference_no": "C-778",
        "comments": "Pays late.\nFriendly.",
        "is_supplier": 0,
        "is_client": 1,
        "client_profile_id": 3,
        "profile_currency": "EUR",
        "addresses": [
            {
                "id": 4,
                "country": "est",
                "county": "Tartumaa",
                "municipality": "Tartu",
                "city": "Tartu",
                "street": "Riia 1",
                "zipcode": "51004",
                "full_address": "Riia 1\nTartu",
            },
            {"id": 5, "country": "fin", "city": "Turku", "street": "Linnankatu 2"},
        ],
        "means_of_contact": {
            "email": ["ap@acme.test", "second@acme.test"],
            "phone": ["+372 555 1234"],
            "fax": "+372 1",
        },
        "is_deleted": 0,
        "modified_date": "2026-03-02T10:15:09+02:00",
        **more,
    }


def quickbooks_customer(**more: Any) -> Json:
    return {
        "Id": "60",
        "SyncToken": "3",
        "DisplayName": "Acme & Söhne",
        "CompanyName": "Acme & Söhne",
        "Active": True,
        "Job": False,
        "IsProject": False,
        "Balance": 120.0,
        "PrimaryEmailAddr": {"Address": "AP@acme.test, other@acme.test"},
        "PrimaryPhone": {"FreeFormNumber": "+372 555 1234"},
        "PrimaryTaxIdentifier": "XXXXXXX6789",
        "BusinessNumber": "12345678",
        "BillAddr": {
            "Id": "9",
            "Line1": "Riia 1",
            "City": "Tartu",
            "Country": "EST",
            "PostalCode": "51004",
            "CountrySubDivisionCode": "Tartumaa",
            "Lat": "INVALID",
            "Long": "INVALID",
        },
        "CurrencyRef": {"value": "EUR", "name": "Euro"},
        "Notes": "Pays late.\nFriendly.",
        "MetaData": {"CreateTime": "2026-05-05T02:05:12-07:00", "LastUpdatedTime": "2026-05-05T02:05:12-07:00"},
        **more,
    }


def scoro_product(desk: Desk, **more: Any) -> Json:
    return {
        "product_id": 31,
        "code": "D-1",
        "name": "Design hour",
        "description": "By the hour",
        "price": "100.00",
        "buying_price": 0,
        "is_service": 1,
        "is_active": 1,
        "default_vat_code_id": int(desk.bound["vat20", Replica.SCORO]),
        "default_sales_tax_id": 0,
        "sales_finance_account_id": int(desk.bound["sales", Replica.SCORO]),
        "is_deleted": 0,
        **more,
    }


def scoro_invoice(desk: Desk, **more: Any) -> Json:
    at = {name: int(desk.bound[name, Replica.SCORO]) for name in desk.states}
    return {
        "id": 412,
        "no": "1021",
        "date": "2026-03-02",
        "deadline": "2026-03-16",
        "status": "unpaid",
        "is_sent": 1,
        "company_id": at["acme"],
        "company_name": "Acme",
        "person_id": 0,
        "project_id": at["site"],
        "currency": "EUR",
        "currency_rate": 1,
        "discount": None,
        "discount2": None,
        "discount3": None,
        "sum": 1277.5,
        "vat_sum": "255.50",
        "vat": None,
        "vat_code_id": at["vat20"],
        "paid_sum": 0,
        "receivable_sum": 1533.0,
        "reference_no": "",
        "description": "Thank you!",
        "credited_invoices": [],
        "is_deleted": 0,
        "deleted_date": None,
        "modified_date": "2026-03-02 10:15:09",
        "lines": [
            {
                "id": 901,
                "product_id": at["design"],
                "comment": "Design",
                "price": 100,
                "amount": 10,
                "unit": "h",
                "discount": 0,
                "sum": 1000,
                "vat": 20,
                "vat_code_id": at["vat20"],
                "finance_account_id": at["sales"],
                "finance_object_id": at["north"],
                "project_id": at["site"],
            },
            {"id": 902, "product_id": -1, "comment": "Travel", "price": 0, "amount": 0, "vat_code_id": 0},
            {
                "id": 903,
                "product_id": at["chair"],
                "comment": "Chairs",
                "price": "100.00",
                "amount": "3",
                "discount": "7.5",
                "sum": 277.5,
                "vat_code_id": at["vat20"],
                "finance_object_id": 0,
                "project_id": 0,
            },
        ],
        **more,
    }


def quickbooks_invoice(desk: Desk, **more: Any) -> Json:
    return {
        "Id": "266",
        "SyncToken": "0",
        "domain": "QBO",
        "sparse": False,
        "DocNumber": "1021",
        "TxnDate": "2026-03-02",
        "DueDate": "2026-03-16",
        "CurrencyRef": {"value": "EUR", "name": "Euro"},
        "CustomerRef": {"value": desk.bound["acme", Replica.CUSTOMER], "name": "Acme"},
        "CustomerMemo": {"value": "Thank you!"},
        "PrivateNote": "ask Mari",
        "GlobalTaxCalculation": "TaxExcluded",
        "LinkedTxn": [],
        "Line": [
            {
                "Id": "1",
                "LineNum": 1,
                "Description": "Design",
                "Amount": 1000.0,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": desk.id_of("design"), "name": "Design"},
                    "UnitPrice": 100,
                    "Qty": 10,
                    "TaxCodeRef": {"value": desk.id_of("vat20")},
                    "ClassRef": {"value": desk.id_of("north")},
                    "ServiceDate": "2026-02-28",
                    "ItemAccountRef": {"value": "79", "name": "Sales"},
                },
            },
            {
                "Id": "2",
                "LineNum": 2,
                "Description": "Travel",
                "DetailType": "DescriptionOnly",
                "DescriptionLineDetail": {},
            },
            {
                "Id": "3",
                "LineNum": 3,
                "Description": "Chairs",
                "Amount": 277.5,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": desk.id_of("chair")},
                    "UnitPrice": 92.5,
                    "Qty": 3,
                    "TaxCodeRef": {"value": desk.id_of("vat20")},
                },
            },
            {"Amount": 1277.5, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
        ],
        "TxnTaxDetail": {"TotalTax": 255.5},
        "TotalAmt": 1533.0,
        "HomeTotalAmt": 1533.0,
        "Balance": 1533.0,
        "EmailStatus": "EmailSent",
        **more,
    }


def scoro_bill(desk: Desk, **more: Any) -> Json:
    at = {name: int(desk.bound[name, Replica.SCORO]) for name in desk.states}
    return {
        "id": 77,
        "no": "55",
        "reference_no": "S-9",
        "date": "2026-05-05",
        "deadline": "2026-05-19",
        "company_id": at["acme"],
        "currency": "EUR",
        "project_id": -1,
        "discount": 0,
        "sum": 100,
        "vat_sum": 20,
        "status": "unpaid",
        "is_deleted": 0,
        "lines": [
            {
                "id": 31,
                "product_id": 0,
                "comment": "Train",
                "price": 60,
                "amount": 1,
                "vat_code_id": at["vat20"],
                "finance_account_id": at["travel"],
                "project_id": at["site"],
            },
            {
                "id": 32,
                "product_id": at["chair"],
                "comment": "Chairs",
                "price": 10,
                "amount": 4,
                "vat_code_id": at["vat20"],
                "project_id": at["shop"],
            },
        ],
        **more,
    }


def quickbooks_bill(desk: Desk, **more: Any) -> Json:
    vendor, customer = desk.bound["acme", Replica.VENDOR], desk.bound["acme", Replica.CUSTOMER]
    return {
        "Id": "191",
        "SyncToken": "0",
        "VendorRef": {"value": vendor},
        "TxnDate": "2026-05-05",
        "DueDate": "2026-05-19",
        "DocNumber": "S-9",
        "CurrencyRef": {"value": "EUR"},
        "GlobalTaxCalculation": "TaxExcluded",
        "Line": [
            {
                "Id": "1",
                "LineNum": 1,
                "Amount": 60,
                "Description": "Train",
                "LinkedTxn": [],
                "DetailType": "AccountBasedExpenseLineDetail",
                "ProjectRef": {"value": desk.id_of("site")},
                "AccountBasedExpenseLineDetail": {
                    "AccountRef": {"value": desk.id_of("travel")},
                    "CustomerRef": {"value": customer},
                    "BillableStatus": "NotBillable",
                    "TaxCodeRef": {"value": desk.id_of("vat20")},
                },
            },
            {
                "Id": "2",
                "LineNum": 2,
                "Amount": 40,
                "Description": "Chairs",
                "DetailType": "ItemBasedExpenseLineDetail",
                "ItemBasedExpenseLineDetail": {
                    "ItemRef": {"value": desk.id_of("chair")},
                    "Qty": 4,
                    "UnitPrice": 10,
                    "CustomerRef": {"value": desk.id_of("shop")},
                    "BillableStatus": "Billable",
                    "TaxCodeRef": {"value": desk.id_of("vat20")},
                },
            },
        ],
        "TotalAmt": 120,
        "Balance": 120,
        **more,
    }


def scoro_receipt(desk: Desk, **more: Any) -> Json:
    at = {name: int(desk.bound[name, Replica.SCORO]) for name in desk.states}
    return {
        "id": 12,
        "date": "2026-04-01",
        "contact_id": at["acme"],
        "sum": "150.00",
        "currency": "EUR",
        "sales_doc_type": "invoices",
        "receipt_account_id": 2,
        "receipts": [
            {"receipt_id": 1, "invoice_id": at["inv1"], "sum": 100, "sales_doc_type": "invoices"},
            {"receipt_id": 2, "invoice_id": at["inv2"], "sum": "30", "sales_doc_type": "invoices"},
        ],
        "is_deleted": 0,
        **more,
    }


def quickbooks_payment(desk: Desk, **more: Any) -> Json:
    return {
        "Id": "180",
        "SyncToken": "0",
        "CustomerRef": {"value": desk.bound["acme", Replica.CUSTOMER]},
        "TotalAmt": 150.0,
        "UnappliedAmt": 20,
        "TxnDate": "2026-04-01",
        "CurrencyRef": {"value": "EUR"},
        "PaymentRefNum": "T-1",
        "DepositToAccountRef": {"value": desk.id_of("bank")},
        "ProcessPayment": False,
        "Line": [
            {
                "Amount": 100.0,
                "LinkedTxn": [{"TxnId": desk.id_of("inv1"), "TxnType": "Invoice"}],
                "LineEx": {"any": [{"name": "{http://schema}NameValue", "nil": False}]},
            },
            {"Amount": 30.0, "LinkedTxn": [{"TxnId": desk.id_of("inv2"), "TxnType": "Invoice"}]},
        ],
        **more,
    }


def samples(desk: Desk) -> list[tuple[Kind, str, Json]]:
    """One record of every remote type that has lines, maps or references in it."""
    return [
        (Kind.CONTACT, "contacts", scoro_contact()),
        (Kind.CONTACT, "Customer", quickbooks_customer()),
        (Kind.CONTACT, "Vendor", quickbooks_customer(DisplayName="Acme (v)", AcctNum="778")),
        (Kind.PRODUCT, "products", scoro_product(desk)),
        (
            Kind.PRODUCT,
            "Item",
            {
                "Name": "Design",
                "Type": "Service",
                "UnitPrice": 100,
                "Active": True,
                "IncomeAccountRef": {"value": desk.id_of("sales")},
                "SalesTaxCodeRef": {"value": desk.id_of("vat20")},
            },
        ),
        (
            Kind.ACCOUNT,
            "Account",
            {"Name": "Sales", "FullyQualifiedName": "All:Sales", "AccountType": "Income", "AcctNum": "40"},
        ),
        (
            Kind.ACCOUNT,
            "financeAccounts",
            {"name": "Sales", "account_symbol": "40", "is_active": 1, "is_sales_account": 1},
        ),
        (Kind.TAX_RATE, "TaxCode", {"Name": "20%", "Active": True, "SalesRateValue": 20, "PurchaseRateValue": 20}),
        (Kind.TAX_RATE, "vatCodes", {"vat_code": "20%", "percent": "20", "is_sales": 1, "is_active": 1}),
        (Kind.TRACKING_CLASS, "Class", {"Name": "North", "FullyQualifiedName": "All:North", "Active": True}),
        (
            Kind.PROJECT,
            "projects",
            {"project_name": "Site", "company_id": int(desk.bound["acme", Replica.SCORO]), "status": "future"},
        ),
        (
            Kind.PROJECT,
            "Customer",
            {"DisplayName": "Site", "IsProject": True, "ParentRef": {"value": desk.bound["acme", Replica.CUSTOMER]}},
        ),
        (Kind.INVOICE, "invoices", scoro_invoice(desk)),
        (Kind.INVOICE, "Invoice", quickbooks_invoice(desk)),
        (Kind.CREDIT_NOTE, "invoices", scoro_invoice(desk, credited_invoices=[int(desk.bound["inv1", Replica.SCORO])])),
        (Kind.CREDIT_NOTE, "CreditMemo", quickbooks_invoice(desk)),
        (Kind.BILL, "bills", scoro_bill(desk)),
        (Kind.BILL, "Bill", quickbooks_bill(desk)),
        (Kind.VENDOR_CREDIT, "VendorCredit", quickbooks_bill(desk)),
        (Kind.RECEIPT, "receipts", scoro_receipt(desk)),
        (Kind.RECEIPT, "Payment", quickbooks_payment(desk)),
    ]
