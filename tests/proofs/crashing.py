"""Dying at every boundary: each commit and each HTTP exchange of representative runs is numbered, the process dies
there, starts anew,
and the guarantee is checked.

A boundary is ``commit`` (dies before it), ``send`` (dies before the request leaves) or ``answer`` (the request took
effect, the answer
is lost with the process). From the moment of death nothing can be stored or sent any more, as with a killed process.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import sqlalchemy as sa

from app.sandbox.quickbooks import state as quickbooks_state
from app.sandbox.scoro.limits import Limits
from engine.connectors.limits import LocalLimiter
from engine.errors import ConcordError
from engine.services import sync
from engine.services.deps import Deps
from engine.store.database import make_engine
from tests.support.world import PERSON, World, rewired


class Died(BaseException):
    """The process is gone; nobody may catch this."""


@dataclass(slots=True)
class Fate:
    """Counts boundaries and dies at one of them (0: never)."""

    at: int = 0
    passed: int = 0
    dead: bool = False
    names: list[str] = field(default_factory=list)

    def cross(self, name: str) -> None:
        """One more boundary."""
        if self.dead:
            raise Died(name)
        self.passed += 1
        self.names.append(name)
        if self.passed == self.at:
            self.dead = True
            raise Died(name)

    def live(self) -> None:
        """Whether anything can still be done."""
        if self.dead:
            raise Died("already")


class MortalTransport(httpx2.BaseTransport):
    """A transport whose requests are boundaries."""

    def __init__(self, inner: httpx2.BaseTransport, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.rsplit("/", 2)[-2:]
        self._fate.cross(f"send {'/'.join(path)}")
        response = self._inner.handle_request(request)
        self._fate.cross(f"answer {'/'.join(path)}")
        return response


def mortal(world: World, fate: Fate) -> World:
    """The same world in a process that can die."""
    database = make_engine(str(world.deps.database.url))

    @sa.event.listens_for(database, "commit")
    def _on_commit(_connection: sa.Connection) -> None:
        fate.cross("commit")

    @sa.event.listens_for(database, "begin", insert=True)
    def _on_begin(_connection: sa.Connection) -> None:
        fate.live()

    return rewired(world, database, lambda transport: MortalTransport(transport, fate))


@dataclass(frozen=True, slots=True)
class Moment:
    """A world's whole state at one moment, to go back to."""

    database: Path
    quickbooks: bytes
    scoro: bytes
    clock: tuple[Any, float]


def remember(world: World, folder: Path) -> Moment:
    """The state as it is now."""
    with world.deps.database.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = folder / "moment.db"
    shutil.copy(str(world.deps.database.url.database), copy)
    return Moment(
        copy,
        pickle.dumps(quickbooks_state.dump(world.quickbooks.app.extensions["quickbooks"])),
        pickle.dumps(world.scoro.app.extensions["sandbox"].snapshot()),
        (world.clock.moment, world.clock.elapsed),
    )


def go_back(world: World, moment: Moment) -> None:
    """Make the state what it was."""
    assert world.plumbing is not None
    world.deps.database.dispose()
    file = Path(str(world.deps.database.url.database))
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    shutil.copy(moment.database, file)
    quickbooks_state.load(world.quickbooks.app.extensions["quickbooks"], pickle.loads(moment.quickbooks))  # noqa: S301  # our own bytes
    world.scoro.app.extensions["sandbox"].restore(pickle.loads(moment.scoro))  # noqa: S301  # our own bytes
    world.clock.moment, world.clock.elapsed = moment.clock
    world.scoro.app.extensions["sandbox"].core.limits = Limits()
    world.plumbing = replace(world.plumbing, limiter=LocalLimiter(world.clock))
    world.deps = replace(world.deps, connect=world.plumbing.connecting(world.deps.database))
    for side in (world.quickbooks, world.scoro):
        side.forget()


@dataclass(frozen=True, slots=True)
class Story:
    """A representative run: what is prepared, what the process does, and what must hold once it was started anew."""

    name: str
    prepare: Callable[[World], Any]
    act: Callable[[World, Any], None]
    check: Callable[[World, Any], None]


@dataclass(frozen=True, slots=True)
class Survived:
    """How many boundaries a story has and how many deaths it was sent to."""

    story: str
    boundaries: int
    tried: int
    failures: tuple[str, ...]


def survive(story: Story, world: World, folder: Path, *, stride: int = 1, offset: int = 0) -> Survived:
    """Die at every ``stride``-th boundary of a story, from ``offset`` on."""
    subject = story.prepare(world)
    moment = remember(world, folder)
    names = _boundaries(story, world, subject)
    points = range(1 + offset % stride, len(names) + 1, stride)
    failures: list[str] = []
    for point in points:
        go_back(world, moment)
        trouble = _die_and_recover(story, world, subject, point)
        if trouble:
            failures.append(f"{story.name}, boundary {point} ({names[point - 1]}): {trouble}")
    return Survived(story.name, len(names), len(points), tuple(failures))


def _boundaries(story: Story, world: World, subject: Any) -> list[str]:
    fate = Fate()
    living = mortal(world, fate)
    story.act(living, subject)
    living.deps.database.dispose()
    stabilise(world)
    story.check(world, subject)
    return fate.names


def _die_and_recover(story: Story, world: World, subject: Any, point: int) -> str:
    fate = Fate(at=point)
    dying = mortal(world, fate)
    try:
        story.act(dying, subject)
    except Died:
        pass
    except ConcordError as error:
        if not fate.dead:
            return f"did not die but failed: {error}"
    finally:
        dying.deps.database.dispose()
    try:
        stabilise(world)
        story.check(world, subject)
    except (AssertionError, ConcordError) as trouble:
        return str(trouble).splitlines()[0] if str(trouble) else repr(trouble)
    return ""


def stabilise(world: World) -> None:
    """Time passes, the process starts anew and runs until nothing is left to do; then a further run writes nothing."""
    world.tick(300)
    for _ in range(4):
        _run(world.deps, world.connection_id)
        world.tick(300)
    before = len(world.writes())
    _run(world.deps, world.connection_id)
    written = world.writes()[before:]
    assert not written, f"not quiet when done: {[(entry['entity'], entry['operation']) for entry in written]}"


def _run(deps: Deps, connection_id: str) -> None:
    run_id = sync.request_run(deps, connection_id, trigger="person", person=PERSON)
    run = sync.run_to_end(deps, run_id)
    assert run.state == "done", f"run {run.state}: {run.error}"
