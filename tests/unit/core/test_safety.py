"""Brakes: what halts a run, at the very boundary."""

from __future__ import annotations

import pytest

from engine.core.safety import Figures, Limits, brakes

LIMITS = Limits(amounts={"EUR": 1000})
CASES = [
    ("nothing", {}, []),
    ("deletions at the share", {"deletions": 10}, []),
    ("deletions beyond the share", {"deletions": 11}, ["deletions"]),
    ("changes at the share", {"updates": 50}, []),
    ("changes beyond the share", {"updates": 51}, ["changes"]),
    ("vanished at the share", {"vanished": 50}, []),
    ("vanished beyond the share", {"vanished": 51}, ["vanished"]),
    ("fewer than the floor, of ever so few", {"bound": 9, "deletions": 9, "updates": 9, "vanished": 9}, []),
    (
        "the floor, of as few",
        {"bound": 10, "deletions": 10, "updates": 10, "vanished": 10},
        ["deletions", "changes", "vanished"],
    ),
    ("the floor, of nothing", {"bound": 0, "deletions": 10}, ["deletions"]),
    ("an amount at the limit", {"amounts": {"EUR": 1000}}, []),
    ("an amount beyond the limit", {"amounts": {"EUR": 1001}}, ["amount"]),
    ("an amount without a limit", {"amounts": {"USD": 10**12}}, []),
]


@pytest.mark.parametrize(("figures", "names"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_brakes_that_fire(figures, names):
    """A share has to be exceeded and the floor reached."""
    fired = brakes(Figures("invoices", **{"bound": 100, **figures}), LIMITS)
    assert [brake.name for brake in fired] == names


def test_sentence_of_a_brake_gives_its_figures():
    """A person decides by the figures."""
    share = brakes(Figures("contacts", 100, deletions=60), LIMITS)[0]
    assert share.sentence == "60 of 100 contacts would be deleted at once (limit 10%)."
    amount = brakes(Figures("invoices", 1, amounts={"EUR": 500_000}), LIMITS)[0]
    assert amount.sentence == "5,000.00 EUR of invoices would be written, more than the limit of 10.00 EUR."
