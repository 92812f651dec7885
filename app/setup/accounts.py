"""Step 5: the default accounts (R41, R42), and the accounts and tax rates that only one side has."""

from __future__ import annotations

from flask import flash, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person
from app.accounts import log
from app.context import connection, database, deps
from app.forms import Form
from app.htmx import go, htmx, leave, render
from app.setup import steps
from app.setup.routes import blueprint, too_early
from engine.errors import Refused
from engine.services import setup, sync
from engine.store.tables import Run

RUNNING = ("queued", "running")


@blueprint.get("/c/<cid>/setup/accounts")
@needs(Role.ADMINISTRATOR)
def accounts(cid: str) -> BaseResponse:
    """The choice, once accounts are known; before that, that they are being read."""
    if early := too_early(cid, "accounts"):
        return early
    stored = connection().settings
    values = {name: str(stored.get(f"{name}_account", "")) for name in ("income", "expense", "deposit")}
    return _page(cid, Form(values))


@blueprint.post("/c/<cid>/setup/accounts")
@needs(Role.ADMINISTRATOR)
def save_accounts(cid: str) -> BaseResponse:
    """Keep the default accounts."""
    form = Form.posted()
    income = form.text("income", required="Choose the account for new products from Scoro.")
    expense = form.text("expense", required="Choose the account for bill lines without a product.")
    deposit = form.text("deposit")
    if form.ok:
        try:
            setup.save_accounts(deps(), cid, income=income, expense=expense, deposit=deposit, person=person().email)
        except Refused as refusal:
            form.fail("", f"{refusal.message} {refusal.hint}")
    if not form.ok:
        return _page(cid, form, status=422)
    log.note("accounts_saved", "Chose the default accounts.", connection_id=cid)
    flash("The default accounts are saved.", "good")
    return go(steps.onward("accounts", cid))


@blueprint.post("/c/<cid>/setup/accounts/read")
@needs(Role.ADMINISTRATOR)
def read_accounts(cid: str) -> BaseResponse:
    """Read accounts and tax rates again; nothing is written."""
    sync.request_run(deps(), cid, trigger="person", person=person().email, dry=True)
    return go(url_for("setup.accounts", cid=cid))


def latest_run(session: Session, cid: str) -> Run | None:
    """The last run of the connection, whatever it was for."""
    return session.exec(select(Run).where(Run.connection_id == cid).order_by(col(Run.id).desc()).limit(1)).first()


def _page(cid: str, form: Form, status: int = 200) -> BaseResponse:
    choices = setup.account_choices(deps(), cid)
    with database() as session:
        run = latest_run(session, cid)
    busy = run is not None and run.state in RUNNING and not any(choices.values())
    if htmx.target == "reading" and not busy:
        return leave(url_for("setup.accounts", cid=cid))
    if not any(choices.values()):
        return render("setup/reading.html", "setup/_reading.html", run=run, busy=busy, steps=steps.progress(cid))
    options = {
        purpose: [(one.id, f"{one.number} {one.name}".strip()) for one in found] for purpose, found in choices.items()
    }
    gaps = setup.mapping_gaps(deps(), cid)
    return render(
        "setup/accounts.html", form=form, options=options, gaps=gaps, steps=steps.progress(cid), status=status
    )
