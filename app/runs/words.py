"""The words of runs: phases, triggers, counts and what becomes of a write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.store.tables import Run

PHASES = {
    "": "Waiting for its turn",
    "recover": "Settling writes whose answer was lost",
    "observe": "Reading both systems",
    "plan": "Deciding what to write",
    "look": "Reading the period",
    "let_through": "Letting the older records through",
    "retry": "Putting back what was held up",
    "approved": "Holding the preview against what has changed since",
    "apply": "Writing",
}

TRIGGERS = {
    "schedule": "By schedule",
    "person": "Synchronize now",
    "plan": "A preview, applied as it was shown",
    "webhook": "Woken by a change",
    "push": "Sent or pulled by hand",
    "pull": "Sent or pulled by hand",
    "import": "Historical import",
    "import_preview": "Preview of a historical import",
    "matching": "Matching",
    "retry": "Retry of everything behind a cause",
}

COUNTS = {
    "let_through": "Let through",
    "retried": "Put back for the next run",
    "observed": "Records read",
    "edited": "Edits found",
    "new": "New records",
    "planned": "Writes planned",
    "written": "Written",
    "moved": "Changed since the preview",
    "refused": "Refused",
    "retry": "To be tried again",
    "conflicts": "New conflicts",
}

OUTCOMES = {
    "planned": ("Waiting", "busy"),
    "sent": ("Sent, answer awaited", "busy"),
    "confirmed": ("Written and read back", "good"),
    "retry": ("Will be tried again", "ask"),
    "rejected": ("Refused", "stop"),
    "stale": ("Passed over: it had changed meanwhile", "quiet"),
}

VERBS = {"create": "Create", "update": "Change", "delete": "Delete", "void": "Void"}


STAGES = {
    "apply": ("queued", ("written", "refused"), "written"),
    "let_through": ("found", ("let_through",), "let through"),
    "retry": ("behind", ("retried",), "put back"),
}
"""Phases whose end is known beforehand: the count of everything, the counts of what is done, and what is done to it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: what it does, its figures, and done of total once the total is known; ``said``: what is done to each."""

    phase: str
    figures: tuple[tuple[str, int], ...]
    done: int = 0
    total: int = 0
    said: str = ""


def progress(run: Run) -> Progress:
    """The progress of a run as its page shows it."""
    phase = PHASES.get(run.phase, run.phase)
    if run.phase not in STAGES:
        return Progress(phase, figures(run))
    whole, parts, said = STAGES[run.phase]
    total = int(run.counts.get(whole, 0))
    done = sum(int(run.counts.get(name, 0)) for name in parts)
    return Progress(phase, figures(run), min(done, total), total, said)


def figures(run: Run) -> tuple[tuple[str, int], ...]:
    """The counts that are not zero, in words."""
    return tuple((label, int(run.counts[name])) for name, label in COUNTS.items() if run.counts.get(name))


def context() -> dict[str, Any]:
    """The words, for templates."""
    return {
        "PHASES": PHASES,
        "TRIGGERS": TRIGGERS,
        "OUTCOMES": OUTCOMES,
        "VERBS": VERBS,
        "progress_of": progress,
        "figures_of": figures,
    }
