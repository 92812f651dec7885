"""The failures that others had: each has a test whose docstring names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
NUMBER = re.compile(r"\bF([1-9]|[12][0-9]|3[0-2])\b")


def told_by_tests() -> dict[str, set[str]]:
    """Failure → the tests whose docstrings name it."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("*.py")):
        if path != Path(__file__):
            for name, words in _docstrings(ast.parse(path.read_text())):
                for number in NUMBER.findall(words):
                    found.setdefault(f"F{number}", set()).add(f"{path.relative_to(TESTS)}::{name}")
    return found


def _docstrings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""


TOLD = told_by_tests()


@pytest.mark.parametrize("failure", [f"F{number}" for number in range(1, 33)])
def test_every_failure_that_others_had_has_a_test(failure: str) -> None:
    """A scenario that is gone is a guard that nobody watches."""
    assert TOLD.get(failure), f"no test's docstring names {failure}"


def test_files_named_after_a_failure_tell_of_it() -> None:
    """``test_f07_…`` holds tests of F7 and no other number in its first line."""
    for path in sorted((TESTS / "scenarios").glob("test_f[0-9]*.py")):
        number = f"F{int(path.name[6:8])}"
        assert (ast.get_docstring(ast.parse(path.read_text())) or "").startswith(f"{number} · "), path.name
        assert any(test.startswith(f"scenarios/{path.name}::") for test in TOLD.get(number, ())), path.name
