"""The start page and the list of connections."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person, visible
from app.context import connection as here
from app.context import database
from app.htmx import render

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@needs(Role.VIEWER)
def start() -> BaseResponse:
    """To the only connection, or to the list of them."""
    with database() as session:
        mine = visible(session, person())
    if len(mine) == 1:
        return redirect(_address(mine[0].id, mine[0].state), 303)
    return redirect(url_for("home.connections"), 303)


@blueprint.get("/connections")
@needs(Role.VIEWER)
def connections() -> BaseResponse:
    """Every connection the person may see."""
    with database() as session:
        mine = visible(session, person())
    return render("home/connections.html", mine=mine, has_setup="setup.begin" in current_app.view_functions)


@blueprint.get("/c/<cid>")
@needs(Role.VIEWER)
def connection(cid: str) -> BaseResponse:
    """A connection's first page: its overview, or the setup while that is not finished."""
    return redirect(_address(cid, here().state), 303)


def _address(cid: str, state: str) -> str:
    target = "setup.resume" if state == "setup" and person().may(Role.ADMINISTRATOR) else "overview.page"
    if target not in current_app.view_functions:
        return url_for("home.connections")
    return url_for(target, cid=cid)
