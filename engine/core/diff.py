"""Differences between two states of one record, as field paths.

``changed_paths`` is a plain walk and does the detecting; ``describe`` is what people read and goes through
deepdiff. A property test holds the one against the other.
"""

from __future__ import annotations

from collections.abc import Iterable

from deepdiff import DeepDiff

from engine.core.records import Path, State, line_root


def changed_paths(before: State, after: State) -> set[Path]:
    """Paths whose value differs. A line that appears or vanishes is its root path alone: its fields come and go with
    it."""
    paths = {path for path, value in after.items() if before.get(path) != value}
    paths.update(path for path in before if path not in after)
    if not any(path.startswith("lines/") for path in paths):
        return paths
    return {path for path in paths if not _belongs_to_changed_line(path, before, after)}


def _belongs_to_changed_line(path: Path, before: State, after: State) -> bool:
    root = line_root(path)
    return root is not None and (root in before) != (root in after)


def describe(before: State, after: State) -> list[str]:
    """One sentence per difference, as deepdiff tells it; for logs and exports."""
    tree = DeepDiff(dict(before), dict(after), verbose_level=2)
    return sorted(str(tree.pretty()).splitlines()) if tree else []


def narrow(state: State, paths: Iterable[Path]) -> dict[Path, object]:
    """The part of ``state`` that ``paths`` name; None where it is empty."""
    return {path: state.get(path) for path in paths}
