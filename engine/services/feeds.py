"""Reading both systems: their change feeds, what records refer to, and sweeps for what the feeds do not tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select

from engine.connectors.base import ChangePage, RemoteRecord
from engine.core.records import Kind, System
from engine.mapping.registry import kind_of, types_of
from engine.services import lease as leases
from engine.services.context import polled_kinds
from engine.services.job import Job
from engine.services.observing import Observed, observe_records
from engine.services.profiles import SETTINGS_TYPES, renew_profile, tells_of_settings
from engine.services.runs import SCHEDULED, run_of
from engine.store.bindings import live_ids
from engine.store.database import reading, writing
from engine.store.tables import Checkpoint, Object, Run

SWEEP_EVERY = timedelta(hours=6)
"""How often deletions that the feeds do not report are looked for."""


def observe_all(job: Job, *, kinds: Sequence[Kind] = (), everything: bool = False) -> Iterator[dict[str, int]]:
    """Consume both change feeds. ``everything``: from the beginning, whatever the checkpoints say (matching,
    sweeps)."""
    kinds = kinds or polled_kinds(job.context)
    for system in (System.QUICKBOOKS, System.SCORO):
        for page in _pages(job, system, kinds, everything):
            yield _observe_page(job, system, page)
    yield {"conflicts": 0}


_HEARD_FROM_OWNER = frozenset({Kind.ACCOUNT, Kind.TAX_RATE, Kind.TRACKING_CLASS})


def _pages(job: Job, system: System, kinds: Sequence[Kind], everything: bool) -> Iterator[ChangePage]:
    connector = job.connector(system)
    cursors = {} if everything else _cursors(job, system)
    heard = [kind for kind in kinds if _is_heard(job, system, kind)] if not everything else list(kinds)
    types = types_of(system, heard)
    if system is System.QUICKBOOKS:
        types += SETTINGS_TYPES
    if types:
        yield from connector.changes(types, cursors)
    if system is System.SCORO and _sweep_is_due(job):
        since = job.deps.clock.now() - timedelta(days=29)
        yield from connector.deletions(types_of(system, kinds), since)
        _store_cursor(job, system, "sweep", job.deps.clock.now().isoformat())


def _is_heard(job: Job, system: System, kind: Kind) -> bool:
    """Scoro's reference data changes only by somebody's mistake (R4): it is looked at when a person asks for a run, and
    with the sweep."""
    rare = system is System.SCORO and kind in _HEARD_FROM_OWNER
    return not rare or run_of(job).trigger not in SCHEDULED or _sweep_is_due(job)


def _sweep_is_due(job: Job) -> bool:
    last = _cursors(job, System.SCORO).get("sweep")
    return last is None or job.deps.clock.now() - datetime.fromisoformat(last) >= SWEEP_EVERY


def _observe_page(job: Job, system: System, page: ChangePage) -> dict[str, int]:
    """Store what a page brought, read what it refers to, and only then move the checkpoint (F26)."""
    if tells_of_settings(page.records):
        renew_profile(job)
    observed = take_in(job, system, page.records, noticed="poll")
    if page.checkpoint is not None:
        _store_cursor(job, system, page.checkpoint.stream, page.checkpoint.cursor)
    for type in page.gaps:
        _sweep_type(job, system, type)
    counts = {
        "observed": observed.records,
        "edited": observed.edited,
        "new": observed.created,
        "conflicts": observed.conflicts,
    }
    _count_vanished(job, observed)
    return counts


def take_in(job: Job, system: System, records: Iterable[RemoteRecord], *, noticed: str, depth: int = 4) -> Observed:
    """Observe records, and first the ones they refer to that have not been read yet."""
    known = _complete(job, system, [record for record in records if kind_of(record) is not None or record.deleted])
    observed = observe_records(job.deps, job.context, job.directory, known, noticed=noticed, run_id=job.run_id)
    if observed.missing and depth:
        _read_missing(job, system, observed, depth)
        again = observe_records(
            job.deps, job.context, job.directory, observed.waiting, noticed=noticed, run_id=job.run_id
        )
        observed.waiting, observed.missing = [], set()
        observed.absorb(again)
    if observed.waiting:
        _keep_unreadable(job, observed, noticed)
    return observed


def _keep_unreadable(job: Job, observed: Observed, noticed: str) -> None:
    """What points to something that cannot be read is remembered with that reason, never dropped."""
    left = observe_records(
        job.deps, job.context, job.directory, observed.waiting, noticed=noticed, run_id=job.run_id, settle=True
    )
    observed.waiting, observed.missing = [], set()
    observed.absorb(left)


def _complete(job: Job, system: System, records: Sequence[RemoteRecord]) -> list[RemoteRecord]:
    """Rows that only say that something changed are read in full."""
    partial: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if not record.complete and not record.deleted:
            partial[record.type].append(record.id)
    full = [record for record in records if record.complete or record.deleted]
    for type, ids in partial.items():
        full += job.connector(system).read(type, ids)
    return full


def _read_missing(job: Job, system: System, observed: Observed, depth: int) -> None:
    wanted: dict[str, list[str]] = defaultdict(list)
    for type, id in sorted(observed.missing):
        wanted[type].append(id)
    for type, ids in wanted.items():
        take_in(job, system, job.connector(system).read(type, ids), noticed="poll", depth=depth - 1)


def _sweep_type(job: Job, system: System, type: str) -> None:
    """Compare all ids of a type with the bindings: what is not there any more is confirmed by a read, then observed
    as gone."""
    living = {record.id for page in job.connector(system).scan(type) for record in page.records}
    suspects = sorted(set(live_ids(job.deps.database, job.context.id, system.value, type)) - living)
    if suspects:
        gone = [record for record in job.connector(system).read(type, suspects) if record.deleted]
        take_in(job, system, gone, noticed="sweep")


def _count_vanished(job: Job, observed: Observed) -> None:
    if not observed.vanished:
        return
    with writing(job.deps.database) as session:
        run = session.get_one(Run, job.run_id)
        by_category = dict(run.counts.get("vanished_by", {}))
        kinds = session.exec(select(Object.category).where(col(Object.id).in_(sorted(observed.touched)[:900])))
        for category in kinds:
            by_category[category] = by_category.get(category, 0) + 1
        run.counts = {**run.counts, "vanished_by": by_category}
        session.add(run)


def _cursors(job: Job, system: System) -> dict[str, str]:
    with reading(job.deps.database) as session:
        statement = select(Checkpoint).where(
            Checkpoint.connection_id == job.context.id, Checkpoint.system == system.value
        )
        return {row.stream: row.cursor for row in session.exec(statement)}


def _store_cursor(job: Job, system: System, stream: str, cursor: str) -> None:
    with writing(job.deps.database) as session:
        leases.check(session, job.lease, job.context.id)
        key = (job.context.id, system.value, stream)
        row = session.get(Checkpoint, key)
        if row is None:
            row = Checkpoint(
                connection_id=key[0], system=key[1], stream=key[2], cursor=cursor, updated_at=job.deps.clock.now()
            )
        row.cursor, row.updated_at = cursor, job.deps.clock.now()
        session.add(row)
