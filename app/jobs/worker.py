"""`concord worker`: processes that take jobs from the queue.

The application is imported before the first fork. A stock worker imports it again for each job, which costs half a
second every time; here a job starts in about ten milliseconds. One process serves only what a person waits for.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.context import ForkProcess
from types import FrameType

import structlog
from redis import Redis
from rq import Queue, Worker

from app.jobs.queue import DEFAULT, HIGH

MODULES = ("app.jobs.tasks", "app.wiring", "engine.services.sync")
HEARTBEAT_SECONDS = 5  # a worker that died is noticed a minute after its last sign of life
LOOK_SECONDS = 0.5
STOP_SECONDS = 10.0

log = structlog.get_logger(__name__)


def rarely_collect() -> None:
    """What is imported stays for ever: the collector need not walk through it again, nor after every few objects of a
    page of records. It cost a fifth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


class Crew:
    """A fixed number of worker processes; one that dies is replaced."""

    def __init__(
        self, redis_url: str, processes: int, *, burst: bool = False, preload: Sequence[str] = MODULES
    ) -> None:
        self._redis_url = redis_url
        self._burst = burst
        self._preload = preload
        self._plans: list[tuple[str, ...]] = [(HIGH,), *[(HIGH, DEFAULT)] * processes]
        self._members: dict[int, ForkProcess] = {}
        self._stopping = False

    def run(self) -> None:
        """Work until told to stop by SIGTERM or SIGINT; with ``burst`` until the queues are empty."""
        for module in self._preload:
            importlib.import_module(module)
        rarely_collect()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._fill()
        while self._alive():
            time.sleep(LOOK_SECONDS if not self._burst else 0.02)
            if not self._burst and not self._stopping:
                self._fill()

    def _fill(self) -> None:
        for place, names in enumerate(self._plans):
            member = self._members.get(place)
            if member is None or not member.is_alive():
                if member is not None:
                    log.warning("a worker process ended and is replaced", exit_code=member.exitcode)
                self._members[place] = self._start(names)

    def _start(self, names: Sequence[str]) -> ForkProcess:
        context = multiprocessing.get_context("fork")
        process = context.Process(target=work, args=(self._redis_url, names), kwargs={"burst": self._burst})
        process.start()
        return process

    def _alive(self) -> bool:
        return any(member.is_alive() for member in self._members.values())

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        """The first request lets jobs finish their batch; the second ends them where they are."""
        number = signal.SIGKILL if self._stopping else signal.SIGTERM
        self._stopping = True
        for member in self._members.values():
            if member.pid and member.is_alive():
                os.kill(member.pid, number)


def work(redis_url: str, names: Sequence[str], *, burst: bool = False) -> None:
    """One worker process, until it is told to stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # forked from a crew whose handlers would stop the others
    redis = Redis.from_url(redis_url)
    worker = Worker(
        [Queue(name, connection=redis) for name in names],
        connection=redis,
        default_result_ttl=0,
        job_monitoring_interval=HEARTBEAT_SECONDS,
        log_job_description=False,
    )
    worker.work(burst=burst, logging_level="WARNING")
