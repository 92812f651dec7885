"""The list of planted faults keeps up with the sandbox: `python -m tests.sandbox.mutations` runs them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.proofs.planted import Mutation
from tests.sandbox.quickbooks.planted import BEHAVIOURS, BOOKKEEPING, MUTATIONS

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = range(1, 43)


@cache
def named_tests() -> frozenset[str]:
    """Every test of the QuickBooks sandbox, as `file::name`."""
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        functions = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))
        found |= {f"{path.relative_to(ROOT)}::{each.name}" for each in functions if each.name.startswith("test_")}
    return frozenset(found)


@pytest.mark.parametrize("number", NUMBERS)
def test_each_of_the_42_behaviours_has_a_named_test_and_a_planted_fault(number: int) -> None:
    """Section 13 of the reference, one by one."""
    assert any(f"::test_b{number:02}_" in name for name in named_tests())
    planted = [fault for fault in BEHAVIOURS if fault.name.startswith(f"quickbooks b{number:02} ")]
    assert planted
    assert all(f"test_b{number:02}" in fault.test for fault in planted)


@pytest.mark.parametrize("fault", MUTATIONS, ids=lambda fault: fault.name)
def test_a_planted_fault_still_fits_the_code(fault: Mutation) -> None:
    """The text to replace stands exactly once in its file, and the test that has to fail exists."""
    assert (ROOT / fault.file).read_text().count(fault.old) == 1
    path, _, _ = fault.test.partition(" -k ")
    assert path in named_tests() or (ROOT / path).is_file()


def test_the_books_are_spoilt_in_every_way_the_story_tells() -> None:
    """Balances, accounts, links, tokens, journal, capture and query each have a planted fault."""
    told = {re.match(r"quickbooks books: (\w+):", fault.name).group(1) for fault in BOOKKEEPING}  # type: ignore[union-attr]  # the name has that form
    assert told == {"balance", "accounts", "link", "token", "journal", "capture", "query"}
