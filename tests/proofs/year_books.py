"""Closing the books of a year: document by document, to the cent, as both systems tell it, and everything else by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from itertools import count

from engine.core.records import DOCUMENTS
from engine.services.browse import overview
from engine.store import log
from engine.store.database import reading
from engine.store.tables import Binding, Object
from tests.proofs.year_life import HOME, Row, Year
from tests.support import in_quickbooks
from tests.support.world import World

MODULES = ("invoices", "bills", "receipts")
ENTITIES = ("Invoice", "CreditMemo", "Bill", "VendorCredit", "Payment", "BillPayment")
AT_REST = frozenset({"in_step", "held", "conflict", "blocked", "excluded", "variance", "deleted_there", "parked"})
"""Where an object may be after a run that wrote nothing: a person's turn, or done. Never on its way."""

ZERO = Decimal(0)
Books = Mapping[tuple[str, str], Row]


@dataclass(slots=True)
class Balance:
    """How the year ended: dispositions, what was compared, and every difference that has no name."""

    days: int
    dispositions: Counter[str] = field(default_factory=Counter)
    shown: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    currencies: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    contacts: int = 0
    accepted: int = 0
    unexplained: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


def close_books(year: Year) -> Balance:
    """Compare everything; call it when all is at rest."""
    world = year.world
    ended = Balance(year.day, happened=year.happened, refused=year.refused)
    before = len(world.writes())
    world.sync()
    ended.unexplained += [f"a quiet run wrote {entry['entity']}" for entry in world.writes()[before:]]
    objects = world.objects()
    bound = {(row.id): world.bindings(row.id) for row in objects if row.kind in _PAPERS}
    books = {**_scoro_books(world), **_quickbooks_books(world)}
    for row in objects:
        _name(ended, row)
    for row in objects:
        if row.kind in _PAPERS:
            ended.documents[row.kind] += 1
            _compare(ended, row, bound[row.id], books)
    ended.contacts = sum(row.kind == "contact" for row in objects)
    ended.unexplained += _unknown(books, bound)
    ended.unexplained += _open_amounts(objects, bound, books)
    ended.shown = _shown_as_status(world)
    with reading(world.deps.database) as session:
        broken = log.broken_link(session, world.connection_id)
    if broken is not None:
        ended.unexplained.append(f"the log is broken at {broken}")
    return ended


_PAPERS = frozenset({*(kind.value for kind in DOCUMENTS), "receipt"})


def _name(ended: Balance, row: Object) -> None:
    standing = f"{row.disposition}: {row.reason}"
    ended.dispositions[standing] += 1
    if row.disposition not in AT_REST:
        ended.unexplained.append(f"{row.kind} {row.title} is on its way, and nothing is written: {standing}")
    elif row.disposition != "in_step":
        said = row.facts.get("refused") or row.facts.get("problem") or row.facts.get("unreadable") or {}
        ended.told.append(f"{row.kind} {row.title}: {standing} {said.get('message', '')}".strip())


def _compare(ended: Balance, row: Object, bound: Mapping[str, Binding], books: Books) -> None:
    """Two living twins in step have the same total, tax, day, currency and number of lines."""
    if (row.disposition, row.reason) != ("in_step", "agreed"):
        return
    here, there = (bound.get(name) for name in ("scoro", "quickbooks"))
    if here is None or there is None:
        ended.unexplained.append(f"{row.kind} {row.title} is in step and lives on one side only")
        return
    ours, theirs = (books.get((one.remote_type, one.remote_id)) for one in (here, there))
    if ours is None or theirs is None:
        ended.unexplained.append(f"{row.kind} {row.title} is in step and missing: {ours and 1} {theirs and 1}")
        return
    ended.compared[row.kind] += 1
    said, other = _figures_here(row.kind, ours), _figures_there(row.kind, theirs)
    ended.currencies[said[0]] += 1
    if row.accepted_variance:
        ended.accepted += 1
    elif said != other:
        ended.unexplained.append(f"{row.kind} {row.title}: {said} in Scoro, {other} in QuickBooks")


Figures = tuple[str, str, Decimal, Decimal, int]


def _figures_here(kind: str, row: Row) -> Figures:
    """Currency, day, total, tax and number of lines."""
    if kind == "receipt":
        return str(row["currency"]), str(row["date"]), _amount(row["sum"]), ZERO, len(row["receipts"])
    sign = -1 if kind in {"credit_note", "vendor_credit"} else 1
    tax = _amount(row["vat_sum"])
    return str(row["currency"]), str(row["date"]), sign * (_amount(row["sum"]) + tax), sign * tax, len(row["lines"])


