"""Jobs for the worker's tests: they leave a mark in Redis that tells where they ran."""

from __future__ import annotations

import os

from rq import get_current_job


def note_process(key: str) -> None:
    """Push the id of the worker process to ``key``."""
    job = get_current_job()
    assert job is not None
    job.connection.rpush(key, os.getppid())


def wait_for(key: str) -> None:
    """Stay busy until somebody pushes to ``key``; push to ``released`` when it is over, for whatever reason."""
    job = get_current_job()
    assert job is not None
    job.connection.blpop([key], timeout=8)
    job.connection.rpush("released", 1)
