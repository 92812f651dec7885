"""A year of an agency's life: people work in both systems every day, Concord runs every night, and at the end the books agree.

Everything is drawn from one seeded generator; ``python -m tests.proofs.year --days 365 --seed 1 --source scoro`` repeats a year.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

from sqlalchemy.exc import NoResultFound

from engine.errors import ConcordError
from engine.services import directions, matching, objects, resolve
from engine.store.database import migrate
from tests.proofs import year_acts
from tests.proofs.year_books import Balance, close_books
from tests.proofs.year_life import RAISED, RATES, REDUCED, STANDARD, ZERO, Act, Thing, Year
from tests.support import in_concord, in_quickbooks
from tests.support.scenes import scoro_create, scoro_edit, scoro_view
from tests.support.world import PERSON, World, connect_world, make_world, sqlite_url

DAY = 24 * 3600
FROM_SCORO = {"products": "scoro", "contacts": "scoro", "invoices": "scoro", "bills": "scoro", "receipts": "quickbooks"}
FROM_QUICKBOOKS = dict.fromkeys(FROM_SCORO, "quickbooks") | {"receipts": "scoro"}


def live(year: Year, days: int) -> None:
    """Day after day, with a run every night."""
    _found(year)
    acts, weights = [act for act, _ in year_acts.ACTS], [weight for _, weight in year_acts.ACTS]
    for year.day in range(1, days + 1):
        for _ in range(year.random.randint(7, 12)):
            _do(year, year.random.choices(acts, weights)[0])
        _landmarks(year, days)
        year.world.tick(DAY // 2)
        year.world.sync()
        _look_in(year)
        year.world.tick(DAY // 2 - 60)


def _found(year: Year) -> None:
    year.expense = in_quickbooks.account(year.world, "Expense")["Id"]
    for code in RATES:
        made = scoro_create(year.world, "clientProfiles", name=f"Clients in {code}", currency=code)
        year.profiles[code] = int(made["id"])
    for act, times in ((year_acts.new_product, 8), (year_acts.new_client, 12), (year_acts.new_supplier, 6)):
        for _ in range(times):
            _do(year, act)
    year.world.sync()


def _do(year: Year, act: Act) -> None:
    """People try; what the system they work in refuses does not happen."""
    name = act.func.__name__ if isinstance(act, partial) else act.__name__
    try:
        act(year)
    except (AssertionError, IndexError, NoResultFound) as refusal:
        year.refused[f"{name}: {str(refusal)[:90].strip()}"] += 1
    else:
        year.happened[name] += 1


def _landmarks(year: Year, days: int) -> None:
    """What happens once or twice a year."""
    if year.day >= days // 3 and not year.happened["merge"]:
        _do(year, merge)
    if year.day >= days * 3 // 4 and not year.happened["merge_there"]:
        _do(year, merge_there)
    if year.day in {days // 2, days // 2 + max(2, days // 20)}:
        _do(year, flip)
    if year.day == days * 3 // 5:
        _do(year, raise_tax)
    if year.day == days * 3 // 5 + max(1, days // 50):
        _do(year, retire_tax)


def flip(year: Year) -> None:
    """Invoices have their source on the other side from now on."""
    epoch = in_concord.category(year.world, "invoices").epoch
    directions.flip(year.world.deps, year.world.connection_id, "invoices", epoch=epoch, person=PERSON)


def merge(year: Year) -> None:
    """Two clients of one currency turn out to be one; they are merged in Scoro."""
    kept, lost = _namesakes(year)
    account = year.world.account
    year.world.scoro.person(
        action="merge", module="contacts", id=lost.here(year), into=kept.here(year), company_account_id=account
    )
    year.clients.remove(lost)


def merge_there(year: Year) -> None:
    """The same in QuickBooks."""
    kept, lost = _namesakes(year)
    ids = [one.there(year, "quickbooks.customer") for one in (lost, kept)]
    in_quickbooks.merge(year.world, "Customer", ids[0], ids[1])
    year.clients.remove(lost)


def _namesakes(year: Year) -> list[Thing]:
    code, _ = Counter(client.currency for client in year.clients).most_common(1)[0]
    return year.random.sample([client for client in year.clients if client.currency == code], 2)


def raise_tax(year: Year) -> None:
    """The law raises the standard rate: QuickBooks has a new code from today on."""
    in_quickbooks.tax_code(year.world, RAISED, 21)
    year.world.tick(DAY // 4)
    year.world.sync()
    year.taxes = [RAISED if name == STANDARD else name for name in year.taxes] + [STANDARD]


def retire_tax(year: Year) -> None:
    """The old code is made inactive; some people in Scoro go on choosing it."""
    in_quickbooks.edit(year.world, "TaxCode", year.tax_there(STANDARD), Active=False)
    if not year.works_here:
        year.taxes = [name for name in year.taxes if name != STANDARD]


def _look_in(year: Year) -> None:
    """An accountant looks in every morning: conflicts, deletions, proposals, old rates of tax."""
    for row in year.world.objects(disposition="conflict"):
        _settle_conflict(year, row.id)
    for row in year.world.objects(disposition="deleted_there"):
        if row.reason != "merged_there":
            objects.decide_deletion(year.world.deps, row.id, year.random.random() < 0.7, PERSON)
            year.happened["deletion decided"] += 1
    for row in year.world.objects(disposition="variance"):
        if year.random.random() < 0.5:
            objects.accept_variance(year.world.deps, row.id, PERSON)
            year.happened["variance accepted"] += 1
    for row in year.world.objects(reason="old_tax_rate"):
        _do(year, partial(choose_new_rate, object_id=row.id))
    found = matching.suggestions(year.world.deps, year.world.connection_id, state="suggested", limit=50)
    if found:
        ids = [view.row.id for view in found]
        matching.decide_suggestions(year.world.deps, year.world.connection_id, ids, "accepted", PERSON)
        matching.apply_matches(year.world.deps, year.world.connection_id, PERSON)
        year.happened["proposal accepted"] += len(ids)


def _settle_conflict(year: Year, object_id: str) -> None:
    view = resolve.conflict(year.world.deps, object_id)
    choices = {c.path: {"side": year.random.choice(sorted(c.sides))} for c in view.contests}
    try:
        resolve.resolve(year.world.deps, object_id, version=view.version, choices=choices, person=PERSON)
        year.happened["resolution"] += 1
    except ConcordError as refusal:
        year.refused[f"resolution: {refusal.message}"] += 1


def choose_new_rate(year: Year, object_id: str) -> None:
    """The lines at the old rate get the new one, in Scoro."""
    here = year.world.bindings(object_id)["scoro"]
    lines = scoro_view(year.world, here.remote_type, here.remote_id)["lines"]
    old, new = year.tax_here(STANDARD), year.tax_here(RAISED)
    for line in lines:
        line["vat_code_id"] = new if int(line["vat_code_id"]) == old else line["vat_code_id"]
    scoro_edit(year.world, here.remote_type, here.remote_id, lines=lines)


def come_to_rest(year: Year) -> None:
    """Nobody works any more; what is on its way arrives."""
    for _ in range(5):
        year.world.tick(7 * 3600)
        year.world.sync()
        _look_in(year)
    year.world.tick(7 * 3600)
    year.world.sync()


def live_a_year(folder: Path, *, days: int, seed: int, source: str = "scoro") -> Balance:
    """A whole year from nothing."""
    migrate(sqlite_url(folder))
    categories = FROM_SCORO if source == "scoro" else FROM_QUICKBOOKS
    with patch("engine.store.database.secrets", SimpleNamespace(token_hex=_drawn(Random(seed)))):
        world = connect_world(make_world(sqlite_url(folder), profile="uk"), categories=categories, match=False)
        year = Year(world, Random(seed), source)
        try:
            match(world)
            live(year, days)
            come_to_rest(year)
            return close_books(year)
        finally:
            world.close()


def _drawn(ids: Random) -> Callable[[int], str]:
    """Identifiers of the generator's: even their order is repeated."""
    return lambda size: f"{ids.getrandbits(size * 8):0{size * 2}x}"


