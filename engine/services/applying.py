"""Sending what the outbox holds, wave by wave; receipts are committed as the answers come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from engine.connectors.base import NotWritten, WriteOutcome, WriteRequest
from engine.core.records import System
from engine.errors import ConcordError
from engine.services.claiming import TAKE_OFF, Claimed, claim
from engine.services.job import Job
from engine.services.receipts import Applied, record_outcomes


def send_wave(job: Job, system: System, wave: int, *, limit: int, only: Sequence[str] = ()) -> Applied:
    """Claim and send up to ``limit`` writes of one wave; receipts are committed group by group as the answers come."""
    connector = job.connector(system)
    in_time = window(job)
    claimed = claim(
        job.deps, job.context, job.directory, system=system, wave=wave, limit=limit,
        batches=connector.replays_writes, lease=job.lease, only=only,
    )  # fmt: skip
    return send(job, system, claimed, in_time)


def window(job: Job) -> Callable[[], bool]:
    """Whether writes that are claimed now may still leave."""
    end = job.deps.clock.now() + TAKE_OFF
    return lambda: job.deps.clock.now() < end


def send(job: Job, system: System, claimed: Sequence[Claimed], in_time: Callable[[], bool]) -> Applied:
    """Send claimed writes and record what becomes of each; one that could not leave in time is in doubt like a lost one."""
    total = Applied(reread=[], duplicates=[])
    if not claimed:
        return total
    by_key = {member.request.key: member for member in claimed}
    requests = [replace(member.request, may_leave=in_time) for member in claimed]
    for batch in _by_group(by_key, _outcomes(job, system, requests)):
        total.add(record_outcomes(job.deps, job.context, job.directory, batch, run_id=job.run_id))
    return total


def settle(job: Job, claimed: Claimed, outcome: WriteOutcome) -> Applied:
    """Record what became of one write, however that was found out."""
    return record_outcomes(job.deps, job.context, job.directory, [(claimed, outcome)], run_id=job.run_id)


def _outcomes(job: Job, system: System, requests: Sequence[WriteRequest]) -> Iterator[WriteOutcome]:
    """The connector's outcomes; what the whole connection stopped at is every unanswered request's outcome."""
    open_keys = {request.key for request in requests}
    try:
        for outcome in job.connector(system).write(requests):
            open_keys.discard(outcome.key)
            yield outcome
    except ConcordError as error:
        yield from (NotWritten(key, error) for key in sorted(open_keys))


def _by_group(
    by_key: dict[str, Claimed], outcomes: Iterator[WriteOutcome]
) -> Iterator[list[tuple[Claimed, WriteOutcome]]]:
    """Outcomes together with their claims, a whole group at a time."""
    sizes: dict[str | None, int] = defaultdict(int)
    for member in by_key.values():
        sizes[member.request.group] += 1
    waiting: dict[str, list[tuple[Claimed, WriteOutcome]]] = defaultdict(list)
    for outcome in outcomes:
        member = by_key[outcome.key]
        group = member.request.group
        if group is None:
            yield [(member, outcome)]
            continue
        waiting[group].append((member, outcome))
        if len(waiting[group]) == sizes[group]:
            yield waiting.pop(group)
    yield from waiting.values()
