"""A year of an agency's life: people work in both systems every day, Concord runs every night, and at the end the books agree.

Everything is drawn from one seeded generator; ``python -m tests.proofs.year --days 365 --seed 1 --source scoro`` repeats a year.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.exc import NoResultFound

from engine.errors import ConcordError
from engine.services import directions, objects, resolve
from engine.services.browse import overview
from engine.store import log
from engine.store.database import migrate, reading
from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.scenes import quickbooks_delete, quickbooks_edit, scoro_delete, scoro_edit, scoro_view
from tests.support.world import PERSON, World, connect_world, make_world, sqlite_url

Row = dict[str, Any]
DAY = 24 * 3600
WORDS = (
    "Design",
    "Concept",
    "Copywriting",
    "Hosting",
    "Workshop",
    "Photography",
    "Print",
    "Support",
    "Research",
    "Film",
)


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """A record that somebody made, and where; its twin on the other side is Concord's doing."""

    system: str
    type: str
    id: str
    row: Row

    def here(self, year: Year) -> str:
        """Its id in Scoro; an AssertionError when it is not there yet."""
        return self.id if self.system == "scoro" else self._partner(year, "scoro")

    def there(self, year: Year, replica: str = "quickbooks") -> str:
        """Its id in QuickBooks; an AssertionError when it is not there yet."""
        return self.id if self.system == "quickbooks" else self._partner(year, replica)

    def _partner(self, year: Year, replica: str) -> str:
        found = in_concord.partner(year.world, self.system, self.type, self.id, replica)
        assert found, "not there yet"
        return found


