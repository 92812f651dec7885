"""The historical import (R34): older data of one category, once, behind the start date that is fixed (R32-R35).

The period of the source is read in full, so that everything in it is known. What the start date kept out is then let
through object by object; from there on it is synchronized like anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from engine.core.reasons import Disposition, Reason
from engine.core.records import CATEGORY_OF, DOCUMENTS, HUB, Category, Kind, System
from engine.errors import Refused
from engine.mapping.registry import types_of
from engine.services import lease as leases
from engine.services.context import Context, load_context
from engine.services.deciding import decide_objects, dirty_ids
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.feeds import take_in
from engine.services.job import Job
from engine.services.sync import IMPORT, LOOK, request_run
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Binding, Object, Run

CHUNK = 500
PERIOD = "period"
"""Where the run of a preview or an import keeps its first and last day, among its counts."""

FOUND, LET_THROUGH = "found", "let_through"
"""Among the counts of an import's run: what the start date kept out, and how much of that is let through."""

DATED = DOCUMENTS | {Kind.RECEIPT}
"""Kinds whose period is that of their own date; other records have the day they were made or last changed."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both included, of one category."""

    category: Category
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would let through. ``read``: records of the source looked at; ``amounts``: currency → sum in minor
    units of the documents among ``object_ids``."""

    read: int
    object_ids: tuple[str, ...]
    amounts: dict[str, int]


def request_preview(deps: Deps, connection_id: str, period: Period, person: str) -> str:
    """Have the period read by a run, whose progress can be followed; ``preview_of`` says what it would bring. Returns the run.
    Raises ``Refused`` when there is nothing that a start date keeps out."""
    _checked(deps, connection_id, period)
    return _request(deps, connection_id, LOOK, period, person, dry=True)


def _request(deps: Deps, connection_id: str, trigger: str, period: Period, person: str, dry: bool = False) -> str:
    days = [period.first.isoformat(), period.last.isoformat()]
    return request_run(
        deps, connection_id, trigger=trigger, person=person, categories=[period.category.value], dry=dry,
        counts={PERIOD: days},
    )  # fmt: skip


def period_of(run: Run) -> Period:
    """The period that a preview's run reads."""
    first, last = map(date.fromisoformat, run.counts[PERIOD])
    return Period(Category(run.categories[0]), first, last)


def look(job: Job) -> Iterator[dict[str, int]]:
    """The work of a preview's run: read the period, then decide what is new. Writes to neither system."""
    with reading(job.deps.database) as session:
        period = period_of(session.get_one(Run, job.run_id))
    for read in _read(job, period):
        yield {"observed": read}
    with writing(job.deps.database) as session:
        decide_objects(session, job.context, dirty_ids(session, job.context, limit=1_000_000), now=job.deps.clock.now())
    yield {}


def preview_of(deps: Deps, run: Run) -> ImportPreview:
    """What the import of the period that a run has read would let through, as things are now."""
    with reading(deps.database) as session:
        context = load_context(session, run.connection_id)
    return _would_bring(deps, context, period_of(run), int(run.counts.get("observed", 0)))


def preview_import(deps: Deps, connection_id: str, period: Period) -> ImportPreview:
    """Read the period here and now and say what it would bring. Writes to neither system. Raises ``Refused`` when there is
    nothing that a start date keeps out."""
    context = _checked(deps, connection_id, period)
    job = Job(deps, context, Directory(deps.database, context.id), "")
    try:
        read = sum(_read(job, period))
    finally:
        job.close()
    with writing(deps.database) as session:
        decide_objects(session, context, dirty_ids(session, context, limit=1_000_000), now=deps.clock.now())
    return _would_bring(deps, context, period, read)


def _would_bring(deps: Deps, context: Context, period: Period, read: int) -> ImportPreview:
    with reading(deps.database) as session:
        rows = session.exec(_kept_out(context, period)).all()
    amounts: dict[str, int] = {}
    for row in rows:
        amounts[row.currency] = amounts.get(row.currency, 0) + (row.amount_minor or 0)
    return ImportPreview(read, tuple(row.id for row in rows), {name: sum for name, sum in amounts.items() if name})


