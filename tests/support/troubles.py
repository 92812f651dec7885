"""What goes wrong while a run goes on: faults of the remotes, runs that fail, runs that are interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlmodel import func, select

from engine.connectors.base import ChangePage, Connector, RemoteRecord, WriteOutcome, WriteRequest
from engine.core.records import System
from engine.services import sync
from engine.store.database import reading
from engine.store.tables import Change, Run
from tests.support.world import PERSON, SandboxControl, World

Feed = Callable[..., Iterator[ChangePage]]


def arm(side: SandboxControl, kind: str, *, count: int | None = 1, after: int = 0, **match: Any) -> None:
    """One side will fail this way, so many times (None: until cleared), once ``after`` such calls have passed."""
    side.control("faults", [{"kind": kind, "match": match, "count": count, "after": after}])


def disarm(side: SandboxControl) -> None:
    """The trouble is over; whoever armed a fault that never struck is told."""
    rules = side.look("faults")["rules"]
    assert all(rule["struck"] for rule in rules), rules
    side.clear_faults()


def run_anyhow(world: World) -> Run:
    """A run that may end in any way; then a minute passes."""
    run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
    run = sync.run_to_end(world.deps, run_id)
    world.tick(60)
    return run


def run_meanwhile(world: World, act: Callable[[], object]) -> Run:
    """A run during which a person does something in the moment before the first document is sent to QuickBooks."""
    pending = [act]

    def connect(connection_id: str, system: System) -> Connector:
        connector = world.deps.connect(connection_id, system)
        send = connector.write

        def write(requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
            if pending and any(request.type == "Invoice" for request in requests):
                pending.pop()()
            return send(requests)

        connector.write = write  # type: ignore[method-assign]  # the real one, a moment later
        return connector

    hurried = replace(world, deps=replace(world.deps, connect=connect))
    run = run_anyhow(hurried)
    assert not pending, "nothing was sent"
    return run


def run_that_dies_after_sending(world: World, side: System) -> None:
    """A run whose process dies in the moment in which a system has stored what was sent to it; then a minute passes."""

    def connect(connection_id: str, system: System) -> Connector:
        connector = world.deps.connect(connection_id, system)
        send = connector.write

        def write(requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
            for _ in send(requests):
                raise SystemExit
            yield from ()

        if system is side:
            connector.write = write  # type: ignore[method-assign]  # the real one, and nobody to hear the answer
        return connector

    with pytest.raises(SystemExit):
        run_anyhow(replace(world, deps=replace(world.deps, connect=connect)))
    world.tick(60)


def run_while_reading(world: World, system: System, act: Callable[[], object]) -> Run:
    """A run during which a person does something in the moment in which a system's changes are read."""
    pending = [act]

    def read(feed: Feed, *asked: Any) -> Iterator[ChangePage]:
        if pending:
            pending.pop()()
        return feed(*asked)

    run = run_anyhow(_with_feed(world, system, read))
    assert not pending, "nothing was read"
    return run


def run_with_picture(world: World, type: str, row: dict[str, Any]) -> Run:
    """A run in which QuickBooks' feed tells of a record as it was, after what it has to tell anyway."""
    late = RemoteRecord(System.QUICKBOOKS, type, row["Id"], row["SyncToken"], row)

    def read(feed: Feed, *asked: Any) -> Iterator[ChangePage]:
        yield from feed(*asked)
        yield ChangePage((late,))

    return run_anyhow(_with_feed(world, System.QUICKBOOKS, read))


def run_before_the_feed_tells(world: World, system: System, type: str) -> Run:
    """A run in which a system's feed does not tell yet what became of the records of a type."""

    def read(feed: Feed, *asked: Any) -> Iterator[ChangePage]:
        for page in feed(*asked):
            yield replace(page, records=tuple(record for record in page.records if record.type != type))

    return run_anyhow(_with_feed(world, system, read))


def _with_feed(world: World, side: System, read: Callable[..., Iterator[ChangePage]]) -> World:
    """The same world, whose feed of one system is read through ``read``."""

    def connect(connection_id: str, system: System) -> Connector:
        connector = world.deps.connect(connection_id, system)
        if system is side:
            connector.changes = partial(read, connector.changes)  # type: ignore[method-assign]  # the real one, a moment later
        return connector

    return replace(world, deps=replace(world.deps, connect=connect))


def footprint(world: World) -> tuple[int, int]:
    """How many writes were made and how many changes were logged so far."""
    with reading(world.deps.database) as session:
        logged = session.exec(select(func.count()).select_from(Change)).one()
    return len(world.writes()), logged
