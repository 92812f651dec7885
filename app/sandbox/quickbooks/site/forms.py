"""Between a form of the site and the body of a write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.currency import cents
from app.sandbox.quickbooks.profiles import CURRENCY_NAMES
from app.sandbox.quickbooks.settlements import CHARGES, CREDITS, target_of
from app.sandbox.quickbooks.site.catalogue import FormField, Input, Lines, Page
from app.sandbox.quickbooks.wire import Json

BLANK_LINES = 3
Choice = tuple[str, str]
COLUMNS = ("id", "what", "text", "qty", "price", "tax", "class", "project")
_DETAILS = {
    "sold": "SalesItemLineDetail",
    "account": "AccountBasedExpenseLineDetail",
    "item": "ItemBasedExpenseLineDetail",
}
_TARGETS = {"sold": "ItemRef", "account": "AccountRef", "item": "ItemRef"}


def value_at(data: Mapping[str, Any], path: str) -> Any:
    """The property at a dotted path; the id of a reference."""
    value: Any = data
    for part in path.split("."):
        value = (value or {}).get(part) if isinstance(value, Mapping) else None
    return value.get("value", "") if isinstance(value, Mapping) else value


def shown(value: Any) -> str:
    """A stored value as an input shows it."""
    if value is None or isinstance(value, bool):
        return "" if not value else "yes"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:f}"
    return str(value)


def choices(company: Company, target: str) -> list[Choice]:
    """Active records of an entity as (id, name)."""
    if target == "CompanyCurrency":
        codes = [company.home, *(row.data["Code"] for row in company.all(target) if row.data["Active"])]
        return [(code, CURRENCY_NAMES.get(code, code)) for code in codes]
    if target == "Project":
        return [
            (project, company.get("Customer", row).data["DisplayName"]) for project, row in company.project_ids.items()
        ]
    rows = (row for row in company.all(target) if row.data.get("Active", True))
    return sorted(((row.id, label(row)) for row in rows), key=lambda each: each[1].casefold())


def label(row: Row) -> str:
    data = row.data
    return str(
        data.get("FullyQualifiedName") or data.get("DisplayName") or data.get("Name") or data.get("DocNumber") or row.id
    )


def body_of(page: Page, form: Mapping[str, str], company: Company, before: Row | None) -> Json:
    """The write a submitted form asks for."""
    body: Json = {}
    for field in page.fields:
        if field.path in form or field.input is Input.CHECK:
            _put(body, field, form.get(field.path, ""), before)
    if page.contact:
        _follow_currency(body, page, company, before)
    if page.lines is Lines.SETTLED:
        body["Line"] = list(_settled(form))
    elif page.lines is not Lines.NONE:
        body["Line"] = list(_lines(form, before))
    return body


def _put(body: Json, field: FormField, text: str, before: Row | None) -> None:
    """Write one input into the body; on a new record what was left empty is left out."""
    value = _input_value(field, text.strip())
    if (before is None and value in (None, "")) or (before is not None and field.fixed):
        return
    *groups, name = field.path.split(".")
    for group in groups:
        body = body.setdefault(group, {})
    body[name] = value


def _input_value(field: FormField, text: str) -> Any:
    if field.input is Input.CHECK:
        return bool(text)
    if field.input is Input.RECORD:
        return {"value": text} if text else None
    return text


def _follow_currency(body: Json, page: Page, company: Company, before: Row | None) -> None:
    contact = company.find(page.contact.removesuffix("Ref"), str((body.get(page.contact) or {}).get("value", "")))
    if contact is not None and before is None:
        body["CurrencyRef"] = {"value": contact.ref("CurrencyRef")}


def _lines(form: Mapping[str, str], before: Row | None) -> Iterable[Json]:
    """The rows of the line table that were not left empty; what the table does not show is kept."""
    stored = {line["Id"]: line for line in (before.data["Line"] if before else []) if "Id" in line}
    yield from (line for line in stored.values() if not _is_shown(line))
    for number in range(int(form.get("lines") or 0)):
        cells = {name: form.get(f"line-{number}-{name}", "").strip() for name in COLUMNS}
        if cells["what"] or cells["text"]:
            yield _line(cells, stored.get(cells["id"], {}))


def _line(cells: Mapping[str, str], stored: Json) -> Json:
    line: Json = {"Id": cells["id"]} if cells["id"] else {}
    if cells["text"]:
        line["Description"] = cells["text"]
    if not cells["what"]:
        return {**line, "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
    kind, _, target = cells["what"].partition("-")
    detail = _DETAILS[kind]
    inner = {key: value for key, value in (stored.get(detail) or {}).items() if key != "TaxInclusiveAmt"}
    inner |= {
        _TARGETS[kind]: {"value": target},
        "TaxCodeRef": _chosen(cells["tax"]),
        "ClassRef": _chosen(cells["class"]),
    }
    quantity, price = Decimal(cells["qty"] or "1"), Decimal(cells["price"] or "0")
    if kind != "account":
        inner |= {"Qty": quantity, "UnitPrice": price}
    if cells["project"]:
        line["ProjectRef"] = {"value": cells["project"]}
    return {**line, "Amount": cents(quantity * price), "DetailType": detail, detail: inner}


def _chosen(identity: str) -> Json | None:
    return {"value": identity} if identity else None


def _settled(form: Mapping[str, str]) -> Iterable[Json]:
    for name, text in form.items():
        if name.startswith("settle-") and text.strip():
            kind, identity = name.removeprefix("settle-").split("-")
            yield {"Amount": Decimal(text), "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}


def line_choices(company: Company, kind: Lines) -> list[Choice]:
    """What a line may be about: products when selling, accounts and products when buying."""
    items = choices(company, "Item")
    if kind is Lines.SALES:
        return [(f"sold-{identity}", name) for identity, name in items]
    accounts = [(f"account-{identity}", name) for identity, name in choices(company, "Account")]
    return accounts + [(f"item-{identity}", name) for identity, name in items]


def line_rows(row: Row | None) -> list[dict[str, str]]:
    """The line table of a form: what is stored, then empty rows."""
    lines = [] if row is None else [line for line in row.data.get("Line", []) if "Id" in line and _is_shown(line)]
    stored = [_line_row(line) for line in lines]
    return stored + [dict.fromkeys(COLUMNS, "") for _ in range(BLANK_LINES)]


def _is_shown(line: Json) -> bool:
    """Discounts and bundles have no row in the table."""
    return line["DetailType"] in {*_DETAILS.values(), "DescriptionOnly"}


def _line_row(line: Json) -> dict[str, str]:
    kind = next((kind for kind, detail in _DETAILS.items() if line.get(detail) is not None), "")
    inner = line[_DETAILS[kind]] if kind else {}
    target = (inner.get(_TARGETS.get(kind, "")) or {}).get("value", "")
    return {
        "id": line["Id"],
        "what": f"{kind}-{target}" if target else "",
        "text": line.get("Description", ""),
        "qty": shown(inner.get("Qty")),
        "price": shown(inner.get("UnitPrice", line.get("Amount"))),
        "tax": (inner.get("TaxCodeRef") or {}).get("value", ""),
        "class": (inner.get("ClassRef") or {}).get("value", ""),
        "project": (line.get("ProjectRef") or {}).get("value", ""),
    }


def settlement_rows(company: Company, page: Page, contact: str, row: Row | None) -> list[dict[str, str]]:
    """Open documents of the contact, and those this payment already settles, with the amount on each."""
    held = {target_of(line)[::-1]: line["Amount"] for line in (row.data["Line"] if row else [])}
    found = []
    for kind in (CHARGES[page.entity], CREDITS[page.entity]):
        for document in company.all(kind):
            amount = held.get((kind, document.id))
            if amount is not None or (document.ref(page.contact) == contact and document.amount("Balance")):
                name = f"{kind} {document.data.get('DocNumber', document.id)} of {document.data['TxnDate']}"
                left = shown(document.amount("Balance"))
                found.append(
                    {"key": f"settle-{kind}-{document.id}", "name": name, "open": left, "amount": shown(amount)}
                )
    return found
