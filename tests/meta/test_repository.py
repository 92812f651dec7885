"""The repository as a whole: nothing of one machine in it, imports that point one way, a README that is true."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from app.cli import build_parser
from app.settings import Settings
from tests.proofs.__main__ import PROOFS

ROOT = Path(__file__).resolve().parents[2]

# Written in pieces, so that this file does not contain what it forbids.
REGISTRIES = re.compile("|".join(("py" r"pi\.org", "pythonho" r"sted", r"registry\.n" "pmjs", r"deb\.deb" "ian")))
PLACES = re.compile(r"(?:^|[^A-Za-z0-9_.~-])/(?:work|farm|root|home/[a-z]+/src|Users)/", re.MULTILINE)


def tracked_texts() -> dict[str, str]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    texts = {}
    for name in filter(None, names):
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content:
            texts[name] = content.decode()
    return texts


@pytest.mark.parametrize("forbidden", [REGISTRIES, PLACES], ids=["registry", "path"])
def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine(forbidden: re.Pattern[str]) -> None:
    texts = tracked_texts()
    assert "pyproject.toml" in texts
    assert [name for name, text in texts.items() if forbidden.search(text)] == []


def test_imports_point_one_way() -> None:
    """The contracts stand in pyproject.toml: engine knows no framework, core and mapping are pure, and so on."""
    linter = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_the_sandboxes_import_nothing_of_ours_but_themselves() -> None:
    """A misunderstanding shared by sandbox and connector would pass every test."""
    graph = grimp.build_graph("app", "engine")
    sandbox = {name for name in graph.modules if name.startswith("app.sandbox")}
    assert len(sandbox) > 1
    strays = {(name, used) for name in sandbox for used in graph.find_modules_directly_imported_by(name) - sandbox}
    assert strays == set()


def test_the_readme_explains_every_setting() -> None:
    """One row each in the table under Configuration, and none for a setting that is gone."""
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert rows == {name.upper() for name in Settings.model_fields}


def test_every_command_of_the_guarantees_exists() -> None:
    """Proofs by their names, targets of make, files of tests, commands of concord."""
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    rows = [row for row in readme.split("## Guarantees")[1].split("## ")[0].splitlines() if row.startswith("| **")]
    promised = [re.findall(r"`([^`]+)`", row.rsplit(" | ", 1)[1]) for row in rows]
    assert len(promised) >= 9
    assert all(promised)
    for words in (shlex.split(command) for commands in promised for command in commands):
        match words:
            case ["python", "-m", "tests.proofs", *names]:
                assert names
                assert set(names) <= PROOFS.keys()
            case ["make", target, *given]:
                assert f"\n{target}: " in makefile
                files = [file for word in given for file in word.removeprefix("ARGS=").split()]
                assert all((ROOT / file).is_file() for file in files)
            case ["concord", *arguments]:
                build_parser().parse_args(arguments)
            case _:
                raise AssertionError(words)


def test_every_exception_from_a_check_says_why() -> None:
    """`noqa` and `type: ignore` name what they silence, and the reason stands on the line."""
    bare = re.compile(r"#\s*(?:noqa|type:\s*ignore)(?!: [A-Z0-9, ]+ (?:- | # )\S|\[[a-z, -]+\]  # \S)")
    texts = {name: text for name, text in tracked_texts().items() if name.endswith(".py")}
    lines = [
        f"{name}:{number}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if bare.search(line) and "re.compile" not in line
    ]
    assert lines == []
