"""``python -m tests.proofs``: laws, exhaustive search, planted bugs, and the guards of rules and failures; one line each with its
figure.

``PROVE_BUDGET`` is ci, dev or nightly.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from tests.proofs import kernel, mutations
from tests.proofs.planted import MUTATIONS, Mutation
from tests.scenarios.guards import GUARDS

BUDGET = os.environ.get("PROVE_BUDGET") or ("ci" if os.environ.get("CI") else "dev")
SECONDS = {"ci": 10.0, "dev": 20.0, "nightly": 600.0}
"""How long the exhaustive search may take."""


def laws() -> str | None:
    """Every property test; the line with how many laws held."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/properties", "tests/unit/core"]
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PROVE_BUDGET": BUDGET}
    )
    return _told("laws", run.stdout.strip().splitlines()[-1:], run.returncode, run.stdout)


def states() -> str | None:
    """The exhaustive search over every scope."""
    explored = kernel.explore(SECONDS[BUDGET])
    found = [str(one.found) for one in explored if one.found]
    total = sum(one.states for one in explored)
    depths = [one.depth for one in explored if not one.complete]
    depth = f"{min(depths)} to {max(depths)} steps" if depths else "any length"
    line = f"{total:,} states of {len(explored)} small worlds, every history of {depth}"
    return _told("exhaustive search", [f"{line}, no invariant violated"], len(found), "\n".join(found))


def bugs() -> str | None:
    """The planted bugs."""
    return _plant("planted bugs", "bugs caught", MUTATIONS)


def guards() -> str | None:
    """The guards of the rules and of the failures, each taken out in turn."""
    return _plant("rules and failures", "guards missed by their scenario when taken out", GUARDS)


def _plant(name: str, what: str, faults: Sequence[Mutation]) -> str | None:
    caught = list(mutations.run(faults, jobs=os.cpu_count() or 1))
    missed = [f"{one.mutation.name}: {one.outcome}" for one in caught if not one.caught]
    line = f"{what} {len(caught) - len(missed)} of {len(caught)}"
    return _told(name, [line], len(missed), "\n".join([line, *missed]))


def _told(name: str, line: list[str], failed: int, details: str) -> str | None:
    if not failed:
        print(f"{name}: {' '.join(line)}", flush=True)  # noqa: T201 - a command's output
        return None
    return f"{name} FAILED\n{details}"


PIECES: dict[str, Callable[[], str | None]] = {"laws": laws, "states": states, "bugs": bugs, "guards": guards}


def main(names: list[str]) -> int:
    """Run the named pieces, or all; 0 when every one holds."""
    failures = []
    for name in names or list(PIECES):
        started = time.monotonic()
        if (failure := PIECES[name]()) is not None:
            failures.append(failure)
            print(failure, flush=True)  # noqa: T201 - a command's output
        print(f"  ({time.monotonic() - started:.0f} s)", flush=True)  # noqa: T201 - a command's output
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
