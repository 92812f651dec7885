"""The first steps of the setup: which Scoro site, which QuickBooks company, and whether their currencies fit."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, may_see, needs, person
from app.accounts import log
from app.context import changing, connection, database, deps, settings
from app.forms import Form
from app.htmx import go, render
from app.settings import LOOPBACK, Settings
from app.setup import consent, steps
from app.tables import User
from engine.errors import ConcordError, RemoteRejected
from engine.services import setup, sync
from engine.store.tables import Connection

blueprint = Blueprint("setup", __name__)

NEW = "New connection"
NOT_THIS_ACCOUNT = "The site takes the key, but not this company account. Enter the account id that belongs to the key."
TWICE = (
    "Another connection keeps this QuickBooks company in agreement too, and each would take what the other writes for "
    "people's edits. If that is not meant, begin a new connection and choose another company there."
)


@blueprint.before_request
def stand_under_settings() -> None:
    """In the navigation the steps of a connection that is set up belong to its settings."""
    g.area = "settings"


@blueprint.post("/setup")
@needs(Role.ADMINISTRATOR)
def begin() -> BaseResponse:
    """Begin a new connection, or continue one that nothing was entered for yet."""
    with changing() as session:
        _one_at_a_time(session)
        known = _untouched(session)
        cid = known or setup.add_connection(
            session, NEW, person().email, sandbox=leads_to_sandbox(settings()), now=deps().clock.now()
        )
    if not known:
        log.note("connection_begun", "Began to connect a company.", connection_id=cid)
    return go(url_for("setup.scoro", cid=cid))


def _one_at_a_time(session: Session) -> None:
    """Let a person's second press wait until the first is through."""
    session.exec(select(User.id).where(User.id == person().id).with_for_update())


def _untouched(session: Session) -> str:
    """A connection that was begun and then left before anything was entered: pressing twice makes no second one."""
    empty = select(Connection.id).where(
        Connection.state == "setup",
        Connection.name == NEW,
        Connection.scoro_url == "",
        Connection.quickbooks_realm == "",
    )
    return session.exec(empty.order_by(col(Connection.id)).limit(1)).first() or ""


@blueprint.get("/c/<cid>/setup")
@needs(Role.ADMINISTRATOR)
def resume(cid: str) -> BaseResponse:
    """To the first step that is not done."""
    return redirect(url_for(f"setup.{steps.first_open(cid)}", cid=cid), 303)


@blueprint.get("/c/<cid>/setup/scoro")
@needs(Role.ADMINISTRATOR)
def scoro(cid: str) -> BaseResponse:
    """Step 1: the address of the site and its API key. A key that is stored is never shown again."""
    here = connection()
    name = "" if here.name == NEW else here.name
    return _scoro_page(Form({"name": name, "url": here.scoro_url, "account": here.scoro_account}))


@blueprint.post("/c/<cid>/setup/scoro")
@needs(Role.ADMINISTRATOR)
def save_scoro(cid: str) -> BaseResponse:
    """Try the key against the site and keep both when the site answers."""
    form = Form.posted()
    name = form.text("name", limit=80)
    url = form.text("url", required="Enter the address of your Scoro site, for example https://acme.scoro.com.")
    account = form.text("account", limit=100)
    key = form.text("key", required="Paste the API key of the site.", limit=400)
    user_token = form.text("user_token", limit=400)
    if not form.ok:
        return _scoro_page(form, status=422)
    try:
        profile = setup.save_scoro(
            deps(), cid, url=url, account=account, key=key, user_token=user_token, person=person().email
        )
    except RemoteRejected as error:
        form.fail("account", f"{NOT_THIS_ACCOUNT} Scoro said: {error.detail}")
        return _scoro_page(form, status=422)
    except ConcordError as error:
        form.fail("", f"{error.message} {error.hint}".strip())
        return _scoro_page(form, status=422)
    rename(cid, name or profile.name)
    log.note("scoro_connected", f"Connected the Scoro site {profile.name}.", connection_id=cid)
    _read_reference_data(cid)
    flash(f"Scoro answers: {profile.name}.", "good")
    return go(steps.onward("scoro", cid))


def rename(cid: str, name: str) -> None:
    """Give a connection the name people know it by."""
    with changing() as session:
        session.exec(sa.update(Connection).where(col(Connection.id) == cid).values(name=name))


