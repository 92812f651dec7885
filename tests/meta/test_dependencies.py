"""What we depend on: every library has its reason, and every lock installs from any index."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-assets.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TYPES_ONLY = "_typeshed"  # known to type checkers, never loaded
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==(\S+)", re.MULTILINE)


def pins(lock: str) -> dict[str, set[str]]:
    """The versions a lock names for each library; more than one when they differ by Python or platform."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall((ROOT / lock).read_text()):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def dependency_lines() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text()
    tables = re.findall(r"^(?:dependencies|build|assets|dev) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for table in tables for line in table.splitlines() if line.strip().startswith('"')]


def test_every_dependency_says_why_it_is_there() -> None:
    """One sentence each, on its line."""
    lines = dependency_lines()
    groups = PROJECT["dependency-groups"]
    listed = [*PROJECT["project"]["dependencies"], *(entry for group in groups.values() for entry in group)]
    assert len(lines) == len([entry for entry in listed if isinstance(entry, str)])
    assert [line for line in lines if not re.search(r'",  # [A-Z].+\.$', line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_file(lock: str) -> None:
    """A clone behind a mirror, and one without, install from the same lines."""
    text = (ROOT / lock).read_text()
    assert re.findall(r"--(?:extra-)?index-url|--find-links|--trusted-host|file:|https?:|@ ", text) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    """pip refuses a lock in which one is missing, and a library that is not the one we tried."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text())
    assert [entry.split()[0] for entry in entries if PIN.match(entry) and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize(("lock", "group"), [("requirements.lock", "build"), ("requirements-dev.lock", "dev")])
def test_a_lock_holds_what_the_project_asks_for(lock: str, group: str) -> None:
    """Whoever changes pyproject.toml runs `make lock`."""
    locked = pins(lock)
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"][group]]
    for entry in (Requirement(text) for text in wanted if isinstance(text, str)):
        versions = locked.get(canonicalize_name(entry.name), set())
        assert versions, f"{entry.name} is not in {lock}"
        assert all(entry.specifier.contains(version) for version in versions), f"{entry} is not met by {lock}"


def test_both_locks_agree() -> None:
    """What is tested is what runs."""
    running, developing = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: versions for name, versions in running.items() if developing.get(name) != versions} == {}


def test_everything_imported_is_declared() -> None:
    """What comes along with another library may go away with it."""
    graph = grimp.build_graph("app", "engine", include_external_packages=True)
    imported = (
        {name for name in graph.modules if graph.is_module_squashed(name)} - sys.stdlib_module_names - {TYPES_ONLY}
    )
    owners = packages_distributions()
    declared = {canonicalize_name(Requirement(text).name) for text in PROJECT["project"]["dependencies"]}
    strays = {name for name in imported if not declared & {canonicalize_name(owner) for owner in owners.get(name, ())}}
    assert "flask" in imported
    assert strays == set()


def test_the_front_end_lock_names_no_registry() -> None:
    """Integrity hashes tell whether a file is the right one; where it comes from is the machine's business."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: entry for name, entry in packages.items() if name}
    assert fetched
    assert [name for name, entry in fetched.items() if "resolved" in entry or "integrity" not in entry] == []
