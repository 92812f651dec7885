"""Agreement: totals per customer, month and currency to the cent, drill-down, signed export."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.report import routes as report_pages
from engine.core.records import Category
from engine.services import agreement
from engine.services.agreement import Scope
from engine.store.tables import Binding, Object
from tests.web.conftest import Web
from tests.web.office import Office
from tests.web.test_pages import check_html

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
YEAR = Scope(Category.INVOICES, "2026-01-01", "2026-12-31")
PERIOD = "category=invoices&first=2026-01-01&last=2026-12-31"


def add_document(
    web: Web, id: str, day: str, *, kind: str = "invoice", contact: str = "c1", currency: str = "EUR", **totals: str
) -> None:
    """``totals``: system → total there, or ``total currency``."""
    web.add(Object(
        id=id, connection_id="first", kind=kind, category="invoices", title=id, currency=currency, document_date=day,
        disposition="in_step", reason="agreed", fields={"contact": contact}, created_at=NOW, updated_at=NOW,
    ))  # fmt: skip
    for system, told in totals.items():
        total, _, own = told.partition(" ")
        web.add(Binding(
            id=f"{id}{system}", connection_id="first", object_id=id, replica=system, system=system, remote_type="Invoice",
            remote_id=f"{id}{system}", observed_at=NOW, facts={"total": total}, shadow={"currency": own or currency},
        ))  # fmt: skip


def test_totals_are_exact_to_the_cent_and_credits_count_against(peopled: Web):
    """Decimal texts are added, never floats; a credit note lowers both sides."""
    for number in range(3):
        add_document(peopled, f"i{number}", "2026-05-01", scoro="0.10", quickbooks="0.10")
    add_document(peopled, "n1", "2026-05-02", kind="credit_note", scoro="0.05", quickbooks="0.06")
    found = agreement.tie_out(peopled.deps, "first", YEAR)
    sums = found.totals["EUR"]
    assert (sums.scoro, sums.quickbooks, sums.difference) == (Decimal("0.25"), Decimal("0.24"), Decimal("0.01"))
    assert (sums.documents, sums.unequal, found.agrees) == (4, 1, False)


def test_customers_months_and_currencies_are_kept_apart(peopled: Web):
    """A difference is found where it is, the largest first."""
    add_document(peopled, "i1", "2026-05-31", contact="c1", scoro="100.00", quickbooks="90.00")
    add_document(peopled, "i2", "2026-06-01", contact="c2", scoro="50.00", quickbooks="20.00")
    add_document(peopled, "i3", "2026-06-01", contact="c2", currency="USD", scoro="7.00", quickbooks="7.00")
    found = agreement.tie_out(peopled.deps, "first", YEAR)
    assert list(found.contacts) == [("c2", "EUR"), ("c1", "EUR"), ("c2", "USD")]
    assert list(found.months) == [("2026-05", "EUR"), ("2026-06", "EUR"), ("2026-06", "USD")]


def test_document_in_two_currencies_never_agrees(peopled: Web):
    """The same figure in another currency is another amount, counted on each side in its own."""
    add_document(peopled, "i1", "2026-05-01", scoro="100.00", quickbooks="100.00 USD")
    found = agreement.tie_out(peopled.deps, "first", YEAR)
    assert {currency: sums.difference for currency, sums in found.totals.items()} == {
        "EUR": Decimal(100),
        "USD": Decimal(-100),
    }


def test_document_on_one_side_only_differs_by_its_whole_amount(peopled: Web):
    """What is not there is nothing there."""
    add_document(peopled, "i1", "2026-05-01", scoro="12.50")
    (document,) = agreement.documents(peopled.deps, "first", YEAR, unequal=True).rows
    assert not document.agrees
    assert agreement.tie_out(peopled.deps, "first", YEAR).totals["EUR"].difference == Decimal("12.50")


@pytest.mark.parametrize("unequal", [False, True])
def test_drill_down_pages_without_gap(peopled: Web, unequal: bool):
    """By date, then by document; the filter keeps its place."""
    for number in range(9):
        add_document(
            peopled,
            f"i{number}",
            f"2026-05-{1 + number // 2:02}",
            scoro="1.00",
            quickbooks="1.00" if number % 3 else "2.00",
        )
    seen, after = [], ""
    while True:
        page = agreement.documents(peopled.deps, "first", YEAR, unequal=unequal, after=after, limit=2)
        seen += [document.line.id for document in page.rows]
        if not (after := page.next):
            break
    assert seen == [f"i{number}" for number in range(9) if not unequal or number % 3 == 0]


def test_page_ties_out_a_real_office_and_leads_to_the_document(office: Office):
    """From the figure to the customer to the document, with the reason beside it."""
    browser = office.browser("viewer")
    text = browser.get(office.at(f"/agreement?{PERIOD}")).text
    check_html(text)
    assert "-300.00 USD" in text
    documents = browser.get(office.at(f"/agreement/documents?{PERIOD}&unequal=1")).text
    check_html(documents)
    assert office.at(f"/records/{office.oid('Acme Ltd')}") in documents
    assert "The same field was edited on both sides" in documents


def test_export_is_signed_and_any_alteration_is_noticed(office: Office):
    """The signature covers every figure; the file is checked where it was made."""
    browser = office.browser("viewer")
    text = browser.get(office.at(f"/agreement/export?{PERIOD}")).text
    report = json.loads(text)
    assert report["totals"][0]["difference"] == "-1425.00"
    assert {row["title"] for row in report["differing"]} == {"1 · 2026-11-02", "6 · 2026-11-02"}

    def verdict(content: str) -> str:
        file = (io.BytesIO(content.encode()), "export.json")
        data = {"csrf_token": browser.token(), "file": file}
        browser.client.post(office.at("/agreement/check"), data=data, content_type="multipart/form-data")
        return browser.get(office.at("/agreement")).text

    assert "The file is whole" in verdict(text)
    assert "was altered" in verdict(text.replace("-1425.00", "0.00"))
    assert "This is no export" in verdict("nonsense")


def test_period_turned_round_is_told(peopled: Web):
    """The first day lies after the last one."""
    answer = peopled.browser("viewer@example.com").get("/c/first/agreement?first=2026-05-02&last=2026-05-01")
    assert "The first day lies after the last one." in answer.text


def test_period_without_documents_says_so(peopled: Web):
    """The empty state in words."""
    assert "No document in this period" in peopled.browser("viewer@example.com").get("/c/first/agreement").text


def test_page_shows_the_customers_that_differ_and_the_rest_when_asked(peopled: Web, monkeypatch: pytest.MonkeyPatch):
    """A company of thousands of customers gets a page that a browser likes; none that differs is ever among those left out."""
    monkeypatch.setattr(report_pages, "CUSTOMERS", 2)
    for number in range(4):
        add_document(peopled, f"i{number}", "2026-05-01", contact=f"c{number}", scoro="10.00", quickbooks="10.00")
    add_document(peopled, "j1", "2026-05-01", contact="c3", scoro="1.00", quickbooks="2.00")
    add_document(peopled, "j2", "2026-05-01", contact="c3", scoro="2.00", quickbooks="1.00")
    browser = peopled.browser("viewer@example.com")
    some = browser.get(f"/c/first/agreement?{PERIOD}").text
    check_html(some)
    assert re.findall(r"contact=(c\d)", some) == ["c3", "c0"]
    assert "2 more are not shown here" in some
    every = browser.get(f"/c/first/agreement?{PERIOD}&whole=1").text
    assert re.findall(r"contact=(c\d)", every) == ["c3", "c0", "c1", "c2"]
    assert "not shown here" not in every
