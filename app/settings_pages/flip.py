"""Turning the direction of a category round: what it would do, in numbers, before it is done."""

from __future__ import annotations

from flask import abort, flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import words
from app.access import Role, needs, person
from app.accounts import log as activity
from app.context import deps
from app.formatting import direction_words
from app.forms import Form
from app.htmx import go, render
from app.settings_pages.routes import blueprint
from engine.services import directions
from engine.services.setup import SHOWN


@blueprint.get("/flip/<category>")
@needs(Role.ADMINISTRATOR)
def flip(cid: str, category: str) -> BaseResponse:
    """The preview: what would become pending, held, a conflict, and which queued writes would be refused."""
    if category not in SHOWN:
        abort(404)
    return render("settings/flip.html", preview=directions.preview_flip(deps(), cid, category))


@blueprint.post("/flip/<category>")
@needs(Role.ADMINISTRATOR)
def save_flip(cid: str, category: str) -> BaseResponse:
    """Turn it round, unless somebody was faster."""
    if category not in SHOWN:
        abort(404)
    form = Form.posted()
    epoch = form.whole("epoch", least=1, most=2**31 - 1)
    if not form.ok:
        abort(400)
    directions.flip(deps(), cid, category, epoch=epoch, person=person().email)
    source = form.choice("source", words.SYSTEMS)
    sentence = f"{words.CATEGORIES[category]} now go {direction_words(source)}."
    activity.note("direction_flipped", sentence, connection_id=cid)
    flash(f"{sentence} Nothing of the old direction will be sent any more.", "good")
    return go(url_for("settings.page", cid=cid))
