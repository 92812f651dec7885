"""`concord demo`, with all its processes: starting, stopping, resuming, and what it says when it cannot start."""

from __future__ import annotations

import signal
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import pytest

from app.jobs import embedded
from tests.e2e.processes import PATIENCE, free_port, is_open, read_until, start

pytestmark = pytest.mark.process


@dataclass
class Place:
    """A folder and ports for one demo."""

    home: Path
    web: int = field(default_factory=free_port)
    quickbooks: int = field(default_factory=free_port)
    scoro: int = field(default_factory=free_port)

    def start(self) -> AbstractContextManager[Popen[str]]:
        """Start it with nothing connected, as `make demo-wizard` does."""
        ports = ("--port", self.web, "--quickbooks-port", self.quickbooks, "--scoro-port", self.scoro)
        return start("demo", "--wizard", "--home", str(self.home), *map(str, ports))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "home")


@contextmanager
def running(place: Place) -> Iterator[Popen[str]]:
    """A demo that has said it is ready; stopped by Ctrl-C at the end, which has to succeed."""
    with place.start() as process:
        try:
            read_until(process, "Concord is ready")
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, output


def answer_of(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        return int(answer.status)


@pytest.mark.slow
def test_the_demo_starts_stops_and_resumes(place: Place) -> None:
    """One Ctrl-C leaves no process behind, and a second start finds the same database and the same key."""
    with running(place):
        assert answer_of(place.web) == 200
        assert is_open(place.quickbooks)
        assert is_open(place.scoro)
    assert not any(map(is_open, (place.web, place.quickbooks, place.scoro)))
    assert not embedded.answers(embedded.socket_path(place.home))
    key = (place.home / "secrets" / "secret_key").read_text()
    with running(place):
        assert answer_of(place.web) == 200
    assert (place.home / "secrets" / "secret_key").read_text() == key


def test_a_second_demo_in_the_same_folder_is_told_so(place: Place) -> None:
    """Two of them would write into one another's books."""
    with running(place), Place(place.home).start() as second:
        output, _ = second.communicate(timeout=PATIENCE)
        assert second.returncode == 4
        assert "runs already" in output


def test_a_busy_port_is_named_before_anything_starts(place: Place) -> None:
    """Without half a demo left behind."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", place.web))
        listener.listen()
        with place.start() as process:
            output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    assert f"Port {place.web} is taken" in output
    assert f"--port {place.web + 100}" in output
    assert not (place.home / "concord.db").exists()
