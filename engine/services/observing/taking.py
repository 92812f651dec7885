"""Taking a page of remote records in: load in sets, hash first, diff only what changed, decide and log in bulk, all in one
transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from engine.connectors.base import RemoteRecord
from engine.core.observe import Doubt
from engine.core.records import WAVE, Kind, System
from engine.mapping.registry import kind_of
from engine.services.context import Context
from engine.services.deciding import settle_rows
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.observing.edits import take
from engine.services.observing.meeting import meet, read
from engine.services.observing.page import Observed, Page
from engine.services.observing.pictures import digest_of, edited_since, is_older
from engine.store import log
from engine.store.database import writing
from engine.store.pages import RowPage, known_records
from engine.store.tables import Binding, Outbox

Doubts = Mapping[tuple[str, str], tuple[Doubt, Mapping[str, int]]]
"""(object, replica) → (values of a write whose answer never came, what the replica has seen if it arrived)."""

News = tuple[RemoteRecord, str, str]
"""A record that says something new, the object it is bound to ("": never seen), and the digest it has now."""


def observe_records(
    deps: Deps,
    context: Context,
    directory: Directory,
    records: Iterable[RemoteRecord],
    *,
    noticed: str,
    run_id: str = "",
    settle: bool = False,
) -> Observed:
    """Take a page of records in; commits once.

    Records that point to something not yet read come back in ``waiting``; with ``settle`` they are remembered as
    unreadable.
    """
    with writing(deps.database) as session:
        connection = log.lock(session, context.id)
        directory.follow(connection.log_sequence)
        rows = RowPage(session.connection())
        page = Page(session, rows, deps, context, directory, noticed, run_id, deps.clock.now(), settle)
        news = sorted(_news(page, records), key=lambda one: _order(one[0]))
        if news:
            _take_in(page, news)
            log.append(session, connection, page.entries, page.now)
            directory.follow(connection.log_sequence, own=True)
    if page.result.touched:
        directory.forget(page.result.touched)
    return page.result


def _take_in(page: Page, news: Sequence[News]) -> None:
    page.rows.load([object_id for _, object_id, _ in news if object_id])
    doubts = _load_doubts(page.session, page.context.id)
    for record, object_id, digest in news:
        if object_id:
            _observe_known(page, record, digest, doubts)
        else:
            meet(page, record)
    _settle(page)
    page.flush()


def _news(page: Page, records: Iterable[RemoteRecord]) -> Iterator[News]:
    for (system, type), latest in _latest(records).items():
        page.result.records += len(latest)
        known = known_records(page.session.connection(), page.context.id, system.value, type, list(latest))
        for id, record in latest.items():
            if id in known:
                object_id, stored, gone = known[id]
                digest = digest_of(record)
                if digest != stored or gone != record.deleted:
                    yield record, object_id, digest
            elif not record.deleted:
                yield record, "", ""


def _latest(records: Iterable[RemoteRecord]) -> dict[tuple[System, str], dict[str, RemoteRecord]]:
    """One picture per record, by type and id: feeds repeat, the last one counts."""
    latest: dict[tuple[System, str], dict[str, RemoteRecord]] = defaultdict(dict)
    for record in records:
        latest[record.system, record.type][record.id] = record
    return latest


def _order(record: RemoteRecord) -> tuple[int, int, str]:
    """What is referred to first: parents before children, contacts before documents."""
    kind = kind_of(record)
    return (WAVE[kind] if kind is not None else 9, len(record.id), record.id)


def _load_doubts(session: Session, connection_id: str) -> Doubts:
    statement = select(Outbox.object_id, Outbox.replica, Outbox.values, Outbox.target_vector).where(
        Outbox.connection_id == connection_id, col(Outbox.state) == "sent"
    )
    return {(object_id, replica): (values, target) for object_id, replica, values, target in session.exec(statement)}


def _observe_known(page: Page, record: RemoteRecord, digest: str, doubts: Doubts) -> None:
    binding: Any = page.rows.binding(record.system.value, record.type, record.id)
    if is_older(record, binding):
        return
    thing = page.rows.object(binding.object_id)
    doubt = _doubt(doubts, binding)
    picture = read(page, record, Kind(thing.kind), binding, doubt)
    if picture is None:
        return
    take(page, record, thing, binding, picture, doubt)
    binding.digest = digest
    page.rows.change(binding=binding)


def _doubt(doubts: Doubts, binding: Binding) -> Doubt | None:
    """What may be an echo in the next picture; once an edit was seen after the send, equal values are edits too."""
    values, target = doubts.get((binding.object_id, binding.replica), (None, {}))
    return None if edited_since(binding, target) else values


def _settle(page: Page) -> None:
    """Documents in both systems that point where they pointed are decided with their page; everything else may first
    have to be matched, paired or linked anew."""
    rows = list(page.settled.values())
    settle_rows(page.session, page.context, rows, {row.id: page.rows.bindings_of(row.id) for row in rows}, page.now)
