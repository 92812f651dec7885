"""A setup that was begun by mistake: seen with what would be forgotten, then discarded."""

from __future__ import annotations

from flask import flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs
from app.accounts import log
from app.context import connection, deps
from app.htmx import go, render
from app.setup.routes import blueprint
from app.tables import Alert, AlertSettings, ConsentState, UserConnection
from engine.services.discarding import discard, preview_discard

ALONG = (UserConnection, ConsentState, AlertSettings, Alert)
"""What the application keeps of a connection. The activity stays: it says who discarded what."""

NOT_TOLD = (
    "QuickBooks did not answer, so it still lists Concord among the company's connected apps. "
    "Take it off there: Settings, Manage your apps."
)


@blueprint.get("/c/<cid>/setup/discard")
@needs(Role.ADMINISTRATOR)
def confirm_discard(cid: str) -> BaseResponse:
    """What discarding forgets and what it leaves alone, before it is done."""
    return render("setup/discard.html", forgotten=preview_discard(deps(), cid))


@blueprint.post("/c/<cid>/setup/discard")
@needs(Role.ADMINISTRATOR)
def discard_setup(cid: str) -> BaseResponse:
    """Forget the connection."""
    name = connection().name
    told = discard(deps(), cid, along=ALONG)
    log.note("setup_discarded", f"Discarded the setup of “{name}”. Neither system was touched.", connection_id=cid)
    flash(f"The setup of “{name}” is discarded. Nothing was changed in Scoro or in QuickBooks.", "good")
    if not told:
        flash(NOT_TOLD, "ask")
    return go(url_for("home.connections"))
