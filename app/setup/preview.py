"""Step 7: what the first run would write, and the Save that starts it (R43)."""

from __future__ import annotations

from flask import flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import words
from app.access import Role, needs, person
from app.accounts import log
from app.context import connection, database, deps
from app.htmx import go, htmx, leave, render
from app.setup import plan_view, steps
from app.setup.routes import blueprint, too_early
from engine.errors import Refused
from engine.services import first_plan, setup


@blueprint.get("/c/<cid>/setup/preview")
@needs(Role.ADMINISTRATOR)
def preview(cid: str) -> BaseResponse:
    """The plan of the latest dry run; while one runs, how far it is."""
    if early := too_early(cid, "preview"):
        return early
    found = first_plan.latest(deps(), cid)
    if htmx.target == "planning" and not found.busy:
        return leave(url_for("setup.preview", cid=cid))
    with database() as session:
        plan = plan_view.view(session, found.plan_id) if found.plan_id else None
    return render(
        "setup/preview.html",
        "setup/_planning.html",
        run=found.run,
        busy=found.busy,
        stale=found.stale,
        plan=plan,
        verbs=plan_view.VERBS,
        missing=_open_steps(cid),
        steps=steps.progress(cid),
    )


@blueprint.post("/c/<cid>/setup/preview")
@needs(Role.ADMINISTRATOR)
def make_preview(cid: str) -> BaseResponse:
    """A dry run: reads both systems, decides, and writes nothing."""
    first_plan.make(deps(), cid, person().email)
    return go(url_for("setup.preview", cid=cid))


@blueprint.post("/c/<cid>/setup/save")
@needs(Role.ADMINISTRATOR)
def save(cid: str) -> BaseResponse:
    """Save completes the setup; the first run writes exactly what the preview shows."""
    if connection().state == "active":
        flash("The setup was saved already.", "good")
        return go(url_for("home.connection", cid=cid))
    if open_steps := _open_steps(cid):
        named = words.spoken([step.title for step in open_steps])
        raise Refused(f"The setup is not finished: {named}.", hint="Complete these steps, then save.")
    first_plan.save(deps(), cid, person().email)
    log.note("connection_saved", "Completed the setup; the first run started.", connection_id=cid)
    flash("Saved. The first run has started.", "good")
    return go(url_for("home.connection", cid=cid))


def _open_steps(cid: str) -> list[steps.Step]:
    done = setup.wizard_state(deps(), cid).done
    return [step for step in steps.STEPS[:-1] if not done[step.name]]
