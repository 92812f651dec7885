"""Step 7: what the first run would write, and the Save that starts it (R43)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response as BaseResponse

from app import words
from app.access import Role, needs, person
from app.accounts import log
from app.context import connection, database, deps
from app.htmx import go, htmx, leave, render
from app.setup import plan_view, steps
from app.setup.routes import blueprint, too_early
from engine.errors import Refused
from engine.services import setup, sync
from engine.store.tables import CategorySettings, Run

RUNNING = ("queued", "running")


@blueprint.get("/c/<cid>/setup/preview")
@needs(Role.ADMINISTRATOR)
def preview(cid: str) -> BaseResponse:
    """The plan of the latest dry run; while one runs, how far it is."""
    if early := too_early(cid, "preview"):
        return early
    with database() as session:
        run = _latest(session, cid)
        plan = plan_view.view(session, run.plan_id) if run and run.plan_id else None
    busy = run is not None and run.state in RUNNING
    if htmx.target == "planning" and not busy:
        return leave(url_for("setup.preview", cid=cid))
    return render(
        "setup/preview.html",
        "setup/_planning.html",
        run=run,
        busy=busy,
        plan=None if busy else plan,
        verbs=plan_view.VERBS,
        missing=_open_steps(cid),
        steps=steps.progress(cid),
    )


@blueprint.post("/c/<cid>/setup/preview")
@needs(Role.ADMINISTRATOR)
def make_preview(cid: str) -> BaseResponse:
    """A dry run: reads both systems, decides, and writes nothing."""
    sync.request_run(deps(), cid, trigger="person", person=person().email, dry=True)
    return go(url_for("setup.preview", cid=cid))


@blueprint.post("/c/<cid>/setup/save")
@needs(Role.ADMINISTRATOR)
def save(cid: str) -> BaseResponse:
    """Save completes the setup; the first run starts."""
    if connection().state == "active":
        flash("The setup was saved already.", "good")
        return go(url_for("home.connection", cid=cid))
    if open_steps := _open_steps(cid):
        named = words.spoken([step.title for step in open_steps])
        raise Refused(f"The setup is not finished: {named}.", hint="Complete these steps, then save.")
    with database() as session:
        run = _latest(session, cid)
    if run is not None and run.state in RUNNING:
        raise Refused("The preview is still being made.", hint="Wait until it is there, look at it, then save.")
    setup.activate(deps(), cid, person().email)
    log.note("connection_saved", "Completed the setup; the first run started.", connection_id=cid)
    flash("Saved. The first run has started.", "good")
    return go(url_for("home.connection", cid=cid))


def _open_steps(cid: str) -> list[steps.Step]:
    done = setup.wizard_state(deps(), cid).done
    return [step for step in steps.STEPS[:-1] if not done[step.name]]


def _latest(session: Session, cid: str) -> Run | None:
    """The newest dry run made since the matching was saved: an older one foretells something else."""
    matched = session.exec(
        select(func.max(col(CategorySettings.matched_at))).where(CategorySettings.connection_id == cid)
    )
    since = matched.one() or datetime.min.replace(tzinfo=UTC)
    dry = select(Run).where(Run.connection_id == cid, col(Run.dry), Run.trigger != "matching", Run.queued_at >= since)
    return session.exec(dry.order_by(col(Run.id).desc()).limit(1)).first()
