"""The queue of runs. A job carries the id of a run and nothing else; the database knows the rest.

Whatever stands here may be lost at any time: the scheduler's sweep puts back what the database says is unfinished.
"""

from __future__ import annotations

import atexit
from dataclasses import dataclass
from pathlib import Path

import structlog
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.registry import clean_registries

from app.jobs import embedded
from app.settings import Settings

HIGH = "high"  # what a person waits for
DEFAULT = "default"  # what the scheduler wants
NAMES = (HIGH, DEFAULT)
RUN_JOB = "app.jobs.tasks.run_job"
TELL_JOB, TELL_ID = "app.jobs.tasks.tell_job", "alerts"
TELL_SECONDS = 120  # a mail server or a chat that does not answer must not hold a worker for longer
JOB_SECONDS = 600  # ten times a full chunk; the lease in the database ends far earlier
FAILURE_SECONDS = 60  # a failed job refuses its successor that long unless it is cleared away first
OVER = frozenset({JobStatus.FAILED, JobStatus.FINISHED, JobStatus.STOPPED, JobStatus.CANCELED})

BRIEFLY = Retry(ExponentialBackoff(cap=0.1, base=0.01), 3)  # a page must not hang because the queue is away

log = structlog.get_logger(__name__)


def connect(settings: Settings) -> Redis:
    """A client for the installation's Redis; starts the embedded one when none is named."""
    client = Redis.from_url(settings.redis_url, retry=BRIEFLY, health_check_interval=30)
    if settings.redis_is_embedded:
        socket = Path(settings.redis_url.removeprefix("unix://"))
        embedded.ensure_running(socket)
        atexit.register(_leave, client, socket)
    return client


def _leave(client: Redis, socket: Path) -> None:
    client.close()
    embedded.stop_if_last(socket)


@dataclass(frozen=True, slots=True)
class RunQueue:
    """Puts runs into the queue, each once."""

    redis: Redis

    def wake(self, run_id: str, urgent: bool = False) -> None:
        """Have a worker go on with this run soon. Never raises for a Redis that is away: the sweep repeats it."""
        self._enqueue_or_leave_to_sweep(run_id, urgent=urgent, turn=0)

    def go_on(self, run_id: str, *, urgent: bool, turn: int) -> None:
        """Called from within a job: the next chunk of the same run, behind what has arrived meanwhile.

        The job that calls is not over yet, so its successor takes the other of two ids.
        """
        self._enqueue_or_leave_to_sweep(run_id, urgent=urgent, turn=1 - turn)

    def tell(self) -> None:
        """Have a worker tell the alerts that are due; never twice at a time."""
        self._clear_finished(TELL_ID)
        try:
            self._queue(DEFAULT).enqueue_call(
                TELL_JOB, job_id=TELL_ID, unique=True, timeout=TELL_SECONDS, result_ttl=0, failure_ttl=FAILURE_SECONDS
            )
        except DuplicateJobError:
            log.debug("alerts are being told already")

    def waiting(self) -> dict[str, int]:
        """How many jobs wait in each queue."""
        return {name: self._queue(name).count for name in NAMES}

    def person_waits(self) -> bool:
        """True when something a person wants is queued; a long run makes way between two batches. No when Redis is away."""
        try:
            return self._queue(HIGH).count > 0
        except RedisError:
            return False

    def clear_abandoned(self) -> None:
        """Give up on jobs whose worker died, so that they can be queued again."""
        for name in NAMES:
            clean_registries(self._queue(name))

    def _enqueue_or_leave_to_sweep(self, run_id: str, *, urgent: bool, turn: int) -> None:
        try:
            self._enqueue(run_id, urgent=urgent, turn=turn)
        except RedisError as error:
            log.warning("queue away; the sweep will repeat this", run=run_id, error=type(error).__name__)

    def _enqueue(self, run_id: str, *, urgent: bool, turn: int) -> None:
        queue, job_id = self._queue(HIGH if urgent else DEFAULT), f"run-{run_id}-{turn}"
        self._clear_finished(job_id)
        try:
            queue.enqueue_call(
                RUN_JOB,
                args=(run_id,),
                kwargs={"urgent": urgent, "turn": turn},
                job_id=job_id,
                unique=True,
                timeout=JOB_SECONDS,
                result_ttl=0,
                failure_ttl=FAILURE_SECONDS,
            )
        except DuplicateJobError:
            log.debug("already queued", run=run_id)

    def _clear_finished(self, job_id: str) -> None:
        try:
            job = Job.fetch(job_id, connection=self.redis)
        except NoSuchJobError:
            return
        if job.get_status() in OVER:
            job.delete()

    def _queue(self, name: str) -> Queue:
        return Queue(name, connection=self.redis)
