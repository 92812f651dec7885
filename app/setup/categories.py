"""Step 4: one table of categories (R6–R24, R32–R40), and for each what goes along and what happens to conflicts and deletions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import fields, words
from app.access import Role, needs, person
from app.accounts import log
from app.context import deps
from app.formatting import said
from app.forms import Form
from app.htmx import go, render, wants_fragment
from app.setup import steps
from app.setup.routes import blueprint, too_early
from engine.errors import ConcordError, Refused
from engine.services import setup
from engine.services.bookmarks import saved_views
from engine.services.scope import FILTERED, MEMBERS, NAME, TROUBLE
from engine.services.setup import CategoryForm, CategoryRow

CONFLICTS = (
    ("ask", "Ask a person", "The record waits until somebody has chosen."),
    ("source", "The source wins", "The other value is kept and can be restored."),
    ("newest", "The newest edit wins", "Asks when the two edits are too close in time to tell."),
)
DELETIONS = (
    ("ask", "Ask a person", "Nothing is deleted before somebody says so."),
    ("follow", "Follow", "A deletion at the source deletes or deactivates the other record."),
    ("never", "Never follow", "The other record stays."),
)
TESTS = (
    ("equals", "is"),
    ("contains", "contains"),
    ("from", "is at least"),
    ("to", "is at most"),
    ("set", "is filled in"),
)
FILTER_FIELDS = {
    "contacts": (
        "name",
        "email",
        "currency",
        "vat_number",
        "address/country",
        "address/city",
        "is_client",
        "is_supplier",
    ),
    "invoices": ("number", "date", "due_date", "currency", "reference"),
    "bills": ("number", "date", "due_date", "currency", "reference"),
}
KIND_OF = {"contacts": "contact", "invoices": "invoice", "bills": "bill"}
RULES = 3
NO_BOOKMARK = "Scoro has no bookmark for this list. Save a filtered list there as a bookmark first."
CHANGED = (
    "These settings were changed in another window meanwhile. Here is what is stored now; change it and save again."
)


@blueprint.get("/c/<cid>/setup/categories")
@needs(Role.ADMINISTRATOR)
def categories(cid: str) -> BaseResponse:
    """The table as it is stored."""
    if early := too_early(cid, "categories"):
        return early
    rows = setup.category_rows(deps(), cid)
    return _page(cid, _form_of(rows), rows)


@blueprint.post("/c/<cid>/setup/categories")
@needs(Role.ADMINISTRATOR)
def save_categories(cid: str) -> BaseResponse:
    """Check the whole table and keep all of it or nothing."""
    form, rows = Form.posted(), setup.category_rows(deps(), cid)
    if form.values.get("seen") != seen(rows):
        form = _form_of(rows)
        form.fail("", CHANGED)
        return _page(cid, form, rows, status=409)
    wanted = [_read(form, row) for row in rows]
    then = next((row.category for row in rows if row.category == form.values.get("then")), "")
    if form.ok and not then and not any(row.enabled for row in wanted):
        form.fail("", "Switch on at least one category; otherwise there is nothing to keep in agreement.")
    if not form.ok or not _stored(form, cid, wanted):
        return _page(cid, form, rows, status=422)
    if then:  # what stands in the table so far is kept while somebody looks at one of its rows
        return go(url_for("setup.category", cid=cid, category=then))
    on = [words.CATEGORIES[row.category].lower() for row in wanted if row.enabled]
    log.note("categories_saved", f"Switched on {words.spoken(on)}.", connection_id=cid)
    flash("The categories are saved.", "good")
    return go(steps.onward("categories", cid))


def _stored(form: Form, cid: str, wanted: list[CategoryForm]) -> bool:
    try:
        setup.save_categories(deps(), cid, wanted, person().email)
    except Refused as refusal:
        form.fail("", said(f"{refusal.message} {refusal.hint}".strip()))
    return form.ok


def seen(rows: list[CategoryRow]) -> str:
    """A mark of what a page was made from, so that two windows do not overwrite each other."""
    return str(sum((index + 1) * sum(repr(row).encode()) for index, row in enumerate(rows)))


def _form_of(rows: list[CategoryRow]) -> Form:
    values = {"seen": seen(rows)}
    for row in rows:
        values |= {f"{row.category}-source": row.source, f"{row.category}-automatic": "yes" if row.automatic else "no"}
        start = row.start_date or row.earliest_start
        values |= {f"{row.category}-start": start.isoformat() if start else ""}
        values |= {f"{row.category}-enabled": "on"} if row.enabled else {}
    return Form(values)


def _read(form: Form, row: CategoryRow) -> CategoryForm:
    """One row as a person wants it; what the page shows as fixed is taken from what is stored."""
    name = row.category
    free = len(row.sources_allowed) > 1 and not row.start_fixed
    source = (
        form.choice(f"{name}-source", row.sources_allowed, "Choose one of the two directions.") if free else row.source
    )
    automatic = form.choice(f"{name}-automatic", ("yes", "no"), "Choose automatic or manual.") == "yes"
    enabled = form.flag(f"{name}-enabled")
    asked = f"Enter the start date of {words.CATEGORIES[name].lower()}." if enabled else ""
    start = row.start_date if row.start_fixed else form.day(f"{name}-start", required=asked)
    if start and not row.start_fixed and row.earliest_start and start < row.earliest_start:
        form.fail(f"{name}-start", f"Not earlier than {row.earliest_start}, the day QuickBooks was first connected.")
    return as_form(row, enabled=enabled, source=source, automatic=automatic, start_date=start)


def as_form(row: CategoryRow, **changes: Any) -> CategoryForm:
    """A stored row as the form that would keep it, with some values changed."""
    same = CategoryForm(
        row.category, row.enabled, row.source, row.automatic, row.start_date, row.scope, row.conflicts, row.deletions
    )
    return replace(same, **changes)


def _page(cid: str, form: Form, rows: list[CategoryRow], status: int = 200) -> BaseResponse:
    form.values["seen"] = seen(rows)
    return render(
        "setup/categories.html", form=form, rows=rows, summary=scope_summary, steps=steps.progress(cid), status=status
    )


def scope_summary(row: CategoryRow) -> str:
    """What of a category goes along, in a few words."""
    if "bookmark" in row.scope:
        called = row.scope.get(NAME) or row.scope["bookmark"]
        return f"Bookmark “{called}”. {row.scope.get(TROUBLE, '')}".rstrip()
    rules = row.scope.get("rules", ())
    return words.plural(len(rules), "rule") if rules else "Everything"


@blueprint.get("/c/<cid>/setup/categories/<category>")
@needs(Role.ADMINISTRATOR)
def category(cid: str, category: str) -> BaseResponse:
    """One category in detail. With values in the address the count shows what these would let through."""
    row = _row(cid, category)
    form = Form(request.args.to_dict()) if request.args else _detail_form(row)
    return _detail(cid, row, form)


@blueprint.post("/c/<cid>/setup/categories/<category>")
@needs(Role.ADMINISTRATOR)
def save_category(cid: str, category: str) -> BaseResponse:
    """Keep the filter and the rules for conflicts and deletions."""
    row, form = _row(cid, category), Form.posted()
    scope = _named(cid, row, _scope(form, row))
    conflicts = form.choice("conflicts", [value for value, *_ in CONFLICTS])
    deletions = form.choice("deletions", [value for value, *_ in DELETIONS])
    wanted = as_form(row, scope=scope, conflicts=conflicts, deletions=deletions)
    if not form.ok or not _stored(form, cid, [wanted]):
        return _detail(cid, row, form, status=422)
    log.note("category_saved", f"Changed the rules of {words.CATEGORIES[category].lower()}.", connection_id=cid)
    flash(f"{words.CATEGORIES[category]} are saved.", "good")
    return go(url_for("setup.categories", cid=cid))


def _named(cid: str, row: CategoryRow, scope: Mapping[str, Any]) -> Mapping[str, Any]:
    """The scope with the bookmark's name, as far as Scoro tells it."""
    if "bookmark" not in scope or NAME in scope:
        return scope
    name = dict(_bookmarks(cid, row).found).get(scope["bookmark"], "")
    return {**scope, NAME: name} if name else scope


