"""The stage of the machine: both sandboxes with a little of everything in step, cheap to put back, and a process that can die."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from flask import Flask
from pydantic import SecretStr

import engine.store.database as database_module
from app import create_app
from app.sandbox.common.webhooks import Message
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.render import render
from app.sandbox.quickbooks.requestid import Replays
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.throttle import Throttle
from app.sandbox.quickbooks.wire import dump_json
from app.sandbox.scoro import people
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.sandbox import ScoroSandbox
from app.settings import Settings
from engine.store.database import make_engine, migrate
from tests.proofs.crashing import Died, Fate, Moment, MortalTransport, go_back, remember
from tests.support import in_quickbooks, in_scoro
from tests.support.world import World, connect_world, make_world, rewired, sqlite_url

Row = dict[str, Any]
SALES = ("products", "contacts", "invoices", "receipts")
PURCHASES = ("contacts", "bills", "receipts")
VERIFIER = "a verifier for the machine"


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a history begins: the country of the companies, the categories that are on, and the source of each."""

    name: str
    profile: str
    sources: Mapping[str, str]


SETTINGS = (
    Setting("sales from Scoro", "us", dict.fromkeys(SALES, "scoro") | {"receipts": "quickbooks"}),
    Setting("sales from QuickBooks", "us", dict.fromkeys(SALES, "quickbooks") | {"receipts": "scoro"}),
    Setting("purchases from Scoro", "uk", dict.fromkeys(PURCHASES, "scoro")),
    Setting("purchases from QuickBooks", "uk", dict.fromkeys(PURCHASES, "quickbooks")),
)


@dataclass(slots=True)
class Nerves(Fate):
    """A fate that can also be interrupted: at one boundary the world goes on without this process."""

    interrupt: Callable[[], None] | None = None
    interrupt_at: int = 0
    writes_left: int = 0

    def cross(self, name: str) -> None:
        if self.writes_left and is_write(name):
            self.writes_left -= 1
            if not self.writes_left:
                self.at = self.passed + 1
        Fate.cross(self, name)
        if self.interrupt is not None and self.passed >= self.interrupt_at and _interruptible(name):
            act, self.interrupt = self.interrupt, None
            act()

    def calm(self) -> None:
        """A new process: nothing has happened to it yet."""
        self.at, self.passed, self.dead, self.interrupt, self.writes_left = 0, 0, False, None, 0
        self.names.clear()


def is_write(name: str) -> bool:
    """Whether a boundary is a write on its way, or its answer."""
    return " POST " in name and not re.search(r"/list$|view|/query$|bearer$", name)


def _interruptible(name: str) -> bool:
    """Before a request that only reads. A write that has left cannot be called back: a new record has no fence in either system,
    nor has Scoro one between its read and its write, so nobody can be told apart there."""
    return name.startswith("send ") and not is_write(name)


class _Seeded:
    """Identifiers that can be repeated, so that a history runs the same way again."""

    def __init__(self) -> None:
        self.random = Random(0)

    def token_hex(self, size: int) -> str:
        return f"{self.random.getrandbits(size * 8):0{size * 2}x}"


