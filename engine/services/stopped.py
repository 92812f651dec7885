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


TOLD_OF: Mapping[str, frozenset[Reason]] = {
    "problem": frozenset({Reason.CANNOT_MAP, Reason.OLD_TAX_RATE, Reason.DEPENDENCY_WAITS}),
    "failure": frozenset({Reason.REMOTE_UNREACHABLE}),
}
"""What facts say of a problem, and of which: kept no longer than that problem lasts."""


def noted(facts: Mapping[str, Any], disposition: Disposition, reason: Reason, now: datetime) -> dict[str, Any] | None:
    """The facts with what stops the object from now on, None when they stay as they are. A new attempt is no end of a problem:
    only when it succeeds, or when something else is in the way, is it a thing of the past."""
    if disposition is Disposition.PENDING:
        return None
    kept = {name: value for name, value in facts.items() if name not in TOLD_OF or reason in TOLD_OF[name]}
    known = kept.pop(STOPPED, None)
    if disposition in STATES:
        is_known = known and known["reason"] == reason.value
        kept[STOPPED] = known if is_known else {"reason": reason.value, "since": now.isoformat(timespec="seconds")}
    return kept if kept != facts else None
