"""Size does not slow the sandbox down: 20,000 invoices in memory (limits are generous: machines differ)."""

from __future__ import annotations

from time import process_time

import pytest

from tests.sandbox.quickbooks.client import Client, Json

MANY = 20_000


@pytest.fixture
def crowded(books: Client) -> tuple[Client, Json, Json]:
    """Books with many invoices of one customer, made by batches of 30."""
    customer, item = books.customer(), books.item()
    template = {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)]}
    company = books.sandbox.companies[books.realm]
    company.listeners.clear()  # the journal of 20,000 writes is not what is measured
    for start in range(0, MANY, 30):
        size = min(30, MANY - start)
        items = [{"bId": str(n), "operation": "create", "Invoice": template} for n in range(size)]
        assert books.post("batch", {"BatchItemRequest": items}).status_code == 200
        books.clock.advance(1)
        if start % 3000 == 0:
            books.sign_in(books.realm)
    company.listeners.append(books.sandbox._hear)
    return books, customer, item


@pytest.mark.slow
def test_twenty_thousand_invoices_leave_writes_and_reads_quick(crowded: tuple[Client, Json, Json]) -> None:
    """A batch of 30 creates well under a second, a CDC of 1000 objects well under two, single calls in milliseconds."""
    books, customer, item = crowded
    assert books.query("select count(*) from Invoice")["totalCount"] == MANY
    items = [
        {
            "bId": str(n),
            "operation": "create",
            "Invoice": {"CustomerRef": {"value": customer["Id"]}, "Line": [books.line(item)]},
        }
        for n in range(30)
    ]
    began = process_time()
    assert books.post("batch", {"BatchItemRequest": items}).status_code == 200
    batch_seconds = process_time() - began
    began = process_time()
    (group,) = books.cdc("Invoice", "2026-11-02T00:00:00Z")
    cdc_seconds = process_time() - began
    assert (len(group["Invoice"]), group["totalCount"]) == (1000, MANY + 30)
    began = process_time()
    for number in range(100):
        books.read("Invoice", str(number + 1))
    read_seconds = (process_time() - began) / 100
    assert batch_seconds < 0.7, batch_seconds
    assert cdc_seconds < 1.5, cdc_seconds
    assert read_seconds < 0.02, read_seconds
    print(f"batch {batch_seconds:.3f} s, cdc {cdc_seconds:.3f} s, read {read_seconds * 1000:.2f} ms")  # noqa: T201 - the figures
