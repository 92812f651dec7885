"""Every commit and every HTTP exchange of representative runs can be the last one: nothing is lost, nothing is made twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.store.database import migrate
from tests.proofs.crashing import Story, survive
from tests.proofs.stories import STORIES
from tests.support.world import connect_world, make_world, sqlite_url

STRIDE = {"ci": 6, "dev": 12, "nightly": 1}[os.environ.get("PROVE_BUDGET") or ("ci" if os.environ.get("CI") else "dev")]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_dying_at_any_boundary_loses_nothing(story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Dies before a commit, before a request leaves, or before its answer is heard; starts anew; everything holds."""
    migrate(sqlite_url(tmp_path))
    world = connect_world(make_world(sqlite_url(tmp_path)))
    survived = survive(story, world, tmp_path, stride=STRIDE)
    with capsys.disabled():
        done = survived.tried - len(survived.failures)
        print(f"\ncrash points, {story.name}: {done} of {survived.tried} tried of {survived.boundaries}")  # noqa: T201  # the proof's figure
    world.close()
    assert not survived.failures, "\n".join(survived.failures)
