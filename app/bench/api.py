"""How many requests each system gets, counted by the sandboxes themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from app.bench.world import Bench, bench_world
from app.terminal import progress_note
from engine.store.database import writing
from engine.store.tables import Checkpoint


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured count and the most it may be (None: only told). ``seconds``: how long it took here."""

    what: str
    system: str
    measured: int
    most: int | None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether it keeps its limit."""
        return self.most is None or self.measured <= self.most


def measure(scale: int = 1000) -> Iterator[Figure]:
    """All figures. ``scale``: invoices of the big run; contacts of the first match are five times that."""
    with bench_world() as bench:
        yield from _documents(bench, scale)
    with bench_world() as bench:
        yield from _first_match(bench, scale * 5)


def _documents(bench: Bench, scale: int) -> Iterator[Figure]:
    customers = [bench.scoro_makes("contacts", name=f"Client {n:04d}", contact_type="company", is_client=1)["contact_id"]
                 for n in range(50)]  # fmt: skip
    products = [_product(bench, n) for n in range(20)]
    bench.match()
    bench.activate()
    bench.accept()
    bench.run()
    bench.run()
    yield from _counted(bench, "idle run", bench.run, quickbooks=1, scoro=3)
    progress_note(f"making {scale} invoices")
    invoices = [_invoice(bench, customers[n % 50], [products[n % 20], products[(n + 7) % 20]], n) for n in range(scale)]
    yield from _counted(
        bench, f"{scale} new invoices, contacts and products known", bench.run, quickbooks=_share(40, scale)
    )
    yield from _counted(bench, "the run after it, which sees its own writes", bench.run)
    yield from _counted(bench, "idle run", bench.run, quickbooks=1, scoro=3)
    bench.scoro_edits("invoices", invoices[0], description="changed")
    yield from _counted(bench, "one changed invoice", bench.run, quickbooks=2, writes=1)
    fresh = [_product(bench, 1000 + n) for n in range(scale * 9 // 10)]
    progress_note(f"making {scale} invoices with new products")
    for n in range(scale):
        _invoice(bench, customers[n % 50], [fresh[n % len(fresh)], products[n % 20]], scale + n)
    yield from _counted(
        bench, f"{scale} new invoices with {len(fresh)} new products", bench.run, quickbooks=_share(70, scale)
    )


def _share(most: int, scale: int) -> int | None:
    """The limits are set for a thousand invoices."""
    return most if scale == 1000 else None


def _product(bench: Bench, number: int) -> int:
    made = bench.scoro_makes("products", name=f"Product {number:05d}", code=f"P{number:05d}", price=10, is_service=1)
    return int(made["product_id"])


def _invoice(bench: Bench, contact: int, products: list[int], number: int) -> int:
    lines = [{"product_id": product, "comment": f"Part of {number}", "price": 10 + number % 7, "amount": 1 + number % 3}
             for product in products]  # fmt: skip
    made = bench.scoro_makes("invoices", company_id=contact, date="2026-11-02", deadline="2026-11-16", lines=lines)
    return int(made["id"])


MATCH_LIMITS = {"quickbooks": 5, "scoro": 51}
"""Requests for 5,000 contacts a side. Scoro's answers tell neither a total nor a number of pages (reference 1.4): only a page
that is not full is the last one. Five thousand contacts fill fifty pages of a hundred to the last row, so a fifty-first, empty
page has to be asked for; 4,999 take fifty. QuickBooks tells a count beforehand."""


def _first_match(bench: Bench, contacts: int) -> Iterator[Figure]:
    """Empty lists cost a request each as well, whatever the number of contacts: that is counted first."""
    empty = _requests(bench)
    progress_note(f"making {contacts} contacts on each side")
    for n in range(contacts):
        bench.scoro_makes("contacts", name=f"Client {n:05d}", contact_type="company", is_client=1)
        bench.quickbooks_makes("Customer", DisplayName=f"Client {n:05d}", CompanyName=f"Client {n:05d}")
    started = time.perf_counter()
    full = _requests(bench)
    seconds = time.perf_counter() - started
    for system, most in MATCH_LIMITS.items():
        what = f"first match of {contacts} contacts a side"
        yield Figure(f"{what}, in all", system, full[system], None, seconds)
        own = full[system] - empty[system] + 1
        yield Figure(f"{what}, the contacts", system, own, most if contacts == 5000 else None)


def _requests(bench: Bench) -> dict[str, int]:
    """What reading both sides from the beginning takes."""
    sides = {"quickbooks": bench.quickbooks, "scoro": bench.scoro}
    with writing(bench.deps.database) as session:
        session.connection().execute(sa.delete(Checkpoint))
    for side in sides.values():
        side.control("stats/reset")
    bench.match()
    return {name: int(side.counts()["requests"]) for name, side in sides.items()}


def _counted(
    bench: Bench, what: str, act: Callable[[], object], *, quickbooks: int | None = None, scoro: int | None = None,
    writes: int | None = None,
) -> Iterator[Figure]:  # fmt: skip
    """The requests of ``act``; nobody may be asked to slow down in it."""
    for side in (bench.quickbooks, bench.scoro):
        side.control("stats/reset")
    started = time.perf_counter()
    act()
    seconds = time.perf_counter() - started
    for name, side, most in (("quickbooks", bench.quickbooks, quickbooks), ("scoro", bench.scoro, scoro)):
        counts = side.counts()
        yield Figure(what, name, counts["requests"], most, seconds)
        if name == "quickbooks" and writes is not None:
            yield Figure(f"{what}: writes", name, counts["writes"], writes)
        yield Figure(f"{what}: answers of 429", name, counts["statuses"].get("429", 0), 0)


def table(figures: list[Figure]) -> list[tuple[object, ...]]:
    """Rows for the terminal; zero answers of 429 are told once."""
    shown = [figure for figure in figures if not figure.what.endswith("429") or not figure.ok]
    refused = sum(figure.measured for figure in figures if figure.what.endswith("429"))
    rows: list[tuple[object, ...]] = [
        (figure.what, figure.system, figure.measured, "" if figure.most is None else f"≤ {figure.most}",
         "ok" if figure.ok else "TOO MANY", f"{figure.seconds:.1f} s" if figure.seconds else "")
        for figure in shown
    ]  # fmt: skip
    return [*rows, ("answers of 429 in all", "both", refused, "≤ 0", "ok" if not refused else "TOO MANY", "")]
