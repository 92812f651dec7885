"""Matching before the first write: exact keys only, each suggestion with its evidence, ambiguity never decided by a
machine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from engine.core.records import Kind, System
from engine.errors import Refused
from engine.services.context import Context, load_context
from engine.services.deciding import CHUNK
from engine.services.deps import Deps
from engine.services.linking import differences, kinds_linked_by_rule, link
from engine.services.merging import MERGED, survivors
from engine.store import log
from engine.store.database import new_id, reading, writing
from engine.store.tables import Binding, CategorySettings, Connection, MatchKey, Object, Run, Suggestion

STRONG = frozenset(
    {"vat_number", "registry_code", "number_total", "code", "number", "name_contact", "external", "payment"}
)
"""Keys that are enough alone. A name or an e-mail is exact only together with another key, or when nothing else
speaks against it."""


def suggest(session: Session, context: Context) -> int:
    """Find pairs that share an exact key and put them before a person; what a rule may decide is linked at once. The
    connection's row has to be locked. Returns how many suggestions are new."""
    found = _pairs(session, context) | survivors(session, context)
    _withdraw(session, context, found.keys())
    known = _known_pairs(session, context)
    fresh = {pair: evidence for pair, evidence in found.items() if pair not in known}
    uses = Counter(object_id for pair in found for object_id in pair)
    rows: list[dict[str, Any]] = []
    by_rule: list[tuple[str, str]] = []
    for (scoro, quickbooks), (kind, evidence) in sorted(fresh.items()):
        ambiguous = uses[scoro] > 1 or uses[quickbooks] > 1
        if kind in kinds_linked_by_rule() and not ambiguous:
            by_rule.append((scoro, quickbooks))
        else:
            rows.append(_suggestion(context, kind, scoro, quickbooks, evidence, ambiguous))
    _insert(session, rows)
    _link_by_rule(session, context, by_rule)
    return len(rows)


def _pairs(session: Session, context: Context) -> dict[tuple[str, str], tuple[Kind, dict[str, str]]]:
    """(Scoro object, QuickBooks object) → (kind, the keys that are equal), in one query."""
    left, right = sa.orm.aliased(MatchKey), sa.orm.aliased(MatchKey)
    same = (
        (col(left.connection_id) == col(right.connection_id))
        & (col(left.kind) == col(right.kind))
        & (col(left.name) == col(right.name))
        & (col(left.value) == col(right.value))
    )
    statement = (
        sa.select(col(left.object_id), col(right.object_id), col(left.kind), col(left.name), col(left.value))
        .join(right, same)
        .where(
            col(left.connection_id) == context.id,
            col(left.system) == System.SCORO.value,
            col(right.system) == System.QUICKBOOKS.value,
        )
    )
    found: dict[tuple[str, str], tuple[Kind, dict[str, str]]] = {}
    for scoro, quickbooks, kind, name, value in session.connection().execute(statement):
        found.setdefault((scoro, quickbooks), (Kind(kind), {}))[1][name] = value
    return {pair: match for pair, match in found.items() if _is_enough(*match)}


def _is_enough(kind: Kind, evidence: Mapping[str, str]) -> bool:
    """A project needs name and client (R16), a document number and total; one key is enough for the rest."""
    if kind is Kind.PROJECT:
        return "name_contact" in evidence
    return True


def _known_pairs(session: Session, context: Context) -> set[tuple[str, str]]:
    statement = select(Suggestion.scoro_object_id, Suggestion.quickbooks_object_id).where(
        Suggestion.connection_id == context.id
    )
    return set(session.exec(statement))


def _withdraw(session: Session, context: Context, found: Collection[tuple[str, str]]) -> None:
    """Open suggestions whose keys are no longer equal: somebody changed a name or number, so nothing speaks for them."""
    statement = select(Suggestion).where(Suggestion.connection_id == context.id, Suggestion.state == "suggested")
    for row in session.exec(statement).all():
        if MERGED not in row.evidence and (row.scoro_object_id, row.quickbooks_object_id) not in found:
            session.delete(row)
            _mark(session, {row.scoro_object_id, row.quickbooks_object_id})
    session.flush()


