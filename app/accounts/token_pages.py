"""API tokens: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import words
from app.access import Role, needs, person
from app.accounts import log, tokens
from app.context import changing, database, now
from app.forms import Form
from app.htmx import go, render

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")

LIVES = {"30": "30 days", "90": "90 days", "365": "A year", "0": "Until revoked"}


@blueprint.get("")
@needs(Role.VIEWER)
def page() -> BaseResponse:
    """The person's tokens; an administrator sees everybody's."""
    return _page(Form({"role": Role.VIEWER, "life": "90"}))


@blueprint.post("")
@needs(Role.VIEWER)
def make() -> BaseResponse:
    """A new token, shown this one time."""
    form, who = Form.posted(), person()
    name = form.text("name", required="Enter what the token is for.", limit=80)
    role = form.choice("role", [role for role in Role if who.may(role)], "Choose a role you have yourself.")
    days = int(form.choice("life", LIVES) or 0) if form.values.get("life") in LIVES else 0
    if not form.ok:
        return _page(form, status=422)
    with changing() as session:
        secret = tokens.issue(session, who, name, Role(role), now() + timedelta(days=days) if days else None)
        log.note("token_made", f"Made the API token {name} with the role {role}.", session=session)
    return render("accounts/token_made.html", name=name, secret=secret)


@blueprint.post("/<token_id>/revoke")
@needs(Role.VIEWER)
def revoke(token_id: str) -> BaseResponse:
    """Make a token worthless at once."""
    with changing() as session:
        token = tokens.revoke(session, token_id, person()) or abort(404)
        log.note("token_revoked", f"Revoked the API token {token.name}.", session=session)
    flash("The token is revoked.", "good")
    return go(url_for("tokens.page"))


def _page(form: Form, status: int = 200) -> BaseResponse:
    with database() as session:
        rows = tokens.listed(session, person())
    roles = [(role.value, *words.ROLES[role]) for role in Role if person().may(role)]
    return render("accounts/tokens.html", form=form, rows=rows, roles=roles, lives=LIVES, now=now(), status=status)
