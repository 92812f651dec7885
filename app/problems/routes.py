"""Problems: failures by cause; retry one or all, park, assign."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person
from app.accounts import log
from app.context import database, deps
from app.forms import Form
from app.htmx import go, render
from app.paging import ROWS, pages
from app.tables import User
from app.words import plural
from engine.core.reasons import WORDS, Reason
from engine.errors import Refused
from engine.services import browse
from engine.services import objects as acts
from engine.services.retrying import RETRIED, Held, request_retry

blueprint = Blueprint("problems", __name__, url_prefix="/c/<cid>/problems")


@blueprint.get("")
@needs(Role.VIEWER)
def page(cid: str) -> BaseResponse:
    """The causes, those that hold up most first."""
    return render("problems/page.html", causes=browse.problems(deps(), cid), words=WORDS, Reason=Reason)


@blueprint.get("/cause")
@needs(Role.VIEWER)
def cause(cid: str) -> BaseResponse:
    """The objects behind one cause."""
    form = Form(request.args.to_dict())
    chosen = _cause(form)
    found = browse.behind(deps(), cid, **chosen, after=form.text("after"), limit=ROWS)
    return render(
        "problems/cause.html",
        "problems/_behind.html",
        chosen=chosen,
        words=WORDS[Reason(chosen["reason"])],
        problems=found.rows,
        retried=chosen["disposition"] in RETRIED,
        people=_people() if person().may(Role.OPERATOR) else [],
        **pages("problems.cause", found.next, form, cid=cid, **chosen),
    )


@blueprint.post("/retry")
@needs(Role.OPERATOR)
def retry_all(cid: str) -> BaseResponse:
    """Have everything behind one cause put back for the next run; the run's page shows how far that is."""
    run_id = request_retry(deps(), cid, Held(**_cause(Form.posted())), person().email)
    log.note("retried", "Asked to try everything behind one cause again.", connection_id=cid)
    return go(url_for("runs.run", cid=cid, run_id=run_id))


@blueprint.post("/act")
@needs(Role.OPERATOR)
def act(cid: str) -> BaseResponse:
    """Retry, park or assign the ticked objects."""
    form = Form.posted()
    chosen, ids = _cause(form), browse.ids_of(deps(), cid, request.form.getlist("oid"))
    if not ids:
        raise Refused("No record is ticked.", hint="Tick the rows you mean, then press the button.")
    verb = form.choice("verb", ("retry", "park", "assign"))
    to = _assignee(form) if verb == "assign" else ""
    for oid in ids:
        match verb:
            case "retry":
                acts.retry(deps(), oid, person().email)
            case "park":
                acts.park(deps(), oid, person().email)
            case "assign":
                acts.assign(deps(), oid, to, person().email)
    done = {"retry": "will be tried again at the next run", "park": "set aside", "assign": f"given to {to or 'nobody'}"}
    log.note(f"problems_{verb}", f"{plural(len(ids), 'record')}: {done.get(verb, '')}.", connection_id=cid)
    flash(f"{plural(len(ids), 'record')} {done.get(verb, '')}.", "good")
    return go(url_for("problems.cause", cid=cid, **chosen))


def _cause(form: Form) -> dict[str, Any]:
    """The cause an address or a form names."""
    disposition = form.choice("disposition", [state.value for state in browse.PROBLEM_STATES])
    reason = form.choice("reason", [reason.value for reason in Reason])
    if not form.ok:
        raise Refused("This address names no cause.", hint="Choose one from the list of problems.")
    return {"disposition": disposition, "reason": reason, "code": form.text("code", limit=80)}


def _people() -> list[str]:
    """Who may be made responsible."""
    with database() as session:
        return list(session.exec(select(User.email).where(col(User.disabled).is_(False)).order_by(col(User.email))))


def _assignee(form: Form) -> str:
    to = form.choice("to", ["", *_people()])
    if not form.ok:
        raise Refused("There is no such person.", hint="Choose somebody from the list.")
    return to
