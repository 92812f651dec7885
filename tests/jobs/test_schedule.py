"""The scheduler: what is due begins, what the queue lost is repeated, one trouble does not stop the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from redis import Redis

from app.jobs.queue import DEFAULT, RunQueue
from app.jobs.schedule import SWEEP_EVERY, TURN_KEY, Duties, Scheduler


@dataclass
class Book:
    """A set of connections and runs, kept as the services keep them: what is asked for goes into the queue."""

    queue: RunQueue
    due: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    troubled: str = ""
    requested: list[str] = field(default_factory=list)

    def request(self, connection_id: str) -> None:
        if connection_id == self.troubled:
            raise RuntimeError("the database is away")
        self.requested.append(connection_id)
        self.queue.wake(f"run-of-{connection_id}")

    def sweep(self) -> None:
        for run_id in self.unfinished:
            self.queue.wake(run_id)

    def duties(self) -> Duties:
        return Duties(due=lambda: self.due, request=self.request, sweep=self.sweep)


def scheduler(book: Book) -> Scheduler:
    return Scheduler(book.duties(), book.queue, seconds=5)


def waiting(redis: Redis) -> int:
    return RunQueue(redis).waiting()[DEFAULT]


def test_each_due_connection_gets_a_run_in_the_queue(redis: Redis) -> None:
    scheduler(Book(RunQueue(redis), due=["a", "b"])).tick()
    assert waiting(redis) == 2


def test_one_connection_in_trouble_does_not_hold_up_the_next(redis: Redis) -> None:
    scheduler(Book(RunQueue(redis), due=["a", "b"], troubled="a")).tick()
    assert waiting(redis) == 1


def test_runs_lost_from_the_queue_are_put_back(redis: Redis) -> None:
    """A flushed Redis costs a sweep's interval."""
    clock = scheduler(Book(RunQueue(redis), unfinished=["r1"]))
    clock.tick()
    redis.flushall()
    for _ in range(SWEEP_EVERY):
        redis.delete(TURN_KEY)
        clock.tick()
    assert waiting(redis) == 1


def test_of_two_schedulers_one_ticks(redis: Redis) -> None:
    """Two machines may both run one; connections are asked for once."""
    first, second = scheduler(Book(RunQueue(redis), due=["a"])), scheduler(Book(RunQueue(redis), due=["b"]))
    first.tick()
    second.tick()
    assert waiting(redis) == 1


def test_without_redis_the_scheduler_still_requests_runs(absent_redis: Redis) -> None:
    """Runs are rows of the database; the queue only hurries them."""
    book = Book(RunQueue(absent_redis), due=["a"])
    scheduler(book).tick()
    assert book.requested == ["a"]
