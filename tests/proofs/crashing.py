"""Dying at every boundary: each commit and each HTTP exchange of representative runs is numbered, the process dies there,
starts anew, and the guarantee is checked.

A boundary is ``commit`` (dies before it), ``send`` (dies before the request leaves) or ``answer`` (the request took effect, the
answer is lost with the process). From the moment of death nothing can be stored or sent any more, as with a killed process.
What crosses no boundary is found by counting: the commits of all engines, and the requests that the sandboxes saw.
"""

from __future__ import annotations

import pickle
import re
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
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
from tests.proofs.moments import cut_off, keep_database, put_back_database
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
    turn: threading.Lock = field(default_factory=threading.Lock)

    def cross(self, name: str) -> None:
        """One more boundary."""
        with self.turn:
            self.live()
            self.passed += 1
            self.names.append(name)
            self.dead = self.passed == self.at
            self.live()

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
        path = re.sub(r"/\d+$", "", request.url.path).rsplit("/", 2)[-2:]
        name = f"{request.method} {'/'.join('…' if part.isdigit() else part for part in path)}"
        self._fate.cross(f"send {name}")
        response = self._inner.handle_request(request)
        self._fate.cross(f"answer {name}")
        return response


def mortal(world: World, fate: Fate) -> World:
    """The same world in a process that can die."""
    database = make_engine(world.deps.database.url.render_as_string(hide_password=False))

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

    database: Path | str
    quickbooks: bytes
    scoro: bytes
    clock: tuple[Any, float]


def remember(world: World, folder: Path) -> Moment:
    """The state as it is now."""
    return Moment(
        keep_database(world.deps.database, folder),
        pickle.dumps(quickbooks_state.dump(world.quickbooks.app.extensions["quickbooks"])),
        pickle.dumps(world.scoro.app.extensions["sandbox"].snapshot()),
        (world.clock.moment, world.clock.elapsed),
    )


def go_back(world: World, moment: Moment) -> None:
    """Make the state what it was."""
    assert world.plumbing is not None
    put_back_database(world.deps.database, moment.database)
    quickbooks_state.load(world.quickbooks.app.extensions["quickbooks"], pickle.loads(moment.quickbooks))  # noqa: S301  # our own bytes
    world.scoro.app.extensions["sandbox"].restore(pickle.loads(moment.scoro))  # noqa: S301  # our own bytes
    world.clock.moment, world.clock.elapsed = moment.clock
    world.scoro.app.extensions["sandbox"].core.limits = Limits()
    world.plumbing = replace(world.plumbing, limiter=LocalLimiter(world.clock))
    world.deps = replace(world.deps, connect=world.plumbing.connecting(world.deps.database))
    for side in (world.quickbooks, world.scoro):
        side.forget()


def _nothing(world: World) -> None:
    """A process that starts anew needs nobody."""


@dataclass(frozen=True, slots=True)
class Story:
    """A representative run: what is prepared, what the process does, and what must hold once it was started anew.

    ``person``: what somebody does after the restart, before everything else goes on by itself."""

    name: str
    prepare: Callable[[World], Any]
    act: Callable[[World, Any], None]
    check: Callable[[World, Any], None]
    person: Callable[[World], None] = _nothing


@dataclass(frozen=True, slots=True)
class Survived:
    """How many boundaries a story has and how many deaths it was sent to."""

    story: str
    boundaries: int
    tried: int
    failures: tuple[str, ...]


def survive(
    story: Story, world: World, folder: Path, known: Collection[str], *, stride: int = 1, offset: int = 0
) -> Survived:
    """Die at every ``stride``-th boundary of a story, from ``offset`` on. ``known`` names every boundary there may be."""
    subject = story.prepare(world)
    moment = remember(world, folder)
    names = _boundaries(story, world, subject, known)
    points = range(1 + offset % stride, len(names) + 1, stride)
    failures: list[str] = []
    for point in points:
        go_back(world, moment)
        trouble = _die_and_recover(story, world, subject, point)
        if trouble:
            failures.append(f"{story.name}, boundary {point} ({names[point - 1]}): {trouble}")
    return Survived(story.name, len(names), len(points), tuple(failures))


def _boundaries(story: Story, world: World, subject: Any, known: Collection[str]) -> list[str]:
    """The boundaries of a life without a death; each must be one that is known, and nothing may happen beside them."""
    fate = Fate()
    living = mortal(world, fate)
    with _all_commits() as commits:
        before = _requests(world)
        story.act(living, subject)
        exchanges = _requests(world) - before
    living.deps.database.dispose()
    strange = sorted(set(fate.names) - set(known))
    assert not strange, f"boundaries that are not registered: {strange}"
    assert len(commits) == fate.names.count("commit"), "something commits beside the boundaries"
    sent = sum(name.startswith("send ") for name in fate.names)
    assert exchanges == sent, f"{exchanges} requests arrived, {sent} crossed a boundary"
    stabilise(world)
    story.check(world, subject)
    return fate.names


@contextmanager
def _all_commits() -> Iterator[list[object]]:
    """Every commit of every engine."""
    seen: list[object] = []

    def note(connection: sa.Connection) -> None:
        seen.append(connection)

    sa.event.listen(sa.Engine, "commit", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "commit", note)


def _requests(world: World) -> int:
    """How many requests of programs both sandboxes have seen."""
    return sum(side.look("stats")["requests"] for side in (world.quickbooks, world.scoro))


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
        cut_off(world.deps.database)
    try:
        story.person(world)
        stabilise(world)
        story.check(world, subject)
    except (AssertionError, ConcordError) as trouble:
        return str(trouble).splitlines()[0] if str(trouble) else repr(trouble)
    return ""


ROUNDS = 8
"""Runs after which everything has to rest."""


def stabilise(world: World) -> None:
    """Time passes and the process starts anew, until a run writes nothing and leaves nothing to do. The first one does not
    count: it may be the dead one's, carried on from where it stood."""
    _later_run(world)
    for _ in range(ROUNDS):
        before = len(world.writes())
        _later_run(world)
        written = world.writes()[before:]
        waiting = sorted(row.state for row in world.outbox() if row.open_slot is not None)
        if not written and not waiting:
            return
    raise AssertionError(f"never quiet: {[(one['entity'], one['operation']) for one in written]}, queue {waiting}")


def _later_run(world: World) -> None:
    world.tick(300)
    run(world.deps, world.connection_id)


def run(deps: Deps, connection_id: str) -> None:
    """One run, which must come to its end."""
    run_id = sync.request_run(deps, connection_id, trigger="person", person=PERSON)
    ended = sync.run_to_end(deps, run_id)
    assert ended.state == "done", f"run {ended.state}: {ended.error}"
