"""``python -m tests.proofs``: every proof of the guarantee, one line each with its figure, as many at once as there are cores.

Names of proofs as arguments run only these. ``PROVE_BUDGET=nightly`` goes as far as a night allows: every boundary of every
story, thousands of examples and histories.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.proofs import kernel, mutations
from tests.proofs.planted import MUTATIONS


@dataclass(frozen=True, slots=True)
class Budget:
    """How far to go. ``tests`` is what the test suite calls it."""

    tests: str
    search_seconds: float
    histories: int


USUAL = Budget("ci", 60.0, 150)
NIGHTLY = Budget("nightly", 1800.0, 10_000)
BUDGET = NIGHTLY if os.environ.get("PROVE_BUDGET") == "nightly" else USUAL
CORES = os.cpu_count() or 1
LAWS = ("tests/properties", "tests/unit/core")
HOSTILE = ("tests/proofs/test_hostile_input.py", "tests/security", "tests/integration/test_bad_input.py")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a proof came to: its figure, or with ``details`` why it fails."""

    figure: str
    details: str = ""


def bugs() -> Verdict:
    """Every planted bug against the one test that has to catch it."""
    outcomes = list(mutations.run(MUTATIONS, jobs=max(1, CORES // 2)))
    missed = [mutations.line(one) for one in outcomes if not one.caught]
    return Verdict(f"bugs caught {len(outcomes) - len(missed)} of {len(outcomes)}", "\n".join(missed))


def histories() -> Verdict:
    """Random histories of everything against the oracle."""
    code, output = _command("-m", "tests.proofs.machine", "--histories", str(BUDGET.histories))
    figure = output.strip().rpartition("\n")[2].removeprefix("state machine, ")
    return Verdict(figure, output if code else "")


def crash_points() -> Verdict:
    """Deaths at the boundaries of every story, on both databases."""
    code, output = _pytest("tests/proofs/test_crash_points.py")
    told = re.findall(r"crash points, .*, (\w+): (\d+) of (\d+) \(boundaries (\d+)\)", output)
    counts = [
        f"{_sum(rows, 1)} of {_sum(rows, 2)} on {name} (of {_sum(rows, 3)} boundaries)"
        for name in ("sqlite", "postgres")
        if (rows := [row for row in told if row[0] == name])
    ]
    return Verdict(f"crash points {', '.join(counts)}", output if code or not told else "")


def _sum(rows: Sequence[Sequence[str]], column: int) -> int:
    return sum(int(row[column]) for row in rows)


def search() -> Verdict:
    """Every history of small worlds, in breadth."""
    explored = kernel.explore(BUDGET.search_seconds)
    depths = [one.depth for one in explored if not one.complete]
    depth = f"{min(depths)} to {max(depths)} steps" if depths else "any length"
    states = sum(one.states for one in explored)
    found = "\n".join(str(one.found) for one in explored if one.found)
    return Verdict(f"{states:,} states of {len(explored)} small worlds, every history of {depth}", found)


def laws() -> Verdict:
    """Property tests of vectors, differences, merges, fingerprints, mappings and the log."""
    return _tests("laws hold", *LAWS)


def hostile() -> Verdict:
    """Whatever remotes, strangers and browsers may send, and what they may not get."""
    return _tests("tests of hostile input and security hold", *HOSTILE)


def _tests(what: str, *paths: str) -> Verdict:
    code, output = _pytest(*paths)
    passed = re.search(r"(\d+) passed", output)
    return Verdict(f"{passed[1] if passed else 0} {what}", output[-20_000:] if code else "")


def _pytest(*paths: str) -> tuple[int, str]:
    return _command("-m", "pytest", "-q", "-p", "no:cacheprovider", *paths)


def _command(*arguments: str) -> tuple[int, str]:
    environment = {**os.environ, "PROVE_BUDGET": BUDGET.tests}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout + done.stderr


PROOFS: dict[str, Callable[[], Verdict]] = {
    "planted bugs": bugs,
    "histories": histories,
    "crash points": crash_points,
    "exhaustive search": search,
    "laws": laws,
    "hostile input": hostile,
}
"""Longest first, so that no core is left waiting at the end."""


def _prove(name: str) -> bool:
    """Run one proof and tell its line."""
    started = time.monotonic()
    verdict = PROOFS[name]()
    held = not verdict.details
    line = f"{name}: {verdict.figure} ({time.monotonic() - started:.0f} s)"
    print(line if held else f"{name} FAILED: {verdict.figure}\n{verdict.details}", flush=True)  # noqa: T201  # a command's output
    return held


def main(names: Sequence[str]) -> int:
    """Run the named proofs, or all; 0 when every one holds."""
    started = time.monotonic()
    with ThreadPoolExecutor(CORES) as pool:
        held = list(pool.map(_prove, names or PROOFS))
    print(f"{sum(held)} of {len(held)} proofs hold, in {time.monotonic() - started:.0f} s")  # noqa: T201  # a command's output
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
