"""Who is told what about a connection, and when not."""

from __future__ import annotations

from flask import flash, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import alerts as telling
from app.access import Role, needs, person
from app.accounts import log as activity
from app.context import changing, connection, database, deps
from app.forms import Form
from app.htmx import go, render
from app.settings_pages.routes import blueprint
from app.tables import AlertSettings
from engine.errors import Refused

DIGESTS = {"0": "At once", "60": "Every hour", "240": "Every four hours", "1440": "Once a day"}
MOST_TARGETS = 10


@blueprint.get("/alerts")
@needs(Role.ADMINISTRATOR)
def alerts(cid: str) -> BaseResponse:
    """The settings as they are. Addresses hold passwords and tokens, so they are not shown again."""
    with database() as session:
        chosen = session.get(AlertSettings, cid) or AlertSettings(connection_id=cid, time_zone=person().time_zone)
    values = {"digest": str(chosen.digest_minutes), "quiet_from": chosen.quiet_from, "quiet_until": chosen.quiet_until}
    values |= dict.fromkeys(chosen.kinds or telling.KINDS, "on")
    values |= {"enabled": "on"} if chosen.enabled else {}
    return _page(Form(values), known=_count(chosen))


@blueprint.post("/alerts")
@needs(Role.ADMINISTRATOR)
def save_alerts(cid: str) -> BaseResponse:
    """Keep the settings; an empty list of addresses keeps those that are stored."""
    form = Form.posted()
    targets = _targets(form)
    kinds = [kind for kind in telling.KINDS if form.flag(kind)]
    digest = form.choice("digest", DIGESTS)
    quiet = form.clock_time("quiet_from"), form.clock_time("quiet_until")
    if bool(quiet[0]) != bool(quiet[1]):
        form.fail("quiet_until", "Quiet hours need a beginning and an end.")
    with changing() as session:
        chosen = session.get(AlertSettings, cid) or AlertSettings(connection_id=cid)
        if form.flag("enabled") and not targets and not chosen.targets:
            form.fail("targets", "Enter at least one address to tell.")
        if not form.ok:
            return _page(form, known=_count(chosen), status=422)
        chosen.targets = deps().vault.seal("\n".join(targets)) if targets else chosen.targets
        chosen.enabled, chosen.kinds, chosen.digest_minutes = form.flag("enabled"), kinds, int(digest)
        (chosen.quiet_from, chosen.quiet_until), chosen.time_zone = quiet, person().time_zone
        session.add(chosen)
    activity.note("alerts_saved", "Changed who is told what.", connection_id=cid)
    flash("The alerts are saved.", "good")
    return go(url_for("settings.alerts", cid=cid))


@blueprint.post("/alerts/try")
@needs(Role.ADMINISTRATOR)
def try_alerts(cid: str) -> BaseResponse:
    """Send a message to every stored address."""
    with database() as session:
        chosen = session.get(AlertSettings, cid)
    if chosen is None or not chosen.targets:
        raise Refused("No address is stored yet.", hint="Enter an address and save first.")
    text = f"This is a trial. Alerts about {connection().name} will come here."
    sent = telling.send_by_apprise(deps().vault.open(chosen.targets).split("\n"), "Concord: a trial", text)
    told = "The message was sent." if sent else "At least one address did not take the message."
    flash(told, "good" if sent else "stop")
    return go(url_for("settings.alerts", cid=cid))


def _targets(form: Form) -> list[str]:
    lines = [line.strip() for line in form.values.get("targets", "").splitlines() if line.strip()]
    problem = next((found for line in lines if (found := telling.problem_with(line))), "")
    if problem or len(lines) > MOST_TARGETS:
        form.fail("targets", problem or f"At most {MOST_TARGETS} addresses.")
    return lines


def _count(chosen: AlertSettings) -> int:
    return len(deps().vault.open(chosen.targets).split("\n")) if chosen.targets else 0


def _page(form: Form, *, known: int, status: int = 200) -> BaseResponse:
    return render("settings/alerts.html", form=form, kinds=telling.KINDS, digests=DIGESTS, known=known, status=status)
