"""The embedded Redis: one server per home, whoever starts it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from app.jobs import embedded

pytestmark = pytest.mark.process


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[Path]:
    path = embedded.socket_path(tmp_path)
    yield path
    embedded.stop(path)


def test_a_started_server_answers_and_a_stopped_one_does_not(socket: Path) -> None:
    """Starting and stopping are complete when the call returns."""
    assert not embedded.answers(socket)
    embedded.ensure_running(socket)
    assert embedded.answers(socket)
    embedded.stop(socket)
    assert not embedded.answers(socket)


def test_many_processes_at_once_start_one_server(socket: Path) -> None:
    """Web, worker and scheduler start together; each must find the same server."""
    context = multiprocessing.get_context("spawn")
    starters = [context.Process(target=embedded.ensure_running, args=(socket,)) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert [starter.exitcode for starter in starters] == [0, 0, 0, 0]
    log = (socket.parent / "redis.log").read_text()
    assert log.count("ready to accept connections") == 1


def test_a_server_that_is_in_use_survives_one_who_leaves(socket: Path) -> None:
    """Only the last to leave stops it."""
    embedded.ensure_running(socket)
    with Redis(unix_socket_path=str(socket)) as other:
        other.set("key", "value")
        embedded.stop_if_last(socket)
        assert other.get("key") == b"value"
    embedded.stop_if_last(socket)
    assert not embedded.answers(socket)


def test_a_home_too_deep_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    """The kernel refuses long socket addresses; two homes must still never share one."""
    deep, other = tmp_path / ("a" * 120), tmp_path / ("b" * 120)
    assert len(str(embedded.socket_path(deep))) <= embedded.SOCKET_PATH_LIMIT
    assert embedded.socket_path(deep) != embedded.socket_path(other)
    assert embedded.socket_path(deep) == embedded.socket_path(deep)
