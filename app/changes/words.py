"""The words of the change log."""

from __future__ import annotations

ACTIONS = {
    "created": "First seen",
    "edited": "Edited there",
    "written": "Written by Concord",
    "acknowledged": "Acknowledged",
    "resolved": "Settled",
    "reopened": "Settlement undone",
    "linked": "Linked",
    "relinked": "Linked anew",
    "settings": "Settings",
    "note": "Note",
}

EFFECTS = {
    "taken": "taken into the record",
    "converged": "both said the same",
    "contested": "in conflict",
    "echoed": "our own write, heard back",
    "superseded": "chosen by a person",
    "written": "written",
}

NOTICED = {
    "poll": "found by reading",
    "webhook": "told by the system",
    "sweep": "found by a full comparison",
    "manual": "by hand",
    "receipt": "the answer to a write",
    "rule": "by a rule",
}
