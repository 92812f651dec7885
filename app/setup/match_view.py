"""What the match step shows: how far the comparison is, the suggestions of a page with their evidence, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import fields
from app.formatting import titled
from app.objects.view import shown
from app.words import plural
from engine.services.matching import REFUSED_PAIRS, SuggestionView
from engine.store.tables import Run, Suggestion

PAGE = 25
"""Suggestions of a page: the fragment stays below 20 kB."""

KEYS = {
    "vat_number": "VAT number",
    "registry_code": "registry number",
    "email": "e-mail",
    "name": "name",
    "code": "code",
    "number": "number",
    "number_total": "number and total",
    "contact_date_total": "contact, day and total",
    "payment": "day, amount, contact and document",
    "name_contact": "name and client",
    "external": "reference kept by the other system",
    "by_hand": "linked by hand",
    "merged": "one was merged into the other",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One suggestion as a row: ``evidence`` are (key, value) that are equal, ``differences`` (field, Scoro, QuickBooks)."""

    id: str
    kind: str
    state: str
    exact: bool
    ambiguous: bool
    scoro: str
    quickbooks: str
    decided_by: str
    evidence: tuple[tuple[str, str], ...]
    differences: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class KindCounts:
    """How many suggestions of a kind are in which state; ``exact`` of those still to decide are beyond doubt."""

    states: dict[str, int] = field(default_factory=dict)
    exact: int = 0

    def of(self, state: str) -> int:
        """How many are in a state."""
        return self.states.get(state, 0)


def latest_run(session: Session, cid: str, trigger: str = "matching") -> Run | None:
    """The last comparison of both systems, or the last run that linked their pairs, if there was one."""
    query = select(Run).where(Run.connection_id == cid, Run.trigger == trigger)
    return session.exec(query.order_by(col(Run.id).desc()).limit(1)).first()


def counts(session: Session, cid: str) -> dict[str, KindCounts]:
    """Kind → its counts, kinds with suggestions only."""
    clear = sa.func.sum(sa.case((col(Suggestion.exact) & ~col(Suggestion.ambiguous), 1), else_=0))
    query = (
        sa.select(col(Suggestion.kind), col(Suggestion.state), sa.func.count(), clear)
        .where(col(Suggestion.connection_id) == cid)
        .group_by(col(Suggestion.kind), col(Suggestion.state))
    )
    found: dict[str, KindCounts] = {}
    for kind, state, number, exact in session.execute(query):
        entry = found.setdefault(kind, KindCounts())
        entry.states[state] = number
        entry.exact += int(exact) if state == "suggested" else 0
    return found


def undecided(counts: Mapping[str, KindCounts]) -> str:
    """What becomes of the pairs that nobody has decided about when the matches are saved; "" when there is none."""
    left = sum(found.of("suggested") for found in counts.values())
    if not left:
        return ""
    return (
        f"{plural(left, 'pair remains', 'pairs remain')} undecided. Nothing of "
        f"{'it' if left == 1 else 'them'} is written to either system until somebody accepts or ignores "
        f"{'it' if left == 1 else 'them'}, here or later in Settings."
    )


A_WHILE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the run that linked the accepted pairs, when nothing has been compared since."""

    good: bool
    sentence: str


def saved(linking: Run | None, compared: Run | None, undecided: str, now: datetime) -> Saved | None:
    """What the page says of such a run for a while; ``undecided`` is what is left besides."""
    if linking is None or (compared is not None and compared.id > linking.id):
        return None
    if linking.finished_at is not None and now - linking.finished_at > A_WHILE:
        return None
    linked = f"{plural(int(linking.counts.get('linked', 0)), 'pair')} linked."
    if linking.state != "done":
        why = f"{linking.error or 'It was stopped.'} {linking.hint}".strip()
        return Saved(False, f"{linked} {why} Save again to go on; what is linked stays linked.")
    parts = (linked, refused(linking.counts.get(REFUSED_PAIRS, ())), undecided)
    return Saved(len([part for part in parts if part]) == 1, " ".join(part for part in parts if part))


def refused(told: Sequence[str]) -> str:
    """Which accepted pairs could not be linked and why, the first few by name; "" when all of them were."""
    if not told:
        return ""
    one = len(told) == 1
    rest = f" And {plural(len(told) - NAMED, 'more pair')}." if len(told) > NAMED else ""
    first = f"{plural(len(told), 'pair')} could not be linked and {'stays' if one else 'stay'} accepted."
    return " ".join([first, *told[:NAMED]]) + rest


NAMED = 5
"""How many refused pairs a message names."""


def pairs(session: Session, views: list[SuggestionView]) -> list[Pair]:
    """Suggestions as rows, with values written for people."""
    referred = set[str]()
    for view in views:
        both = [(path, value) for path, values in view.row.differences.items() for value in values]
        referred |= fields.references(view.row.kind, both)
    titles = fields.titles(session, referred)
    return [_pair(view, titles) for view in views]


def _pair(view: SuggestionView, titles: Mapping[str, str]) -> Pair:
    row = view.row
    return Pair(
        id=row.id,
        kind=row.kind,
        state=row.state,
        exact=row.exact,
        ambiguous=row.ambiguous,
        scoro=titled(view.scoro_title),
        quickbooks=titled(view.quickbooks_title),
        decided_by=row.decided_by,
        evidence=tuple((KEYS.get(name, name), _plain(value)) for name, value in row.evidence.items()),
        differences=tuple(_difference(row.kind, path, values, titles) for path, values in row.differences.items()),
    )


def _difference(kind: str, path: str, values: list[Any], titles: Mapping[str, str]) -> tuple[str, str, str]:
    left, right = (shown(kind, path, value, titles) for value in values)
    return fields.label(kind, path), left, right


def _plain(value: Any) -> str:
    return " ".join(str(value).replace("\x1f", " ").split())
