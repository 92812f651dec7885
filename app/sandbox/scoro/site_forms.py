"""How a form of the sandbox's site is filled from a row, and how it becomes a patch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.site_pages import Input, Page
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import Entity

Patch = dict[str, Any]

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
    "productGroups": "name",
    "users": "full_name",
    "bookmarks": "title",
}


def choices_of(entity: Entity, choices: str | tuple[str, ...]) -> list[tuple[str, str]]:
    """Value and label of each choice, by label."""
    if isinstance(choices, tuple):
        return [(each, each) for each in choices]
    if choices == "currencies":
        return [(each, each) for each in entity.currencies]
    if choices == "persons":
        rows = [row for row in entity.live_rows("contacts") if row["contact_type"] == "person"]
        return [("0", ""), *sorted(((str(row["id"]), str(row["search_name"])) for row in rows), key=_by_label)]
    named = [(str(row["id"]), str(row[_LABELS[choices]])) for row in entity.live_rows(choices)]
    return [("0", ""), *sorted(named, key=_by_label)]


def _by_label(choice: tuple[str, str]) -> str:
    return choice[1].casefold()


def shown(page: Page, row: Row) -> dict[str, Any]:
    """A row with the single texts that a form shows in place of its maps and lists."""
    texts = {each.name: _shown(each, row[each.name]) for each in page.inputs if each.name in row}
    if "means_of_contact" not in row:
        return row | texts
    means = {kind: (row["means_of_contact"].get(kind) or [""])[0] for kind in _MEANS}
    address = row["addresses"][0] if row["addresses"] else {}
    return row | texts | means | {name: address.get(name, "") for name in _ADDRESS}


def _shown(each: Input, value: Any) -> Any:
    if each.kind == "list":
        return ", ".join(map(str, value or ()))
    return json.dumps(value, default=str) if each.kind == "json" else value


def patch_of(page: Page, form: Mapping[str, str], before: Row | None) -> Patch:
    """The patch that a submitted form means."""
    patch: Patch = {each.name: _value(each, form) for each in page.inputs}
    if page.path == "contacts":
        _nest_contact(patch, before)
    if page.line_inputs:
        patch[page.lines_name] = _lines(page, form)
    return patch


def _value(each: Input, form: Mapping[str, str]) -> Any:
    text = form.get(each.name, "0" if each.kind == "flag" else "").strip()
    if each.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    return _parsed(each.name, text) if each.kind == "json" else text


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text or "{}"))
    except (ValueError, TypeError) as problem:
        raise ApiError(400, f"{name} is not valid") from problem


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
