"""Time and memory of observing, deciding and logging, against the least that any engine must do with the same records.

The floor is measured in the same run on the same answers: parse the page of either side, make the canonical bytes of each
record, hash them, and insert the log rows that the engine wrote, with the functions the engine does it with. Records are
those of the sandboxes, varied; a page of either side is one answer, and they come one after the other, so that memory
holds one of each. Times are of the processor, so that waiting for it or for the disk does not count; SQLite works in this
very process.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.bench.world import Bench, bench_world
from app.jobs.worker import rarely_collect
from app.terminal import progress_note
from engine.connectors.base import RemoteRecord
from engine.core.encoding import canonical_json, json_text
from engine.core.objects import CausalBinding
from engine.core.records import Kind, Replica, System
from engine.core.vector import VersionVector
from engine.mapping.base import Reading
from engine.mapping.registry import MAPPINGS
from engine.services.context import Context, load_context
from engine.services.deciding import dirty_ids, settle_dirty
from engine.services.directory import Directory
from engine.services.observing import binding_columns, digest_of, observe_records, reading_of
from engine.services.sync import mark_clean
from engine.store.database import new_id, reading, writing
from engine.store.tables import Binding, Change, Connection, MatchKey, Object

PAGE = 500
WARM_UP = 100
SHARES = (0.0, 0.01, 1.0)
LIMITS: Mapping[float, float] = {0.0: 2.0, 0.01: 2.0, 1.0: 3.0}
FIRST_ID = 1_000_000
NUMBER, VERSION = "9999999", "~~"
HEAD = ("objects", "changed", "µs each", "floor", "ratio", "limit", "", "MB at most")
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement. Times are microseconds per object, which is one record on each side; memory is what the process held
    at most."""

    objects: int
    share: float
    engine: float
    floor: float
    memory_mb: float

    @property
    def ratio(self) -> float:
        """How often the floor."""
        return self.engine / self.floor

    @property
    def ok(self) -> bool:
        """Whether it keeps the aim."""
        return self.ratio <= LIMITS[self.share]


def _memory() -> int:
    """Bytes this process holds in memory."""
    with open("/proc/self/statm") as file:  # noqa: PTH123 - a path object would be made at every page
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class _Watch:
    """Seconds of both contestants, and the most memory seen, in bytes."""

    engine: float = 0.0
    floor: float = 0.0
    most: int = 0

    def look(self) -> None:
        self.most = max(self.most, _memory())


@dataclass(frozen=True, slots=True)
class _Stage:
    """A database with as many invoices as wanted, in step on both sides, and the forms they are varied from."""

    bench: Bench
    context: Context
    directory: Directory
    scoro: str
    quickbooks: str
    scratch: sa.Engine

    def answers(self, numbers: Sequence[int], version: Callable[[int], int]) -> tuple[str, str]:
        """A page of Scoro's, each record at its ``version``, and the page of QuickBooks'."""
        scoro = (self.scoro.replace(VERSION, f"{version(n):02d}").replace(NUMBER, str(FIRST_ID + n)) for n in numbers)
        quickbooks = (self.quickbooks.replace(NUMBER, str(FIRST_ID + n)) for n in numbers)
        return f"[{','.join(scoro)}]", f"[{','.join(quickbooks)}]"


def _scoro_form(data: dict[str, Any]) -> str:
    """An invoice of Scoro's with marks for its number, which is in the ids of its lines too, and for its version."""
    lines = [{**line, "id": int(f"{NUMBER}{position}")} for position, line in enumerate(data["lines"])]
    edited = {"description": f"Version {VERSION}", "modified_date": f"2026-11-02 10:{VERSION}:00"}
    return json.dumps({**data, "id": int(NUMBER), "no": NUMBER, "lines": lines, **edited}, default=str)


def _quickbooks_form(data: dict[str, Any]) -> str:
    """Its counterpart, with marks for its number."""
    return json.dumps({**data, "Id": NUMBER, "DocNumber": NUMBER}, default=str)


