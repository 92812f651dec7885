"""Conflicts: the inbox, the review, the preview of what is picked, saving, undoing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app import fields
from app.access import Role, needs, person
from app.accounts import log
from app.changes.words import NOTICED
from app.conflicts import view as words
from app.conflicts.forms import Pick, choices_of, picks_of
from app.context import database, deps
from app.formatting import titled
from app.forms import Form
from app.htmx import go, render
from app.objects.view import shown
from app.paging import pages
from app.words import KINDS, plural
from engine.errors import Refused
from engine.services import browse, resolve
from engine.services.browse.object_view import ObjectView
from engine.store.tables import Change

blueprint = Blueprint("conflicts", __name__, url_prefix="/c/<cid>/conflicts")

SIMILAR = 20
"""Similar conflicts that are offered at once."""


@blueprint.get("")
@needs(Role.VIEWER)
def inbox(cid: str) -> BaseResponse:
    """Open conflicts, the most money or the longest waiting first."""
    form = Form(request.args.to_dict())
    order = "age" if form.values.get("order") == "age" else "money"
    kind = form.choice("kind", ["", *KINDS]) if form.values.get("kind") else ""
    search = form.text("search", limit=100)
    found = browse.conflicts(deps(), cid, order=order, kind=kind, search=search, after=form.text("after"))
    kept = {name: value for name, value in {"order": order, "kind": kind, "search": search}.items() if value}
    return render(
        "conflicts/inbox.html",
        form=form,
        order=order,
        waiting=found.rows,
        settled=browse.settled(deps(), cid),
        label=fields.label,
        kept=kept,
        **pages("conflicts.inbox", found.next, form, cid=cid, **kept),
    )


@blueprint.get("/<oid>")
@needs(Role.VIEWER)
def review(cid: str, oid: str) -> BaseResponse:
    """One conflict, side by side; a settled one with its undo."""
    view = browse.object_view(deps(), oid)
    if not view.row.contests:
        return _settled_page(cid, view)
    return _review(cid, oid, {})


@blueprint.get("/<oid>/preview")
@needs(Role.VIEWER)
def preview_again(cid: str, oid: str) -> BaseResponse:
    """The address a preview stands under, reloaded or opened later: the review."""
    return redirect(url_for("conflicts.review", cid=cid, oid=oid), 303)


@blueprint.post("/<oid>/preview")
@needs(Role.REVIEWER)
def preview(cid: str, oid: str) -> BaseResponse:
    """What the picks would mean: totals, balance, what is written where. Nothing is kept."""
    view = browse.object_view(deps(), oid)
    if not view.row.contests:
        flash("This conflict was settled in the meantime. Nothing was overwritten.", "ask")
        return go(url_for("conflicts.review", cid=cid, oid=oid))
    return _review(cid, oid, picks_of(Form.posted(), resolve.conflict(deps(), oid).contests))


@blueprint.post("/<oid>")
@needs(Role.REVIEWER)
def save(cid: str, oid: str) -> BaseResponse:
    """Keep the picks, for this conflict and for those ticked as alike. Whoever comes second is told."""
    form = Form.posted()
    try:
        found = resolve.conflict(deps(), oid)
        picks = picks_of(form, found.contests)
        choices = choices_of(picks, found.contests)
        version = form.whole("version", least=0, most=2**31)
        resolve.resolve(deps(), oid, version=version, choices=choices, person=person().email)
    except Refused as refused:
        return _refused(cid, oid, form, refused)
    alike = _save_alike(request.form.getlist("also"), oid, cid, choices)
    log.note("conflict_settled", f"Settled a conflict of “{titled(found.title)}”{alike.summary}.", connection_id=cid)
    flash(f"Settled{alike.summary}. It can be undone until the next run writes it.", "good")
    for sentence in alike.refused:
        flash(sentence, "ask")
    return go(url_for("conflicts.review", cid=cid, oid=oid))


@blueprint.post("/<oid>/undo")
@needs(Role.REVIEWER)
def undo(cid: str, oid: str) -> BaseResponse:
    """Take the settlement back, as long as nothing of it was written."""
    resolve.undo(deps(), oid, person().email)
    log.note("conflict_reopened", "Took the settlement of a conflict back.", connection_id=cid)
    flash("The conflict is open again, as it was.", "good")
    return go(url_for("conflicts.review", cid=cid, oid=oid))


@dataclass(frozen=True, slots=True)
class _Alike:
    """How many similar conflicts were settled along, and what was refused."""

    saved: int
    refused: tuple[str, ...]

    @property
    def summary(self) -> str:
        return f", and {plural(self.saved, 'similar one')} with the same choice" if self.saved else ""


def _save_alike(named: list[str], oid: str, cid: str, choices: Mapping[str, Any]) -> _Alike:
    """``named``: object and version as ``id:version``, as the preview showed them."""
    versions = dict(part.split(":", 1) for part in named if part.count(":") == 1)
    saved, refused = 0, []
    for other in browse.ids_of(deps(), cid, [each for each in versions if each != oid]):
        try:
            same = resolve.same_choices(deps(), other, choices)
            version = int(versions[other]) if versions[other].isdigit() else 0
            resolve.resolve(deps(), other, version=version, choices=same, person=person().email)
            saved += 1
        except Refused as error:
            refused.append(f"One of the similar ones was left as it is. {error.message}")
    return _Alike(saved, tuple(refused))


def _refused(cid: str, oid: str, form: Form, refused: Refused) -> BaseResponse:
    """The review again, with what is in the way; a conflict that is gone leads to its settlement."""
    if not browse.object_view(deps(), oid).row.contests:
        flash(*_too_late(_settlement(oid)))
        return go(url_for("conflicts.review", cid=cid, oid=oid))
    picks = picks_of(form, resolve.conflict(deps(), oid).contests)
    return _review(cid, oid, picks, refused=refused, status=422)


def _too_late(settled: Change | None) -> tuple[str, str]:
    """What a person is told whose choice came when the conflict was settled; a second press of one button is no news."""
    if settled and settled.person == person().email:
        return "You have saved your choice already; nothing was saved twice.", "good"
    return "Somebody else settled this conflict first. Nothing was overwritten.", "ask"


def _review(
    cid: str, oid: str, picks: Mapping[str, Pick], *, refused: Refused | None = None, status: int = 200
) -> BaseResponse:
    found, view = resolve.conflict(deps(), oid), browse.object_view(deps(), oid)
    choices, errors = _usable(found, picks)
    meant = resolve.preview_resolution(deps(), oid, choices) if choices else None
    complete = len(choices) == len(found.contests)
    with database() as session:
        shown = words.review(session, found, view, picks, errors)
        written = words.writes(session, found, meant, view.row.currency) if meant else ()
    return render(
        "conflicts/review.html",
        "conflicts/_review.html",
        status=status,
        row=view.row,
        party=_party(view),
        review=shown,
        meant=meant,
        written=written,
        complete=complete,
        similar=_similar(oid, choices) if complete and person().may(Role.REVIEWER) else [],
        also=request.form.getlist("also"),
        refused=refused,
        noticed=NOTICED,
        next_one=browse.next_conflict(deps(), cid, oid),
    )


def _usable(found: resolve.ConflictView, picks: Mapping[str, Pick]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The choices that can be used, and what is wrong with typed values."""
    choices, errors = choices_of(picks, found.contests), dict[str, str]()
    for contest in found.contests:
        choice = choices.get(contest.path, {})
        try:
            if "value" in choice:
                resolve.check_typed(deps(), found.object_id, contest.path, choice["value"])
        except Refused as refused:
            errors[contest.path] = f"{refused.message} {refused.hint}"
            del choices[contest.path]
    return choices, errors


