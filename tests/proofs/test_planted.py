"""The list of planted bugs keeps step with the code, and some of them are caught; all by ``python -m tests.proofs.mutations``."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest

from tests.proofs.mutations import plant, run, tree_at
from tests.proofs.planted import MUTATIONS, Mutation

BUDGET = os.environ.get("PROVE_BUDGET") or ("ci" if os.environ.get("CI") else "dev")
PARTS = {"ci": 12, "dev": 2, "nightly": 0}[BUDGET]
"""Of how many parts one bug is planted here; a night plants them all by the command."""

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_bug_can_be_planted_and_its_test_exists(mutation: Mutation) -> None:
    """The text stands exactly once, the faulty module still compiles, and the tests that must fail are there."""
    source = (ROOT / mutation.file).read_text()
    assert source.count(mutation.old) == 1
    ast.parse(source.replace(mutation.old, mutation.new))
    for test in mutation.test.split():
        path, _, name = re.sub(r"\[.*\]$", "", test).partition("::")
        assert f"def {name}" in (ROOT / path).read_text()


def test_every_part_of_the_guarantee_has_planted_bugs() -> None:
    """At least thirty, over the parts that the guarantee rests on, each under a name of its own."""
    parts = {mutation.name.partition(":")[0] for mutation in MUTATIONS}
    needed = {
        "vector",
        "decide",
        "observe",
        "rules",
        "claim",
        "lease",
        "epoch",
        "checkpoint",
        "echo",
        "mapping",
        "money",
    }
    assert needed | {"brakes", "isolation", "recover"} <= parts
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 30


def one_of_each_part() -> list[Mutation]:
    """The last bug of each part, those of the parts that come last first: they are the services."""
    last = {mutation.name.partition(":")[0]: mutation for mutation in MUTATIONS}
    return list(reversed(last.values()))[:PARTS]


@pytest.mark.slow
def test_bug_in_each_part_is_caught() -> None:
    """A sample of what ``make prove`` does with all of them."""
    assert not [f"{one.mutation.name}: {one.outcome}" for one in run(one_of_each_part(), jobs=1) if not one.caught]


@pytest.mark.slow
def test_bug_that_no_test_notices_counts_as_missed(tmp_path: Path) -> None:
    """A change without effect survives, a text that is not there cannot be planted, and a missing test proves nothing."""
    tree = tree_at(tmp_path / "tree")
    harmless = Mutation(
        "x", "engine/core/vector.py", "from __future__", "from __future__", "tests/unit/core/test_safety.py"
    )
    absent = Mutation("x", "engine/core/vector.py", "no such text", "", "tests/unit/core/test_safety.py")
    unproved = Mutation(
        "x", "engine/core/vector.py", "from __future__", "from __future__", "tests/unit/core/test_none.py"
    )
    outcomes = [plant(tree, mutation) for mutation in (harmless, absent, unproved)]
    assert [one.caught for one in outcomes] == [False, False, False]
    assert [one.outcome.split()[0] for one in outcomes] == ["SURVIVED", "the", "the"]