def measure(sizes: Sequence[int]) -> Iterator[Figure]:
    """All figures, smallest first, under the conditions of a worker."""
    rarely_collect()
    for size in sizes:
        with bench_world() as bench:
            stage = _stage(bench)
            _plant(stage, size + WARM_UP)
            _measure(stage, range(size, size + WARM_UP), 1.0, 2)  # what is made on first use is made before it counts
            for version, share in enumerate(SHARES, start=2):
                progress_note(f"{size} objects, {share:.0%} changed")
                yield _measure(stage, range(size), share, version)


def _stage(bench: Bench) -> _Stage:
    """One real invoice, carried over, is what all others are made from."""
    contact = bench.scoro_makes("contacts", name="Client", contact_type="company", is_client=1)
    made = [bench.scoro_makes("products", name=f"Product {n}", code=f"P{n}", price=10, is_service=1) for n in range(3)]
    bench.match()
    bench.activate()
    bench.accept()
    lines = [{"product_id": one["product_id"], "comment": f"Work {n}", "price": 10 + n, "amount": 2}
             for n, one in enumerate(made)]  # fmt: skip
    bench.scoro_makes(
        "invoices", company_id=contact["contact_id"], date="2026-11-02", deadline="2026-11-16", lines=lines
    )
    bench.run()
    with reading(bench.deps.database) as session:
        rows = session.exec(
            select(Binding).join(Object, col(Object.id) == col(Binding.object_id)).where(Object.kind == "invoice")
        ).all()
        context = load_context(session, bench.connection_id)
    found = {}
    for row in rows:
        connector = bench.deps.connect(bench.connection_id, System(row.system))
        found[row.system] = dict(connector.read(row.remote_type, [row.remote_id])[0].data)
        connector.close()
    scratch = sa.create_engine(str(bench.deps.database.url).replace("bench.db", "floor.db"), json_serializer=json_text)
    Connection.metadata.create_all(scratch)
    directory = Directory(bench.deps.database, bench.connection_id)
    return _Stage(
        bench, context, directory, _scoro_form(found["scoro"]), _quickbooks_form(found["quickbooks"]), scratch
    )


def _plant(stage: _Stage, size: int) -> None:
    """``size`` invoices that are in step: met in Scoro, bound to their counterparts in QuickBooks."""
    for numbers in _pages(range(size)):
        progress_note(f"preparing {size} objects: {numbers[-1] + 1}")
        stage.bench.clock.sleep(1)
        scoro, quickbooks = ([*_records(answer)] for answer in stage.answers(numbers, lambda n: 1))
        observe_records(stage.bench.deps, stage.context, stage.directory, scoro, noticed="poll")
        _bind(stage, scoro, quickbooks)
    _decide(stage)


def _bind(stage: _Stage, scoro: Sequence[RemoteRecord], quickbooks: Sequence[RemoteRecord]) -> None:
    now = stage.bench.clock.now()
    ids = [stage.directory.resolve(System.SCORO, record.type, record.id) for record in scoro]
    with writing(stage.bench.deps.database) as session:
        things = {row.id: row for row in session.exec(select(Object).where(col(Object.id).in_(ids)))}
        rows = [_binding(stage, things[id], record, now) for id, record in zip(ids, quickbooks, strict=True)]
        session.connection().execute(sa.insert(Binding), rows)
        session.connection().execute(sa.delete(MatchKey).where(col(MatchKey.object_id).in_(ids)))


def _binding(stage: _Stage, thing: Object, record: RemoteRecord, now: datetime) -> dict[str, Any]:
    """The counterpart as a receipt leaves it: read with the lines of the object, and caught up with all of it."""
    base = reading_of(stage.context, stage.directory, System.QUICKBOOKS, None)
    handed = Reading(base.settings, base.resolve, base.lookup, thing.fields, {}, lenient=True)
    picture = MAPPINGS[Kind.INVOICE].read[record.type](record, handed)
    causal = CausalBinding(Replica.QUICKBOOKS, picture.state, VersionVector(thing.vector))
    return {
        "id": new_id(now), "connection_id": stage.context.id, "object_id": thing.id, "replica": "quickbooks",
        "system": "quickbooks", "remote_type": record.type, "remote_id": record.id, "digest": digest_of(record),
        "gone": False, "remote_created_at": None,
        **binding_columns(Kind.INVOICE, causal, record, picture, now),
    }  # fmt: skip