@dataclass(frozen=True, slots=True)
class _Offer:
    """A similar conflict with what the same choice would mean for it."""

    id: str
    title: str
    version: int
    totals: Mapping[str, str]
    imbalance: str
    values: tuple[tuple[str, str], ...]


def _similar(oid: str, choices: Mapping[str, Any]) -> list[_Offer]:
    return [_offer(found, choices) for found in resolve.similar(deps(), oid, choices)[:SIMILAR]]


def _offer(found: resolve.Similar, choices: Mapping[str, Any]) -> _Offer:
    same = resolve.same_choices(deps(), found.object_id, choices)
    meant = resolve.preview_resolution(deps(), found.object_id, same)
    view = browse.object_view(deps(), found.object_id)
    names = browse.titles_of(deps(), [str(meant.state.get(path)) for path in same])
    values = tuple(
        (
            fields.label(view.row.kind, path),
            shown(view.row.kind, path, meant.state.get(path), names, view.row.currency),
        )
        for path in same
    )
    return _Offer(
        found.object_id,
        f"{titled(found.title)} {_party(view)}".strip(),
        found.version,
        meant.totals,
        meant.imbalance,
        values,
    )


def _party(view: ObjectView) -> str:
    """Whom a document is with, "" for everything else."""
    return next((line.title for line in view.refers_to if line.id == view.row.fields.get("contact")), "")


def _settled_page(cid: str, view: ObjectView) -> BaseResponse:
    last = _settlement(view.row.id)
    return render(
        "conflicts/settled.html",
        "conflicts/_settled.html",
        row=view.row,
        last=last,
        chosen=_chosen(view, last) if last else (),
        next_one=browse.next_conflict(deps(), cid, view.row.id),
    )


def _chosen(view: ObjectView, last: Change) -> list[tuple[str, str]]:
    """Each field that was settled, with what both systems are to say."""
    kept = {path: value for path, _, value, _ in last.fields}
    names = browse.titles_of(deps(), [str(value) for value in kept.values()])
    kind, currency = view.row.kind, view.row.currency
    return [(fields.label(kind, path), shown(kind, path, value, names, currency)) for path, value in kept.items()]


def _settlement(oid: str) -> Change | None:
    """The entry by which a person settled it, while nothing has happened since."""
    with database() as session:
        last = browse.history(session, oid, limit=1).rows
    return last[0] if last and last[0].action == "resolved" and last[0].person else None
