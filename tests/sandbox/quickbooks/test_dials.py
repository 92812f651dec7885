"""Every fault the control surface can arm, seen from a client."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from app.sandbox.common.faults import FaultKind
from tests.sandbox.quickbooks.client import Client

THROTTLES = ("throttle_minute", "throttle_second", "throttle_batch", "throttle_daily")


@pytest.mark.parametrize("kind", THROTTLES)
@pytest.mark.parametrize("body", ["", "xml"])
def test_every_throttle_is_429_before_anything_is_written(books: Client, kind: str, body: str) -> None:
    """JSON or XML; a rule with seconds says Retry-After, otherwise the header is absent."""
    books.fault(kind, body=body)
    answer = books.post("vendor", {"DisplayName": "Lost"})
    assert answer.status_code == 429
    assert ("xml" in answer.headers["Content-Type"]) is (body == "xml")
    assert "Retry-After" not in answer.headers
    books.fault(kind, seconds=7)
    assert books.post("vendor", {"DisplayName": "Lost"}).headers["Retry-After"] == "7"
    assert books.query("select * from Vendor") == {}


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("http_408", 408, "text/html"),
        ("html_body", 200, "text/html"),
        ("error_with_200", 200, "application/json"),
        ("forbidden_agent", 403, "text/html"),
    ],
)
def test_answers_that_are_not_what_they_seem(books: Client, kind: str, status: int, content_type: str) -> None:
    """A page where JSON belongs, or an error told with 200; the write did not happen."""
    books.fault(kind)
    answer = books.post("vendor", {"DisplayName": "Lost"})
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(content_type)
    if kind == "error_with_200":
        assert answer.json()["Fault"]["Error"][0]["code"] == "10000"
    assert books.query("select * from Vendor") == {}


@pytest.mark.parametrize(("kind", "written"), [("reset_before", 0), ("reset_after", 1)])
def test_a_connection_breaks_before_or_after_the_write(books: Client, kind: str, written: int) -> None:
    """The caller sees the same; only the books know."""
    books.fault(kind)
    with pytest.raises(httpx2.ReadError):
        books.post("vendor", {"DisplayName": "Perhaps"})
    assert books.query("select count(*) from Vendor")["totalCount"] == written


def test_rows_move_between_two_pages(books: Client) -> None:
    """What was on the first page is saved again in between, and shows twice while another row is lost."""
    customer, item = books.customer(), books.item()
    for _ in range(4):
        books.invoice(customer, item)
        books.clock.advance(1)
    pages = ["select * from Invoice maxresults 2", "select * from Invoice startposition 3 maxresults 2"]
    first = [row["Id"] for row in books.query(pages[0])["Invoice"]]
    books.fault("row_shift", entity="Invoice")
    second = [row["Id"] for row in books.query(pages[1])["Invoice"]]
    assert len(set(first + second)) == 3


@pytest.mark.parametrize("rule", [{"count": 2}, {"count": None, "after": 1}, {"count": None, "probability": 0.5}])
def test_a_rule_says_how_often_it_strikes(books: Client, rule: dict[str, Any]) -> None:
    """So many times, after so many calls, or by chance, which the seed repeats."""

    def statuses() -> list[int]:
        books.control("faults", {"seed": 5, "rules": [{"kind": "http_503", "endpoint": "query", **rule}]})
        return [books.get("query", query="select * from Vendor").status_code for _ in range(12)]

    seen = statuses()
    assert seen == statuses()
    struck = [place for place, status in enumerate(seen) if status == 503]
    if rule.get("probability"):
        assert 0 < len(struck) < 12
    else:
        assert struck == ([0, 1] if rule["count"] else list(range(1, 12)))


def test_every_kind_of_fault_has_a_dial(books: Client) -> None:
    """Armed by name, listed with what it did, and gone when disarmed; an unknown name is refused."""
    books.control("faults", [{"kind": kind.value} for kind in FaultKind])
    listed = books.http.get("/_control/faults").json()["rules"]
    assert [rule["kind"] for rule in listed] == [kind.value for kind in FaultKind]
    assert books.http.delete("/_control/faults").json()["rules"] == []
    assert books.http.post("/_control/faults", json=[{"kind": "nonsense"}]).status_code == 400
