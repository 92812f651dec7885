"""The agency that lives a year: what it has, what its people know, and the two systems as they see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.support import in_concord, in_quickbooks, in_scoro
from tests.support.world import World

Row = dict[str, Any]
Act = Callable[["Year"], None]

HOME = "GBP"
RATES = {"EUR": 0.86, "USD": 0.79, "CAD": 0.58, "AUD": 0.52}
"""Foreign currencies with the home currency for one unit at the start of the year; they drift."""

STANDARD, REDUCED, ZERO = "20.0% S", "5.0% R", "0.0% Z"
RAISED = "21.0% S"
"""The standard rate of tax after the law has changed."""

WORDS = (
    "Design", "Concept", "Copywriting", "Hosting", "Workshop", "Photography", "Print", "Support", "Research", "Film",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """A record that somebody made, and where; its twin on the other side is Concord's doing."""

    system: str
    type: str
    id: str
    row: Row
    currency: str = HOME

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
    products: list[Thing] = field(default_factory=list)
    invoices: list[Thing] = field(default_factory=list)
    bills: list[Thing] = field(default_factory=list)
    taxes: list[str] = field(default_factory=lambda: [STANDARD, STANDARD, REDUCED, ZERO])
    profiles: dict[str, int] = field(default_factory=dict)
    expense: str = ""
    happened: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _taxes_here: dict[str, int] = field(default_factory=dict)
    _taxes_there: dict[str, str] = field(default_factory=dict)

    @property
    def works_here(self) -> bool:
        """Whether documents are made in Scoro."""
        return self.source == "scoro"

    def today(self) -> str:
        """The day as both systems write it."""
        return self.world.clock.now().date().isoformat()

    def few(self) -> int:
        """One to five."""
        return self.random.randint(1, 5)

    def price(self) -> float:
        """An amount to the cent."""
        return round(self.random.uniform(5, 900), 2)

    def quantity(self) -> float:
        """How much of it."""
        return self.random.choice([1, 1, 2, 3, 0.5, 7.25])

    def text(self) -> str:
        """What a line is about."""
        return f"{self.random.choice(WORDS)} {self.random.randint(1, 99)}"

    def money(self) -> str:
        """The currency of a new contact: half of them live at home."""
        return self.random.choice([HOME] * len(RATES) + [*RATES])

    def exchange_rate(self, currency: str) -> float:
        """The rate of the day; it drifts a little, so that hardly two documents share one."""
        return round(RATES[currency] * (1 + self.day / 5000), 4)

    def tax(self) -> str:
        """The tax of a line, by name."""
        return self.random.choice(self.taxes)

    def tax_here(self, name: str) -> int:
        """Its id in Scoro."""
        if name not in self._taxes_here:
            rows = in_scoro.rows(self.world, "vatCodes")
            self._taxes_here = {str(row["vat_name"]): int(row["vat_code_id"]) for row in reversed(rows)}
        return self._taxes_here[name]

    def tax_there(self, name: str) -> str:
        """Its id in QuickBooks."""
        if name not in self._taxes_there:
            self._taxes_there = {row["Name"]: row["Id"] for row in in_quickbooks.rows(self.world, "TaxCode")}
        return self._taxes_there[name]

    def one(self, things: Sequence[Any]) -> Any:
        """Any of them, rather a recent one; an IndexError when there is none."""
        recent = things[-60:] if self.random.random() < 0.8 else things
        return self.random.choice(recent)

    def seen(self, entity: str, id: str) -> Row:
        """A living record of QuickBooks."""
        found = in_quickbooks.see(self.world, entity, id)
        assert found, "deleted there"
        return found
