"""One's own account: name, time zone, number style, colours, password, and the browsers that are signed in."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import Blueprint, flash, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as BaseResponse

from app import words
from app.access import Role, needs, person
from app.accounts import log, passwords, sessions
from app.accounts.routes import new_password
from app.context import changing, database, now
from app.forms import Form, safe_next
from app.htmx import go, render
from app.tables import User, WebSession

blueprint = Blueprint("profile", __name__, url_prefix="/profile")


@blueprint.get("")
@needs(Role.VIEWER)
def page() -> BaseResponse:
    """The account as it is."""
    return _page(_as_stored())


@blueprint.post("")
@needs(Role.VIEWER)
def save() -> BaseResponse:
    """Change how Concord writes for this person."""
    form = Form.posted()
    name = form.text("name", required="Enter your name.")
    zone = form.time_zone("time_zone")
    locale, theme = form.choice("locale", words.LOCALES), form.choice("theme", words.THEMES)
    if not form.ok:
        return _page(form, status=422)
    with changing() as session:
        user = _mine(session)
        user.name, user.time_zone, user.locale, user.theme = name, zone, locale, theme
    flash("Saved.", "good")
    return go(url_for("profile.page"))


@blueprint.post("/theme")
@needs(Role.VIEWER)
def theme() -> BaseResponse:
    """Change the colours from any page and stay there."""
    form = Form.posted()
    chosen = form.choice("theme", words.THEMES)
    if form.ok:
        with changing() as session:
            _mine(session).theme = chosen
    return go(safe_next(form.values.get("next")))


@blueprint.post("/password")
@needs(Role.VIEWER)
def password() -> BaseResponse:
    """Change the password; every other browser is signed out."""
    form = Form.posted()
    with changing() as session:
        user = _mine(session)
        throttle = passwords.Throttle(session, user.email, request.remote_addr or "")
        if throttle.closed():
            form.fail("current", "Too many attempts. Wait a quarter of an hour, then try again.")
        elif user.password_hash and not passwords.matches(user.password_hash, form.values.get("current", "")):
            throttle.failed()
            form.fail("current", "This is not your present password.")
        new = new_password(form, user.email) if form.ok else ""
        if form.ok:
            user.password_hash = passwords.hash_password(new)
            sessions.end_all(session, user.id)
            sessions.begin(session, user)
            log.note("password_changed", "Changed the password.", session=session)
    if not form.ok:
        return _page(_as_stored(), password_form=form, status=422)
    flash("Your password is changed. All other browsers were signed out.", "good")
    return go(url_for("profile.page"))


@blueprint.post("/sign-out-elsewhere")
@needs(Role.VIEWER)
def sign_out_elsewhere() -> BaseResponse:
    """End all sessions but this one."""
    with changing() as session:
        sessions.end_all(session, person().id, but=sessions.session_hash())
    flash("All other browsers are signed out.", "good")
    return go(url_for("profile.page"))


def _as_stored() -> Form:
    who = person()
    return Form({"name": who.name, "time_zone": who.time_zone, "locale": who.locale, "theme": who.theme})


def _mine(session: Session) -> User:
    user = session.get_one(User, person().id)
    session.add(user)
    return user


def _page(form: Form, password_form: Form | None = None, status: int = 200) -> BaseResponse:
    with database() as session:
        mine = select(WebSession).where(col(WebSession.user_id) == person().id, col(WebSession.expires_at) > now())
        browsers = session.exec(mine.order_by(col(WebSession.seen_at).desc()).limit(50)).all()
        has_password = bool(_mine(session).password_hash)
    return render(
        "accounts/profile.html",
        form=form,
        password_form=password_form or Form(),
        browsers=browsers,
        this_one=sessions.session_hash(),
        has_password=has_password,
        zones=[(name, name) for name in sorted(available_timezones())],
        status=status,
    )
