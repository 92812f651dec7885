"""Every commit and every HTTP exchange of representative runs can be the last one: nothing is lost, nothing is made twice."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.proofs.crashing import Story, survive
from tests.proofs.stories import BOUNDARIES, STORIES
from tests.support.world import connect_world, make_world

BUDGET = os.environ.get("PROVE_BUDGET") or ("ci" if os.environ.get("CI") else "dev")
STRIDES = {"sqlite": {"ci": 6, "dev": 12, "nightly": 1}, "postgres": {"ci": 30, "dev": 60, "nightly": 1}}
"""Every which boundary is died at; a copy of a PostgreSQL database takes its time."""


@pytest.fixture(autouse=True, scope="module")
def loaded_for_good() -> Iterator[None]:
    """Thousands of lives go by: what is loaded by now need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_dying_at_any_boundary_loses_nothing(
    story: Story,
    database: str,
    new_database: Callable[[str], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Dies before a commit, before a request leaves, or before its answer is heard; starts anew; everything holds."""
    world = connect_world(make_world(new_database(database)))
    survived = survive(story, world, tmp_path, BOUNDARIES, stride=STRIDES[database][BUDGET])
    with capsys.disabled():
        done = survived.tried - len(survived.failures)
        figure = f"{done} of {survived.tried} (boundaries {survived.boundaries})"
        print(f"\ncrash points, {story.name}, {database}: {figure}")  # noqa: T201  # the proof's figure
    world.close()
    assert not survived.failures, "\n".join(survived.failures)
