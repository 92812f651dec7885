"""Observing: what remote records do to the objects. Load in sets, hash first, diff only what changed, log in bulk."""

from engine.services.observing.page import Observed
from engine.services.observing.pictures import binding_columns, digest_of, edited_since, is_older, reading_of
from engine.services.observing.taking import observe_records
from engine.services.observing.telling import state_if_contested

__all__ = [
    "Observed", "binding_columns", "digest_of", "edited_since", "is_older", "observe_records", "reading_of",
    "state_if_contested",
]  # fmt: skip