def _suggestion(
    context: Context, kind: Kind, scoro: str, quickbooks: str, evidence: Mapping[str, str], ambiguous: bool
) -> dict[str, Any]:
    return {
        "connection_id": context.id, "kind": kind.value, "scoro_object_id": scoro, "quickbooks_object_id": quickbooks,
        "evidence": dict(evidence), "ambiguous": ambiguous, "state": "suggested", "decided_by": "",
        "exact": not ambiguous and bool(STRONG & evidence.keys() or len(evidence) > 1 or "name" in evidence),
    }  # fmt: skip


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store suggestions with their titles and what differs."""
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        ids = {row[name] for row in part for name in ("scoro_object_id", "quickbooks_object_id")}
        objects = {row.id: row for row in session.exec(select(Object).where(col(Object.id).in_(ids)))}
        for row in part:
            scoro, quickbooks = objects[row["scoro_object_id"]], objects[row["quickbooks_object_id"]]
            row |= {
                "id": new_id(scoro.created_at),
                "title": scoro.title or quickbooks.title,
                "differences": differences(scoro.fields, quickbooks.fields),
            }
        session.connection().execute(sa.insert(Suggestion), list(part))
        _mark(session, ids)


def _mark(session: Session, ids: set[str]) -> None:
    session.connection().execute(sa.update(Object).where(col(Object.id).in_(ids)).values(dirty=True))


def _link_by_rule(session: Session, context: Context, pairs: Sequence[tuple[str, str]]) -> None:
    """Reference data, classes and projects are linked without asking (R3, R16, R23)."""
    entries: list[log.Entry] = []
    for scoro, quickbooks in pairs:
        now = session.get_one(Object, scoro).created_at
        entries += link(session, context, scoro, quickbooks, now=now, rule="exact")
    if entries:
        log.append(session, log.lock(session, context.id), entries, now)


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A suggestion for a screen: both titles, the evidence, and what differs."""

    row: Suggestion
    scoro_title: str
    quickbooks_title: str


def suggestions(
    deps: Deps,
    connection_id: str,
    *,
    kind: str = "",
    state: str = "",
    search: str = "",
    after: str = "",
    limit: int = 50,
) -> list[SuggestionView]:
    """A page of suggestions, by keyset: pass the last row's id as ``after``. Returns at most ``limit``."""
    statement = select(Suggestion).where(Suggestion.connection_id == connection_id, col(Suggestion.id) > after)
    if kind:
        statement = statement.where(Suggestion.kind == kind)
    if state:
        statement = statement.where(Suggestion.state == state)
    if search:
        statement = statement.where(col(Suggestion.title).icontains(search, autoescape=True))
    with reading(deps.database) as session:
        rows = session.exec(statement.order_by(col(Suggestion.id)).limit(limit)).all()
        titles = _titles(session, rows)
        session.expunge_all()
    return [
        SuggestionView(row, titles.get(row.scoro_object_id, ""), titles.get(row.quickbooks_object_id, ""))
        for row in rows
    ]


def _titles(session: Session, rows: Sequence[Suggestion]) -> dict[str, str]:
    ids = {object_id for row in rows for object_id in (row.scoro_object_id, row.quickbooks_object_id)}
    return dict(session.exec(select(Object.id, Object.title).where(col(Object.id).in_(ids))).all())


def suggestion_counts(deps: Deps, connection_id: str) -> dict[str, dict[str, int]]:
    """Kind → state → how many."""
    statement = (
        select(Suggestion.kind, Suggestion.state, sa.func.count())
        .where(Suggestion.connection_id == connection_id)
        .group_by(col(Suggestion.kind), col(Suggestion.state))
    )
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    with reading(deps.database) as session:
        for kind, state, number in session.exec(statement):
            counts[kind][state] = number
    return dict(counts)


def decide_suggestions(deps: Deps, connection_id: str, ids: Sequence[str], state: str, person: str) -> int:
    """Accept, ignore, or take back (``suggested``). A record is claimed once: accepting one suggestion about it
    takes back the others. Returns how many changed."""
    if state not in {"accepted", "ignored", "suggested"}:
        raise Refused("A suggestion can be accepted, ignored or taken back.")
    changed = 0
    with writing(deps.database) as session:
        log.lock(session, connection_id)
        for suggestion_id in ids:
            row = session.get(Suggestion, suggestion_id)
            if row is None or row.connection_id != connection_id or row.state == "applied":
                continue
            if state == "accepted":
                _take_back_rivals(session, row)
            row.state, row.decided_by = state, person if state != "suggested" else ""
            session.add(row)
            changed += 1
            _mark(session, {row.scoro_object_id, row.quickbooks_object_id})
    return changed


