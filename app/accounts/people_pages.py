"""The pages on which an administrator invites people and changes what they may do, and the activity log."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person
from app.accounts import log, people
from app.context import changing, database, now, settings
from app.forms import Form
from app.htmx import go, render
from app.tables import Invitation, User
from engine.store.tables import Connection

blueprint = Blueprint("people", __name__, url_prefix="/people")
activity = Blueprint("activity", __name__, url_prefix="/activity")


@blueprint.get("")
@needs(Role.ADMINISTRATOR)
def page() -> BaseResponse:
    """Everybody with an account, and the invitations that wait."""
    return _page(Form({"role": Role.VIEWER}))


@blueprint.post("/invitations")
@needs(Role.ADMINISTRATOR)
def invite() -> BaseResponse:
    """Make an invitation and show its link, once."""
    form = Form.posted()
    email = form.email("email")
    with changing() as session:
        grant = _grant(form, session)
        if not form.ok:
            return _page(form, status=422)
        secret = people.invite(session, email, grant, person().email)
        log.note("person_invited", f"Invited {email} as {grant.role}.", session=session)
    link = settings().public_url + url_for("accounts.invitation", secret=secret)
    return render("accounts/invited.html", email=email, link=link)


@blueprint.post("/invitations/withdraw")
@needs(Role.ADMINISTRATOR)
def withdraw() -> BaseResponse:
    """Make a link that was not used yet worthless."""
    email = Form.posted().email("email")
    with changing() as session:
        session.exec(sa.delete(Invitation).where(col(Invitation.email) == email, col(Invitation.used_at).is_(None)))
        log.note("invitation_withdrawn", f"Withdrew the invitation of {email}.", session=session)
    flash(f"The invitation of {email} is withdrawn.", "good")
    return go(url_for("people.page"))


@blueprint.get("/<user_id>")
@needs(Role.ADMINISTRATOR)
def one(user_id: str) -> BaseResponse:
    """One account."""
    with database() as session:
        user = session.get(User, user_id) or abort(404)
        values = {"role": user.role, **{f"connection-{cid}": "on" for cid in people.connections_of(session, user_id)}}
        values |= {"all_connections": "on"} if user.all_connections else {}
        values |= {"disabled": "on"} if user.disabled else {}
        return _one_page(session, user, Form(values))


@blueprint.post("/<user_id>")
@needs(Role.ADMINISTRATOR)
def change(user_id: str) -> BaseResponse:
    """Change an account's role and connections, close or reopen it."""
    form = Form.posted()
    with changing() as session:
        user = session.get(User, user_id) or abort(404)
        grant = _grant(form, session)
        if not form.ok:
            return _one_page(session, user, form, status=422)
        people.change(session, user, grant, disabled=form.flag("disabled"))
        what = "Closed the account of" if user.disabled else f"Gave the role {grant.role} to"
        log.note("person_changed", f"{what} {user.email}.", session=session)
        flash(f"The account of {user.email} is saved.", "good")
    return go(url_for("people.page"))


@blueprint.post("/<user_id>/reset")
@needs(Role.ADMINISTRATOR)
def reset(user_id: str) -> BaseResponse:
    """Make a link by which the person sets a new password, and show it once."""
    with changing() as session:
        user = session.get(User, user_id) or abort(404)
        secret, email = people.reset(session, user, person().email), user.email
        log.note("password_link_made", f"Made a link for a new password of {email}.", session=session)
    link = settings().public_url + url_for("accounts.invitation", secret=secret)
    return render("accounts/invited.html", email=email, link=link)


def _grant(form: Form, session: Session) -> people.Grant:
    chosen = form.choice("role", list(Role), "Choose a role.")
    role = Role(chosen) if form.ok else Role.VIEWER
    everything = form.flag("all_connections") or role is Role.ADMINISTRATOR
    picked = [one.id for one in session.exec(select(Connection)) if form.flag(f"connection-{one.id}")]
    return people.Grant(role, everything, () if everything else tuple(picked))


def _page(form: Form, status: int = 200) -> BaseResponse:
    with database() as session:
        users = session.exec(select(User).order_by(col(User.email))).all()
        waiting = session.exec(
            select(Invitation)
            .where(col(Invitation.used_at).is_(None), col(Invitation.expires_at) > now())
            .order_by(col(Invitation.email))
        ).all()
        choices = session.exec(select(Connection).order_by(col(Connection.name))).all()
    return render("accounts/people.html", form=form, users=users, waiting=waiting, choices=choices, status=status)


def _one_page(session: Session, user: User, form: Form, status: int = 200) -> BaseResponse:
    choices = session.exec(select(Connection).order_by(col(Connection.name))).all()
    return render("accounts/person.html", form=form, user=user, choices=choices, status=status)


@activity.get("")
@needs(Role.VIEWER)
def page_of_activity() -> BaseResponse:
    """Who did what, newest first."""
    form = Form(request.args.to_dict())
    before, name = form.whole("before", least=1, most=2**62) if "before" in form.values else 0, form.text("person")
    with database() as session:
        lines = log.lines(session, person(), before=before, name=name)
        names = {one.id: one.name for one in session.exec(select(Connection))}
    return render(
        "accounts/activity.html", lines=lines, names=names, form=form, before=before, full=len(lines) == log.PAGE
    )
