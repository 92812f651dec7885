"""The list of guards keeps step with the code; ``python -m tests.scenarios.guards`` takes each of them out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.proofs.planted import Mutation
from tests.scenarios.guards import GUARDS

ROOT = Path(__file__).resolve().parents[2]
WANTED = [f"R{number}" for number in range(1, 44)] + [f"F{number}" for number in range(1, 33)]


@pytest.mark.parametrize("number", WANTED)
def test_every_rule_and_every_failure_has_a_guard(number: str) -> None:
    """R1 to R43 and F1 to F32: what is never taken out may as well not be there."""
    assert any(_number(guard) == number for guard in GUARDS)


def test_names_tell_the_guards_apart() -> None:
    """``--only`` finds each one."""
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_guard_can_still_be_taken_out(guard: Mutation) -> None:
    """Its text stands exactly once in its file, and what is left compiles."""
    source = (ROOT / guard.file).read_text()
    assert source.count(guard.old) == 1
    if guard.file.endswith(".py"):
        ast.parse(source.replace(guard.old, guard.new))


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_scenario_that_must_go_red_tells_of_that_number(guard: Mutation) -> None:
    """A rule's scenario stands in the rule's file; a failure's test names it in its docstring."""
    path, _, name = guard.test.partition("::")
    found = [
        node
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == name.partition("[")[0]
    ]
    assert len(found) == 1, guard.test
    number = _number(guard)
    if number.startswith("R"):
        assert Path(path).name.startswith(f"test_r{int(number[1:]):02}_")
    else:
        assert re.search(rf"\b{number}\b", ast.get_docstring(found[0]) or ""), guard.test


def _number(guard: Mutation) -> str:
    return guard.name.partition(":")[0]
