"""What the screens read gives the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, SQLModel

from engine.clock import ManualClock
from engine.core.records import Category
from engine.services import agreement, browse
from engine.services.browse.changes import Filters as LogFilters
from engine.services.browse.objects import Filters
from engine.services.deps import Deps
from engine.store import log
from engine.store.database import make_engine, new_id, writing
from engine.store.tables import Binding, CategorySettings, Connection, Object, Outbox, Reference
from tests.web.conftest import NoConsent, PlainVault, no_connector

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def deps(any_database: str) -> Iterator[Deps]:
    """A database with a handful of records in several states, and a log."""
    database = make_engine(any_database)
    SQLModel.metadata.create_all(database)
    with Session(database) as session:
        session.add(Connection(id="c", name="C", state="active", created_at=NOW))
        session.flush()
        session.add(CategorySettings(connection_id="c", category="invoices", enabled=True))
        session.flush()
        for number, disposition in enumerate(("in_step", "conflict", "conflict", "blocked", "blocked", "pending")):
            session.add(made(f"o{number}", number, disposition))
            session.flush()
            for system, total in (("scoro", "10.00"), ("quickbooks", "10.00" if number else "9.99")):
                session.add(bound(f"o{number}", system, total))
        session.add(made("k", 9, "in_step", kind="contact", category="contacts", title="Acme 100% Ltd"))
        session.add(written())
        session.flush()
        session.add(Reference(object_id="o1", target_id="k", connection_id="c"))
        session.commit()
    with writing(database) as session:
        connection = log.lock(session, "c")
        log.append(session, connection, [log.Entry("edited", actor="scoro", object_id="o1", kind="invoice")], NOW)
        settled = log.Entry("resolved", actor="hub", person="ann@example.com", object_id="o5", kind="invoice")
        log.append(session, connection, [settled], NOW + timedelta(hours=1))
    yield Deps(database, ManualClock(NOW), Random(1), PlainVault(), no_connector, NoConsent())
    database.dispose()


def made(id: str, number: int, disposition: str, **columns: str) -> Object:
    told = {"message": "No", "code": f"{number % 2}"}
    return Object(
        id=id, connection_id="c", kind=columns.get("kind", "invoice"), category=columns.get("category", "invoices"),
        title=columns.get("title", f"{number}"), amount_minor=None if number == 2 else 1000 * number, currency="EUR",
        document_date=f"2026-10-0{number + 1}", disposition=disposition, reason="remote_refused", dirty=False,
        contests={"due_date": {"base": None, "sides": {}}} if disposition == "conflict" else {},
        facts={"refused": told} if disposition == "blocked" else {}, fields={"contact": "k", "@exists": True},
        created_at=NOW, updated_at=NOW + timedelta(minutes=number),
    )  # fmt: skip


def bound(oid: str, system: str, total: str) -> Binding:
    return Binding(
        id=f"{oid}{system}", connection_id="c", object_id=oid, replica=system, system=system,
        remote_type="invoices" if system == "scoro" else "Invoice", remote_id=f"{oid}9", observed_at=NOW,
        facts={"total": total}, shadow={"currency": "EUR", "@exists": True},
    )  # fmt: skip


def written() -> Outbox:
    return Outbox(
        id=new_id(NOW)[:20], connection_id="c", run_id="r", object_id="o0", kind="invoice", category="invoices",
        replica="scoro", system="scoro", operation="update", object_version=1, state="confirmed", created_at=NOW,
        finished_at=NOW,
    )  # fmt: skip


def names(page: browse.Page[browse.Line]) -> list[str]:
    return [line.id for line in page.rows]


def test_overview_and_its_traffic(deps: Deps):
    """Counts, lag and the hour of a write, which each database spells in its own way."""
    view = browse.overview(deps, "c", ZoneInfo("UTC"))
    assert view.totals == {"in_step": 2, "conflict": 2, "blocked": 2, "pending": 1}
    assert view.categories[0].waits_since == NOW + timedelta(minutes=5)
    assert [day.to_scoro for day in view.traffic if day.to_scoro] == [1]


def test_records_by_part_of_a_name_by_id_and_by_page(deps: Deps):
    """Percent signs are letters, ids of either system are found, pages follow each other."""
    assert names(browse.objects(deps, "c", Filters(search="acme 100%"))) == ["k"]
    assert names(browse.objects(deps, "c", Filters(search="o39"))) == ["o3"]
    assert names(browse.objects(deps, "c", Filters(side="both", disposition="blocked"))) == ["o4", "o3"]
    first = browse.objects(deps, "c", Filters(), limit=4)
    assert names(first) + names(browse.objects(deps, "c", Filters(), after=first.next)) == [
        "o5",
        "o4",
        "o3",
        "o2",
        "o1",
        "o0",
        "k",
    ]
    assert first.rows[0].party == "Acme 100% Ltd"


@pytest.mark.parametrize(("order", "expected"), [("money", ["o1", "o2"]), ("age", ["o1", "o2"])])
def test_conflicts_in_both_orders_and_what_can_be_undone(deps: Deps, order: str, expected: list[str]):
    """Money first, age first, each by keyset; a settlement nothing followed can be undone."""
    first = browse.conflicts(deps, "c", order=order, limit=1)
    second = browse.conflicts(deps, "c", order=order, after=first.next, limit=1)
    assert [one.line.id for one in (*first.rows, *second.rows)] == expected
    assert [one.line.id for one in browse.settled(deps, "c")] == ["o5"]


def test_problems_by_cause(deps: Deps):
    """The cause is read out of stored facts."""
    assert [(cause.code, cause.count) for cause in browse.problems(deps, "c")] == [("0", 1), ("1", 1)]
    (problem,) = browse.behind(deps, "c", disposition="blocked", reason="remote_refused", code="1").rows
    assert problem.line.id == "o3"


def test_log_by_day_and_one_record_with_its_links(deps: Deps):
    """Days of the log, links of a record in both directions, the writes of a run."""
    assert len(browse.changes(deps, "c", LogFilters(first=NOW + timedelta(minutes=1))).rows) == 1
    assert len(browse.changes(deps, "c", LogFilters(last=NOW + timedelta(minutes=1))).rows) == 1
    view = browse.object_view(deps, "o1")
    assert [line.id for line in view.refers_to] == ["k"]
    assert [line.id for line in browse.object_view(deps, "k").used_by] == ["o1"]
    assert len(browse.writes(deps, "r").rows) == 1


def test_agreement_to_the_cent(deps: Deps):
    """Totals are added as decimals, whatever the database keeps them in."""
    scope = agreement.Scope(Category.INVOICES, "2026-10-01", "2026-10-31")
    found = agreement.tie_out(deps, "c", scope)
    assert str(found.totals["EUR"].difference) == "0.01"
    assert [document.line.id for document in agreement.documents(deps, "c", scope, contact="k", unequal=True).rows] == [
        "o0"
    ]
