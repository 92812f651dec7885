"""What a person can do with one object beside sending it: set aside, retry, accept a difference, decide about a
deletion, ask why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine.core.decide import disposition_of
from engine.core.objects import CausalObject, lagging
from engine.core.reasons import WORDS, Disposition, Reason
from engine.core.records import EXISTS, HUB, VOID, Path, Replica, Scalar
from engine.errors import Refused
from engine.services.context import load_context
from engine.services.deciding import Case, carried_fields, decide_objects, decide_one
from engine.services.deps import Deps
from engine.services.labels import label_of
from engine.services.locks import variance_of
from engine.store import log
from engine.store.causal import causal_object, object_columns
from engine.store.database import reading, writing
from engine.store.tables import Binding, Connection, Object


def park(deps: Deps, object_id: str, person: str) -> None:
    """Set it aside: it takes no part until it is taken back."""
    _change(deps, object_id, person, "parked", {"parked_by": person})


def unpark(deps: Deps, object_id: str, person: str) -> None:
    """Let it take part again."""
    _change(deps, object_id, person, "unparked", {"parked_by": ""})


def assign(deps: Deps, object_id: str, to: str, person: str) -> None:
    """Make somebody responsible for it ("": nobody)."""
    _change(deps, object_id, person, "assigned", {"assigned_to": to})


STOPPED_BY = ("refused", "problem", "failure")
"""Where an object's facts keep what stopped it; a retry forgets them."""


def retry(deps: Deps, object_id: str, person: str) -> None:
    """Forget what refused or failed, and let the next run try again."""
    _change(deps, object_id, person, "retried", {"retry_at": None, "failures": 0}, forget=STOPPED_BY)


def put_back(
    session: Session, connection: Connection, ids: Sequence[str], person: str, now: datetime, run_id: str
) -> int:
    """The same for many objects of one connection, whose row has to be locked; returns how many there were."""
    mine = select(Object).where(Object.connection_id == connection.id, col(Object.id).in_(ids))
    entries = []
    for row in session.exec(mine).all():
        row.retry_at, row.failures, row.dirty, row.updated_at = None, 0, True, now
        row.facts = {key: value for key, value in row.facts.items() if key not in STOPPED_BY}
        row.version += 1
        session.add(row)
        entries.append(log.Entry("note", row.id, row.kind, HUB, person, details={"act": "retried"}, run_id=run_id))
    log.append(session, connection, entries, now)
    session.flush()
    decide_objects(session, load_context(session, connection.id), ids, now=now)
    return len(entries)


def accept_variance(deps: Deps, object_id: str, person: str) -> None:
    """Accept that the totals differ by just this much."""
    with reading(deps.database) as session:
        row = session.get_one(Object, object_id)
        found = variance_of(row, _bindings(session, object_id))
    if found is None:
        raise Refused("The totals do not differ any more.", hint="Reload the page.")
    _change(deps, object_id, person, "variance accepted", {"accepted_variance": "|".join(found)})


def _bindings(session: Session, object_id: str) -> dict[Replica, Binding]:
    rows = session.exec(select(Binding).where(Binding.object_id == object_id))
    return {Replica(row.replica): row for row in rows}


