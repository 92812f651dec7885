"""Since when an object has had its problem: kept with its facts for as long as the same reason stops it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.core.reasons import Disposition, Reason

STOPPED = "stopped"
"""Where the facts keep it: the reason, and since when, a moment in UTC as text."""

STATES = (Disposition.FAILED, Disposition.BLOCKED, Disposition.VARIANCE, Disposition.DELETED_THERE)
"""Dispositions that are problems."""


def noted(facts: Mapping[str, Any], disposition: Disposition, reason: Reason, now: datetime) -> dict[str, Any] | None:
    """The facts with what stops the object from now on, None when they stay as they are. A new attempt is no end of a problem:
    only when it succeeds, or when something else is in the way, is it a thing of the past."""
    known = facts.get(STOPPED)
    if disposition in STATES:
        if known and known["reason"] == reason.value:
            return None
        return {**facts, STOPPED: {"reason": reason.value, "since": now.isoformat(timespec="seconds")}}
    if known is None or disposition is Disposition.PENDING:
        return None
    return {name: value for name, value in facts.items() if name != STOPPED}
