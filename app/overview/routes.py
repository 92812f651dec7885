"""The overview: do the two systems agree, what waits for a person, and Synchronize now (R26)."""

from __future__ import annotations

from flask import Blueprint, flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person
from app.accounts import log
from app.context import deps
from app.formatting import reader_zone
from app.htmx import go, htmx, leave, render
from app.overview.traffic import draw
from app.runs import words
from engine.services import browse, sync

blueprint = Blueprint("overview", __name__, url_prefix="/c/<cid>/overview")

GOING = ("queued", "running")


@blueprint.get("")
@needs(Role.VIEWER)
def page(cid: str) -> BaseResponse:
    """Everything about one connection at a glance; the fragment is the progress of the run that goes on."""
    view = browse.overview(deps(), cid, reader_zone())
    busy = view.run is not None and view.run.state in GOING
    if htmx.target == "progress" and not busy:
        return leave(url_for("overview.page", cid=cid))
    return render(
        "overview/page.html",
        "overview/_progress.html",
        view=view,
        busy=busy,
        chart=draw(view.traffic),
        **words.context(),
    )


@blueprint.post("/synchronize")
@needs(Role.OPERATOR)
def synchronize(cid: str) -> BaseResponse:
    """Synchronize now: everything that is enabled. While a run goes on, that one is shown."""
    sync.request_run(deps(), cid, trigger="person", person=person().email)
    log.note("run_started", "Started a run with Synchronize now.", connection_id=cid)
    flash("The run has been asked for.", "good")
    return go(url_for("overview.page", cid=cid))