def _pages(numbers: range) -> Iterator[range]:
    return (numbers[start : start + PAGE] for start in range(0, len(numbers), PAGE))


def _measure(stage: _Stage, every: range, share: float, version: int) -> Figure:
    watch = _Watch()
    for numbers in _pages(every):
        _race(stage, stage.answers(numbers, lambda n: version if n % PERCENT < share * PERCENT else 1), watch)
    started = time.process_time()
    _decide(stage)
    watch.engine += time.process_time() - started
    watch.look()
    size = len(every)
    return Figure(size, share, 1e6 * watch.engine / size, 1e6 * watch.floor / size, watch.most / 2**20)


def _race(stage: _Stage, answers: Sequence[str], watch: _Watch) -> None:
    """A page of either side through the engine, then the same answers through the floor."""
    before = _head(stage)
    started = time.process_time()
    for answer in answers:
        observe_records(stage.bench.deps, stage.context, stage.directory, _records(answer), noticed="poll")
        watch.look()
    watch.engine += time.process_time() - started
    rows = _logged(stage, before)
    started = time.process_time()
    for answer in answers:
        for data in _parse(answer):
            blake2b(canonical_json(data, default=str), digest_size=12).hexdigest()
    if rows:
        with stage.scratch.begin() as connection:
            connection.execute(sa.insert(Change), rows)
    watch.floor += time.process_time() - started


def _parse(answer: str) -> Any:
    return json.loads(answer, parse_float=Decimal)


def _records(answer: str) -> Iterator[RemoteRecord]:
    return (_record(data) for data in _parse(answer))


def _record(data: Any) -> RemoteRecord:
    """As the connectors make it of a row."""
    if "Id" in data:
        return RemoteRecord(System.QUICKBOOKS, "Invoice", data["Id"], data["SyncToken"], data)
    at = datetime.fromisoformat(data["modified_date"]).replace(tzinfo=UTC)
    return RemoteRecord(System.SCORO, "invoices", str(data["id"]), data["modified_date"], data, modified_at=at)


def _head(stage: _Stage) -> int:
    with reading(stage.bench.deps.database) as session:
        return session.get_one(Connection, stage.context.id).log_sequence


def _logged(stage: _Stage, before: int) -> list[dict[str, Any]]:
    table = Change.__table__  # type: ignore[attr-defined]  # SQLModel sets it
    statement = sa.select(table).where(col(Change.sequence) > before)
    with reading(stage.bench.deps.database) as session:
        return [dict(row) for row in session.execute(statement).mappings()]


def _decide(stage: _Stage) -> None:
    """As a run does: whatever is dirty, in transactions of many."""
    while True:
        with writing(stage.bench.deps.database) as session:
            ids = dirty_ids(session, stage.context)
            if not ids:
                return
            _decide_all(session, stage, ids)


def _decide_all(session: Session, stage: _Stage, ids: list[str]) -> None:
    settle_dirty(session, stage.context, ids, stage.bench.clock.now())
    mark_clean(session, ids)


def table(figures: Sequence[Figure]) -> list[tuple[object, ...]]:
    """Rows for the terminal."""
    return [
        (figure.objects, f"{figure.share:.0%}", f"{figure.engine:.0f}", f"{figure.floor:.0f}", f"{figure.ratio:.2f}",
         f"≤ {LIMITS[figure.share]:.0f}", "ok" if figure.ok else "TOO SLOW", f"{figure.memory_mb:.1f}")
        for figure in figures
    ]  # fmt: skip