SAME_TAX = {"Standard rate": STANDARD, "Reduced rate": REDUCED, "Zero rate": ZERO, "Outside the scope of VAT": "No VAT"}
"""What Scoro's rates of tax are called in QuickBooks; two of them have no percent, so that no key tells them apart."""


def match(world: World) -> None:
    """An accountant says which rates of tax are the same; all else is matched by its exact keys."""
    deps, connection = world.deps, world.connection_id
    for view in matching.suggestions(deps, connection, kind="tax_rate", limit=500):
        same = SAME_TAX.get(view.scoro_title) == view.quickbooks_title
        matching.decide_suggestions(deps, connection, [view.row.id], "accepted" if same else "ignored", PERSON)
    while matching.accept_exact(deps, connection, "", PERSON):
        matching.apply_matches(deps, connection, PERSON)
    matching.apply_matches(deps, connection, PERSON)


def main(arguments: list[str]) -> int:
    """Live a year and tell how it ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--source", choices=("scoro", "quickbooks"), default="scoro")
    parser.add_argument("--tell", action="store_true", help="name every object that is not in step")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        ended = live_a_year(Path(folder), days=chosen.days, seed=chosen.seed, source=chosen.source)
    for line in _report(ended, chosen.seed, chosen.source):
        print(line)  # noqa: T201  # a command's output
    for line in ended.told if chosen.tell else ():
        print(line)  # noqa: T201  # a command's output
    return bool(ended.unexplained)


def _report(ended: Balance, seed: int, source: str) -> Iterable[str]:
    yield f"seed {seed}, {ended.days} days, source {source}"
    yield f"{ended.documents.total()} documents, {ended.contacts} contacts, {len(ended.currencies)} currencies"
    yield f"{ended.compared.total()} pairs compared to the cent: {dict(ended.compared)} {dict(ended.currencies)}"
    yield f"{ended.accepted} of them differ by a rounding that a person has accepted"
    yield f"{ended.dispositions.total()} objects have one disposition each; the status counts {ended.shown}"
    for name in ("documents", "dispositions", "happened", "refused"):
        counted: Counter[str] = getattr(ended, name)
        yield f"{name}:"
        yield from (f"  {number:5} {what}" for what, number in counted.most_common())
    yield from (f"UNEXPLAINED {difference}" for difference in ended.unexplained)
    yield f"{len(ended.unexplained)} differences without a name"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
