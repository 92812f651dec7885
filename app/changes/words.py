"""The words of the change log."""

from __future__ import annotations

ACTIONS = {
    "created": "First seen",
    "edited": "Edited there",
    "written": "Written by Concord",
    "acknowledged": "Read back and found equal",
    "resolved": "Settled",
    "reopened": "Settlement undone",
    "linked": "Linked",
    "relinked": "Linked to another record",
    "settings": "Settings",
    "note": "Done in Concord",
}

EFFECTS = {
    "taken": "taken into the record",
    "converged": "both sides say the same",
    "contested": "in conflict with the other side",
    "echoed": "Concord's own write, seen again",
    "superseded": "chosen by a person",
    "written": "written",
}

NOTICED = {
    "poll": "found by reading",
    "webhook": "announced by the system",
    "sweep": "found by a full comparison",
    "manual": "by hand",
    "receipt": "read back after writing",
    "rule": "by a rule of the settings",
}
