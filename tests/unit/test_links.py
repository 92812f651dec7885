"""The address at which a person opens a record in its own system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.links import record_link
from app.settings import Settings
from engine.store.tables import Binding, Connection


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        concord_home=tmp_path,
        sandbox_scoro_url="http://127.0.0.1:9002/",
        sandbox_quickbooks_url="http://127.0.0.1:9001",
    )


def _given(**fields: Any) -> dict[str, Any]:
    """Only what these tests are about; the rows are never stored."""
    return fields


def binding(system: str, remote_type: str, *, gone: bool = False) -> Binding:
    return Binding(**_given(system=system, replica=system, remote_type=remote_type, remote_id="160", gone=gone))


def link(settings: Settings, one: Binding, *, sandbox: bool) -> str:
    return record_link(settings, Connection(**_given(name="Demo", sandbox=sandbox)), one)


@pytest.mark.parametrize(
    ("system", "remote_type", "address"),
    [
        ("scoro", "invoices", "http://127.0.0.1:9002/invoices/160"),
        ("quickbooks", "Invoice", "http://127.0.0.1:9001/books/Invoice/160"),
    ],
)
def test_record_of_a_test_connection_opens_in_the_sandbox(
    settings: Settings, system: str, remote_type: str, address: str
) -> None:
    """A newcomer goes from the record to the same record in either sandbox's own site."""
    assert link(settings, binding(system, remote_type), sandbox=True) == address


def test_link_into_a_sandbox_names_the_company_because_another_one_has_a_record_of_that_number(
    settings: Settings,
) -> None:
    """Whoever signs in there afterwards sees this company's record, not the other's."""
    given = _given(name="Demo", sandbox=True, scoro_account="northlight", quickbooks_realm="46208")
    addresses = [
        record_link(settings, Connection(**given), each)
        for each in (binding("scoro", "invoices"), binding("quickbooks", "Invoice"))
    ]
    assert addresses == [
        "http://127.0.0.1:9002/invoices/160?company=northlight",
        "http://127.0.0.1:9001/books/Invoice/160?company=46208",
    ]


def test_real_invoice_opens_in_quickbooks_and_never_in_a_sandbox(settings: Settings) -> None:
    """The sandboxes' addresses say nothing about a real company."""
    assert (
        link(settings, binding("quickbooks", "Invoice"), sandbox=False)
        == "https://qbo.intuit.com/app/invoice?txnId=160"
    )
    assert link(settings, binding("quickbooks", "TaxCode"), sandbox=False) == ""
    assert link(settings, binding("scoro", "invoices"), sandbox=False) == ""


def test_deleted_record_has_no_link(settings: Settings) -> None:
    """There is nothing to open."""
    assert link(settings, binding("scoro", "invoices", gone=True), sandbox=True) == ""