@dataclass
class Stage:
    """A setting, played: people and other workers use ``world``, the process under test ``mortal``."""

    setting: Setting
    world: World
    app: Flask
    other: str
    nerves: Nerves = field(default_factory=Nerves)
    mortal: World | None = None
    moment: Moment | None = None
    elsewhere: tuple[Any, ...] = ()

    @property
    def quickbooks(self) -> QuickBooksSandbox:
        """The simulated QuickBooks."""
        sandbox: QuickBooksSandbox = self.world.quickbooks.app.extensions["quickbooks"]
        return sandbox

    @property
    def scoro(self) -> ScoroSandbox:
        """The simulated Scoro."""
        sandbox: ScoroSandbox = self.world.scoro.app.extensions["sandbox"]
        return sandbox

    @property
    def company(self) -> Company:
        """The books in QuickBooks."""
        return self.quickbooks.companies[self.world.realm]

    @property
    def desk(self) -> Office:
        """Somebody's desk in Scoro."""
        return people.desk_of(self.scoro.core, {"company_account_id": self.world.account})

    def in_scoro(self, **body: Any) -> Row:
        """A person acts in Scoro; ``ControlError`` when Scoro refuses."""
        return dict(self.scoro.act_as_person({**body, "company_account_id": self.world.account}))

    def in_quickbooks(self, **body: Any) -> Row:
        """A person acts in QuickBooks; ``ControlError`` when QuickBooks refuses."""
        return dict(self.quickbooks.act_as_person({**body, "realmId": self.world.realm}))

    def rows(self, system: str, type: str) -> dict[str, Row]:
        """Living records by id, as the system tells them."""
        if system == "scoro":
            desk, table = self.desk, self.desk.entity.table(type)
            found = {str(id): table.get(id) for id in table.live()}
            module = _module(type)
            return {id: desk.writer.write(module, row, detailed=True) for id, row in found.items() if row}
        return {
            row.id: _plain(render(self.company, row))
            for row in self.company.all(type)
            if row.data.get("Active", True) and not row.data.get("IsProject")
        }

    def reset(self, seed: str) -> None:
        """Back to the beginning; what is random from here on follows from ``seed``."""
        assert self.moment is not None and self.mortal is not None and self.world.plumbing is not None
        self.mortal.deps.database.dispose()
        sandbox = self.quickbooks
        sandbox.replays, sandbox.throttle = Replays(sandbox.behaviours.replay_hours), Throttle()
        for kept in (sandbox.authority.grants, sandbox.authority.refresh, sandbox.authority.access):
            kept.clear()
        for side in (sandbox, self.scoro):
            side.faults.clear()
            side.webhooks.clear()
        self.scoro.core.calls.clear()
        go_back(self.world, self.moment)
        self.world.plumbing.random.seed(seed)
        _SECRETS.random.seed(seed)
        self.start_anew()

    def start_anew(self) -> None:
        """The process is started again."""
        assert self.mortal is not None
        self.nerves.calm()
        self.mortal = rewired(
            self.world, self.mortal.deps.database, lambda transport: MortalTransport(transport, self.nerves)
        )

    def deliver(self, message: Message) -> int:
        """A webhook knocks at Concord's own address."""
        path = "/" + message.url.split("/", 3)[3]
        answer = self.app.test_client().post(path, data=message.body, headers=dict(message.headers))
        return answer.status_code

    def fingerprint_elsewhere(self) -> tuple[Any, ...]:
        """All that belongs to the connection that nobody touches: its books on both sides, and what Concord knows of it."""
        books = tuple(
            (realm, one.revision) for realm, one in self.quickbooks.companies.items() if realm != self.world.realm
        )
        with self.world.deps.database.connect() as connection:
            known = connection.execute(
                sa.text("select count(*), max(version) from objects where connection_id = :id"), {"id": self.other}
            ).one()
            log = connection.execute(
                sa.text("select log_sequence, log_hash from connections where id = :id"), {"id": self.other}
            ).one()
        return books, tuple(known), tuple(log)

    def close(self) -> None:
        """Give everything back."""
        if self.mortal is not None:
            self.mortal.deps.database.dispose()
        self.world.close()


_SECRETS = _Seeded()


def _module(path: str) -> Any:
    from app.sandbox.scoro.world import MODULES

    return MODULES[path]


def _plain(picture: Any) -> Row:
    plain: Row = json.loads(dump_json(picture), parse_float=Decimal)
    return plain


