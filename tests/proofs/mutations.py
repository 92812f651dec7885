"""Planted bugs: one-line faults, each of which a named test has to catch.

``python -m tests.proofs.mutations [--only NAME] [--jobs 2]`` copies the tree to a temporary folder, plants each fault there in
turn and runs only the test that must catch it. It fails when one survives, or when the text to be replaced is not found exactly
once.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import Queue

from tests.proofs.planted import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("app", "engine", "tests", "templates", "static", "pyproject.toml", "README.md")
TIMEOUT = 300
"""Seconds that one test may take; a fault that hangs it is caught too."""

PYTEST = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "pytest_socket", "-p", "_hypothesis_pytestplugin")
"""Only the plugins that the tests need, so that each of many short runs starts quickly."""

PLANTED = ("--hypothesis-profile", "planted")
"""A law that fails need not find its smallest example: that it fails is all that is asked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one planted fault."""

    mutation: Mutation
    caught: bool
    outcome: str


def run(mutations: Sequence[Mutation], *, jobs: int = 2) -> Iterator[Outcome]:
    """Plant each fault in a copy of the tree; ``jobs`` copies are worked on at once. Outcomes in the order given."""
    with tempfile.TemporaryDirectory(prefix="planted-bugs-") as folder:
        trees: Queue[Path] = Queue()
        for number in range(jobs):
            trees.put(tree_at(Path(folder) / str(number)))

        def one(mutation: Mutation) -> Outcome:
            tree = trees.get()
            try:
                return plant(tree, mutation)
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(one, mutations)


def tree_at(target: Path) -> Path:
    """A copy of everything that the tests of the engine need."""
    target.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, target / name)
    compileall.compile_dir(target, quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    return target


def plant(tree: Path, mutation: Mutation) -> Outcome:
    """Plant one fault, run its test, take the fault out again."""
    path = tree / mutation.file
    original = path.read_text() if path.exists() else ""
    if original.count(mutation.old) != 1:
        return Outcome(
            mutation, False, f"the text to replace is found {original.count(mutation.old)} times in {mutation.file}"
        )
    path.write_text(original.replace(mutation.old, mutation.new))
    try:
        return _judge(mutation, *_test(tree, mutation.test))
    finally:
        path.write_text(original)


def _test(tree: Path, test: str) -> tuple[int, str]:
    command = [sys.executable, *PYTEST, *PLANTED, *test.split()]
    settings = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PROVE_BUDGET": "ci"}
    environment = {**os.environ, **settings}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, "FAILED (it never ended)"
    return done.returncode, done.stdout + done.stderr


def _judge(mutation: Mutation, code: int, output: str) -> Outcome:
    """Only a failing test catches; a test that is missing or cannot be collected proves nothing."""
    failed = [line.split(" - ")[0].removeprefix("FAILED ") for line in output.splitlines() if line.startswith("FAILED")]
    if code == 1 and failed:
        return Outcome(mutation, True, failed[0])
    if code == 0:
        return Outcome(mutation, False, f"SURVIVED {mutation.test}")
    return Outcome(mutation, False, f"the test could not be run: {output.strip()[-400:]}")


def line(one: Outcome) -> str:
    """What became of one fault, for people."""
    return f"{'caught' if one.caught else 'MISSED'}  {one.mutation.name}: {one.outcome}"


def main(arguments: Sequence[str] | None = None, mutations: Sequence[Mutation] = MUTATIONS) -> int:
    """The command; 0 when every planted bug was caught."""
    parser = argparse.ArgumentParser(description="Plant faults and see which test catches each.")
    parser.add_argument("--only", default="", help="only the faults whose name contains this")
    parser.add_argument("--jobs", type=int, default=2, help="how many copies of the tree to work on at once")
    options = parser.parse_args(arguments)
    chosen = [mutation for mutation in mutations if options.only in mutation.name]
    outcomes: list[Outcome] = []
    for one in run(chosen, jobs=options.jobs):
        outcomes.append(one)
        print(line(one), flush=True)  # noqa: T201 - a command's output
    caught = sum(one.caught for one in outcomes)
    print(f"bugs caught {caught} of {len(outcomes)}")  # noqa: T201 - a command's output
    return 0 if chosen and caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
