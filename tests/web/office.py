"""A day at an office that uses Concord: both systems with a few documents, edits that met, people of every role."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from pydantic import SecretStr
from sqlmodel import SQLModel

from app import create_app
from app.access import Role
from app.settings import Settings
from tests.support.scenes import (
    Invoice,
    make_invoice,
    object_of,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_read,
    scoro_create,
    scoro_delete,
    scoro_edit,
    scoro_view,
)
from tests.support.world import World, connect_world, make_world, sqlite_url
from tests.web.conftest import Browser, Web

HOSTILE = "<script>alert(1)</script> & Sons"
CATEGORIES = {"products": "scoro", "contacts": "scoro", "invoices": "scoro", "receipts": "quickbooks"}


@dataclass
class Office:
    """The application over a world with a story."""

    world: World
    web: Web
    invoices: dict[str, Invoice] = field(default_factory=dict)

    @property
    def cid(self) -> str:
        return self.world.connection_id

    def at(self, path: str = "") -> str:
        """An address of the connection."""
        return f"/c/{self.cid}{path}"

    def browser(self, role: Role | str = Role.ADMINISTRATOR) -> Browser:
        """A browser of somebody with that role."""
        return self.web.browser(f"{role}@example.com")

    def oid(self, name: str) -> str:
        """The object of one of the invoices."""
        return str(object_of(self.world, "scoro", "invoices", self.invoices[name].id).id)

    def quickbooks_invoice(self, name: str) -> str:
        """The QuickBooks id of one of the invoices."""
        return quickbooks_id(self.world, "scoro", "invoices", self.invoices[name].id)

    def edit_line_in_scoro(self, name: str, line: int, **fields: object) -> None:
        """A person changes one line of an invoice in Scoro."""
        seen = scoro_view(self.world, "invoices", self.invoices[name].id)
        lines = [{**row, **(fields if position == line else {})} for position, row in enumerate(seen["lines"])]
        scoro_edit(self.world, "invoices", self.invoices[name].id, lines=lines)

    def edit_line_in_quickbooks(self, name: str, line: int, quantity: float, price: float) -> None:
        """A person changes one line of an invoice in QuickBooks."""
        id = self.quickbooks_invoice(name)
        lines = quickbooks_read(self.world, "Invoice", id)["Line"]
        items = [row for row in lines if row["DetailType"] == "SalesItemLineDetail"]
        items[line]["SalesItemLineDetail"] |= {"Qty": quantity, "UnitPrice": price}
        items[line]["Amount"] = quantity * price
        quickbooks_edit(self.world, "Invoice", id, Line=items)


def open_office(folder: Path, *, seed: str = "empty", story: bool = True) -> Office:
    """A connected pair of companies with people of every role; with ``story`` a day's work lies in it."""
    url = sqlite_url(folder)
    world = make_world(url, seed=seed)
    SQLModel.metadata.create_all(world.deps.database)
    connect_world(world, categories=CATEGORIES)
    settings = Settings(
        concord_home=folder,
        database_url=url,
        redis_url="redis://127.0.0.1:1",
        quickbooks_webhook_verifier=SecretStr("x"),
    )
    office = Office(world, Web(create_app(settings, world.deps), world.deps, world.clock))
    for role in Role:
        office.web.user(f"{role}@example.com", role)
    if story:
        tell(office)
    return office


def tell(office: Office) -> None:
    """Invoices in step, three conflicts (two of them alike), an edit against the direction, a deletion, a refusal."""
    world = office.world
    for number, name in enumerate(
        ("Acme Ltd", "Borealis OÜ", "Cedar GmbH", "Dune Partners", HOSTILE, "Elm Street Ltd")
    ):
        office.invoices[name] = make_invoice(world, name=name, price=100 + 25 * number)
    world.sync()
    office.edit_line_in_scoro("Acme Ltd", 1, amount=3)
    scoro_edit(world, "invoices", office.invoices["Acme Ltd"].id, deadline="2026-12-01")
    office.edit_line_in_quickbooks("Acme Ltd", 1, 5, 180)
    for name in ("Borealis OÜ", HOSTILE):
        scoro_edit(world, "invoices", office.invoices[name].id, deadline="2026-12-05")
        quickbooks_edit(world, "Invoice", office.quickbooks_invoice(name), DueDate="2026-12-24")
    customer = quickbooks_id(world, "scoro", "contacts", office.invoices["Cedar GmbH"].contact, "quickbooks.customer")
    quickbooks_edit(world, "Customer", customer, PrimaryPhone={"FreeFormNumber": "+49 30 1234567"})
    scoro_delete(world, "invoices", office.invoices["Elm Street Ltd"].id)
    scoro_create(world, "contacts", name="x" * 120 + ": too long", contact_type="company", is_client=1)
    world.sync()


@cache
def shared_office() -> Office:
    """One office for all tests that only look."""
    return open_office(Path(mkdtemp(prefix="office-")))