def build_stage(setting: Setting, folder: Path, database_url: str = "") -> Stage:
    """A new stage with a little of everything on both sides, in step, and a second connection beside it; in an empty database,
    or in one of SQLite in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    vars(database_module)["secrets"] = _SECRETS
    url = database_url or sqlite_url(folder)
    migrate(url)
    world = make_world(url, profile=setting.profile)
    other = _second_connection(world)
    connect_world(world, categories=dict(setting.sources))
    app_settings = Settings(
        concord_home=folder,
        database_url=url,
        redis_url="redis://127.0.0.1:1",
        secret_key=SecretStr("a key of the machine, long enough for anyone"),
        quickbooks_webhook_verifier=SecretStr(VERIFIER),
    )
    stage = Stage(setting, world, create_app(app_settings, world.deps), other)
    _listen(stage)
    world.sync()
    _furnish(stage)
    stage.mortal = _mortal(stage)
    world.sync()
    world.sync()
    stage.moment = remember(world, folder)
    stage.reset("")
    stage.elsewhere = stage.fingerprint_elsewhere()
    return stage


def _second_connection(world: World) -> str:
    realms = list(world.quickbooks.app.extensions["quickbooks"].companies)
    accounts = [
        name for site in world.scoro.app.extensions["sandbox"].core.world.sites.values() for name in site.entities
    ]
    world.realm, world.account = realms[1], accounts[1]
    connect_world(world, categories={"contacts": "scoro"}, activate=False)
    other = world.connection_id
    world.realm, world.account = realms[0], accounts[0]
    return other


def _without_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _mortal(stage: Stage) -> World:
    """The world as the process sees it that can die: every commit and every request is a boundary."""
    database = make_engine(stage.world.deps.database.url.render_as_string(hide_password=False))
    if database.dialect.name == "sqlite":
        sa.event.listen(database, "connect", _without_the_disk)

    @sa.event.listens_for(database, "commit")
    def _on_commit(_connection: sa.Connection) -> None:
        stage.nerves.cross("commit")

    @sa.event.listens_for(database, "begin", insert=True)
    def _on_begin(_connection: sa.Connection) -> None:
        stage.nerves.live()

    return rewired(stage.world, database, lambda transport: MortalTransport(transport, stage.nerves))


def _listen(stage: Stage) -> None:
    """Webhooks of both sides go to Concord's own addresses."""
    from sqlmodel import Session

    from engine.store.tables import Connection

    with Session(stage.world.deps.database) as session:
        row = session.get_one(Connection, stage.world.connection_id)
        row.webhook_token = "machine"  # an address within this process
        session.add(row)
        session.commit()
    stage.quickbooks.notifier.configure({"url": "http://concord.test/webhooks/quickbooks", "verifier": VERIFIER})
    stage.quickbooks.notifier.sender = stage.deliver
    stage.scoro.core.webhooks.send = stage.deliver
    desk = stage.desk
    for module in ("companies", "invoices", "bills"):
        fields = {"url": "http://concord.test/webhooks/scoro/machine", "module": module, "action": "any"}
        desk.create("webhooks", fields | {"owners": [], "actors": []}, subscriber=0)


def _furnish(stage: Stage) -> None:
    """Two contacts, a product and two documents with lines, made at the source; markers name them for ever."""
    world, sources = stage.world, stage.setting.sources
    documents = "invoices" if "invoices" in sources else "bills"
    if sources[documents] == "scoro":
        _furnish_scoro(world, documents)
    else:
        _furnish_quickbooks(world, documents)


def _furnish_scoro(world: World, documents: str) -> None:
    make = in_scoro.client if documents == "invoices" else in_scoro.supplier
    parties = [make(world, f"Acme K{number}") for number in (1, 2)]
    product = in_scoro.product(world, "Design K3", code="K3") if documents == "invoices" else None
    for number in (4, 5):
        tax = {} if product else {"vat_code_id": _rate(world)}
        lines = [
            in_scoro.line(world, 50 * part, of=product, comment=f"K{number}.{part} Work", **tax) for part in (1, 2)
        ]
        write = in_scoro.invoice if documents == "invoices" else in_scoro.bill
        write(world, parties[number % 2], *lines)


def _rate(world: World) -> int:
    """Scoro's id of a rate that QuickBooks has under the same name."""
    return int(in_scoro.named(world, "vatCodes", "5.0% R")[0]["vat_code_id"])


def _furnish_quickbooks(world: World, documents: str) -> None:
    make = in_quickbooks.customer if documents == "invoices" else in_quickbooks.vendor
    parties = [make(world, f"Acme K{number}") for number in (1, 2)]
    if documents == "invoices":
        item = in_quickbooks.item(world, "Design K3", Sku="K3")
    for number in (4, 5):
        if documents == "invoices":
            lines = [in_quickbooks.sold(item, 50 * part) | {"Description": f"K{number}.{part} Work"} for part in (1, 2)]
            in_quickbooks.invoice(world, parties[number % 2], *lines)
        else:
            code = {"TaxCodeRef": {"value": in_quickbooks.named(world, "TaxCode", "20.0% S")[0]["Id"]}}
            spent = [in_quickbooks.spent(world, 50 * part, **code) for part in (1, 2)]
            lines = [line | {"Description": f"K{number}.{part} Work"} for part, line in enumerate(spent, 1)]
            in_quickbooks.bill(world, parties[number % 2], *lines)


__all__ = ["SETTINGS", "Died", "Nerves", "Row", "Setting", "Stage", "build_stage"]
