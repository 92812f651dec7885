"""Signing in and out, the first run, and accepting an invitation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, public, someone
from app.accounts import log, oidc, passwords, people, sessions
from app.context import changing, database, settings
from app.forms import Form, safe_next
from app.htmx import go, render
from app.tables import User
from engine.errors import Refused

blueprint = Blueprint("accounts", __name__)

WRONG = "E-mail address and password do not fit together."
CLOSED = "Too many attempts. Wait a quarter of an hour, then try again."


@blueprint.get("/first-run")
@public
def first_run() -> BaseResponse:
    """The form that makes the first administrator; afterwards only a way to the sign-in page."""
    with database() as session:
        if not people.nobody_yet(session):
            return redirect(url_for("accounts.sign_in"), 303)
    return render("accounts/first_run.html", form=Form())


@blueprint.post("/first-run")
@public
def make_first() -> BaseResponse:
    """Make the administrator and sign in."""
    form = Form.posted()
    name, email, password = form.text("name", required="Enter your name."), form.email("email"), new_password(form)
    if not form.ok:
        return render("accounts/first_run.html", form=form, status=422)
    with changing() as session:
        user = people.make_administrator(session, email, name, password)
        sessions.begin(session, user)
        log.note("account_made", "Made the first administrator.", who=email, session=session)
    return go(url_for("home.start"))


@blueprint.get("/sign-in")
@public
def sign_in() -> BaseResponse:
    """The sign-in page; before the first account there is nobody to sign in."""
    with database() as session:
        if people.nobody_yet(session):
            return redirect(url_for("accounts.first_run"), 303)
    target = safe_next(request.args.get("next"))
    return redirect(target, 303) if someone() else _sign_in_page(Form({"next": target}))


@blueprint.post("/sign-in")
@public
def check() -> BaseResponse:
    """Check the password, slowly after failures, and continue where the person wanted to go."""
    form = Form.posted()
    email, password = form.email("email"), form.values.get("password", "")[:200]
    if not form.ok:
        return _sign_in_page(form, 422)
    address = request.remote_addr or ""
    with database() as session:
        closed = passwords.Throttle(session, email, address).closed()
        user = people.by_email(session, email)
    if closed:
        form.fail("", CLOSED)
        return _sign_in_page(form, 429)
    if not _fits(user, password) or user is None:
        with changing() as session:
            passwords.Throttle(session, email, address).failed()
            log.note("sign_in_failed", "A sign-in failed.", who=email, session=session)
        form.fail("", WRONG)
        return _sign_in_page(form, 422)
    with changing() as session:
        passwords.Throttle(session, email, address).passed()
        _enter(session, user.id, "Signed in.")
    return go(safe_next(form.values.get("next")))


def _enter(session: Session, user_id: str, how: str) -> None:
    user = session.get_one(User, user_id)
    sessions.begin(session, user)
    log.note("signed_in", how, who=user.email, session=session)


def _fits(user: User | None, password: str) -> bool:
    fits = passwords.matches(user.password_hash if user else "", password)
    return fits and user is not None and not user.disabled


def _sign_in_page(form: Form, status: int = 200) -> BaseResponse:
    return render("accounts/sign_in.html", form=form, single=oidc.label(settings()), status=status)


@blueprint.post("/sign-out")
@needs(Role.VIEWER)
def sign_out() -> BaseResponse:
    """End this browser's session."""
    with changing() as session:
        sessions.end(session)
    flash("You are signed out.", "good")
    return go(url_for("accounts.sign_in"))


@blueprint.get("/invitation/<secret>")
@public
def invitation(secret: str) -> BaseResponse:
    """The page an invited person comes to."""
    with database() as session:
        found = people.open_invitation(session, secret)
        known = people.by_email(session, found.email)
    form = Form({"name": known.name} if known else {})
    return render("accounts/invitation.html", form=form, invitation=found, known=known, secret=secret)


@blueprint.post("/invitation/<secret>")
@public
def accept(secret: str) -> BaseResponse:
    """Make the invited account and sign in."""
    form = Form.posted()
    with changing() as session:
        found = people.open_invitation(session, secret)
        form.values["email"] = found.email
        name, password = form.text("name", required="Enter your name."), new_password(form)
        if not form.ok:
            known = people.by_email(session, found.email)
            page: dict[str, Any] = {"invitation": found, "known": known, "secret": secret}
            return render("accounts/invitation.html", form=form, status=422, **page)
        user = people.accept(session, secret, name, password)
        sessions.begin(session, user)
        log.note("link_used", f"Used the link of {found.invited_by}.", who=user.email, session=session)
    return go(url_for("home.start"))


def new_password(form: Form, email: str = "") -> str:
    """A new password, typed twice, from the fields ``password`` and ``again``."""
    password = form.values.get("password", "")
    weakness = passwords.weakness(password, email or form.values.get("email", ""))
    if weakness:
        form.fail("password", weakness)
    elif password != form.values.get("again", ""):
        form.fail("again", "The two passwords differ.")
    return password


@blueprint.get("/sign-in/company")
@public
def company() -> BaseResponse:
    """To the company's own sign-in (OpenID Connect), when it is set up."""
    if not oidc.label(settings()):
        abort(404)
    return redirect(oidc.begin(_company_return(), safe_next(request.args.get("next"))), 303)


@blueprint.get("/sign-in/company/return")
@public
def company_return() -> BaseResponse:
    """Back from the company's sign-in: only people who were invited here may enter."""
    if not oidc.label(settings()):
        abort(404)
    email, target = oidc.finish(_company_return())
    with database() as session:
        user = people.by_email(session, email)
        if user is None or user.disabled:
            raise Refused(f"{email} has no account here.", hint="Ask an administrator of Concord for an invitation.")
        user_id = user.id
    with changing() as session:
        _enter(session, user_id, "Signed in through the company's sign-in.")
    return go(target)


def _company_return() -> str:
    return settings().public_url + url_for("accounts.company_return")
