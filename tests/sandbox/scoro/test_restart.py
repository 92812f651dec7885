"""A sandbox of its own process that is killed: its books come back as they stood at some moment before, whole."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.processes import PATIENCE, free_port, start, wait_until_open

pytestmark = pytest.mark.process


class Client:
    """Calls the API of a served sandbox."""

    def __init__(self, port: int) -> None:
        self._http = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        self._http.post("/_control/behaviours", json={"requests_per_window": 1_000_000, "requests_per_day": 1_000_000})
        key = self._http.post("/_control/key", json={}).json()
        self._credentials = {name: key[name] for name in ("apiKey", "company_account_id")}

    def call(self, path, **body):
        answer = self._http.post(f"/api/v2/{path}", json=self._credentials | body).json()
        assert answer["status"] == "OK", answer
        return answer["data"]

    def paid_invoice(self) -> int:
        lines = [{"comment": "x", "price": 100, "amount": 1}]
        id = self.call("invoices/modify", request={"company_id": 1, "lines": lines})["id"]
        part = [{"invoice_id": id, "sum": 40}]
        self.call("receipts/modify", request={"contact_id": 1, "sum": 40, "receipts": part})
        return int(id)

    def invoices_after(self, id: int) -> list[dict[str, Any]]:
        return sorted((row for row in self.all("invoices") if row["id"] > id), key=lambda row: row["id"])

    def all(self, module: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for page in count(1):
            rows += (found := self.call(f"{module}/list", page=page, per_page=100))
            if len(found) < 100:
                break
        return rows


def test_killed_between_writes_the_books_come_back_whole(tmp_path: Path):
    """SIGKILL at any moment: the next start has the writes up to some moment, none of them by half; the ids go on."""
    state, port = tmp_path / "books.state", free_port()
    with start("sandbox", "scoro", "--port", str(port), "--state", str(state)) as process:
        wait_until_open(port, process)
        client = Client(port)
        last = client.call("invoices/list", per_page=1)[0]["id"]
        made = [client.paid_invoice()]
        saved = _written_again(state, client, made)
        process.kill()
        process.wait(PATIENCE)
    port = free_port()
    with start("sandbox", "scoro", "--port", str(port), "--state", str(state)) as process:
        wait_until_open(port, process)
        client = Client(port)
        rows = client.invoices_after(last)
        assert [row["id"] for row in rows] == made[: len(rows)]
        assert len(rows) >= saved
        paid = {part["invoice_id"]: part["sum"] for row in client.all("receipts") for part in row["receipts"]}
        assert [paid.get(row["id"], 0) for row in rows] == [row["paid_sum"] for row in rows]
        assert [row["paid_sum"] for row in rows[:-1]] == [40] * (
            len(rows) - 1
        )  # the last receipt may have come too late
        assert client.paid_invoice() == rows[-1]["id"] + 1


def _written_again(state: Path, client: Client, made: list[int]) -> int:
    """Go on writing until the file was replaced twice; how many invoices there were before it was the first time."""
    stamps = [_stamp(state)]
    counts: list[int] = []
    deadline = time.monotonic() + PATIENCE
    while len(counts) < 2 and time.monotonic() < deadline:
        made.append(client.paid_invoice())
        if _stamp(state) != stamps[-1]:
            stamps.append(_stamp(state))
            counts.append(len(made))
    assert len(counts) == 2, "the state was never saved"
    return counts[0] - 1


def _stamp(state: Path) -> int:
    return state.stat().st_ino if state.exists() else 0
