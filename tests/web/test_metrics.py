"""What a monitoring system reads."""

from __future__ import annotations

from tests.web.conftest import Web


def test_liveness_and_readiness_need_nobody(web: Web):
    """A load balancer has no account."""
    client = web.app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready"}


def test_readiness_fails_without_tables(web: Web):
    """An installation whose database is not set up must not get visitors."""
    from sqlmodel import SQLModel

    SQLModel.metadata.drop_all(web.deps.database)
    assert web.app.test_client().get("/readyz").status_code == 503


def test_figures_show_only_the_connections_of_the_token(peopled: Web):
    """A token of one customer tells nothing of another."""
    text = peopled.script("viewer@example.com").get("/metrics").text
    assert 'concord_connection{connection="first",state="active"} 1.0' in text
    assert 'connection="second"' not in text
    assert 'connection="second"' in peopled.script("administrator@example.com").get("/metrics").text