def _take_back_rivals(session: Session, row: Suggestion) -> None:
    about = or_(
        col(Suggestion.scoro_object_id) == row.scoro_object_id,
        col(Suggestion.quickbooks_object_id) == row.quickbooks_object_id,
    )
    session.connection().execute(
        sa.update(Suggestion)
        .where(about, col(Suggestion.id) != row.id, col(Suggestion.state) == "accepted")
        .values(state="suggested", decided_by="")
    )


def accept_exact(deps: Deps, connection_id: str, kind: str, person: str) -> int:
    """Accept every suggestion of a kind ("": all kinds) that is exact and not ambiguous. What a person has already accepted
    otherwise for one of the two stands."""
    sides = (col(Suggestion.scoro_object_id), col(Suggestion.quickbooks_object_id))
    taken = [sa.select(side).where(*_is_accepted(connection_id)) for side in sides]
    statement = sa.update(Suggestion).where(
        col(Suggestion.connection_id) == connection_id,
        col(Suggestion.exact).is_(True),
        col(Suggestion.ambiguous).is_(False),
        col(Suggestion.state) == "suggested",
        *(side.not_in(claimed) for side, claimed in zip(sides, taken, strict=True)),
    )
    if kind:
        statement = statement.where(col(Suggestion.kind) == kind)
    with writing(deps.database) as session:
        return session.connection().execute(statement.values(state="accepted", decided_by=person)).rowcount


def _is_accepted(connection_id: str) -> tuple[Any, ...]:
    return (col(Suggestion.connection_id) == connection_id, col(Suggestion.state) == "accepted")


