"""A part of a year in CI; the whole one is ``python -m tests.proofs.year``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.proofs.year import live_a_year

DAYS = {"ci": 10, "dev": 10, "nightly": 365}[
    os.environ.get("PROVE_BUDGET") or ("ci" if os.environ.get("CI") else "dev")
]

WHAT_A_YEAR_HAS = (
    "credit", "supplier_credit", "receive", "pay_bill", "correct_line", "correct_line_there", "delete", "delete_there",
    "void_there", "merge", "merge_there", "flip", "raise_tax", "retire_tax",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("source", ["scoro", "quickbooks"])
def test_after_days_of_work_on_both_sides_the_books_agree(tmp_path: Path, source: str) -> None:
    """Every document that is in step is equal to the cent; every other one has a named disposition; then all is quiet."""
    ended = live_a_year(tmp_path, days=DAYS, seed=7, source=source)
    assert ended.unexplained == []
    assert ended.compared.total() > 2 * DAYS
    assert len(ended.currencies) > 2
    assert ended.dispositions.total() == ended.shown
    if DAYS >= 365:
        assert ended.documents.total() - ended.documents["receipt"] >= 1500
        assert ended.contacts >= 200
        assert len(ended.currencies) == 5
        assert set(WHAT_A_YEAR_HAS) <= set(+ended.happened)
