"""A short soak, so that it keeps working; ``make soak MINUTES=n`` is the long one, on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys

import pytest

SEED = 1
"""Which misfortunes strike; when they strike is up to the machine."""


@pytest.mark.slow
@pytest.mark.process
def test_nothing_is_lost_or_doubled_while_workers_die() -> None:
    """Twenty seconds of edits, kills, pauses beyond the lease and a forgetful Redis; then the books are equal."""
    command = [sys.executable, "-m", "tests.proofs.soak", "--minutes", "0.33", "--database", "sqlite"]
    done = subprocess.run([*command, "--seed", str(SEED)], capture_output=True, text=True, check=False, timeout=300)
    print(done.stdout)  # noqa: T201  # its figures
    assert done.returncode == 0, done.stderr[-3000:]
