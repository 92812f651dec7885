"""The list of planted bugs keeps step with the code; whether each is caught is told by ``python -m tests.proofs.mutations``."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.proofs.planted import MUTATIONS, Mutation

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