def _change(
    deps: Deps, object_id: str, person: str, act: str, values: Mapping[str, Any], forget: Sequence[str] = ()
) -> None:
    now = deps.clock.now()
    with writing(deps.database) as session:
        row = session.get(Object, object_id)
        if row is None:
            raise Refused("There is no such object.", hint="Search for it.")
        connection = log.lock(session, row.connection_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.facts = {key: value for key, value in row.facts.items() if key not in forget}
        row.version += 1
        row.dirty, row.updated_at = True, now
        session.add(row)
        plain = {name: value for name, value in values.items() if isinstance(value, str)}
        entry = log.Entry(
            "note", object_id=object_id, kind=row.kind, actor=HUB, person=person, details={"act": act, **plain}
        )
        log.append(session, connection, [entry], now)
        session.flush()
        decide_objects(session, load_context(session, row.connection_id), [object_id], now=now)


def decide_deletion(deps: Deps, object_id: str, follow: bool, person: str) -> None:
    """Settle a deletion or a void on one side: ``follow`` takes it over to the other side too, otherwise the record is created
    again where it is missing, or gets back what it said before it was voided."""
    now = deps.clock.now()
    with writing(deps.database) as session:
        row = session.get_one(Object, object_id)
        connection = log.lock(session, row.connection_id)
        thing = causal_object(row)
        path = _removed_by(thing, _bindings(session, object_id))
        dot = thing.vector.next_dot(HUB, int(now.timestamp()))
        fields: dict[Path, Scalar] = {name: value for name, value in thing.fields.items() if name != path}
        after = True if (path == VOID) is follow else None
        decided = replace(
            thing,
            fields=fields if after is None else {**fields, path: after},
            dots={**thing.dots, path: dot},
            contests={name: contest for name, contest in thing.contests.items() if name != path},
            vector=thing.vector.with_dot(dot),
        )
        for name, value in object_columns(decided).items():
            setattr(row, name, value)
        row.version += 1
        row.dirty, row.updated_at = True, now
        session.add(row)
        before: Scalar | None = thing.fields.get(path)
        entry = log.Entry(
            "resolved", object_id=object_id, kind=row.kind, actor=HUB, person=person, counter=dot.counter,
            vector=dict(decided.vector.counters), fields=[[path, before, after, "superseded"]],
            details={"state": dict(decided.fields)}, noticed="manual",
        )  # fmt: skip
        log.append(session, connection, [entry], now)
        session.flush()
        decide_objects(session, load_context(session, row.connection_id), [object_id], now=now)


def _removed_by(thing: CausalObject, bindings: Mapping[Replica, Binding]) -> Path:
    """What there is to settle: ``EXISTS`` or ``VOID``. Raises ``Refused`` when it is neither deleted nor void."""
    if EXISTS not in thing.fields or any(binding.gone for binding in bindings.values()):
        return EXISTS
    if VOID not in thing.fields or all(VOID in binding.shadow for binding in bindings.values()):
        raise Refused("It is deleted on neither side.", hint="Reload the page.")
    return VOID


@dataclass(frozen=True, slots=True)
class Rung:
    """One question of the ladder, its answer, and whether it decided."""

    question: str
    answer: str
    decisive: bool = False


def explain(deps: Deps, object_id: str) -> list[Rung]:
    """Why the object is where it is: the rungs of the ladder down to the one that decided."""
    with reading(deps.database) as session:
        row = session.get_one(Object, object_id)
        context = load_context(session, row.connection_id)
        case = decide_one(session, context, object_id, now=deps.clock.now())
    disposition, reason = disposition_of(case.decision)
    rungs: list[Rung] = []
    for found, question, answer in _ladder(case):
        if found is disposition:
            return [*rungs, Rung(question, f"{WORDS[reason].sentence} {_details(case)}".strip(), True)]
        rungs.append(Rung(question, answer))
    return [*rungs, Rung("What follows?", WORDS[reason].sentence, True)]


def _ladder(case: Case) -> list[tuple[Disposition, str, str]]:
    guards = case.guards
    paid = "A payment is attached." if guards.paid else "No."
    return [
        (Disposition.PARKED, "Did a person set it aside?", "No."),
        (
            Disposition.EXCLUDED,
            "Does something keep it out?",
            "No." if not guards.required else "A document needs it, so no.",
        ),
        (Disposition.CONFLICT, "Were the same fields edited on both sides?", "No."),
        (Disposition.DELETED_THERE, "Was it deleted on one side?", "No."),
        (Disposition.AWAITING_MATCH, "Could it be the same as a record on the other side?", "No."),
        (Disposition.BLOCKED, "Does anything forbid the write?", paid),
        (Disposition.PENDING, "Is there something to write?", "No."),
        (Disposition.HELD, "Was something edited against the direction?", "No."),
        (Disposition.VARIANCE, "Do the totals differ?", "No."),
        (Disposition.IN_STEP, "Do both sides say the same?", "Yes."),
    ]


def _details(case: Case) -> str:
    names = carried_fields(case.thing.kind)
    lacking = {replica: lagging(case.thing, binding, names[replica]) for replica, binding in case.causal.items()}
    parts = [f"{SAID[replica]} lacks {_labels(case, paths)}" for replica, paths in lacking.items() if paths]
    return f"{'; '.join(parts)}." if parts else ""


def _labels(case: Case, paths: Iterable[Path]) -> str:
    """The names of these fields, each once."""
    return ", ".join(dict.fromkeys(label_of(case.thing.kind, path) for path in sorted(paths)))


SAID: Mapping[Replica, str] = {
    Replica.SCORO: "Scoro",
    Replica.QUICKBOOKS: "QuickBooks",
    Replica.CUSTOMER: "The QuickBooks customer",
    Replica.VENDOR: "The QuickBooks vendor",
}


def reason_words(reason: str) -> tuple[str, str]:
    """The sentence and the way out of a stored reason."""
    words = WORDS[Reason(reason)]
    return words.sentence, words.way_out
