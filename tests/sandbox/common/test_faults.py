"""The script of faults."""

from __future__ import annotations

import pytest

from app.sandbox.common.calls import Call
from app.sandbox.common.faults import FaultKind, FaultRule, FaultScript, rules_from_json

CREATE = Call("quickbooks", "entity", "Invoice", "create")
READ = Call("quickbooks", "entity", "Invoice", "read", "17")


def kinds(script, call, times):
    return [rule.kind.value if (rule := script.strike(call)) else "" for _ in range(times)]


def test_rule_lets_pass_then_strikes_so_often():
    """`after` and `count`."""
    script = FaultScript([FaultRule(FaultKind.HTTP_503, after=2, count=2)])
    assert kinds(script, CREATE, 6) == ["", "", "http_503", "http_503", "", ""]


def test_rule_without_count_strikes_for_ever():
    """`count: null`."""
    script = FaultScript([FaultRule(FaultKind.SLOW, count=None)])
    assert kinds(script, CREATE, 5) == ["slow"] * 5


@pytest.mark.parametrize(
    "match", [{"endpoint": "query"}, {"entity": "Bill"}, {"operation": "update"}, {"reference": "18"}]
)
def test_rule_for_another_place_neither_strikes_nor_counts(match):
    """Every match field that is set has to fit."""
    script = FaultScript([FaultRule(FaultKind.HTTP_500, **match)])
    assert script.strike(READ) is None
    assert script.as_json()["rules"][0]["passed"] == 0


def test_rule_strikes_only_where_its_kind_applies():
    """A page fault waits for a page."""
    script = FaultScript([FaultRule(FaultKind.TRUNCATE_PAGE), FaultRule(FaultKind.HTTP_500)])
    struck = script.strike(CREATE, among={FaultKind.HTTP_500})
    assert struck is not None
    assert struck.kind is FaultKind.HTTP_500


def test_same_seed_gives_the_same_faults():
    """`probability` draws from a seeded generator."""

    def story(seed):
        return kinds(FaultScript([FaultRule(FaultKind.HTTP_502, probability=0.5, count=None)], seed), READ, 40)

    assert story(1) == story(1) != story(2)
    assert 5 < story(1).count("http_502") < 35


def test_rules_are_read_flat_and_nested_with_a_seed():
    """Both forms of the control call."""
    flat, seed = rules_from_json([{"kind": "slow", "entity": "Invoice", "seconds": 3}])
    nested, other = rules_from_json(
        {"seed": 7, "rules": [{"kind": "slow", "match": {"entity": "Invoice"}, "seconds": 3}]}
    )
    assert (flat, seed, other) == (nested, 0, 7)


@pytest.mark.parametrize("body", [{"rules": 1}, [1], [{}], [{"kind": "flood"}], [{"kind": "slow", "colour": 1}]])
def test_wrong_rules_are_refused(body):
    """With a reason, as ValueError."""
    with pytest.raises(ValueError, match=r"rule|flood"):
        rules_from_json(body)
