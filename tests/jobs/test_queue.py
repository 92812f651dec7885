"""The queue: a run stands in it once, and losing the queue loses nothing but time."""

from __future__ import annotations

from redis import Redis
from rq import Queue
from rq.job import Job, JobStatus

from app.jobs.queue import DEFAULT, HIGH, RUN_JOB, TELL_ID, TELL_SECONDS, RunQueue


def job_ids(redis: Redis, name: str) -> list[str]:
    return Queue(name, connection=redis).job_ids


def test_waking_a_run_twice_queues_it_once(redis: Redis) -> None:
    """Webhooks, people and the sweep may all wake the same run."""
    queue = RunQueue(redis)
    queue.wake("r1")
    queue.wake("r1")
    assert queue.waiting() == {HIGH: 0, DEFAULT: 1}


def test_a_job_carries_the_run_and_nothing_else(redis: Redis) -> None:
    """Redis holds ids only: a job is one function, one id."""
    RunQueue(redis).wake("r1")
    job = Job.fetch("run-r1-0", connection=redis)
    assert (job.func_name, job.args, job.kwargs) == (RUN_JOB, ("r1",), {"urgent": False, "turn": 0})
    assert job.result_ttl == 0


def test_what_a_person_waits_for_goes_to_the_high_queue(redis: Redis) -> None:
    RunQueue(redis).wake("r1", urgent=True)
    assert job_ids(redis, HIGH) == ["run-r1-0"]
    assert job_ids(redis, DEFAULT) == []


def test_a_run_goes_on_although_its_present_job_is_not_over(redis: Redis) -> None:
    """A chunk queues its successor from within; the id it has itself would be refused."""
    queue = RunQueue(redis)
    queue.wake("r1")
    Job.fetch("run-r1-0", connection=redis).set_status(JobStatus.STARTED)
    queue.go_on("r1", urgent=False, turn=0)
    assert "run-r1-1" in job_ids(redis, DEFAULT)


def test_a_failed_job_does_not_keep_its_run_out(redis: Redis) -> None:
    """A failure stays in Redis for a while; waking the run again must not wait for that."""
    queue = RunQueue(redis)
    queue.wake("r1")
    rq_queue = Queue(DEFAULT, connection=redis)
    rq_queue.empty()
    failed = rq_queue.create_job(RUN_JOB, args=("r1",), job_id="run-r1-0", status=JobStatus.FAILED)
    failed.save()
    queue.wake("r1")
    assert job_ids(redis, DEFAULT) == ["run-r1-0"]


def test_a_flushed_redis_takes_the_run_again(redis: Redis) -> None:
    """After a loss of all of Redis the sweep's wake is as good as the first."""
    queue = RunQueue(redis)
    queue.wake("r1")
    redis.flushall()
    queue.wake("r1")
    assert queue.waiting()[DEFAULT] == 1


def test_a_long_run_is_told_that_a_person_waits(redis: Redis) -> None:
    queue = RunQueue(redis)
    queue.wake("long")
    assert not queue.person_waits()
    queue.wake("click", urgent=True)
    assert queue.person_waits()


def test_nothing_fails_when_redis_is_away(absent_redis: Redis) -> None:
    """A page and a running chunk must not break because the queue is away; the sweep repeats the wake later."""
    queue = RunQueue(absent_redis)
    queue.wake("r1", urgent=True)
    queue.go_on("r1", urgent=False, turn=0)
    assert not queue.person_waits()


def test_alerts_are_told_by_a_worker_once_at_a_time_and_not_for_ever(redis: Redis) -> None:
    """An address that does not answer holds up neither the scheduler nor a worker for long."""
    queue = RunQueue(redis)
    queue.tell()
    queue.tell()
    assert job_ids(redis, DEFAULT) == [TELL_ID]
    assert Job.fetch(TELL_ID, connection=redis).timeout == TELL_SECONDS
