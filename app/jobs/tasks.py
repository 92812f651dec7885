"""What workers execute. Any job may run twice and may die after any line: the database decides what is left to do."""

from __future__ import annotations

from app.jobs.queue import RunQueue, connect
from app.settings import load_settings


def run_job(run_id: str, *, urgent: bool = False, turn: int = 0) -> None:
    """One chunk of a run; what is left goes to the end of the queue, so that a person's click comes between."""
    from app.wiring import build_deps
    from engine.services import sync

    settings = load_settings()
    more = sync.run_chunk(build_deps(settings), run_id)
    if more:
        RunQueue(connect(settings)).go_on(run_id, urgent=urgent, turn=turn)


def tell_job() -> None:
    """Tell people what is due. Addresses that do not answer hold up this job and nothing else."""
    from app import alerts
    from app.wiring import build_deps

    settings = load_settings()
    deps = build_deps(settings)
    alerts.deliver(deps.database, deps.clock, deps.vault, alerts.send_by_apprise, settings.public_url)
