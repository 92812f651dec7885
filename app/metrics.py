"""For those who watch the installation: is it alive, is it ready, and figures for Prometheus read from the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as BaseResponse

from app.access import Role, needs, person, public, visible
from app.context import database, now
from engine.store.tables import Connection, Object, Outbox, Run

blueprint = Blueprint("metrics", __name__)

RECENT = timedelta(days=1)


@blueprint.get("/healthz")
@public
def healthz() -> BaseResponse:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> BaseResponse:
    """The database answers and has our tables; without it no page works."""
    try:
        with database() as session:
            session.exec(select(Connection.id).limit(1)).first()
    except sa.exc.SQLAlchemyError:
        response = jsonify(status="unavailable", reason="The database does not answer, or is not set up.")
        response.status_code = 503
        return response
    return jsonify(status="ready")


@blueprint.get("/metrics")
@needs(Role.VIEWER)
def figures() -> BaseResponse:
    """Figures of the connections that the token's owner may see."""
    registry = CollectorRegistry()
    with database() as session:
        connections = visible(session, person())
        registry.register(Figures(session, connections))
        text = generate_latest(registry)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """What the database says at the moment of asking, one family per question."""

    def __init__(self, session: Session, connections: list[Connection]) -> None:
        self.session = session
        self.connections = connections
        self.ids = [one.id for one in connections]

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        yield self._up()
        yield self._since_last_run()
        yield self._budget()
        yield _family(
            "concord_objects", "Records by disposition.", ["connection", "kind", "disposition"],
            self._counted(Object, col(Object.kind), col(Object.disposition)),
        )  # fmt: skip
        yield _family(
            "concord_writes", "Writes of the outbox by state.", ["connection", "system", "state"],
            self._counted(Outbox, col(Outbox.system), col(Outbox.state)),
        )  # fmt: skip
        yield _family(
            "concord_runs_last_day", "Runs of the last 24 hours by state.", ["connection", "state"],
            self._counted(Run, col(Run.state), where=[col(Run.queued_at) >= now() - RECENT]),
        )  # fmt: skip

    def _counted(self, table: Any, *by: Any, where: Iterable[sa.ColumnElement[bool]] = ()) -> list[tuple[Any, ...]]:
        groups = (table.connection_id, *by)
        query = sa.select(*groups, sa.func.count()).where(table.connection_id.in_(self.ids), *where).group_by(*groups)
        return [tuple(row) for row in self.session.execute(query)]

    def _up(self) -> Metric:
        rows = [(one.id, one.state, 1) for one in self.connections]
        return _family("concord_connection", "Each connection with its state.", ["connection", "state"], rows)

    def _since_last_run(self) -> Metric:
        rows = [(one.id, (now() - one.last_run_at).total_seconds()) for one in self.connections if one.last_run_at]
        return _family("concord_seconds_since_last_run", "Age of the last finished run.", ["connection"], rows)

    def _budget(self) -> Metric:
        rows = [
            (one.id, system, left["remaining"])
            for one in self.connections
            for system, left in one.budget.items()
            if isinstance(left, dict) and left.get("remaining") is not None
        ]
        return _family("concord_requests_left", "What is left of a daily quota.", ["connection", "system"], rows)


def _family(name: str, about: str, labels: list[str], rows: Iterable[tuple[Any, ...]]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for *values, figure in rows:
        family.add_metric([str(value) for value in values], figure)
    return family
