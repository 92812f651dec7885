"""The bench over small worlds: what it counts is what the sandboxes saw, and the limits hold at any size."""

from __future__ import annotations

import pytest

from app.bench import api, engine


@pytest.fixture(scope="module")
def figures() -> list[api.Figure]:
    """All figures of a small world."""
    return list(api.measure(20))


def test_every_limit_holds_and_nobody_is_asked_to_slow_down(figures: list[api.Figure]) -> None:
    """An idle run costs QuickBooks one request, one changed invoice one write, and no answer is a 429."""
    assert [figure for figure in figures if not figure.ok] == []
    limited = {figure.what for figure in figures if figure.most is not None}
    assert {"idle run", "one changed invoice: writes"} <= limited


def test_requests_grow_with_batches_and_not_with_objects(figures: list[api.Figure]) -> None:
    """Twenty invoices and what they need fit into a handful of requests."""
    big = [figure for figure in figures if figure.what.startswith("20 new invoices") and figure.system == "quickbooks"]
    assert max(figure.measured for figure in big) <= 6


def test_engine_is_measured_against_a_floor_of_the_same_run() -> None:
    """A figure for every share of changed objects, in processor time of both contestants."""
    measured = list(engine.measure((60,)))
    assert [figure.share for figure in measured] == list(engine.SHARES)
    assert all(figure.floor > 0 and figure.engine > figure.floor / 2 for figure in measured)
    assert measured[-1].engine > measured[0].engine
