"""Every rule has its scenarios, and the README tells of all of them."""

from __future__ import annotations

from tests.support.rules_table import README, renewed, rows

RULES = 43


def test_every_rule_has_one_scenario_file_named_for_it() -> None:
    """R1 to R43, each once; the file's name and its first words carry the number."""
    found = rows()
    assert [number for number, _, _ in found] == [f"R{n}" for n in range(1, RULES + 1)]
    assert all(path.name.startswith(f"test_r{int(number[1:]):02}_") for number, _, path in found)
    assert all(sentence for _, sentence, _ in found)


def test_every_scenario_tells_what_was_given_done_and_seen() -> None:
    """Each scenario's docstring is a sentence for an accountant."""
    silent = [
        f"{path.name}: {line.strip()}" for _, _, path in rows() for line in _undocumented(path.read_text().splitlines())
    ]
    assert silent == []


def _undocumented(lines: list[str]) -> list[str]:
    starts = [n for n, line in enumerate(lines) if line.startswith("def test_")]
    return [lines[n] for n in starts if '"""' not in "".join(lines[n + 1 : n + 9])]


def test_readme_has_the_table_of_rules_as_it_is() -> None:
    """The table is made from the scenario files; `python -m tests.support.rules_table` renews it."""
    text = README.read_text()
    assert renewed(text) == text