def _row(cid: str, category: str) -> CategoryRow:
    found = [row for row in setup.category_rows(deps(), cid) if row.category == category]
    return found[0] if found else abort(404)


def _detail_form(row: CategoryRow) -> Form:
    values = {"conflicts": row.conflicts, "deletions": row.deletions, "bookmark": str(row.scope.get("bookmark", ""))}
    values["limit"] = "bookmark" if "bookmark" in row.scope else "rules" if row.scope.get("rules") else "all"
    for index, rule in enumerate(row.scope.get("rules", ())):
        values |= {
            f"field-{index}": rule["field"],
            f"is-{index}": rule["is"],
            f"value-{index}": str(rule.get("value", "")),
        }
    return Form(values)


def _scope(form: Form, row: CategoryRow) -> Mapping[str, Any]:
    """The filter as it is stored: nothing, a bookmark, or rules of our own (R36–R39)."""
    if row.category not in FILTERED:
        return {}
    match form.choice("limit", ("all", "bookmark", "rules"), "Choose what goes along."):
        case "bookmark":
            number = form.text("bookmark", required="Choose a bookmark.", limit=20)
            if number and not number.isdigit():
                form.fail("bookmark", "The number of a bookmark has digits only.")
            same = row.scope if row.scope.get("bookmark") == number else {}
            return {"bookmark": number, MEMBERS: same.get(MEMBERS, [])} | _name_of(same)
        case "rules":
            rules = [rule for index in range(RULES) if (rule := _rule(form, row.category, index))]
            if not rules:
                form.fail("field-0", "Enter at least one rule, or let everything go along.")
            return {"rules": rules}
        case _:
            return {}


