"""Every reason can be told: one sentence, and a way out where something needs doing."""

from __future__ import annotations

import pytest

from engine.core.reasons import WORDS, Disposition, Reason

NOTHING_TO_DO = {Reason.AGREED, Reason.GONE_EVERYWHERE}


def test_no_reason_is_without_words():
    """The table covers the enum, and no more."""
    assert set(WORDS) == set(Reason)


@pytest.mark.parametrize("reason", list(Reason))
def test_words_of_each_reason(reason):
    """A full sentence; a way out unless nothing needs doing."""
    words = WORDS[reason]
    assert words.sentence.endswith(".")
    assert words.sentence[0].isupper()
    assert bool(words.way_out) is (reason not in NOTHING_TO_DO)


def test_sentences_are_told_apart():
    """Two reasons that read alike would be one."""
    assert len({words.sentence for words in WORDS.values()}) == len(Reason)


def test_dispositions_are_the_eleven_of_the_design():
    """Their counts add up to the number of objects; a twelfth would be nowhere on the screens."""
    assert {disposition.value for disposition in Disposition} == {
        "in_step", "pending", "held", "conflict", "blocked", "excluded", "awaiting_match", "failed", "variance",
        "deleted_there", "parked",
    }  # fmt: skip
