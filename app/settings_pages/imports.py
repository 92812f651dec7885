"""The historical import (R34): data from before the start date, for a period and a category, previewed and confirmed."""

from __future__ import annotations

from flask import current_app, flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import words
from app.access import Role, needs, person
from app.accounts import log as activity
from app.context import database, deps
from app.fields import titles
from app.forms import Form
from app.htmx import go, render
from app.settings_pages.routes import blueprint
from engine.core.records import Category
from engine.errors import Refused
from engine.services import setup
from engine.services.history import ImportPreview, Period, import_period, preview_import

SAMPLES = 10


@blueprint.get("/import")
@needs(Role.ADMINISTRATOR)
def history(cid: str) -> BaseResponse:
    """The form."""
    return _page(cid, Form())


@blueprint.post("/import/preview")
@needs(Role.ADMINISTRATOR)
def preview_history(cid: str) -> BaseResponse:
    """Read the period and show what it would bring; nothing is written to either system."""
    form = Form.posted()
    period = _period(cid, form)
    if period is None:
        return _page(cid, form, status=422)
    try:
        found = preview_import(deps(), cid, period)
    except Refused as refusal:
        form.fail("", f"{refusal.message} {refusal.hint}".strip())
        return _page(cid, form, status=422)
    return _page(cid, form, preview=found)


@blueprint.post("/import")
@needs(Role.ADMINISTRATOR)
def start_import(cid: str) -> BaseResponse:
    """Let the period through and start a run."""
    form = Form.posted()
    period = _period(cid, form)
    if period is None:
        return _page(cid, form, status=422)
    run_id = import_period(deps(), cid, period, person().email)
    sentence = f"Started the historical import of {period.category} from {period.first} to {period.last}."
    activity.note("import_started", sentence, connection_id=cid)
    flash(sentence, "good")
    if "runs.run" in current_app.view_functions:
        return go(url_for("runs.run", cid=cid, run_id=run_id))
    return go(url_for("settings.page", cid=cid))


def _period(cid: str, form: Form) -> Period | None:
    category = form.choice("category", [value for value, _ in _choices(cid)], "Choose a category.")
    first = form.day("first", required="Enter the first day.")
    last = form.day("last", required="Enter the last day.")
    if first and last and last < first:
        form.fail("last", "The last day is before the first.")
    return Period(Category(category), first, last) if form.ok and first and last else None


def _choices(cid: str) -> list[tuple[str, str]]:
    """Categories that are on and have a start date, which is what keeps older data out."""
    rows = [row for row in setup.category_rows(deps(), cid) if row.enabled and row.start_date]
    return [(row.category, words.CATEGORIES[row.category]) for row in rows]


def _page(cid: str, form: Form, *, preview: ImportPreview | None = None, status: int = 200) -> BaseResponse:
    ids = preview.object_ids[:SAMPLES] if preview else ()
    with database() as session:
        samples = list(titles(session, ids).values())
    return render(
        "settings/import.html", form=form, choices=_choices(cid), preview=preview, samples=samples, status=status
    )
