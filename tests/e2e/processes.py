"""Starting and stopping real processes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PATIENCE = 60  # seconds until a test gives up; never reached when all is well


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    """True when somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_open(port: int, process: subprocess.Popen[str]) -> None:
    """Return when somebody listens; fail when the process ends before."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if is_open(port):
            return
    pytest.fail(f"nothing listens on port {port}")


@contextmanager
def start(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A `concord` command whose output can be read line by line; killed if the test leaves it running."""
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # nothing happens when it has ended by itself


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """All output up to the line with ``text``; fails with the output when the process ends before."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    pytest.fail(f"{text!r} never came:\n{seen}")
