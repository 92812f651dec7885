"""The modules that the sandbox's site shows: their lists, forms and buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.sandbox.scoro.documents_table import PAYMENT_TYPES
from app.sandbox.scoro.hooks import HOOK_MODULES
from app.sandbox.scoro.lists_table import PROJECT_STATUSES

EVERYDAY = "Everyday"
PAPERS = "Further documents"
LISTS = "Lists and settings"
"""How the site's front page groups them; the everyday ones stand in its navigation."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input.

    `kind` is text, area, number, date, flag, choice, list (values between commas) or json; `choices` a module or fixed values.
    """

    name: str
    label: str
    kind: str = "text"
    choices: str | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A module on the site. `columns` are fields of its list, the first one leads to the form."""

    path: str
    title: str
    singular: str
    columns: tuple[tuple[str, str], ...]
    inputs: tuple[Input, ...]
    line_inputs: tuple[Input, ...] = ()
    searched: tuple[str, ...] = ()
    lines_name: str = "lines"
    line_key: str = "id"
    acts: tuple[str, ...] = ("delete",)
    group: str = LISTS


_LINE = (
    Input("product_id", "Product", "choice", "products"),
    Input("comment", "Text"),
    Input("amount", "Quantity", "number"),
    Input("unit", "Unit"),
    Input("price", "Price", "number"),
    Input("discount", "Discount %", "number"),
    Input("vat_code_id", "Tax", "choice", "vatCodes"),
    Input("finance_account_id", "Account", "choice", "financeAccounts"),
    Input("finance_object_id", "Object", "choice", "financeObjects"),
    Input("project_id", "Project", "choice", "projects"),
)
_HEADER = (
    Input("company_id", "Contact", "choice", "contacts"),
    Input("person_id", "Contact person", "choice", "persons"),
    Input("no", "Number"),
    Input("date", "Date", "date"),
    Input("deadline", "Due", "date"),
    Input("currency", "Currency", "choice", "currencies"),
    Input("currency_rate", "Rate", "number"),
    Input("discount", "Discount %", "number"),
    Input("vat_code_id", "Tax of the whole", "choice", "vatCodes"),
    Input("project_id", "Project", "choice", "projects"),
    Input("owner_id", "Owner", "choice", "users"),
    Input("is_sent", "Sent", "flag"),
)
_NOTE = Input("description", "Note", "area")
_PAYMENT = (
    Input("payment_type", "Payment", "choice", PAYMENT_TYPES),
    Input("reference_no", "Reference"),
)
_STATUS = Input("status", "Status", "choice", ("pending", "confirmed"))
_SEARCHED = ("no", "description", "company_id")
_VIEWED = ("contacts", "companies", "persons", "invoices", "bills", "products", "projects", "quotes", "orders")
_DOCUMENT_COLUMNS = (
    ("no", "No"),
    ("company_id", "Contact"),
    ("date", "Date"),
    ("deadline", "Due"),
    ("status", "Status"),
    ("currency", "Currency"),
    ("sum", "Net"),
    ("vat_sum", "Tax"),
)

