"""What setting up has in common: its entries of the log, and the rows of the settings screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.records import HUB, Category
from engine.store import log

CATEGORIES = tuple(Category)
SHOWN = tuple(category for category in Category if category is not Category.REFERENCE)
"""The rows of the settings screen; reference data has no switch (R3)."""


def settings_entry(person: str, details: Mapping[str, Any]) -> log.Entry:
    """What somebody has set, for the log."""
    return log.Entry("settings", actor=HUB, person=person, details=details, noticed="manual")
