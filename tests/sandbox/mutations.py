"""Planted faults of the sandboxes: every behaviour that has to be right, switched off, and the test that notices.

``python -m tests.sandbox.mutations [--only NAME] [--jobs 2]`` plants each in a copy of the tree and runs its test there; it fails
when one survives.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

from tests.proofs import mutations
from tests.proofs.planted import Mutation

SYSTEMS = ("quickbooks", "scoro")


def planted() -> tuple[Mutation, ...]:
    """The lists of both sandboxes, as far as they keep one."""
    modules = [f"tests.sandbox.{system}.planted" for system in SYSTEMS]
    kept = [import_module(name) for name in modules if find_spec(name)]
    return tuple(mutation for module in kept for mutation in module.MUTATIONS)


if __name__ == "__main__":
    sys.exit(mutations.main(mutations=planted()))