def link_by_hand(deps: Deps, connection_id: str, scoro_object: str, quickbooks_object: str, person: str) -> str:
    """Put down that these two are one; it takes effect with ``apply_matches``. Returns the suggestion."""
    with writing(deps.database) as session:
        context = load_context(session, connection_id)
        log.lock(session, connection_id)
        left, right = session.get(Object, scoro_object), session.get(Object, quickbooks_object)
        if (
            left is None
            or right is None
            or left.kind != right.kind
            or {left.connection_id, right.connection_id} != {connection_id}
        ):
            raise Refused("These two cannot be linked.", hint="Choose two records of the same kind.")
        known = session.exec(
            select(Suggestion).where(
                Suggestion.connection_id == connection_id,
                Suggestion.scoro_object_id == scoro_object,
                Suggestion.quickbooks_object_id == quickbooks_object,
            )
        ).one_or_none()
        if known is None:
            row = _suggestion(context, Kind(left.kind), scoro_object, quickbooks_object, {"by_hand": person}, False)
            _insert(session, [row])
            known = session.get_one(Suggestion, row["id"])
        _take_back_rivals(session, known)
        known.state, known.decided_by = "accepted", person
        session.add(known)
        return known.id


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An object that lives on one side only."""

    id: str
    title: str
    kind: str


def unmatched(
    deps: Deps, connection_id: str, kind: str, system: str, *, search: str = "", after: str = "", limit: int = 50
) -> list[Unmatched]:
    """Objects of a kind that live on ``system`` only, by keyset over title and id (``after`` is an id)."""
    other = sa.orm.aliased(Binding)
    elsewhere = (
        select(other.id)
        .where(other.object_id == Object.id, other.system != system, col(other.gone).is_(False))
        .exists()
    )
    statement = (
        select(Object.id, Object.title, Object.kind)
        .join(Binding, col(Binding.object_id) == Object.id)
        .where(
            Object.connection_id == connection_id, Object.kind == kind, Object.merged_into == "",
            Binding.system == system, col(Binding.gone).is_(False), ~elsewhere, col(Object.id) > after,
        )
    )  # fmt: skip
    if search:
        statement = statement.where(col(Object.title).icontains(search, autoescape=True))
    with reading(deps.database) as session:
        return [Unmatched(*row) for row in session.exec(statement.order_by(col(Object.id)).limit(limit))]


@dataclass(frozen=True, slots=True)
class Applied:
    """How many pairs were linked, and what was refused: a sentence per pair, its names first. These stay accepted."""

    linked: int
    refused: tuple[str, ...]


def apply_matches(deps: Deps, connection_id: str, person: str, *, settle: Sequence[str] = ()) -> Applied:
    """Link everything that was accepted, here and now: all that ``link_accepted`` does."""
    steps = list(link_accepted(deps, connection_id, person, settle=settle))
    return Applied(sum(step.linked for step in steps), tuple(told for step in steps for told in step.refused))


def link_accepted(deps: Deps, connection_id: str, person: str, *, settle: Sequence[str] = ()) -> Iterator[Applied]:
    """Link everything that was accepted, look for documents that match now that their contacts do, and settle the
    matching of the categories (all, or those in ``settle``). A pair that is refused stops none of the others.
    Nothing is written to either system. Goes on with each step; it may end after any, and begin anew."""
    last, more = "", True
    while more:
        with writing(deps.database) as session:
            context = load_context(session, connection_id)
            connection = log.lock(session, connection_id)
            rows = _accepted(session, connection_id, after=last)
            applied = _link_rows(session, context, connection, rows, person, deps.clock.now())
            last, more = rows[-1].id if rows else last, len(rows) == AT_ONCE
            if not more:
                suggest(session, context)
        yield applied
    _settle(deps, connection_id, settle)


def _link_rows(
    session: Session, context: Context, connection: Connection, rows: Sequence[Suggestion], person: str, now: datetime
) -> Applied:
    linked, refused = 0, list[str]()
    for row in sorted(rows, key=lambda row: _LINK_ORDER[Kind(row.kind)]):
        try:
            told = link(session, context, row.scoro_object_id, row.quickbooks_object_id, now=now, person=person)
        except Refused as no:
            refused.append(f"{_pair_named(session, row)}: {no.message} {no.hint}")
            continue
        log.append(session, connection, told, now)
        linked += 1
    return Applied(linked, tuple(refused))


LINKING = "linking"
"""The trigger of the run that links what was accepted, when that is too much to wait for."""

REFUSED_PAIRS = "refused_pairs"
"""Where that run keeps what was refused, among its counts."""


def accepted_count(deps: Deps, connection_id: str) -> int:
    """How many pairs wait to be linked."""
    with reading(deps.database) as session:
        return session.exec(select(sa.func.count()).where(*_is_accepted(connection_id))).one()


def start_linking(deps: Deps, connection_id: str, person: str) -> str:
    """Have everything that was accepted linked by a run, whose progress the set-up shows; one that goes on already is that one.
    Returns the run."""
    with reading(deps.database) as session:
        going = select(Run.id).where(
            Run.connection_id == connection_id, Run.trigger == LINKING, col(Run.state).in_(("queued", "running"))
        )
        known = session.exec(going.limit(1)).first()
    return known or _start(deps, connection_id, LINKING, person, found=accepted_count(deps, connection_id))


AT_ONCE = 200
"""Pairs that are linked in one transaction."""


def _accepted(session: Session, connection_id: str, *, after: str) -> Sequence[Suggestion]:
    statement = select(Suggestion).where(*_is_accepted(connection_id), col(Suggestion.id) > after)
    return session.exec(statement.order_by(col(Suggestion.id)).limit(AT_ONCE)).all()


def _pair_named(session: Session, row: Suggestion) -> str:
    """The names of both records, once where they are the same."""
    titles = _titles(session, [row])
    both = (titles.get(row.scoro_object_id, ""), titles.get(row.quickbooks_object_id, ""))
    return " and ".join(dict.fromkeys(title for title in both if title)) or row.title


_LINK_ORDER = {kind: position for position, kind in enumerate(Kind)}


def _settle(deps: Deps, connection_id: str, categories: Sequence[str]) -> None:
    with writing(deps.database) as session:
        statement = select(CategorySettings).where(CategorySettings.connection_id == connection_id)
        for row in session.exec(statement):
            if not categories or row.category in categories:
                row.matched_at = row.matched_at or deps.clock.now()
                session.add(row)
        session.connection().execute(
            sa.update(Object).where(col(Object.connection_id) == connection_id).values(dirty=True)
        )


def start_matching(deps: Deps, connection_id: str, person: str) -> str:
    """Read both sides as they are and look for pairs; a dry run whose progress the set-up shows. Returns the run."""
    return _start(deps, connection_id, "matching", person)


def _start(deps: Deps, connection_id: str, trigger: str, person: str, **counts: int) -> str:
    now = deps.clock.now()
    with writing(deps.database) as session:
        log.lock(session, connection_id)
        run = Run(
            id=new_id(now), connection_id=connection_id, trigger=trigger, requested_by=person, dry=True, queued_at=now,
            counts=counts,
        )  # fmt: skip
        session.add(run)
        run_id = run.id
    deps.enqueue(run_id, True)
    return run_id
