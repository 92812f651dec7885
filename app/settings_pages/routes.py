"""Settings of a connection: what it connects, its categories, pause and resume, brakes, disconnect."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from flask import Blueprint, flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person
from app.accounts import log as activity
from app.context import changing, connection, deps, now, settings
from app.forms import Form
from app.htmx import go, render
from app.setup.categories import scope_summary
from app.setup.routes import rename
from engine.core.records import HUB
from engine.core.safety import Limits
from engine.errors import Refused
from engine.services import setup
from engine.store import log

blueprint = Blueprint("settings", __name__, url_prefix="/c/<cid>/settings")

SHARES = {
    "deleted_share": "Deleted at once",
    "changed_share": "Changed at once",
    "vanished_share": "Disappeared from one side since the last run",
}


@blueprint.get("")
@needs(Role.ADMINISTRATOR)
def page(cid: str) -> BaseResponse:
    """Everything at a glance, each with the way to change it."""
    return render(
        "settings/page.html",
        rows=setup.category_rows(deps(), cid),
        summary=scope_summary,
        form=Form({"name": connection().name}),
        scoro_hook=_address("webhooks.scoro", token=connection().webhook_token),
        quickbooks_hook=_address("webhooks.quickbooks"),
    )


def _address(endpoint: str, **values: Any) -> str:
    return settings().public_url + url_for(endpoint, **values)


@blueprint.post("/name")
@needs(Role.ADMINISTRATOR)
def save_name(cid: str) -> BaseResponse:
    """Call the connection something else."""
    form = Form.posted()
    name = form.text("name", required="Enter a name.", limit=80)
    if form.ok:
        rename(cid, name)
        activity.note("connection_renamed", f"Named the connection {name}.", connection_id=cid)
    flash("Saved." if form.ok else form.errors["name"], "good" if form.ok else "stop")
    return go(url_for("settings.page", cid=cid))


@blueprint.post("/pause")
@needs(Role.ADMINISTRATOR)
def pause(cid: str) -> BaseResponse:
    """No runs until it is resumed; what happens meanwhile is found out afterwards."""
    return _switch(cid, "active", "paused", "Paused the connection.")


@blueprint.post("/resume")
@needs(Role.ADMINISTRATOR)
def resume(cid: str) -> BaseResponse:
    """Runs again."""
    return _switch(cid, "paused", "active", "Resumed the connection.")


def _switch(cid: str, before: str, after: str, sentence: str) -> BaseResponse:
    if connection().state != before:
        raise Refused("The connection is in another state by now.", hint="Look at the settings and decide again.")
    store(cid, {"state": after}, state=after)
    activity.note("connection_state", sentence, connection_id=cid)
    flash(sentence, "good")
    return go(url_for("settings.page", cid=cid))


def store(cid: str, details: dict[str, Any], **columns: Any) -> None:
    """Change columns of the connection, with an entry in its change log."""
    with changing() as session:
        row = log.lock(session, cid)
        for name, value in columns.items():
            setattr(row, name, value)
        entry = log.Entry("settings", actor=HUB, person=person().email, details=details, noticed="manual")
        log.append(session, row, [entry], now())
        session.add(row)


@blueprint.get("/brakes")
@needs(Role.ADMINISTRATOR)
def brakes(cid: str) -> BaseResponse:
    """When a run stops and asks a person."""
    stored = connection().settings.get("limits", {})
    limits = Limits(**stored)
    values = {name: str(round(getattr(limits, name) * 100)) for name in SHARES} | {"floor": str(limits.floor)}
    values |= {f"amount-{code}": str(_major(minor, code)) for code, minor in limits.amounts.items()}
    return _brakes_page(Form(values))


@blueprint.post("/brakes")
@needs(Role.ADMINISTRATOR)
def save_brakes(cid: str) -> BaseResponse:
    """Keep the limits; they hold from the next run."""
    form = Form.posted()
    limits: dict[str, Any] = {name: form.whole(name, least=1, most=100) / 100 for name in SHARES}
    limits["floor"] = form.whole("floor", least=0, most=100_000)
    limits["amounts"] = {code: minor for code in _currencies() if (minor := _minor(form, code)) is not None}
    if not form.ok:
        return _brakes_page(form, status=422)
    store(cid, {"limits": limits}, settings={**connection().settings, "limits": limits})
    activity.note("brakes_saved", "Changed the brakes.", connection_id=cid)
    flash("The brakes are saved; they hold from the next run.", "good")
    return go(url_for("settings.page", cid=cid))


def _currencies() -> list[str]:
    return list(connection().scoro_profile.get("currencies", []))


def _minor(form: Form, code: str) -> int | None:
    amount = form.amount(f"amount-{code}")
    if amount is not None and amount < 0:
        form.fail(f"amount-{code}", "Enter an amount above zero, or leave it empty for no limit.")
        return None
    return None if amount is None else int(amount.scaleb(get_currency_precision(code)))


def _major(minor: int, code: str) -> Decimal:
    return Decimal(minor).scaleb(-get_currency_precision(code))


def _brakes_page(form: Form, status: int = 200) -> BaseResponse:
    return render("settings/brakes.html", form=form, shares=SHARES, currencies=_currencies(), status=status)


@blueprint.get("/disconnect")
@needs(Role.ADMINISTRATOR)
def confirm_disconnect(cid: str) -> BaseResponse:
    """What disconnecting does, before it is done."""
    return render("settings/disconnect.html")


@blueprint.post("/disconnect")
@needs(Role.ADMINISTRATOR)
def disconnect(cid: str) -> BaseResponse:
    """Give QuickBooks' grant back and stop."""
    setup.disconnect(deps(), cid, person().email)
    activity.note("disconnected", "Disconnected QuickBooks.", connection_id=cid)
    flash("Disconnected. Everything that is known is kept; connect the same company again to go on.", "good")
    return go(url_for("settings.page", cid=cid))
