"""Runs: the list, one run while it goes on and afterwards, its plan, and the word a person says to it."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person
from app.accounts import log
from app.context import database, deps
from app.forms import Form
from app.htmx import go, htmx, leave, render
from app.paging import pages
from app.runs import words
from app.runs.plans import check_may_apply
from app.setup import plan_view
from app.words import RUN_STATES
from engine.services import browse, previews, sync

blueprint = Blueprint("runs", __name__, url_prefix="/c/<cid>/runs")

GOING = ("queued", "running")


@blueprint.get("")
@needs(Role.VIEWER)
def page(cid: str) -> BaseResponse:
    """The runs, the latest first."""
    form = Form(request.args.to_dict())
    state, trigger = form.choice("state", ["", *RUN_STATES]), form.choice("trigger", ["", *words.TRIGGERS])
    found = browse.runs(deps(), cid, state=state, trigger=trigger, after=form.text("after"))
    kept = {name: value for name, value in {"state": state, "trigger": trigger}.items() if value}
    return render(
        "runs/page.html",
        form=form,
        runs=found.rows,
        **pages("runs.page", found.next, form, cid=cid, **kept),
        **words.context(),
    )


@blueprint.post("/dry")
@needs(Role.OPERATOR)
def dry(cid: str) -> BaseResponse:
    """A dry run: reads, decides and plans, and writes nothing."""
    run_id = sync.request_run(deps(), cid, trigger="person", person=person().email, dry=True)
    return go(url_for("runs.run", cid=cid, run_id=run_id))


@blueprint.get("/<run_id>")
@needs(Role.VIEWER)
def run(cid: str, run_id: str) -> BaseResponse:
    """One run: its progress while it goes on, then what became of every write."""
    view = browse.run_view(deps(), run_id)
    busy = view.run.state in GOING
    if htmx.target == "run_state" and not busy:
        return leave(url_for("runs.run", cid=cid, run_id=run_id))
    form = Form(request.args.to_dict())
    state = form.choice("state", ["", *words.OUTCOMES])
    found = browse.writes(deps(), run_id, state=state, after=form.text("after"))
    kept = {"state": state} if state else {}
    return render(
        "runs/run.html",
        "runs/_run_state.html",
        view=view,
        run=view.run,
        busy=busy,
        state=state,
        writes=found.rows,
        **pages("runs.run", found.next, form, cid=cid, run_id=run_id, **kept),
        **words.context(),
    )


@blueprint.post("/<run_id>/stop")
@needs(Role.OPERATOR)
def stop(cid: str, run_id: str) -> BaseResponse:
    """Stop after the step that is in progress; what is written stays written."""
    sync.stop_run(deps(), run_id, person().email)
    log.note("run_stopped", "Asked a run to stop.", connection_id=cid)
    flash("It stops after the step it is in. What is written stays written.", "good")
    return go(url_for("runs.run", cid=cid, run_id=run_id))


@blueprint.post("/<run_id>/continue")
@needs(Role.REVIEWER)
def continue_halted(cid: str, run_id: str) -> BaseResponse:
    """Go on although a brake fired."""
    sync.continue_halted(deps(), run_id, person().email)
    log.note("run_continued", "Let a halted run go on.", connection_id=cid)
    flash("The run goes on. The change log names you.", "good")
    return go(url_for("runs.run", cid=cid, run_id=run_id))


@blueprint.get("/plans/<plan_id>")
@needs(Role.VIEWER)
def plan(cid: str, plan_id: str) -> BaseResponse:
    """What a plan would write: counts, sums, samples, and every row."""
    with database() as session:
        view = plan_view.view(session, plan_id)
    form = Form(request.args.to_dict())
    found = browse.plan_rows(deps(), plan_id, after=form.text("after"))
    return render(
        "runs/plan.html",
        plan=view,
        rows=found.rows,
        **pages("runs.plan", found.next, form, cid=cid, plan_id=plan_id),
        **words.context(),
    )


@blueprint.post("/plans/<plan_id>/apply")
@needs(Role.OPERATOR)
def apply(cid: str, plan_id: str) -> BaseResponse:
    """Apply exactly this: whatever has moved since is refused, the rest is written."""
    check_may_apply(plan_id)
    run_id = previews.approve_plan(deps(), plan_id, person().email)
    log.note("plan_applied", "Applied a plan exactly as it was shown.", connection_id=cid)
    return go(url_for("runs.run", cid=cid, run_id=run_id))