def _checked(deps: Deps, connection_id: str, period: Period) -> Context:
    with reading(deps.database) as session:
        context = load_context(session, connection_id)
    row = context.categories[period.category]
    if not row.enabled:
        raise Refused(f"{period.category.title()} are not switched on.", hint="Switch them on in Settings first.")
    if row.start_date is None:
        raise Refused(
            f"{period.category.title()} have no start date, so nothing is kept out.", hint="Just synchronize."
        )
    if not period.first <= period.last < row.start_date:
        day = row.start_date.isoformat()
        raise Refused(f"The period has to lie before the start date, {day}.", hint="Choose an earlier period.")
    return context


def _read(job: Job, period: Period) -> Iterator[int]:
    """Take in every record of the period, from the side that is the source; after each page, how many it brought."""
    source = System(job.context.categories[period.category].source)
    kinds = [kind for kind in Kind if CATEGORY_OF[kind] is period.category]
    for type in types_of(source, kinds):
        for page in job.connector(source).scan(type, where=_where(kinds, period)):
            yield take_in(job, source, page.records, noticed="manual").records


def _where(kinds: Sequence[Kind], period: Period) -> dict[str, str]:
    if DATED & set(kinds):
        return {"date_from": period.first.isoformat(), "date_to": period.last.isoformat()}
    after = period.last + timedelta(days=1)
    return {
        "modified_from": f"{period.first.isoformat()}T00:00:00+00:00",
        "modified_to": f"{after.isoformat()}T00:00:00+00:00",
    }


def _kept_out(context: Context, period: Period):  # type: ignore[no-untyped-def]  # SQLModel's select has no short name
    """Objects of the period that the start date keeps out."""
    statement = select(Object).where(
        Object.connection_id == context.id,
        Object.category == period.category.value,
        Object.merged_into == "",
        Object.disposition == Disposition.EXCLUDED.value,
        Object.reason == Reason.BEFORE_START_DATE.value,
    )
    first, last = period.first.isoformat(), period.last.isoformat()
    dated = (col(Object.document_date) >= first) & (col(Object.document_date) <= last)
    if any(CATEGORY_OF[kind] is period.category for kind in DATED):
        return statement.where(dated).order_by(col(Object.id))
    begin, end = _moment(period.first), _moment(period.last + timedelta(days=1))
    changed = select(Binding.object_id).where(
        Binding.connection_id == context.id,
        col(Binding.remote_modified_at) >= begin,
        col(Binding.remote_modified_at) < end,
    )
    return statement.where(col(Object.id).in_(changed)).order_by(col(Object.id))


def _moment(day: date) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")


def import_period(deps: Deps, connection_id: str, period: Period, person: str) -> str:
    """Start the run that lets the objects of the period through and then synchronizes. Returns the run."""
    context = _checked(deps, connection_id, period)
    with reading(deps.database) as session:
        if session.exec(_kept_out(context, period).limit(1)).first() is None:
            raise Refused("Nothing in this period is kept out by the start date.", hint="Look at the preview again.")
    return _request(deps, connection_id, IMPORT, period, person)


def let_through(job: Job) -> Iterator[dict[str, int]]:
    """Let the objects of the run's period through, in parts; what an earlier attempt let through is not done again. The log names
    the person who started the run."""
    with reading(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        period = period_of(run)
        ids = [row.id for row in session.exec(_kept_out(job.context, period)) if not _is_let_through(row, period)]
    yield {FOUND: 0 if FOUND in run.counts else len(ids)}
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        with writing(job.deps.database) as session:
            leases.check(session, job.lease, job.context.id)
            _let_through(session, run, part, period, job.deps.clock.now())
        yield {LET_THROUGH: len(part)}


def _is_let_through(row: Object, period: Period) -> bool:
    return row.facts.get("imported") == _mark(period)


def _mark(period: Period) -> str:
    return f"{period.first.isoformat()}/{period.last.isoformat()}"


def _let_through(session: Session, run: Run, ids: Sequence[str], period: Period, now: datetime) -> None:
    connection = log.lock(session, run.connection_id)
    entries = []
    for row in session.exec(select(Object).where(col(Object.id).in_(ids))):
        row.facts = {**row.facts, "imported": _mark(period)}
        row.version += 1
        row.dirty, row.updated_at = True, now
        session.add(row)
        details = {"act": "imported"}
        entries.append(log.Entry("note", row.id, row.kind, HUB, run.requested_by, details=details, run_id=run.id))
    log.append(session, connection, entries, now)
