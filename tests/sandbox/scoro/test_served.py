"""The sandbox on a real socket."""

from __future__ import annotations

import threading

import httpx2
import pytest

from app.sandbox.common.transport import loopback_server


@pytest.fixture
def served(scoro):
    """A client over the wire."""
    server = loopback_server(scoro.app, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with httpx2.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client
    server.shutdown()
    thread.join()
    server.server_close()


def test_real_connections_are_dropped_and_cut(served, scoro):
    """A dropped connection has no answer, a cut body is shorter than announced; the write took effect."""
    scoro.control(
        "faults", [{"kind": "reset_after", "entity": "products"}, {"kind": "truncate_body", "entity": "users"}]
    )
    body = {"apiKey": scoro.key["apiKey"], "company_account_id": "northlight"}
    for path in ("products/modify", "users/list"):
        with pytest.raises(httpx2.TransportError):
            served.post(f"/api/v2/{path}", json=body | {"request": {"name": "Poster"}})
    listed = served.post("/api/v2/products/list", json=body | {"filter": {"name": "Poster"}})
    assert len(listed.json()["data"]) == 1
