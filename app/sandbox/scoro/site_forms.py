"""The forms of the sandbox's site: which fields a module shows, and how a form becomes a patch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import Entity

Patch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """One input. `kind` is text, area, number, date, flag or choice; `choices` a module or fixed values."""

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
    Input("no", "Number"),
    Input("date", "Date", "date"),
    Input("deadline", "Due", "date"),
    Input("currency", "Currency", "choice", "currencies"),
    Input("currency_rate", "Rate", "number"),
    Input("discount", "Discount %", "number"),
    Input("project_id", "Project", "choice", "projects"),
    Input("reference_no", "Reference"),
    Input("is_sent", "Sent", "flag"),
    Input("description", "Note", "area"),
)
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
            _HEADER,
            _LINE,
            ("no", "description", "company_id"),
            acts=("receipt", "send", "credit", "delete"),
        ),
        Page(
            "bills",
            "Bills",
            "bill",
            _DOCUMENT_COLUMNS,
            _HEADER,
            _LINE,
            ("no", "description", "company_id"),
            acts=("receipt", "delete"),
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
                Input("comments", "Comments", "area"),
            ),
            (),
            ("search_name", "vatno", "id_code"),
            acts=("merge", "delete"),
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
            ),
            (),
            ("name", "code"),
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
            (Input("invoice_id", "Document id", "number"), Input("sum", "Amount", "number")),
            ("contact_id", "sales_doc_type"),
            "receipts",
            "receipt_id",
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
                Input("status", "Status", "choice", ("pending", "inprogress", "completed", "cancelled", "future")),
                Input("date", "Start", "date"),
                Input("deadline", "Deadline", "date"),
                Input("description", "Description", "area"),
            ),
            (),
            ("project_name", "company_id"),
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
            ),
            (),
            ("name",),
        ),
    )
}  # fmt: skip

# Fields that show the name of what they point at.
POINTERS = {"company_id": "contacts", "contact_id": "contacts"}
_MEANS = ("email", "phone", "mobile", "website")
_ADDRESS = ("street", "city", "county", "zipcode", "country")
_LABELS = {
    "contacts": "search_name",
    "products": "name",
    "projects": "project_name",
    "vatCodes": "vat_code",
    "financeAccounts": "name",
    "financeObjects": "name",
    "clientProfiles": "name",
    "receiptAccounts": "name",
}


def choices_of(entity: Entity, choices: str | tuple[str, ...]) -> list[tuple[str, str]]:
    """Value and label of each choice, by label."""
    if isinstance(choices, tuple):
        return [(each, each) for each in choices]
    if choices == "currencies":
        return [(each, each) for each in entity.currencies]
    named = [(str(row["id"]), str(row[_LABELS[choices]])) for row in entity.live_rows(choices)]
    return [("0", ""), *sorted(named, key=_by_label)]


def _by_label(choice: tuple[str, str]) -> str:
    return choice[1].casefold()


def shown(row: Row) -> dict[str, Any]:
    """A row with the single values that the contact form shows in place of its maps and lists."""
    if "means_of_contact" not in row:
        return row
    means = {kind: (row["means_of_contact"].get(kind) or [""])[0] for kind in _MEANS}
    address = row["addresses"][0] if row["addresses"] else {}
    return row | means | {name: address.get(name, "") for name in _ADDRESS}


def patch_of(page: Page, form: Mapping[str, str], before: Row | None) -> Patch:
    """The patch that a submitted form means."""
    patch: Patch = {each.name: _value(each, form) for each in page.inputs}
    if page.path == "contacts":
        _nest_contact(patch, before)
    if page.line_inputs:
        patch[page.lines_name] = _lines(page, form)
    return patch


def _value(each: Input, form: Mapping[str, str]) -> str:
    return form.get(each.name, "0" if each.kind == "flag" else "").strip()


def _nest_contact(patch: Patch, before: Row | None) -> None:
    """The first e-mail, phone and address are edited; further ones stay."""
    means = {kind: list(values) for kind, values in (before or {}).get("means_of_contact", {}).items()}
    for kind in _MEANS:
        means[kind] = [value for value in (patch.pop(kind), *means.get(kind, [])[1:]) if value]
    known = list((before or {}).get("addresses", []))
    first = (known[0] if known else {}) | {name: patch.pop(name) for name in _ADDRESS}
    has_address = any(first.get(name) for name in _ADDRESS)
    patch |= {"means_of_contact": means, "addresses": ([first] if has_address else []) + known[1:]}


def _lines(page: Page, form: Mapping[str, str]) -> list[Patch]:
    """Lines in their order; removed ones and empty new ones are left out."""
    lines: list[Patch] = []
    nothing = {(each.name, "0") for each in page.line_inputs if each.kind == "choice"}
    for index in range(int(form.get("line-count", "0"))):
        line = {each.name: form.get(f"line-{index}-{each.name}", "").strip() for each in page.line_inputs}
        filled = {name: value for name, value in line.items() if value and (name, value) not in nothing}
        if filled and not form.get(f"line-{index}-remove"):
            known = form.get(f"line-{index}-id", "")
            lines.append(filled | ({page.line_key: known} if known else {}))
    return lines


Search = Callable[[Row], bool]


def search_of(page: Page, entity: Entity, text: str) -> Search:
    """Whether any searched field of a row contains the text."""
    wanted = text.casefold()
    return lambda row: any(wanted in cell(entity, row, name).casefold() for name in page.searched)


def cell(entity: Entity, row: Row, name: str) -> str:
    """A field as a list shows it."""
    value = row.get(name)
    if name in POINTERS:
        target = entity.row(POINTERS[name], value or 0)
        return str(target["search_name"]) if target else ""
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)
