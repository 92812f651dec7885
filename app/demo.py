"""The demo: both sandboxes and Concord between them, in one terminal, stopped by one Ctrl-C.

All it leaves is in its home folder, so that a second start resumes and removing the folder starts over.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.jobs import embedded
from app.settings import load_settings, settings_file
from engine.errors import Misconfigured

LOOPBACK = "127.0.0.1"
READY_SECONDS = 60.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the demo's three web servers listen."""

    web: int = 8000
    quickbooks: int = 9001
    scoro: int = 9002


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo: its folder, its ports, and whether it connects the two sandboxes by itself."""

    home: Path
    ports: Ports
    connected: bool = True

    def environment(self) -> dict[str, str]:
        """What the processes are told; it differs from a real installation in the addresses only."""
        quickbooks = f"http://{LOOPBACK}:{self.ports.quickbooks}"
        scoro = f"http://{LOOPBACK}:{self.ports.scoro}"
        return {
            "CONCORD_HOME": str(self.home),
            "HOST": LOOPBACK,
            "PORT": str(self.ports.web),
            "PUBLIC_URL": f"http://{LOOPBACK}:{self.ports.web}",
            "WEB_PROCESSES": "1",
            "WORKER_PROCESSES": "1",
            "QUICKBOOKS_CLIENT_ID": "sandbox-client",
            "QUICKBOOKS_CLIENT_SECRET": "sandbox-secret",
            "QUICKBOOKS_WEBHOOK_VERIFIER": "sandbox-verifier",
            "QUICKBOOKS_AUTH_URL": f"{quickbooks}/connect/oauth2",
            "QUICKBOOKS_TOKEN_URL": f"{quickbooks}/oauth2/v1/tokens/bearer",
            "QUICKBOOKS_REVOKE_URL": f"{quickbooks}/v2/oauth2/tokens/revoke",
            "QUICKBOOKS_API_URL": quickbooks,
            "QUICKBOOKS_GRAPHQL_URL": f"{quickbooks}/graphql",
            "QUICKBOOKS_WEB_URL": quickbooks,
            "SCORO_ALLOWED_HOSTS": f"{LOOPBACK}:{self.ports.scoro}",
            "SANDBOX_QUICKBOOKS_URL": quickbooks,
            "SANDBOX_SCORO_URL": scoro,
        }

    def commands(self) -> dict[str, list[str]]:
        """The `concord` commands that make up the demo, in the order of their start."""
        return {
            "quickbooks": self._sandbox("quickbooks", self.ports.quickbooks),
            "scoro": self._sandbox("scoro", self.ports.scoro),
            "web": ["web"],
            "worker": ["worker"],
            "scheduler": ["scheduler"],
            "concord": ["demo", "--guide", *self._options()],
        }

    def _options(self) -> list[str]:
        ports = (
            ("--port", self.ports.web),
            ("--quickbooks-port", self.ports.quickbooks),
            ("--scoro-port", self.ports.scoro),
        )
        chosen = [text for option, port in ports for text in (option, str(port))]
        return ["--home", str(self.home), *chosen, *([] if self.connected else ["--wizard"])]

    def _sandbox(self, system: str, port: int) -> list[str]:
        state = self.home / "sandboxes" / f"{system}.state"
        return ["sandbox", system, "--port", str(port), "--state", str(state)]


def run_demo(demo: Demo) -> int:
    """Run the demo until Ctrl-C. Raises Misconfigured when it runs already or a port is taken."""
    _refuse_real_data(demo.home)
    (demo.home / "sandboxes").mkdir(parents=True, exist_ok=True)
    with _alone(demo.home):
        require_free_ports(demo.ports)
        _write_settings(demo)
        os.environ.update(demo.environment(), PYTHONUNBUFFERED="1")
        socket_file = embedded.socket_path(demo.home)
        print("  Starting the embedded Redis and preparing the database", flush=True)
        embedded.ensure_running(socket_file)
        try:
            _check_call(["migrate"])
            print("  Starting the two sandboxes and Concord", flush=True)
            return _supervise(demo)
        finally:
            embedded.stop(socket_file)


def reset(home: Path) -> None:
    """Forget everything the demo has kept in ``home``. Raises Misconfigured while it runs."""
    if not home.exists():
        return
    _refuse_real_data(home)
    with _alone(home):
        embedded.stop(embedded.socket_path(home))
        shutil.rmtree(home)
    print("  The demo's data is gone; this is a new start.", flush=True)


def guide(demo: Demo) -> None:
    """Inside the running demo: wait for its parts, connect them, say where they are, stay until told to stop."""
    stopping = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stopping)
    for port in (demo.ports.quickbooks, demo.ports.scoro, demo.ports.web):
        _wait_until_open(port)
    remarks = _connected() if demo.connected else _unconnected(demo)
    print(welcome(demo, remarks), flush=True)
    signal.sigwait(stopping)


def _unconnected(demo: Demo) -> Sequence[str]:
    return (
        "Nothing connects itself here: the first page begins the setup, or goes on where you left it.",
        f"In a second terminal: CONCORD_HOME={shlex.quote(str(demo.home))} .venv/bin/concord status",
    )


def _connected() -> Sequence[str]:
    """Connect the two companies unless they are, and wait for the first run; returns what the person should know, such
    as how to sign in."""
    from app.demo_setup import connect_demo, first_run

    print("Connecting the two companies, unless they are; the first time this reads all of both ...", flush=True)
    settings, told = load_settings(), ""
    remarks: Sequence[str] = connect_demo(settings)
    for sentence in first_run(settings):
        if sentence != told:
            print(f"The first run: {sentence[0].lower()}{sentence[1:]}", flush=True)
        told = sentence
        time.sleep(LOOK_SECONDS)
    return remarks


def welcome(demo: Demo, remarks: Sequence[str]) -> str:
    """Where everything is."""
    anew = "`make demo-reset`" if demo.connected else "`.venv/bin/concord demo --wizard --reset`"
    return "\n  ".join(
        (
            "",
            "Concord is ready.",
            f"  Concord             http://{LOOPBACK}:{demo.ports.web}",
            f"  Scoro sandbox       http://{LOOPBACK}:{demo.ports.scoro}",
            f"  QuickBooks sandbox  http://{LOOPBACK}:{demo.ports.quickbooks}",
            *remarks,
            f"Ctrl-C stops everything; the same command goes on where it was, {anew} starts over.",
            "",
        )
    )


def require_free_ports(ports: Ports) -> None:
    """Raises Misconfigured naming each port that is taken, and the way out."""
    names = {"--port": ports.web, "--quickbooks-port": ports.quickbooks, "--scoro-port": ports.scoro}
    taken = {option: port for option, port in names.items() if not _is_free(port)}
    if taken:
        raise Misconfigured(
            "\n".join(f"Port {port} is taken by another program." for port in taken.values()),
            hint="Stop that program (`lsof -i :PORT` names it), or choose other ports: .venv/bin/concord demo "
            + " ".join(f"{option} {port + 100}" for option, port in taken.items()),
        )


def _refuse_real_data(home: Path) -> None:
    """A folder with a database and without the demo's settings belongs to a real installation."""
    if (home / "concord.db").exists() and not settings_file(home).exists():
        raise Misconfigured(
            f"{home} holds the data of an installation that is no demo.",
            hint="Set CONCORD_HOME to another folder for the demo; nothing was changed.",
        )


