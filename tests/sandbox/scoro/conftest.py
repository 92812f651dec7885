"""A simulated Scoro in this process, its clock standing still, and a small client for it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from flask import Flask, request

from app.sandbox.common.clock import SandboxClock
from app.sandbox.scoro import Behaviours, create_scoro_sandbox

PLENTY = Behaviours(requests_per_window=1_000_000, requests_per_day=1_000_000)


class Receiver:
    """A webhook receiver: keeps what it gets; tests decide what it answers."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.hook_status = 200
        self.proof: str | None = "anything"
        self.app = Flask("receiver")
        self.app.add_url_rule("/hook", "hook", self._hook, methods=["GET", "POST"])
        self.app.add_url_rule("/scoro.txt", "proof", self._proof)

    def _hook(self) -> tuple[str, int]:
        if request.method == "POST":
            self.got.append(request.get_json())
        return "", self.hook_status

    def _proof(self) -> tuple[str, int]:
        return (self.proof, 200) if self.proof is not None else ("", 404)


class Scoro:
    """Calls the sandbox as a client of the API (`ok`, `refused`), as a person, and by its controls."""

    def __init__(self, behaviours: Behaviours = PLENTY, **options: Any) -> None:
        self.clock = SandboxClock.manual("2026-11-02T09:00:00+00:00")
        self.receiver = Receiver()
        web = httpx2.Client(transport=httpx2.WSGITransport(app=self.receiver.app))
        self.app = create_scoro_sandbox(clock=self.clock, behaviours=behaviours, web=web, **options)
        self.http = httpx2.Client(transport=httpx2.WSGITransport(app=self.app), base_url="http://127.0.0.1")
        self.key = self.control("key", {})

    def control(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.http.post(f"/_control/{path}", json=body if body is not None else {})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def look(self, path: str) -> dict[str, Any]:
        return dict(self.http.get(f"/_control/{path}").json())

    def switch(self, **behaviours: Any) -> None:
        self.control("behaviours", behaviours)

    def person(self, action: str, **body: Any) -> dict[str, Any]:
        return dict(self.control("person", {"action": action, **body}).get("object", {}))

    def post(self, path: str, request: Any = None, **body: Any) -> httpx2.Response:
        credentials = {name: self.key[name] for name in ("apiKey", "company_account_id")}
        content = {"lang": "eng", **credentials, "request": request or {}, **body}
        return self.http.post(
            f"/api/v2/{path}", json={key: value for key, value in content.items() if value is not None}
        )

    def as_user(self, path: str, request: Any = None, **body: Any) -> httpx2.Response:
        return self.post(path, request, apiKey=None, user_token=self.key["user_token"], **body)

    def ok(self, path: str, request: Any = None, **body: Any) -> Any:
        answer = self.post(path, request, **body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "OK", answer.text
        return answer.json()["data"]

    def refused(self, path: str, request: Any = None, **body: Any) -> tuple[int, list[str]]:
        answer = self.post(path, request, **body)
        assert answer.json()["status"] == "ERROR", answer.text
        return answer.status_code, answer.json()["messages"]["error"]

    def all(self, path: str, **body: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        page = 1
        while chunk := self.ok(f"{path}/list", page=page, per_page=100, **body):
            rows += chunk
            page += 1
        return rows

    def contact(self, **fields: Any) -> Any:
        return self.ok("contacts/modify", {"name": "Tamm & Sons", "is_client": 1, **fields})

    def invoice(self, **fields: Any) -> Any:
        lines = [{"comment": "Work", "price": 100, "amount": 2, "vat_code_id": 1}]
        return self.ok("invoices/modify", {"company_id": 1, "lines": lines, **fields})

    def pay(self, invoice: dict[str, Any], amount: Any, **fields: Any) -> Any:
        parts = [{"invoice_id": invoice["id"], "sum": amount}]
        request = {"contact_id": invoice["company_id"], "sum": amount, "receipts": parts, **fields}
        return self.ok("receipts/modify", request)


@pytest.fixture
def scoro() -> Scoro:
    return Scoro()


@pytest.fixture(scope="module")
def shared_scoro() -> Scoro:
    """One service for all examples of a property: it has to stand whatever came before."""
    return Scoro()


@pytest.fixture
def make_scoro() -> type[Scoro]:
    """For tests that need other switches, another profile, or several sandboxes."""
    return Scoro
