"""The README's table of rules, made from the scenario files: ``python -m tests.support.rules_table`` renews it."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "tests" / "scenarios"
README = ROOT / "README.md"
BEGIN = "<!-- rules: made by python -m tests.support.rules_table -->"
END = "<!-- end of rules -->"


def rows() -> list[tuple[str, str, Path]]:
    """(R-number, the rule's sentence, its scenario file), in the order of the numbers."""
    found = [(*_rule(path), path) for path in SCENARIOS.glob("test_r[0-9]*.py")]
    return sorted(found, key=lambda row: int(row[0][1:]))


def _rule(path: Path) -> tuple[str, str]:
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    number, _, sentence = " ".join(text.split()).partition(" · ")
    return number, sentence


def table() -> str:
    """The table with its markers."""
    lines = [f"| [{number}]({path.relative_to(ROOT)}) | {sentence} |" for number, sentence, path in rows()]
    return "\n".join([BEGIN, "", "| rule | what it says |", "|---|---|", *lines, "", END])


def renewed(readme: str) -> str:
    """The README's text with the table as it is now. Raises ValueError when the markers are missing."""
    text, count = re.subn(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: table(), readme, flags=re.DOTALL)
    if count != 1:
        raise ValueError("README.md has no place for the table of rules")
    return text


if __name__ == "__main__":
    README.write_text(renewed(README.read_text()))
    sys.exit(0)