def _write_settings(demo: Demo) -> None:
    """So that `concord status` in a second terminal speaks with this demo."""
    lines = [f"{name}={value}\n" for name, value in demo.environment().items()]
    settings_file(demo.home).write_text("".join(["# Written by the demo.\n", *lines]))


def _supervise(demo: Demo) -> int:
    from honcho.manager import Manager

    manager = Manager()
    for name, arguments in demo.commands().items():
        # exec, so that the shell honcho starts becomes the process and gets its signals
        manager.add_process(name, f"exec {shlex.join(_concord(arguments))}", quiet=False)
    signal.signal(signal.SIGHUP, lambda _number, _frame: signal.raise_signal(signal.SIGTERM))
    manager.loop()
    stopped_by_person = manager.returncode in {128 + signal.SIGINT, 128 + signal.SIGTERM}
    return 0 if stopped_by_person else 1


def _concord(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "app.cli", *arguments]


def _check_call(arguments: list[str]) -> None:
    if subprocess.call(_concord(arguments)) != 0:  # noqa: S603 - our own command
        raise Misconfigured("The database could not be prepared.", hint="The lines above tell why.")


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _wait_until_open(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _is_open(port):
        if time.monotonic() > deadline:
            raise Misconfigured(f"Nothing answers on port {port}.", hint="The lines above tell why.")
        time.sleep(LOOK_SECONDS)


def _is_open(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the demo's lock; the system lets go of it when the process ends, however it ends."""
    with _lock_file(home) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(
                f"A demo runs already in {home}.",
                hint="Stop it with Ctrl-C in its terminal, then start again. "
                f"If the terminal is gone, `lsof {home / 'demo.lock'}` names its processes.",
            ) from None
        yield


def _lock_file(home: Path) -> IO[str]:
    return (home / "demo.lock").open("w")


def demo_home(environment: Mapping[str, str], *, wizard: bool) -> Path:
    """The demo's folder: CONCORD_HOME, so that every `concord` command finds it; the walk through the setup inside."""
    home = Path(environment.get("CONCORD_HOME") or ".concord").absolute()
    return home / "wizard" if wizard else home