PAGES: Mapping[str, Page] = {
    page.path: page
    for page in (
        Page(
            "invoices",
            "Invoices",
            "invoice",
            (*_DOCUMENT_COLUMNS, ("receivable_sum", "Still due")),
            (*_HEADER, *_PAYMENT, Input("credited_invoices", "Credits (ids)", "list"), _NOTE),
            _LINE,
            _SEARCHED,
            acts=("receipt", "send", "credit", "delete"),
            group=EVERYDAY,
        ),
        Page(
            "bills",
            "Bills",
            "bill",
            _DOCUMENT_COLUMNS,
            (*_HEADER, *_PAYMENT, Input("is_chargeable", "To be charged", "flag"), _NOTE),
            _LINE,
            _SEARCHED,
            acts=("receipt", "delete"),
            group=EVERYDAY,
        ),
        Page(
            "contacts",
            "Contacts",
            "contact",
            (("search_name", "Name"), ("contact_type", "Kind"), ("is_client", "Client"), ("is_supplier", "Supplier")),
            (
                Input("contact_type", "Kind", "choice", ("company", "person")),
                Input("name", "Name or given name"),
                Input("lastname", "Family name"),
                Input("is_client", "Client", "flag"),
                Input("is_supplier", "Supplier", "flag"),
                Input("client_profile_id", "Client profile", "choice", "clientProfiles"),
                Input("email", "E-mail"),
                Input("phone", "Phone"),
                Input("mobile", "Mobile"),
                Input("website", "Website"),
                Input("street", "Street"),
                Input("city", "City"),
                Input("county", "County or state"),
                Input("zipcode", "Postcode"),
                Input("country", "Country (three letters)"),
                Input("vatno", "VAT number"),
                Input("id_code", "Registry number"),
                Input("bankaccount", "Bank account"),
                Input("manager_id", "Manager", "choice", "users"),
                Input("tags", "Tags", "list"),
                Input("comments", "Comments", "area"),
            ),
            (),
            ("search_name", "vatno", "id_code"),
            acts=("merge", "delete"),
            group=EVERYDAY,
        ),
        Page(
            "products",
            "Products",
            "product",
            (("name", "Name"), ("code", "Code"), ("price", "Price"), ("unit", "Unit"), ("is_active", "Active")),
            (
                Input("name", "Name"),
                Input("code", "Code"),
                Input("description", "Description", "area"),
                Input("price", "Price", "number"),
                Input("buying_price", "Cost", "number"),
                Input("unit", "Unit"),
                Input("is_service", "Service", "flag"),
                Input("is_active", "Active", "flag"),
                Input("default_vat_code_id", "Tax", "choice", "vatCodes"),
                Input("sales_finance_account_id", "Income account", "choice", "financeAccounts"),
                Input("purchases_finance_account_id", "Expense account", "choice", "financeAccounts"),
                Input("accounting_object_id", "Accounting object", "choice", "financeObjects"),
                Input("productgroup_id", "Group", "choice", "productGroups"),
                Input("product_accounts", "Entities", "list"),
            ),
            (),
            ("name", "code"),
            group=EVERYDAY,
        ),
        Page(
            "receipts",
            "Receipts",
            "receipt",
            (("id", "No"), ("contact_id", "Contact"), ("date", "Date"), ("sales_doc_type", "For"),
             ("currency", "Currency"), ("sum", "Sum")),
            (
                Input("contact_id", "Contact", "choice", "contacts"),
                Input("sales_doc_type", "For", "choice", ("invoices", "bills", "expenses")),
                Input("date", "Date", "date"),
                Input("sum", "Sum", "number"),
                Input("currency", "Currency", "choice", "currencies"),
                Input("receipt_account_id", "Account", "choice", "receiptAccounts"),
            ),
            (
                Input("invoice_id", "Document id", "number"),
                Input("prepayment_id", "or prepayment id", "number"),
                Input("sum", "Amount", "number"),
            ),
            ("contact_id", "sales_doc_type"),
            "receipts",
            "receipt_id",
            group=EVERYDAY,
        ),
        Page(
            "projects",
            "Projects",
            "project",
            (("project_name", "Name"), ("no", "No"), ("company_id", "Client"), ("status", "Status"),
             ("deadline", "Deadline")),
            (
                Input("project_name", "Name"),
                Input("company_id", "Client", "choice", "contacts"),
                Input("status", "Status", "choice", PROJECT_STATUSES),
                Input("manager_id", "Manager", "choice", "users"),
                Input("date", "Start", "date"),
                Input("deadline", "Deadline", "date"),
                Input("description", "Description", "area"),
            ),
            (),
            ("project_name", "company_id"),
            group=EVERYDAY,
        ),
        Page("quotes", "Quotes", "quote", _DOCUMENT_COLUMNS, (*_HEADER, _STATUS, _NOTE), _LINE, _SEARCHED, group=PAPERS),
        Page("orders", "Orders", "order", _DOCUMENT_COLUMNS, (*_HEADER, _STATUS, _NOTE), _LINE, _SEARCHED, group=PAPERS),
        Page(
            "prepayments",
            "Prepayments",
            "prepayment invoice",
            _DOCUMENT_COLUMNS,
            (*_HEADER, Input("prepayment_percent", "Percent", "number"), _NOTE),
            _LINE,
            _SEARCHED,
            acts=("receipt", "delete"),
            group=PAPERS,
        ),
        Page(
            "purchaseOrders",
            "Purchase orders",
            "purchase order",
            _DOCUMENT_COLUMNS,
            (*_HEADER, _STATUS, Input("delivery_date", "Delivery", "date"), _NOTE),
            _LINE,
            _SEARCHED,
            group=PAPERS,
        ),
        Page(
            "expenses",
            "Expenses",
            "expense",
            (("no", "No"), ("company_id", "Contact"), ("date", "Date"), ("status", "Status"), ("currency", "Currency"),
             ("sum", "Net"), ("tax_sum", "Tax")),
            (
                Input("company_id", "Contact", "choice", "contacts"),
                Input("no", "Number"),
                Input("date", "Date", "date"),
                Input("due_date", "Due", "date"),
                Input("currency", "Currency", "choice", "currencies"),
                Input("owner_id", "Owner", "choice", "users"),
                Input("is_reimbursable", "To be reimbursed", "flag"),
                Input("is_chargeable", "To be charged", "flag"),
                Input("comment", "Note", "area"),
            ),
            (
                Input("description", "Text"),
                Input("quantity", "Quantity", "number"),
                Input("price", "Price", "number"),
                Input("tax_code_id", "Tax", "choice", "vatCodes"),
                Input("finance_account_id", "Account", "choice", "financeAccounts"),
                Input("accounting_object_id", "Object", "choice", "financeObjects"),
                Input("project_id", "Project", "choice", "projects"),
            ),
            ("no", "comment", "company_id"),
            acts=("receipt", "delete"),
            group=PAPERS,
        ),
        Page(
            "tasks",
            "Tasks",
            "task",
            (("event_name", "Name"), ("status", "Status"), ("is_completed", "Done")),
            (
                Input("event_name", "Name"),
                Input("project_id", "Project", "choice", "projects"),
                Input("owner_id", "Owner", "choice", "users"),
                Input("related_users", "Users (ids)", "list"),
                Input("status", "Status", "choice", ("task_status1", "task_status2", "task_status3")),
                Input("is_completed", "Done", "flag"),
                Input("description", "Description", "area"),
            ),
            (),
            ("event_name",),
            group=PAPERS,
        ),
        Page(
            "vatCodes",
            "Tax rates",
            "tax rate",
            (("vat_code", "Code"), ("vat_name", "Name"), ("percent", "Percent"), ("is_active", "Active")),
            (
                Input("vat_code", "Code"),
                Input("vat_name", "Name"),
                Input("percent", "Percent", "number"),
                Input("is_sales", "For sales", "flag"),
                Input("is_purchases", "For purchases", "flag"),
                Input("is_active", "Active", "flag"),
            ),
            (),
            ("vat_code", "vat_name"),
        ),
        Page(
            "financeAccounts",
            "Finance accounts",
            "finance account",
            (("name", "Name"), ("account_symbol", "Symbol"), ("is_active", "Active")),
            (
                Input("account_symbol", "Symbol"),
                Input("name", "Name"),
                Input("is_sales_account", "For sales", "flag"),
                Input("is_purchases_account", "For purchases", "flag"),
                Input("is_active", "Active", "flag"),
            ),
            (),
            ("name", "account_symbol"),
        ),
        Page(
            "financeObjects",
            "Accounting objects",
            "accounting object",
            (("name", "Name"), ("object_symbol", "Symbol")),
            (Input("object_symbol", "Symbol"), Input("name", "Name")),
            (),
            ("name",),
        ),
        Page(
            "clientProfiles",
            "Client profiles",
            "client profile",
            (("name", "Name"), ("currency", "Currency"), ("deadline_days", "Days")),
            (
                Input("name", "Name"),
                Input("currency", "Currency", "choice", "currencies"),
                Input("deadline_days", "Days to pay", "number"),
                Input("vat_code_id", "Tax", "choice", "vatCodes"),
                Input("discount", "Discount %", "number"),
            ),
            (),
            ("name",),
        ),
        Page(
            "receiptAccounts",
            "Receipt accounts",
            "receipt account",
            (("name", "Name"), ("type", "Type")),
            (Input("name", "Name"), Input("type", "Type", "choice", PAYMENT_TYPES)),
            (),
            ("name",),
        ),
        Page(
            "productGroups",
            "Product groups",
            "product group",
            (("name", "Name"), ("comments", "Comments")),
            (Input("name", "Name"), Input("parent_group_id", "Within", "choice", "productGroups"), Input("comments", "Comments")),
            (),
            ("name",),
        ),
        Page(
            "bookmarks",
            "Bookmarks",
            "bookmark",
            (("title", "Title"), ("module", "Module"), ("is_shared", "Shared")),
            (
                Input("title", "Title"),
                Input("module", "Module", "choice", _VIEWED),
                Input("is_shared", "Shared with everybody", "flag"),
                Input("filter", "Filter (JSON)", "json"),
            ),
            (),
            ("title", "module"),
        ),
        Page(
            "webhooks",
            "Webhooks",
            "webhook",
            (("id", "No"), ("module", "Module"), ("action", "Action"), ("url", "Address")),
            (
                Input("module", "Module", "choice", tuple(sorted(HOOK_MODULES))),
                Input("action", "Action", "choice", ("any", "create", "modify", "delete")),
                Input("url", "Address"),
                Input("fields", "Only when these fields change", "list"),
                Input("actors", "Actors (ids, me, group_1)", "list"),
                Input("owners", "Owners", "list"),
                Input("relation_type", "Related by", "choice", ("", "owned_by", "managed_by", "created_by", "assigned_to")),
                Input("bookmark_id", "Bookmark", "choice", "bookmarks"),
            ),
            (),
            ("module", "url"),
        ),
    )
}  # fmt: skip