def leads_to_sandbox(chosen: Settings) -> bool:
    """Whether this installation talks to test companies: told by the address of the API alone."""
    host = urlsplit(chosen.quickbooks_api_url).hostname or ""
    return host.startswith("sandbox") or host in LOOPBACK


def _scoro_page(form: Form, status: int = 200) -> BaseResponse:
    sandbox = settings().sandbox_scoro_url
    return render("setup/scoro.html", form=form, sandbox=sandbox, steps=steps.progress(connection().id), status=status)


@blueprint.get("/c/<cid>/setup/quickbooks")
@needs(Role.ADMINISTRATOR)
def quickbooks(cid: str) -> BaseResponse:
    """Step 2: which company is authorised, or the way to the consent page."""
    address, sandbox = consent.redirect_uri(), settings().sandbox_quickbooks_url
    return render("setup/quickbooks.html", steps=steps.progress(cid), redirect_uri=address, sandbox=sandbox)


@blueprint.get("/c/<cid>/setup/quickbooks/authorise")
@needs(Role.ADMINISTRATOR)
def authorise(cid: str) -> BaseResponse:
    """To QuickBooks' consent page."""
    return redirect(consent.begin(cid), 303)


@blueprint.get("/setup/quickbooks/return")
@needs(Role.ADMINISTRATOR)
def consent_return() -> BaseResponse:
    """Back from the consent page, with a code, or without one when it was refused there."""
    cid = consent.redeem(request.args.get("state", ""))
    with database() as session:
        if not may_see(session, person(), cid):
            abort(404)
    address = url_for("setup.quickbooks", cid=cid)
    code, realm_id = request.args.get("code", ""), request.args.get("realmId", "")
    if request.args.get("error") or not code or not realm_id:
        flash("QuickBooks was not connected: the authorisation was not given. Nothing was changed.", "ask")
        return go(address)
    return _complete(cid, code, realm_id, address)


def _complete(cid: str, code: str, realm_id: str, address: str) -> BaseResponse:
    try:
        profile = setup.complete_authorization(
            deps(), cid, code=code, realm_id=realm_id, redirect_uri=consent.redirect_uri(), person=person().email
        )
    except ConcordError as error:
        flash(f"QuickBooks was not connected. {error.message} {error.hint}".strip(), "stop")
        return go(address)
    log.note("quickbooks_connected", f"Connected the QuickBooks company {profile.name}.", connection_id=cid)
    _read_reference_data(cid)
    flash(f"QuickBooks answers: {profile.name}.", "good")
    if _is_connected_twice(cid, realm_id):
        flash(TWICE, "ask")
    return go(address)


def _is_connected_twice(cid: str, realm_id: str) -> bool:
    same = select(Connection.id).where(
        Connection.id != cid,
        Connection.quickbooks_realm == realm_id,
        col(Connection.state).not_in(["setup", "disconnected"]),
    )
    with database() as session:
        return session.exec(same.limit(1)).first() is not None


def _read_reference_data(cid: str) -> None:
    """Accounts and tax rates are read as soon as both systems are connected (R3); nothing is written. Later, runs do it."""
    with database() as session:
        state = session.get_one(Connection, cid).state
    if state == "setup" and steps.missing(cid, "accounts") is None:
        sync.request_run(deps(), cid, trigger="person", person=person().email, dry=True)


def too_early(cid: str, name: str) -> BaseResponse | None:
    """Back to the step that has to be done first, saying so."""
    first = steps.missing(cid, name)
    if first is None:
        return None
    flash(f"The step {first.title} comes first.", "ask")
    return go(url_for(first.endpoint, cid=cid))


@blueprint.get("/c/<cid>/setup/currencies")
@needs(Role.ADMINISTRATOR)
def currencies(cid: str) -> BaseResponse:
    """Step 3: both lists side by side (R2). Each visit asks both systems anew, which is the re-check."""
    if early := too_early(cid, "currencies"):
        return early
    check = setup.check_currencies(deps(), cid)
    every = sorted({*check.scoro, *check.quickbooks})
    return render(
        "setup/currencies.html", "setup/_currencies.html", check=check, every=every, steps=steps.progress(cid)
    )
