"""The scheduler: what is due begins, what the queue lost is repeated, one trouble does not stop the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from redis import Redis

from app.jobs.queue import DEFAULT, RunQueue
from app.jobs.schedule import SWEEP_EVERY, TURN_KEY, Duties, Scheduler


@dataclass
class Book:
    """A set of connections and runs, as the services would keep it."""

    due: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    troubled: str = ""
    requested: list[str] = field(default_factory=list)

    def request(self, connection_id: str) -> str:
        if connection_id == self.troubled:
            raise RuntimeError("the database is away")
        self.requested.append(connection_id)
        return f"run-of-{connection_id}"

    def duties(self) -> Duties:
        return Duties(due=lambda: self.due, request=self.request, unfinished=lambda: self.unfinished)


def scheduler(book: Book, redis: Redis) -> Scheduler:
    return Scheduler(book.duties(), RunQueue(redis), seconds=5)


def waiting(redis: Redis) -> int:
    return RunQueue(redis).waiting()[DEFAULT]


def test_each_due_connection_gets_a_run_in_the_queue(redis: Redis) -> None:
    scheduler(Book(due=["a", "b"]), redis).tick()
    assert waiting(redis) == 2


def test_one_connection_in_trouble_does_not_hold_up_the_next(redis: Redis) -> None:
    scheduler(Book(due=["a", "b"], troubled="a"), redis).tick()
    assert waiting(redis) == 1


def test_runs_lost_from_the_queue_are_put_back(redis: Redis) -> None:
    """The database says what is unfinished; a flushed Redis costs a sweep's interval."""
    clock = scheduler(Book(unfinished=["r1"]), redis)
    clock.tick()
    redis.flushall()
    for _ in range(SWEEP_EVERY):
        redis.delete(TURN_KEY)
        clock.tick()
    assert waiting(redis) == 1


def test_of_two_schedulers_one_ticks(redis: Redis) -> None:
    """Two machines may both run one; connections are asked for once."""
    first, second = scheduler(Book(due=["a"]), redis), scheduler(Book(due=["b"]), redis)
    first.tick()
    second.tick()
    assert waiting(redis) == 1


def test_without_redis_the_scheduler_still_requests_runs(absent_redis: Redis) -> None:
    """Runs are rows of the database; the queue only hurries them."""
    book = Book(due=["a"])
    scheduler(book, absent_redis).tick()
    assert book.requested == ["a"]
