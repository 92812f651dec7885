"""Step 6: matching what both systems already have. All of it can be taken back until it is saved; nothing is written."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import words
from app.access import Role, needs, person
from app.accounts import log
from app.context import database, deps, now
from app.forms import Form
from app.htmx import go, htmx, leave, render
from app.runs.words import progress
from app.setup import match_view, steps
from app.setup.routes import blueprint, too_early
from engine.services import matching
from engine.store.tables import Run

STATES = {
    "suggested": "To decide",
    "accepted": "Accepted",
    "ignored": "Ignored",
    "applied": "Linked",
}
RUNNING = ("queued", "running")
MATCHED_BY_HAND = ("contact", "product", "invoice", "bill", "credit_note", "vendor_credit", "receipt", "project")
"""Kinds a person may link by hand; accounts, tax rates and classes are linked by their names alone."""


@blueprint.get("/c/<cid>/setup/match")
@needs(Role.ADMINISTRATOR)
def match(cid: str) -> BaseResponse:
    """Where the comparison stands, then the suggestions, filtered and in pages."""
    if early := too_early(cid, "match"):
        return early
    with database() as session:
        run, linking = match_view.latest_run(session, cid), match_view.latest_run(session, cid, matching.LINKING)
    if linking is not None and linking.state in RUNNING:
        return _at_work(cid, linking, busy=True)
    if run is None or run.state != "done":
        return _at_work(cid, run, busy=run is not None and run.state in RUNNING)
    if htmx.target == "matching":
        return leave(url_for("setup.match", cid=cid))
    return _suggestions(cid)


def _at_work(cid: str, run: Run | None, *, busy: bool) -> BaseResponse:
    return render(
        "setup/match_start.html",
        "setup/_matching.html",
        run=run,
        busy=busy,
        steps=steps.progress(cid),
        progress_of=progress,
    )


def _suggestions(cid: str) -> BaseResponse:
    form = Form({"state": "suggested"} | request.args.to_dict())
    kind, state = form.values.get("kind", ""), form.choice("state", [*STATES, ""])
    search, after = form.text("search", limit=100), form.text("after", limit=40)
    views = matching.suggestions(
        deps(), cid, kind=kind, state=state, search=search, after=after, limit=match_view.PAGE + 1
    )
    with database() as session:
        counts = match_view.counts(session, cid)
        rows = match_view.pairs(session, views[: match_view.PAGE])
        compared, linking = (match_view.latest_run(session, cid, one) for one in ("matching", matching.LINKING))
    undecided = match_view.undecided(counts)
    kept: dict[str, Any] = {
        name: value for name, value in {"kind": kind, "state": state, "search": search}.items() if value
    }
    more = url_for("setup.match", cid=cid, **kept, after=rows[-1].id) if len(views) > match_view.PAGE else ""
    return render(
        "setup/match.html",
        "setup/_match_list.html",
        form=form,
        rows=rows,
        counts=counts,
        undecided=undecided,
        saved=match_view.saved(linking, compared, undecided, now()),
        onward=steps.onward("match", cid),
        kept=kept,
        next_page=more,
        first_page=url_for("setup.match", cid=cid, **kept) if after else "",
        states=STATES,
        kinds=words.KINDS_MANY,
        steps=steps.progress(cid),
    )


@blueprint.post("/c/<cid>/setup/match/start")
@needs(Role.ADMINISTRATOR)
def start_match(cid: str) -> BaseResponse:
    """Read both systems and look for pairs."""
    with database() as session:
        run = match_view.latest_run(session, cid)
    if run is None or run.state not in RUNNING:
        matching.start_matching(deps(), cid, person().email)
        log.note("matching_started", "Compared both systems.", connection_id=cid)
    return go(url_for("setup.match", cid=cid))


@blueprint.post("/c/<cid>/setup/match/decide")
@needs(Role.ADMINISTRATOR)
def decide_match(cid: str) -> BaseResponse:
    """Accept, ignore or take back the ticked suggestions, or one."""
    ids = request.form.getlist("suggestion")
    verb = request.form.get("decision", "")
    if not ids:
        flash("Tick at least one row first.", "ask")
    else:
        changed = matching.decide_suggestions(deps(), cid, ids, verb, person().email)
        flash(f"{words.plural(changed, 'suggestion')}: {STATES[verb].lower()}.", "good")
    return go(_back(cid))


@blueprint.post("/c/<cid>/setup/match/exact")
@needs(Role.ADMINISTRATOR)
def accept_exact(cid: str) -> BaseResponse:
    """Accept everything that is exact and not ambiguous, of one kind or of all."""
    count = matching.accept_exact(deps(), cid, request.form.get("exact", ""), person().email)
    log.note("matches_accepted", f"Accepted {words.plural(count, 'exact match', 'exact matches')}.", connection_id=cid)
    flash(f"{words.plural(count, 'exact match', 'exact matches')} accepted.", "good")
    return go(_back(cid))


def _back(cid: str) -> str:
    kept: dict[str, Any] = {name: request.form[name] for name in ("kind", "state", "search") if request.form.get(name)}
    return url_for("setup.match", cid=cid, **kept)


@blueprint.get("/c/<cid>/setup/match/by-hand")
@needs(Role.ADMINISTRATOR)
def link(cid: str) -> BaseResponse:
    """Search both sides for two records that are one."""
    form = Form({"kind": "contact"} | request.args.to_dict())
    kind = form.choice("kind", MATCHED_BY_HAND)
    left, right = form.text("scoro_search", limit=100), form.text("quickbooks_search", limit=100)
    kind = kind if form.ok else "contact"
    return render(
        "setup/link.html",
        "setup/_link_choices.html",
        form=form,
        kinds=[(one, words.KINDS_MANY[one]) for one in MATCHED_BY_HAND],
        scoro=matching.unmatched(deps(), cid, kind, "scoro", search=left, limit=25),
        quickbooks=matching.unmatched(deps(), cid, kind, "quickbooks", search=right, limit=25),
        steps=steps.progress(cid),
    )


@blueprint.post("/c/<cid>/setup/match/by-hand")
@needs(Role.ADMINISTRATOR)
def save_link(cid: str) -> BaseResponse:
    """Put down that two records are one; it can be taken back like any other match."""
    form = Form.posted()
    scoro, quickbooks = form.text("scoro", limit=60), form.text("quickbooks", limit=60)
    if not scoro or not quickbooks:
        flash("Choose one record on each side.", "ask")
        return go(url_for("setup.link", cid=cid, kind=form.values.get("kind", "contact")))
    matching.link_by_hand(deps(), cid, scoro, quickbooks, person().email)
    flash("Linked. The pair stands among the accepted ones.", "good")
    return go(url_for("setup.link", cid=cid, kind=form.values.get("kind", "contact")))


@blueprint.post("/c/<cid>/setup/match/save")
@needs(Role.ADMINISTRATOR)
def save_matches(cid: str) -> BaseResponse:
    """Make the accepted matches firm and go on; where they are very many, by a run whose progress is shown. Nothing is written to
    either system."""
    waiting = matching.accepted_count(deps(), cid)
    if waiting > matching.AT_ONCE:
        matching.start_linking(deps(), cid, person().email)
        log.note("matches_saved", f"Saved {words.plural(waiting, 'pair')}.", connection_id=cid)
        return go(url_for("setup.match", cid=cid))
    applied = matching.apply_matches(deps(), cid, person().email)
    linked, refused = words.plural(applied.linked, "pair"), match_view.refused(applied.refused)
    log.note("matches_saved", f"Linked {linked}. {refused}".strip(), connection_id=cid)
    with database() as session:
        undecided = match_view.undecided(match_view.counts(session, cid))
    told = [part for part in (f"{linked} linked.", refused, undecided) if part]
    flash(" ".join(told), "ask" if len(told) > 1 else "good")
    return go(steps.onward("match", cid))