@dataclass
class Year:
    """One agency, working mainly in the system that is ``source``. Lists hold what may still be worked on."""

    world: World
    random: Random
    source: str
    day: int = 0
    clients: list[Thing] = field(default_factory=list)
    suppliers: list[Thing] = field(default_factory=list)
    products: list[Row] = field(default_factory=list)
    invoices: list[Thing] = field(default_factory=list)
    bills: list[Thing] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def live(self, days: int) -> None:
        """Day after day, with a run every night."""
        self._found()
        for self.day in range(1, days + 1):
            for _ in range(self.random.randint(3, 6)):
                self._do(self.random.choices([act for act, _ in ACTS], [weight for _, weight in ACTS])[0])
            self._landmarks(days)
            self.world.tick(DAY // 2)
            self.world.sync()
            self._settle_what_waits()
            self.world.tick(DAY // 2 - 60)

    def _found(self) -> None:
        for _ in range(8):
            self._do(new_product)
        for _ in range(12):
            self._do(new_client)
        for _ in range(4):
            self._do(new_supplier)
        self.world.sync()

    def _do(self, act: Callable[[Year], None]) -> None:
        """People try; what the system they work in refuses does not happen."""
        try:
            act(self)
        except (AssertionError, IndexError, NoResultFound) as refusal:
            self.refused[f"{act.__name__}: {str(refusal)[:90]}"] += 1
        else:
            self.happened[act.__name__] += 1

    def _landmarks(self, days: int) -> None:
        """What happens once or twice a year."""
        if self.day == days // 3:
            self._do(merge_clients)
        if self.day in {days // 2, days // 2 + max(2, days // 20)}:
            self._flip()

    def _flip(self) -> None:
        epoch = in_concord.category(self.world, "invoices").epoch
        directions.flip(self.world.deps, self.world.connection_id, "invoices", epoch=epoch, person=PERSON)
        self.happened["flip"] += 1

    def _settle_what_waits(self) -> None:
        """An accountant looks in every morning: conflicts, deletions, suggestions."""
        for row in self.world.objects(disposition="conflict"):
            view = resolve.conflict(self.world.deps, row.id)
            choices = {c.path: {"side": self.random.choice(sorted(c.sides))} for c in view.contests}
            try:
                resolve.resolve(self.world.deps, row.id, version=view.version, choices=choices, person=PERSON)
                self.happened["resolution"] += 1
            except ConcordError as refusal:
                self.refused[f"resolution: {refusal.message}"] += 1
        for row in self.world.objects(disposition="deleted_there"):
            objects.decide_deletion(self.world.deps, row.id, self.random.random() < 0.7, PERSON)
            self.happened["deletion decided"] += 1

    def today(self) -> str:
        """The day as both systems write it."""
        return self.world.clock.now().date().isoformat()

    def few(self) -> int:
        """One to five."""
        return self.random.randint(1, 5)

    def price(self) -> float:
        """An amount to the cent."""
        return round(self.random.uniform(5, 900), 2)

    def lines(self) -> list[Row]:
        """One to five lines."""
        return [
            in_scoro.line(
                self.world,
                self.price(),
                of=self.random.choice(self.products),
                comment=f"{self.random.choice(WORDS)} {self.random.randint(1, 99)}",
                amount=self.random.choice([1, 1, 2, 3, 0.5, 7.25]),
            )
            for _ in range(self.few())
        ]


def new_client(year: Year) -> None:
    """A new client at the source."""
    number = len(year.clients) + 1
    if year.source == "quickbooks":
        code = year.random.choice(["USD", "USD", "EUR", "GBP"])
        made = in_quickbooks.customer(year.world, f"Client {number} Ltd", CurrencyRef={"value": code})
        year.clients.append(Thing("quickbooks", "Customer", made["Id"], made))
        return
    profile = year.random.choice(["", *(str(row["id"]) for row in in_scoro.rows(year.world, "clientProfiles"))])
    extra = {"client_profile_id": int(profile)} if profile else {}
    made = in_scoro.client(year.world, f"Client {number} Ltd", id_code=f"C{number:05d}", **extra)
    year.clients.append(Thing("scoro", "contacts", str(made["contact_id"]), made))


def new_supplier(year: Year) -> None:
    """A new supplier at the source."""
    name = f"Supplier {len(year.suppliers) + 1} LLC"
    if year.source == "quickbooks":
        made = in_quickbooks.vendor(year.world, name)
        year.suppliers.append(Thing("quickbooks", "Vendor", made["Id"], made))
        return
    made = in_scoro.supplier(year.world, name)
    year.suppliers.append(Thing("scoro", "contacts", str(made["contact_id"]), made))


def new_product(year: Year) -> None:
    """A new service at the source."""
    name = f"{year.random.choice(WORDS)} {len(year.products) + 1}"
    if year.source == "quickbooks":
        year.products.append(in_quickbooks.item(year.world, name, price=year.price()))
    else:
        year.products.append(in_scoro.product(year.world, name, price=year.price()))


def new_invoice(year: Year) -> None:
    """An invoice at the source."""
    client = year.random.choice(year.clients)
    if year.source == "quickbooks":
        lines = [in_quickbooks.sold(year.random.choice(year.products), year.price()) for _ in range(year.few())]
        made = in_quickbooks.invoice(
            year.world, client.row, *lines, TxnDate=year.today(), CurrencyRef=client.row["CurrencyRef"]
        )
        year.invoices.append(Thing("quickbooks", "Invoice", made["Id"], made))
        return
    made = in_scoro.invoice(year.world, client.row, *year.lines(), date=year.today(), deadline=year.today())
    year.invoices.append(Thing("scoro", "invoices", str(made["id"]), made))


def new_bill(year: Year) -> None:
    """A bill at the source."""
    supplier = year.random.choice(year.suppliers)
    if year.source == "quickbooks":
        lines = [in_quickbooks.spent(year.world, year.price()) for _ in range(year.few())]
        made = in_quickbooks.bill(year.world, supplier.row, *lines, TxnDate=year.today())
        year.bills.append(Thing("quickbooks", "Bill", made["Id"], made))
        return
    made = in_scoro.bill(year.world, supplier.row, *year.lines(), date=year.today(), deadline=year.today())
    year.bills.append(Thing("scoro", "bills", str(made["id"]), made))


def correct_line(year: Year) -> None:
    """Somebody corrects a quantity in Scoro."""
    invoice = year.random.choice(year.invoices).here(year)
    lines = scoro_view(year.world, "invoices", invoice)["lines"]
    year.random.choice(lines)["amount"] = year.random.randint(1, 9)
    scoro_edit(year.world, "invoices", invoice, lines=lines)


def correct_line_there(year: Year) -> None:
    """Somebody corrects a quantity in QuickBooks."""
    remote = year.random.choice(year.invoices).there(year)
    rows = [row for row in _seen(year, "Invoice", remote)["Line"] if "Id" in row]
    row, quantity = year.random.choice(rows), year.random.randint(1, 9)
    detail = row["SalesItemLineDetail"]
    row["Amount"] = float((Decimal(str(detail["UnitPrice"])) * quantity).quantize(Decimal("0.01")))
    detail["Qty"] = quantity
    quickbooks_edit(year.world, "Invoice", remote, Line=rows)


def reword(year: Year) -> None:
    """Somebody rewords an invoice in Scoro."""
    scoro_edit(year.world, "invoices", year.random.choice(year.invoices).here(year), description=f"Note {year.day}")


def reword_there(year: Year) -> None:
    """Somebody rewords an invoice in QuickBooks."""
    remote = year.random.choice(year.invoices).there(year)
    quickbooks_edit(year.world, "Invoice", remote, CustomerMemo={"value": f"Memo {year.day}"})


def reword_on_both_sides(year: Year) -> None:
    """Two people, one field."""
    invoice = year.random.choice(year.invoices)
    here, there = invoice.here(year), invoice.there(year)
    scoro_edit(year.world, "invoices", here, description=f"Scoro {year.day}")
    quickbooks_edit(year.world, "Invoice", there, CustomerMemo={"value": f"QuickBooks {year.day}"})


def move_client(year: Year) -> None:
    """A client gets a new phone number in Scoro, or in QuickBooks."""
    client = year.random.choice(year.clients)
    phone = f"+1 555 {year.random.randint(1000, 9999)}"
    if year.random.random() < 0.5:
        scoro_edit(year.world, "contacts", client.here(year), means_of_contact={"phone": [phone]})
    else:
        there = client.there(year, "quickbooks.customer")
        quickbooks_edit(year.world, "Customer", there, PrimaryPhone={"FreeFormNumber": phone})


def receive(year: Year) -> None:
    """A client pays, wholly or in part; it is entered where receipts have their source."""
    invoice = year.random.choice(year.invoices)
    if year.source == "quickbooks":
        due = Decimal(str(scoro_view(year.world, "invoices", invoice.here(year))["receivable_sum"]))
    else:
        due = Decimal(str(_seen(year, "Invoice", invoice.there(year))["Balance"]))
    assert due > 1, "nothing open"
    amount = None if year.random.random() < 0.6 else float((due / 3).quantize(Decimal("0.01")))
    if year.source == "quickbooks":
        in_scoro.pay(year.world, "invoices", {"id": int(invoice.here(year))}, amount)
    else:
        in_quickbooks.pay(year.world, "Invoice", invoice.there(year), amount)


def pay_bill(year: Year) -> None:
    """The agency pays a bill; it is entered where receipts have their source."""
    bill = year.random.choice(year.bills)
    if year.source == "quickbooks":
        in_scoro.pay(year.world, "bills", {"id": int(bill.here(year))})
    else:
        in_quickbooks.pay(year.world, "Bill", bill.there(year))


def credit(year: Year) -> None:
    """An invoice is credited in Scoro."""
    invoice = year.random.choice(year.invoices)
    assert year.source == "scoro", "credits are made at the source"
    in_scoro.credit(year.world, {"id": int(invoice.here(year))})
    year.invoices.remove(invoice)


def delete(year: Year) -> None:
    """An invoice is deleted in Scoro."""
    invoice = year.random.choice(year.invoices)
    scoro_delete(year.world, "invoices", invoice.here(year))
    year.invoices.remove(invoice)


def delete_there(year: Year) -> None:
    """An invoice is deleted in QuickBooks."""
    invoice = year.random.choice(year.invoices)
    quickbooks_delete(year.world, "Invoice", invoice.there(year))
    year.invoices.remove(invoice)


def merge_clients(year: Year) -> None:
    """Two clients turn out to be one; they are merged in Scoro."""
    kept, lost = year.random.sample(year.clients, 2)
    year.world.scoro.person(
        action="merge",
        module="contacts",
        id=lost.here(year),
        into=kept.here(year),
        company_account_id=year.world.account,
    )
    year.clients.remove(lost)


def _seen(year: Year, entity: str, id: str) -> Row:
    found = in_quickbooks.see(year.world, entity, id)
    assert found, "deleted there"
    return found


ACTS: tuple[tuple[Callable[[Year], None], int], ...] = (
    (new_invoice, 60),
    (new_bill, 18),
    (new_client, 8),
    (new_supplier, 2),
    (receive, 30),
    (pay_bill, 10),
    (correct_line, 12),
    (correct_line_there, 4),
    (reword, 8),
    (reword_there, 6),
    (reword_on_both_sides, 3),
    (move_client, 5),
    (credit, 3),
    (delete, 2),
    (delete_there, 1),
)
"""What people do, and how often."""


@dataclass(frozen=True, slots=True)
class Balance:
    """How the year ended: dispositions, documents compared, and every difference that has no name."""

    dispositions: Counter[str]
    objects: int
    compared: int
    unexplained: tuple[str, ...]
    happened: Counter[str]
    refused: Counter[str]


def close_books(year: Year) -> Balance:
    """Let everything come to rest, then compare document by document, to the cent, as both systems tell it."""
    world = year.world
    for _ in range(4):
        world.tick(7 * 3600)
        world.sync()
        year._settle_what_waits()
    before = len(world.writes())
    world.sync()
    unexplained = [f"a quiet run wrote {entry['entity']}" for entry in world.writes()[before:]]
    rows = world.objects()
    dispositions = Counter(f"{row.disposition}: {row.reason}" for row in rows)
    invoices = {row["Id"]: row for row in in_quickbooks.rows(world, "Invoice")}
    bills = {row["Id"]: row for row in in_quickbooks.rows(world, "Bill")}
    compared = 0
    for row in rows:
        if row.kind not in {"invoice", "bill"} or row.disposition != "in_step" or row.reason != "agreed":
            continue
        bound = world.bindings(row.id)
        if bound["scoro"].gone:
            continue
        module, there = ("invoices", invoices) if row.kind == "invoice" else ("bills", bills)
        theirs = there.get(bound["quickbooks"].remote_id)
        world.tick(1)  # Scoro grants forty requests in two seconds
        try:
            here = scoro_view(world, module, bound["scoro"].remote_id)
        except TypeError:
            unexplained.append(f"{row.kind} {row.title}: not in Scoro")
            continue
        ours = Decimal(str(here["sum"])) + Decimal(str(here["vat_sum"]))
        compared += 1
        if theirs is None or Decimal(str(theirs["TotalAmt"])) != ours:
            unexplained.append(
                f"{row.kind} {row.title}: {ours} in Scoro, {theirs and theirs['TotalAmt']} in QuickBooks"
            )
    with reading(world.deps.database) as session:
        broken = log.broken_link(session, world.connection_id)
    if broken is not None:
        unexplained.append(f"the log is broken at {broken}")
    return Balance(dispositions, _shown_as_status(world), compared, tuple(unexplained), year.happened, year.refused)


def _shown_as_status(world: World) -> int:
    """How many objects ``concord status`` counts."""
    return sum(
        number for row in overview(world.deps, world.connection_id, UTC).categories for number in row.counts.values()
    )


FROM_SCORO = {"products": "scoro", "contacts": "scoro", "invoices": "scoro", "bills": "scoro", "receipts": "quickbooks"}
FROM_QUICKBOOKS = dict.fromkeys(FROM_SCORO, "quickbooks") | {"receipts": "scoro"}


def live_a_year(folder: Path, *, days: int, seed: int, source: str = "scoro") -> Balance:
    """A whole year from nothing."""
    migrate(sqlite_url(folder))
    world = connect_world(
        make_world(sqlite_url(folder)), categories=FROM_SCORO if source == "scoro" else FROM_QUICKBOOKS
    )
    year = Year(world, Random(seed), source)
    try:
        year.live(days)
        return close_books(year)
    finally:
        world.close()


def main(arguments: list[str]) -> int:
    """Live a year and tell how it ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--source", choices=("scoro", "quickbooks"), default="scoro")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        ended = live_a_year(Path(folder), days=chosen.days, seed=chosen.seed, source=chosen.source)
    print(f"seed {chosen.seed}, {chosen.days} days, {ended.compared} documents compared")  # noqa: T201  # a command's output
    for name, counted in (
        ("dispositions", ended.dispositions),
        ("happened", ended.happened),
        ("refused", ended.refused),
    ):
        print(f"{name}:", *(f"  {number:5} {what}" for what, number in counted.most_common()), sep="\n")  # noqa: T201  # a command's output
    for difference in ended.unexplained:
        print(f"UNEXPLAINED {difference}")  # noqa: T201  # a command's output
    return bool(ended.unexplained)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
