"""`concord scheduler`: asks every few seconds which connections are due, and repeats what the queue has lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import structlog
from redis.exceptions import RedisError

from app.jobs.queue import RunQueue

SWEEP_EVERY = 6  # ticks
TURN_KEY = "concord:scheduler"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Duties:
    """What the scheduler calls. The services decide what is due and put it into the queue; the scheduler keeps asking.

    ``due`` names connections, ``request`` begins a run of one of them, ``sweep`` puts back what the queue has lost, ``tell``
    sends the alerts that are due.
    """

    due: Callable[[], Iterable[str]]
    request: Callable[[str], object]
    sweep: Callable[[], object]
    tell: Callable[[], object] = lambda: None


@dataclass(slots=True)
class Scheduler:
    """Several may run at once, on several machines: a tick belongs to one of them."""

    duties: Duties
    queue: RunQueue
    seconds: float
    ticks: int = 0

    def run(self, stop: threading.Event) -> None:
        """Tick until ``stop`` is set."""
        while not stop.is_set():
            self.tick()
            stop.wait(self.seconds)

    def tick(self) -> None:
        """One look at what is due; every sixth also puts back what the queue has lost, and tells alerts."""
        if not self._my_turn():
            return
        self._guarded("connections that are due", self._request_due)
        if self.ticks % SWEEP_EVERY == 0:
            self._guarded("lost runs", self._sweep)
            self._guarded("alerts", self.duties.tell)
        self.ticks += 1

    def _request_due(self) -> None:
        for connection_id in self.duties.due():
            self._guarded(f"run of connection {connection_id}", partial(self.duties.request, connection_id))

    def _sweep(self) -> None:
        self._guarded("abandoned jobs", self.queue.clear_abandoned)
        self.duties.sweep()

    def _my_turn(self) -> bool:
        """True for one scheduler per tick. Without Redis everyone ticks; the database allows one run per connection."""
        try:
            return bool(self.queue.redis.set(TURN_KEY, "1", nx=True, px=int(self.seconds * 900)))
        except RedisError:
            return True

    def _guarded(self, what: str, act: Callable[[], object]) -> None:
        """One connection's trouble must not keep the others waiting."""
        try:
            act()
        except Exception:
            log.exception("the scheduler could not see to something", what=what)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