def _figures_there(kind: str, row: Row) -> Figures:
    currency = str(row.get("CurrencyRef", {}).get("value", HOME))
    tax = _amount(row.get("TxnTaxDetail", {}).get("TotalTax", 0)) if kind != "receipt" else ZERO
    lines = [line for line in row["Line"] if kind == "receipt" or "Id" in line]
    return currency, str(row["TxnDate"]), _amount(row["TotalAmt"]), tax, len(lines)


def _amount(value: object) -> Decimal:
    return Decimal(str(value or 0)).quantize(Decimal("0.01"))


def _unknown(books: Books, bound: Mapping[str, Mapping[str, Binding]]) -> Iterator[str]:
    """Living documents of either system that Concord has never heard of."""
    known = {(one.remote_type, one.remote_id) for pair in bound.values() for one in pair.values()}
    for key, row in books.items():
        moved = row.get("TotalAmt", row.get("sum"))
        if key not in known and float(moved or 0):  # payments of nothing apply credits: they are no receipts (F28)
            yield f"{key} is unknown to Concord"


def _open_amounts(objects: list[Object], bound: Mapping[str, Mapping[str, Binding]], books: Books) -> Iterator[str]:
    """What is open on an invoice and its credits together is the same on both sides, but for roundings that a person has
    accepted, unless something that settles it is not in step itself. Together, because a payment and a credit that meet
    leave the rest on the one that came first, and each system has its own first."""
    unsettled = {target for row in objects if row.disposition != "in_step" for target in _settled_by(row)}
    for group in _with_credits(objects):
        told = [found for row in group if (found := _pair(row, bound[row.id], books)) is not None]
        if group[0].id in unsettled or len(told) < len(group):
            continue
        here = sum((_amount(ours["receivable_sum"]) for _, ours, _ in told), ZERO)
        there = sum(((-1 if kind == "credit_note" else 1) * _amount(one["Balance"]) for kind, _, one in told), ZERO)
        rounding = sum((_rounding(kind, ours, theirs) for kind, ours, theirs in told), ZERO)
        if abs(here - there) > rounding:
            yield f"invoice {group[0].title}: {here} open in Scoro, {there} in QuickBooks"


def _rounding(kind: str, ours: Row, theirs: Row) -> Decimal:
    return abs(_figures_here(kind, ours)[2] - _figures_there(kind, theirs)[2])


def _pair(row: Object, bound: Mapping[str, Binding], books: Books) -> tuple[str, Row, Row] | None:
    """Kind and the two papers; None when one of them is not there, which has been told already."""
    ours, theirs = (_paper(bound, name, books) for name in ("scoro", "quickbooks"))
    return (row.kind, ours, theirs) if ours is not None and theirs is not None else None


def _with_credits(objects: list[Object]) -> list[list[Object]]:
    """Every invoice in step, followed by the credit notes of it."""
    agreed = [row for row in objects if (row.disposition, row.reason) == ("in_step", "agreed")]
    groups = {row.id: [row] for row in agreed if row.kind == "invoice"}
    for row in agreed:
        if row.kind == "credit_note" and (group := groups.get(str(row.fields.get("credits", "")))):
            group.append(row)
    return list(groups.values())


def _settled_by(row: Object) -> Iterator[str]:
    """Ids of what a receipt or a credit note takes money off."""
    if row.kind in {"receipt", "credit_note"}:
        yield str(row.fields.get("credits", ""))
        yield from (path.split("/")[1] for path in row.fields if path.startswith("lines/"))


def _paper(bound: Mapping[str, Binding], name: str, books: Books) -> Row | None:
    binding = bound.get(name)
    return books.get((binding.remote_type, binding.remote_id)) if binding else None


def _quickbooks_books(world: World) -> dict[tuple[str, str], Row]:
    return {(entity, row["Id"]): row for entity in ENTITIES for row in in_quickbooks.rows(world, entity)}


def _scoro_books(world: World) -> dict[tuple[str, str], Row]:
    return {(module, str(row["id"])): row for module in MODULES for row in _rows_here(world, module)}


def _rows_here(world: World, module: str) -> Iterator[Row]:
    """Every living document of a module, in full, at the pace that Scoro grants."""
    key = world.scoro.control("key", {"company_account_id": world.account})
    body = {
        "apiKey": key["apiKey"], "company_account_id": world.account, "lang": "eng", "request": {},
        "detailed_response": True, "per_page": 25,
    }  # fmt: skip
    for page in count(1):
        world.tick(1)
        rows = world.scoro.http.post(f"/api/v2/{module}/list", json={**body, "page": page}).json()["data"]
        yield from rows
        if len(rows) < 25:
            return


def _shown_as_status(world: World) -> int:
    """How many objects ``concord status`` counts."""
    return sum(
        number for row in overview(world.deps, world.connection_id, UTC).categories for number in row.counts.values()
    )
