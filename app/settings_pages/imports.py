"""The historical import (R34): data from before the start date, for a period and a category, previewed and confirmed."""

from __future__ import annotations

from flask import current_app, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import words
from app.access import Role, needs, person
from app.accounts import log as activity
from app.context import database, deps
from app.fields import titles
from app.formatting import day, said, titled
from app.forms import Form
from app.htmx import go, htmx, leave, render
from app.settings_pages.routes import blueprint
from engine.core.records import Category
from engine.errors import Refused
from engine.services import setup
from engine.services.history import ImportPreview, Period, import_period, period_of, preview_of, request_preview
from engine.services.runs import OPEN
from engine.services.sync import LOOK
from engine.store.tables import Run

SAMPLES = 10


@blueprint.get("/import")
@needs(Role.ADMINISTRATOR)
def history(cid: str) -> BaseResponse:
    """The form; with a preview's run in the address, how far that is, then what the import would bring."""
    run = _preview_run(cid)
    if run is None:
        return _page(cid, Form())
    period = period_of(run)
    form = Form({"category": period.category, "first": period.first.isoformat(), "last": period.last.isoformat()})
    if run.state in OPEN:
        return _page(cid, form, run=run)
    if htmx.target == "looking":
        return leave(url_for("settings.history", cid=cid, run=run.id))
    if run.state != "done":
        form.fail("", f"{run.error or 'The preview was stopped.'} {run.hint}".strip())
        return _page(cid, form)
    return _page(cid, form, preview=preview_of(deps(), run))


def _preview_run(cid: str) -> Run | None:
    """The preview's run that the address names, when it is one of this connection."""
    with database() as session:
        run = session.get(Run, request.args.get("run", "").replace("\x00", ""))
    return run if run is not None and run.connection_id == cid and run.trigger == LOOK else None


@blueprint.post("/import/preview")
@needs(Role.ADMINISTRATOR)
def preview_history(cid: str) -> BaseResponse:
    """Have the period read; nothing is written to either system."""
    form = Form.posted()
    period = _period(cid, form)
    if period is None:
        return _page(cid, form, status=422)
    try:
        run_id = request_preview(deps(), cid, period, person().email)
    except Refused as refusal:
        form.fail("", said(f"{refusal.message} {refusal.hint}".strip()))
        return _page(cid, form, status=422)
    return go(url_for("settings.history", cid=cid, run=run_id))


@blueprint.post("/import")
@needs(Role.ADMINISTRATOR)
def start_import(cid: str) -> BaseResponse:
    """Let the period through and start a run."""
    form = Form.posted()
    period = _period(cid, form)
    if period is None:
        return _page(cid, form, status=422)
    run_id = import_period(deps(), cid, period, person().email)
    sentence = f"Started the historical import of {period.category} from {day(period.first)} to {day(period.last)}."
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


def _page(
    cid: str, form: Form, *, preview: ImportPreview | None = None, run: Run | None = None, status: int = 200
) -> BaseResponse:
    ids = preview.object_ids[:SAMPLES] if preview else ()
    with database() as session:
        samples = [titled(title) for title in titles(session, ids).values()]
    return render(
        "settings/import.html",
        "settings/_looking.html" if run else None,
        form=form,
        choices=_choices(cid),
        preview=preview,
        run=run,
        samples=samples,
        status=status,
    )
