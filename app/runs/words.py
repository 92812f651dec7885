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
    "link": "Linking the accepted pairs",
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
    "linking": "Saving the matches",
    "retry": "Retry of everything behind a cause",
}

COUNTS = {
    "let_through": ("Let through", "Records from before the start date that this import lets take part."),
    "linked": ("Linked", "Accepted pairs that are one record now."),
    "retried": ("Put back for the next run", "Records of which it is forgotten what stopped them."),
    "observed": (
        "Records read",
        "Whatever the two systems sent: what has changed since the last run, also what Concord wrote there, and lists that can "
        "only be read as a whole.",
    ),
    "edited": ("Edits found", "Records read in which somebody changed something."),
    "new": ("New records", "Records read that Concord had not met before."),
    "planned": (
        "Writes planned",
        "One for each record and system it has to be brought to; again for one that was passed over and decided anew.",
    ),
    "written": ("Written", "Writes that were sent and read back."),
    "recovered": (
        "Of these left from before",
        "Writes of an earlier run whose answer was lost, and that turned out well.",
    ),
    "moved": (
        "Changed since the preview",
        "Writes of the preview that were left out, because somebody edited the record since.",
    ),
    "stale": (
        "Passed over",
        "Writes that were not sent, because the record had changed meanwhile; they are decided anew.",
    ),
    "duplicates": ("There already", "New records of which the other system has one by that name or number already."),
    "refused": ("Refused", "Writes that the other system did not take; the problems say why."),
    "retry": ("Not taken at once", "Times that a system did not answer or asked to wait; the write is sent again."),
    "conflicts": ("New conflicts", "Records that were edited in both systems apart."),
}
"""The counts of a run: what each is called, and what it counts."""

OUTCOMES = {
    "planned": ("Waiting", "busy"),
    "sent": ("Sent, answer awaited", "busy"),
    "confirmed": ("Written and read back", "good"),
    "retry": ("Will be tried again", "ask"),
    "rejected": ("Refused", "stop"),
    "stale": ("Passed over: it had changed meanwhile", "quiet"),
}

VERBS = {
    "create": "Create",
    "update": "Change",
    "delete": "Delete",
    "void": "Void",
    "apply": "Apply the credit to its invoice",
}


STAGES = {
    "apply": ("queued", ("written", "refused"), "written"),
    "let_through": ("found", ("let_through",), "let through"),
    "link": ("found", ("linked",), "linked"),
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
    return tuple((label, int(run.counts[name])) for name, (label, _) in COUNTS.items() if run.counts.get(name))


def meanings(run: Run) -> tuple[tuple[str, str], ...]:
    """What each of these figures counts, in a sentence."""
    return tuple((label, about) for name, (label, about) in COUNTS.items() if run.counts.get(name))


def context() -> dict[str, Any]:
    """The words, for templates."""
    return {
        "PHASES": PHASES,
        "TRIGGERS": TRIGGERS,
        "OUTCOMES": OUTCOMES,
        "VERBS": VERBS,
        "progress_of": progress,
        "figures_of": figures,
        "meanings_of": meanings,
    }
