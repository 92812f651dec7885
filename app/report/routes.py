"""Agreement: both systems' totals per category, month and customer, down to the document and the cent."""

from __future__ import annotations

import json
from datetime import date, timedelta

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person
from app.context import connection, deps, now, settings
from app.formatting import reader_zone
from app.forms import Form
from app.htmx import go, render
from app.paging import pages
from app.report import export
from engine.core.reasons import WORDS, Reason
from engine.core.records import Category, System
from engine.services import agreement, browse
from engine.services.agreement import SIGNS, Scope

blueprint = Blueprint("report", __name__, url_prefix="/c/<cid>/agreement")

CUSTOMERS = 200
"""Customers of the page; those whose totals differ come first. All of them are one press away, for printing."""

LARGEST = 2_000_000
"""Bytes of an export that is handed in for checking; larger ones are checked on the command line."""


@blueprint.get("")
@needs(Role.VIEWER)
def page(cid: str) -> BaseResponse:
    """The tie-out of one category and period."""
    form = Form(request.args.to_dict())
    scope, whole = _scope(form), form.flag("whole")
    found = agreement.tie_out(deps(), cid, scope)
    return render(
        "report/page.html",
        form=form,
        scope=scope,
        found=found,
        rows=list(found.contacts.items())[: None if whole else CUSTOMERS],
        left_out=0 if whole else max(0, len(found.contacts) - CUSTOMERS),
        categories=list(SIGNS),
        kept=_kept(scope),
        made=now(),
    )


@blueprint.get("/documents")
@needs(Role.VIEWER)
def documents(cid: str) -> BaseResponse:
    """The documents behind a figure: of one customer, or only those that differ."""
    form = Form(request.args.to_dict())
    scope, contact = _scope(form), form.text("contact", limit=40)
    unequal = form.flag("unequal")
    found = agreement.documents(deps(), cid, scope, contact=contact, unequal=unequal, after=form.text("after"))
    kept = _kept(scope) | ({"contact": contact} if contact else {}) | ({"unequal": "1"} if unequal else {})
    return render(
        "report/documents.html",
        scope=scope,
        contact=contact,
        names=browse.titles_of(deps(), {contact} | {document.contact for document in found.rows if document.contact}),
        unequal=unequal,
        documents=found.rows,
        system=System,
        words=WORDS,
        Reason=Reason,
        kept=_kept(scope),
        **pages("report.documents", found.next, form, cid=cid, **kept),
    )


@blueprint.get("/export")
@needs(Role.VIEWER)
def exported(cid: str) -> Response:
    """The tie-out with every document that differs, signed with the installation's key."""
    scope = _scope(Form(request.args.to_dict()))
    found = agreement.tie_out(deps(), cid, scope)
    body = export.body(connection(), found, export.differing(deps(), cid, scope), now(), person().email)
    text = json.dumps(export.signed(body, export.key(settings())), ensure_ascii=False, indent=1)
    answer = Response(text, mimetype="application/json")
    name = f"agreement-{scope.category}-{scope.first}-{scope.last}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post("/check")
@needs(Role.VIEWER)
def check(cid: str) -> BaseResponse:
    """Whether an exported file is as this installation made it."""
    file = request.files.get("file")
    text = file.read(LARGEST).decode("utf-8", "replace") if file else ""
    verdict = export.check(text, export.key(settings()))
    flash(export.VERDICTS[verdict], "good" if verdict == "whole" else "stop")
    return go(url_for("report.page", cid=cid))


def _scope(form: Form) -> Scope:
    """The category and period an address names; without any, this month and the one before."""
    names = [category.value for category in SIGNS]
    category = form.values.get("category", "")
    today = now().astimezone(reader_zone()).date()
    last = form.day("last") or today
    first = form.day("first") or (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    if first > last:
        form.fail("first", "The first day lies after the last one.")
        first = last
    return Scope(Category(category if category in names else Category.INVOICES), *map(date.isoformat, (first, last)))


def _kept(scope: Scope) -> dict[str, str]:
    return {"category": scope.category.value, "first": scope.first, "last": scope.last}
