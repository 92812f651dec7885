"""The worker command's processes, real ones, on a real Redis."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkProcess

import pytest
from redis import Redis
from rq import Queue, Worker
from rq.worker import WorkerStatus

from app.jobs.queue import DEFAULT, HIGH
from app.jobs.worker import Crew
from tests.jobs import samples

pytestmark = pytest.mark.process
PROCESSES = 1
PATIENCE = 20  # seconds that a blocking read waits before the test fails; never reached when all is well


def run_crew(redis_url: str, *, burst: bool) -> None:
    Crew(redis_url, PROCESSES, burst=burst, preload=["tests.jobs.samples"]).run()


@contextmanager
def crew(redis_url: str, *, burst: bool = False) -> Iterator[ForkProcess]:
    process = multiprocessing.get_context("fork").Process(target=run_crew, args=(redis_url,), kwargs={"burst": burst})
    process.start()
    try:
        yield process
    finally:
        process.terminate()
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()


def next_mark(redis: Redis, key: str) -> int:
    """The next mark a job leaves; fails when none comes."""
    mark = redis.blpop([key], timeout=PATIENCE)
    assert mark is not None, f"no job left a mark in {key}"
    return int(mark[1])


def wait_until_long_runs_fill_the_crew(redis: Redis) -> None:
    """Both processes are there, and each that takes long runs has one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        workers = Worker.all(connection=redis)
        states = [worker.get_state() for worker in workers if DEFAULT in worker.queue_names()]
        if len(workers) == PROCESSES + 1 and set(states) == {WorkerStatus.BUSY}:
            return
    pytest.fail("the crew did not take up its work")


def test_a_burst_ends_when_the_queues_are_empty(redis: Redis, redis_url: str) -> None:
    for _ in range(3):
        Queue(DEFAULT, connection=redis).enqueue(samples.note_process, "marks")
    with crew(redis_url, burst=True) as process:
        process.join(PATIENCE)
        assert process.exitcode == 0
    assert redis.llen("marks") == 3


def test_a_click_is_served_while_a_long_run_goes_on(redis: Redis, redis_url: str) -> None:
    """One process takes nothing but what a person waits for, however many long runs there are."""
    for _ in range(3):
        Queue(DEFAULT, connection=redis).enqueue(samples.wait_for, "release")
    with crew(redis_url):
        wait_until_long_runs_fill_the_crew(redis)
        Queue(HIGH, connection=redis).enqueue(samples.note_process, "clicks")
        assert next_mark(redis, "clicks")
        assert redis.llen("released") == 0, "a long job ended before the click was served"
        redis.rpush("release", 1, 1, 1)


def test_a_killed_worker_process_is_replaced(redis: Redis, redis_url: str) -> None:
    """kill -9 of a worker costs its job at most; the next job finds another process."""
    queue = Queue(HIGH, connection=redis)
    with crew(redis_url):
        killed = set()
        for _ in range(2):
            queue.enqueue(samples.note_process, "marks")
            worker = next_mark(redis, "marks")
            os.kill(worker, signal.SIGKILL)
            killed.add(worker)
        queue.enqueue(samples.note_process, "marks")
        assert next_mark(redis, "marks") not in killed


def test_sigterm_ends_the_crew(redis: Redis, redis_url: str) -> None:
    """One signal, and no process is left behind."""
    with crew(redis_url) as process:
        Queue(HIGH, connection=redis).enqueue(samples.note_process, "marks")
        worker = next_mark(redis, "marks")
        process.terminate()
        process.join(PATIENCE)
        assert process.exitcode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
