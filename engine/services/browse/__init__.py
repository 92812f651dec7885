"""What screens, API and command line show: read-only, in keyset pages, never a count over everything."""

from engine.services.browse.changes import changes, history, stream
from engine.services.browse.conflicts import conflicts, next_conflict, settled
from engine.services.browse.listed import Line, titles_of
from engine.services.browse.object_view import object_view
from engine.services.browse.objects import ids_of, objects
from engine.services.browse.overview import overview
from engine.services.browse.paging import Page
from engine.services.browse.problems import behind, problems
from engine.services.browse.runs import plan_rows, run_view, runs, writes
from engine.services.browse.waiting import waiting
from engine.services.stopped import STATES as PROBLEM_STATES

__all__ = [
    "PROBLEM_STATES", "Line", "Page", "behind", "changes", "conflicts", "history", "ids_of", "next_conflict",
    "object_view", "objects", "overview", "plan_rows", "problems", "run_view", "runs", "settled", "stream", "titles_of",
    "waiting", "writes",
]  # fmt: skip
