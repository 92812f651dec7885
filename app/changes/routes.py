"""The change log: every entry, filtered, exported, verified."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import fields
from app.access import Role, needs
from app.accounts import log as activity
from app.changes import export
from app.changes.told import mentioned, sentence, told
from app.changes.words import ACTIONS, EFFECTS, NOTICED
from app.context import connection, database, deps
from app.formatting import reader_zone
from app.forms import Form
from app.htmx import go, render
from app.paging import pages
from app.words import KINDS, REPLICAS
from engine.services import browse
from engine.services.browse.changes import Filters
from engine.store.log import broken_link
from engine.store.tables import Change

blueprint = Blueprint("changes", __name__, url_prefix="/c/<cid>/changes")

NAMES = ("kind", "actor", "action", "person", "first", "last", "run", "object")
FIELDS = 30
"""Fields of one entry that the page shows; the object's page and the export have all."""


@blueprint.get("")
@needs(Role.VIEWER)
def page(cid: str) -> BaseResponse:
    """The log, the latest entry first."""
    form = Form(request.args.to_dict())
    filters = _filters(form)
    found = browse.changes(deps(), cid, filters, after=form.text("after"))
    kept = {name: value for name in NAMES if (value := form.values.get(name, ""))}
    with database() as session:
        entries = list(found.rows)
        titles = fields.titles(session, _mentioned(entries))
    return render(
        "changes/page.html",
        form=form,
        changes=entries,
        titles=titles,
        told=lambda change: told(change, titles, limit=FIELDS),
        sentence=sentence,
        looked_to=found.looked_to,
        kept=kept,
        **pages("changes.page", found.next, form, cid=cid, **kept),
        actions=ACTIONS,
        effects=EFFECTS,
        noticed=NOTICED,
        kinds=KINDS,
        actors=REPLICAS,
    )


@blueprint.get("/export.<form>")
@needs(Role.VIEWER)
def exported(cid: str, form: str) -> Response:
    """The filtered log as a file, sent while it is read."""
    filters = _filters(Form(request.args.to_dict()))
    makers = {"csv": (export.csv_lines, "text/csv"), "json": (export.json_lines, "application/json")}
    make, mimetype = makers.get(form, makers["json"])
    lines = make(browse.stream(deps(), cid, filters))
    answer = Response(lines, mimetype=mimetype)
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="concord-changes.{form if form in makers else "json"}"'
    )
    return answer


@blueprint.post("/verify")
@needs(Role.OPERATOR)
def verify(cid: str) -> BaseResponse:
    """Check the chain of hashes from the first entry to the last."""
    with database() as session:
        broken = broken_link(session, cid)
    if broken is None:
        flash(f"The log is whole: all {connection().log_sequence:,} entries follow from each other.", "good")
    else:
        flash(f"The log does not hold at entry {broken}: it was changed or cut outside Concord.", "stop")
    activity.note("log_verified", "Verified the change log.", connection_id=cid)
    return go(url_for("changes.page", cid=cid))


def _mentioned(changes: list[Change]) -> set[str]:
    objects = {change.object_id for change in changes if change.object_id}
    return objects.union(*(mentioned(change, FIELDS) for change in changes))


def _filters(form: Form) -> Filters:
    zone = reader_zone()
    first, last = form.day("first"), form.day("last")
    return Filters(
        kind=form.choice("kind", ["", *KINDS]) if form.values.get("kind") else "",
        actor=form.choice("actor", ["", *REPLICAS]) if form.values.get("actor") else "",
        action=form.choice("action", ["", *ACTIONS]) if form.values.get("action") else "",
        person=form.text("person"),
        object_id=form.text("object", limit=40),
        run_id=form.text("run", limit=40),
        first=datetime.combine(first, time.min, zone) if first else None,
        last=datetime.combine(last, time.min, zone) + timedelta(days=1) if last else None,
    )
