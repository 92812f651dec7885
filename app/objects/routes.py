"""Records: the list over both systems, one record, and what a person can do with it (R27-R31, R40)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import fields
from app.access import Role, needs, person
from app.accounts import log
from app.changes.words import ACTIONS, EFFECTS, NOTICED
from app.context import database, deps
from app.formatting import titled
from app.forms import Form
from app.htmx import go, render
from app.objects import view as words
from app.objects.forms import SIDES, filters_of, kept
from app.objects.timeline import timeline
from app.paging import ROWS, pages
from app.runs.words import OUTCOMES, VERBS
from app.words import SYSTEMS, plural
from engine.core.reasons import WORDS, Reason
from engine.core.records import System
from engine.errors import Refused
from engine.services import browse, push
from engine.services import objects as acts

blueprint = Blueprint("objects", __name__, url_prefix="/c/<cid>/records")


@blueprint.get("")
@needs(Role.VIEWER)
def page(cid: str) -> BaseResponse:
    """The records of both systems, filtered, in pages."""
    form = Form(request.args.to_dict())
    found = browse.objects(deps(), cid, filters_of(form), after=form.text("after"), limit=ROWS)
    same = kept(form)
    return render(
        "objects/page.html",
        "objects/_list.html",
        form=form,
        lines=found.rows,
        kept=same,
        sides=SIDES,
        words=WORDS,
        Reason=Reason,
        **pages("objects.page", found.next, form, cid=cid, **same),
    )


@blueprint.post("/bulk")
@needs(Role.OPERATOR)
def bulk(cid: str) -> BaseResponse:
    """Send or pull the ticked records; each has its own outcome (R40)."""
    form = Form.posted()
    to = _system(form.values.get("to", ""))
    ids = browse.ids_of(deps(), cid, request.form.getlist("oid"))
    if not ids:
        raise Refused("No record is ticked.", hint="Tick the rows you mean, then press the button.")
    outcomes = push.push_many(deps(), cid, ids, to, person().email)
    log.note("pushed", f"Sent {plural(len(ids), 'record')} to {SYSTEMS[to]} by hand.", connection_id=cid)
    return render("objects/outcomes.html", "objects/_outcomes.html", outcomes=outcomes, to=to.value, kept=kept(form))


@blueprint.get("/<oid>")
@needs(Role.VIEWER)
def object(cid: str, oid: str) -> BaseResponse:
    """One record: where it stands, side by side, its history."""
    return _page(cid, oid)


@blueprint.get("/<oid>/to/<system>")
@needs(Role.OPERATOR)
def preview(cid: str, oid: str, system: str) -> BaseResponse:
    """The exact write of a send or pull, before anything is sent."""
    to = _system(system)
    return _page(cid, oid, preview=push.preview_push(deps(), oid, to), to=to.value)


@blueprint.post("/<oid>/to/<system>")
@needs(Role.OPERATOR)
def send(cid: str, oid: str, system: str) -> BaseResponse:
    """Send or pull it now; both sides are read anew first."""
    to = _system(system)
    outcome = push.push(deps(), oid, to, person().email)
    log.note("pushed", f"Sent “{titled(outcome.title)}” to {SYSTEMS[to]} by hand.", connection_id=cid)
    tone = {"written": "good", "nothing": "good", "waiting": "ask"}.get(outcome.state, "stop")
    flash(f"{outcome.sentence} {outcome.hint}".strip(), tone)
    return go(url_for("objects.object", cid=cid, oid=oid))


@blueprint.post("/<oid>/act")
@needs(Role.OPERATOR)
def act(cid: str, oid: str) -> BaseResponse:
    """Set aside, take back, retry, read anew, pull its receipts."""
    who = person().email
    match Form.posted().values.get("verb"):
        case "park":
            acts.park(deps(), oid, who)
            flash("Set aside. It takes no part until somebody takes it back.", "good")
        case "unpark":
            acts.unpark(deps(), oid, who)
            flash("It takes part again.", "good")
        case "retry":
            acts.retry(deps(), oid, who)
            flash("It will be tried again at the next run.", "good")
        case "refresh":
            push.refresh(deps(), oid, who)
            flash("Read anew in both systems.", "good")
        case "receipts":
            _tell_receipts(push.pull_receipts(deps(), oid, who))
        case _:
            raise Refused("There is no such act.", hint="Use the buttons of the page.")
    return go(url_for("objects.object", cid=cid, oid=oid))


@blueprint.post("/<oid>/settle")
@needs(Role.REVIEWER)
def settle(cid: str, oid: str) -> BaseResponse:
    """Accept a variance, or decide about a deletion."""
    who = person().email
    match Form.posted().values.get("verb"):
        case "accept":
            acts.accept_variance(deps(), oid, who)
            flash("The difference is accepted, for just these two totals.", "good")
        case "follow":
            acts.decide_deletion(deps(), oid, True, who)
            flash("The deletion will be followed at the next run.", "good")
        case "restore":
            acts.decide_deletion(deps(), oid, False, who)
            flash("It will be created again where it is missing, at the next run.", "good")
        case _:
            raise Refused("There is no such act.", hint="Use the buttons of the page.")
    return go(url_for("objects.object", cid=cid, oid=oid))


def _tell_receipts(outcomes: list[push.PushOutcome]) -> None:
    if not outcomes:
        flash("QuickBooks knows no payment of this document.", "ask")
    for outcome in outcomes:
        flash(
            f"{titled(outcome.title)}: {outcome.sentence} {outcome.hint}",
            "good" if outcome.state == "written" else "ask",
        )


def _system(name: str) -> System:
    if name not in SYSTEMS:
        raise Refused("There is no such system.", hint="Use the buttons of the page.")
    return System(name)


def _page(cid: str, oid: str, **shown: Any) -> BaseResponse:
    found = browse.object_view(deps(), oid)
    oid = found.row.id
    before = Form(request.args.to_dict()).whole("before", least=0, most=2**62) if "before" in request.args else 0
    with database() as session:
        history = browse.history(session, oid, before=before)
        sheet = words.sheet(session, found)
        entries = timeline(session, history.rows, found.row.currency)
        titles = _titles(session, found, shown)
    return render(
        "objects/object.html",
        "objects/_object.html",
        view=found,
        row=found.row,
        sheet=sheet,
        story=entries,
        older=url_for("objects.object", cid=cid, oid=oid, before=history.next) if history.next else "",
        options={option.system: option for option in push.push_options(deps(), oid)},
        rungs=acts.explain(deps(), oid),
        told=WORDS[Reason(found.row.reason)],
        problem=_problem(found.row.facts),
        say=lambda path, value: words.shown(found.row.kind, path, value, titles, found.row.currency),
        counters=words.counters,
        notes=list(dict.fromkeys(note for write in found.writes for note in write.notes)),
        actions=ACTIONS,
        effects=EFFECTS,
        noticed=NOTICED,
        OUTCOMES=OUTCOMES,
        VERBS=VERBS,
        **{"preview": None, "to": ""} | shown,
    )


def _titles(session: Any, found: Any, shown: dict[str, Any]) -> dict[str, str]:
    """Names of the records that a preview mentions."""
    if not shown.get("preview"):
        return {}
    rows = shown["preview"].rows
    return fields.titles(
        session, fields.references(found.row.kind, [(r.path, v) for r in rows for v in (r.before, r.after)])
    )


def _problem(facts: dict[str, Any]) -> dict[str, Any]:
    """What stopped the record, as the remote or the mapping told it."""
    told: dict[str, Any] = next(
        (facts[name] for name in ("refused", "problem", "unreadable", "failure") if name in facts), {}
    )
    return told