def _name_of(scope: Mapping[str, Any]) -> dict[str, str]:
    return {NAME: scope[NAME]} if NAME in scope else {}


@dataclass(frozen=True, slots=True)
class Bookmarks:
    """What Scoro answers when it is asked for its bookmarks: (id, title) of each, or why it tells none."""

    found: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


def _bookmarks(cid: str, row: CategoryRow) -> Bookmarks:
    """Those to choose from; one in force that Scoro does not list any more stays in the list, and says so."""
    try:
        listed = saved_views(deps(), cid, row.category)
    except ConcordError as error:
        return Bookmarks(trouble=f"{error.message} {error.hint}".strip())
    chosen = str(row.scope.get("bookmark", ""))
    gone = (
        {chosen: f"{row.scope.get(NAME) or chosen} (not in Scoro any more)"} if chosen and chosen not in listed else {}
    )
    found = tuple({**listed, **gone}.items())
    return Bookmarks(found, "" if found else NO_BOOKMARK)


def _rule(form: Form, category: str, index: int) -> dict[str, str] | None:
    if not form.values.get(f"field-{index}"):
        return None
    named = form.choice(f"field-{index}", FILTER_FIELDS[category], "Choose a field from the list.")
    test = form.choice(f"is-{index}", [value for value, _ in TESTS], "Choose how to compare.")
    value = form.text(f"value-{index}", required="" if test == "set" else "Enter the value to compare with.")
    return {"field": named, "is": test, "value": value}


def _detail(cid: str, row: CategoryRow, form: Form, status: int = 200) -> BaseResponse:
    trial = Form(dict(form.values))
    scope = _scope(trial, row)
    counting = wants_fragment()
    count = setup.scope_count(deps(), cid, row.category, scope) if row.category in FILTERED and trial.ok else None
    return render(
        "setup/category.html",
        "setup/_scope_count.html" if request.method == "GET" else None,
        row=row,
        form=form,
        count=count,
        filtered=row.category in FILTERED,
        bookmarks=_bookmarks(cid, row) if row.category in FILTERED and not counting else Bookmarks(),
        choices=_field_choices(row.category),
        tests=TESTS,
        rules=RULES,
        conflicts=CONFLICTS,
        deletions=DELETIONS,
        steps=steps.progress(cid),
        status=status,
    )


def _field_choices(category: str) -> list[tuple[str, str]]:
    return [(path, fields.label(KIND_OF[category], path)) for path in FILTER_FIELDS.get(category, ())]
