"""``python -m tests.proofs.machine --histories 1000 --seed 1``: histories of everything that can happen, each checked against
an oracle of plain dicts. A failure is told with its seed and the shortest history that still shows it.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.proofs.machine_acts import ACTS
from tests.proofs.machine_ledger import Violation
from tests.proofs.machine_play import Play, begin, finish
from tests.proofs.machine_stage import SETTINGS, Stage, build_stage

Step = tuple[str, int]
STEPS = 12
"""Steps of a history when nothing else is asked for."""

PHRASES = (
    ("reword on both sides", "run", "resolve", "run"),
    ("change lines on both sides", "run", "resolve and undo", "resolve", "crash"),
    ("reword on both sides", "run", "resolve", "flip"),
    ("delete", "time", "run", "decide deletion", "crash"),
    ("edit contact", "edit contact", "run", "flip", "run"),
    ("same contact on both sides", "run", "match", "run"),
    ("pay", "run", "deposit", "change line"),
    ("trouble", "change line", "run", "change line", "flip", "run"),
    ("crash", "time", "flip", "run"),
    ("change tax", "run", "accept variance"),
    ("merge", "run", "match", "run"),
    ("credit", "run", "change line", "run"),
    ("drop line", "change lines on both sides", "paused"),
    ("void", "change line", "run"),
)
"""What goes together, so that what follows from it is reached more often than by chance."""

RARE = (
    "died", "died pushing", "paused", "overtaken", "interrupted", "run failed", "write stale", "write rejected",
    "write confirmed", "write by hand", "push written", "resolve", "resolve and undo", "decide deletion", "match accepted",
    "authorised again", "weeks passed", "webhooks normal", "webhooks duplicate", "webhooks reorder", "webhooks drop",
    "webhooks late", "conflict: same_field_edited", "conflict: edited_and_deleted", "held: against_direction",
    "held: only_on_other_side", "blocked: payment_attached", "in_step: gone_everywhere", "deleted_there: merged_there",
    "excluded: category_off", "excluded: not_in_bookmark", "merge", "void", "credit", "deposit", "flip", "restore",
    "accept variance", "change tax", "change currency", "start date", "trouble reset_after", "trouble stale_token",
    "trouble truncate_page", "trouble wrong_deleted", "trouble expired_token", "trouble throttle_minute",
)  # fmt: skip
"""Paths that a whole budget must have reached; ``ENOUGH`` is how large a budget has to be to reach them all."""
ENOUGH = 2000


@dataclass(frozen=True, slots=True)
class History:
    """What happens, where, in which order. The same history always ends the same way."""

    setting: int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return f"History({self.setting}, {self.steps!r})"


@dataclass
class Reached:
    """What a budget of histories came to."""

    histories: int = 0
    steps: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        count = self.happened
        conflicts = count["conflict: same_field_edited"] + count["conflict: edited_and_deleted"]
        crashes = count["died"] + count["died pushing"]
        runs = sum(number for name, number in count.items() if name.startswith(("run ", "scheduled run ")))
        rare = sum(1 for name in RARE if count[name])
        return (
            f"{self.histories:,} histories, {self.steps:,} steps, {runs:,} runs, {count['write confirmed']:,} writes, "
            f"{conflicts:,} conflicts left open, {count['resolve']:,} resolved, {crashes:,} crashes, "
            f"{count['overtaken']:,} overtaken, {count['flip']:,} flips, rare paths {rare} of {len(RARE)}"
        )


class Theatre:
    """The stages, built when first needed."""

    def __init__(self, folder: Path, database: str = "") -> None:
        """``database``: the address of empty databases, with ``{}`` for the number of the setting; "" for SQLite."""
        self._folder = folder
        self._database = database
        self._stages: dict[int, Stage] = {}

    def stage(self, setting: int) -> Stage:
        """The stage of a setting."""
        if setting not in self._stages:
            url = self._database.replace("{}", str(setting))
            self._stages[setting] = build_stage(SETTINGS[setting], self._folder / str(setting), url)
        return self._stages[setting]

    def close(self) -> None:
        """Give everything back."""
        for stage in self._stages.values():
            stage.close()


def draw(seed: int, number: int, steps: int = STEPS, only: Collection[str] = ()) -> History:
    """The history of this number: chance, with things now and then that go together; of ``only`` these acts when some are
    named."""
    random = Random(f"{seed}/{number}")
    names = [name for name in ACTS if not only or name in only]
    weights = [1 if only else ACTS[name].weight for name in names]
    length = random.randint(max(2, steps // 2), steps)
    chosen: list[str] = []
    while len(chosen) < length:
        chosen += random.choice(PHRASES) if not only and random.random() < 0.15 else random.choices(names, weights)
    return History(random.randrange(len(SETTINGS)), tuple((name, random.randrange(1000)) for name in chosen[:steps]))


def play(theatre: Theatre, history: History) -> Play:
    """Play a history to its end and check it. Raises ``Violation``, or whatever else broke."""
    stage = theatre.stage(history.setting)
    playing = begin(stage, "machine")
    try:
        for name, salt in history.steps:
            playing.act(name, ACTS[name].do, salt)
        finish(playing)
    except Exception as failure:
        failure.add_note("\n".join(playing.story))
        raise
    return playing


def trouble_of(theatre: Theatre, history: History) -> Exception | None:
    """What breaks when this history is played."""
    try:
        play(theatre, history)
    except Exception as failure:  # any failure of a history is what is looked for
        return failure
    return None


def kind_of_trouble(failure: Exception) -> str:
    """What a failure is about, without its details; a shorter history has to fail the same way."""
    if isinstance(failure, Violation):
        return "".join(letter for letter in str(failure)[:40] if not letter.isdigit())
    return type(failure).__name__


def shrink(theatre: Theatre, history: History, failure: Exception, seconds: float = 120) -> tuple[History, Exception]:
    """The shortest history found that fails the same way: ever smaller parts are left out as long as it still fails."""
    wanted, until = kind_of_trouble(failure), time.monotonic() + seconds
    size = max(1, len(history.steps) // 2)
    while size and time.monotonic() < until:
        shorter = _without_some(theatre, history, size, wanted, until)
        if shorter is None:
            size //= 2
        else:
            history, failure = shorter
            size = min(size, max(1, len(history.steps) // 2))
    return history, failure


def _without_some(
    theatre: Theatre, history: History, size: int, wanted: str, until: float
) -> tuple[History, Exception] | None:
    for start in range(0, len(history.steps), size):
        if time.monotonic() > until:
            return None
        shorter = History(history.setting, history.steps[:start] + history.steps[start + size :])
        failure = trouble_of(theatre, shorter)
        if failure is not None and kind_of_trouble(failure) == wanted:
            return shorter, failure
    return None


def play_number(
    theatre: Theatre,
    seed: int,
    number: int,
    steps: int,
    reached: Reached,
    known: Counter[str],
    only: Collection[str] = (),
) -> None:
    """Play one history; when it fails, its shortest form is raised as a ``Violation``. What is known well is not made shorter."""
    history = draw(seed, number, steps, only)
    try:
        played = play(theatre, history)
    except Exception as failure:
        known[kind_of_trouble(failure)] += 1
        raise _told(theatre, seed, number, history, failure, known) from failure
    reached.histories += 1
    reached.steps += len(history.steps)
    reached.happened += played.happened
    reached.refused += played.refused


def _told(
    theatre: Theatre, seed: int, number: int, history: History, failure: Exception, known: Counter[str]
) -> Violation:
    seconds = 120 if known[kind_of_trouble(failure)] <= 2 else 0
    shortest, last = shrink(theatre, history, failure, seconds)
    where = "" if isinstance(last, Violation) else "\n" + "".join(traceback.format_exception(last, limit=-6))
    story = "\n".join(getattr(last, "__notes__", []))
    return Violation(
        f"seed {seed}, history {number} ({SETTINGS[shortest.setting].name}): {last}{where}\n"
        f"shortest: {shortest}\n{story}"
    )


def missed(reached: Reached) -> list[str]:
    """Rare paths that a budget this large must have reached and has not."""
    return [name for name in RARE if not reached.happened[name]] if reached.histories >= ENOUGH else []


def main(arguments: list[str]) -> int:
    """Play histories and tell in one line what was reached; with ``--keep-going`` every failure is told."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.machine", description=__doc__)
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first history")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--keep-going", action="store_true", help="go on after a failure")
    parser.add_argument("--only", default="", help="these acts only, separated by commas")
    parser.add_argument("--database", default="", help="empty databases of PostgreSQL, {} for a number from 0 to 3")
    chosen = parser.parse_args(arguments)
    reached, failures = Reached(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        theatre = Theatre(Path(folder), chosen.database)
        try:
            _perform(theatre, chosen, reached, failures)
        except KeyboardInterrupt:
            _say("interrupted; so far:")
        theatre.close()
    return _report(chosen, reached, failures.total())


def _perform(theatre: Theatre, chosen: argparse.Namespace, reached: Reached, failures: Counter[str]) -> None:
    only, started = [name for name in chosen.only.split(",") if name], time.monotonic()
    gc.freeze()
    for number in range(chosen.first, chosen.first + chosen.histories):
        try:
            play_number(theatre, chosen.seed, number, chosen.steps, reached, failures, only)
        except Violation as failure:
            _say(f"FAILED {failure}\n")
            if not chosen.keep_going:
                return
        if number % 50 == 49:
            speed = reached.histories / (time.monotonic() - started)
            _say(f"... {reached}, {failures.total()} failed, {speed:.2f}/s")


def _report(chosen: argparse.Namespace, reached: Reached, failures: int) -> int:
    for name, number in sorted(reached.happened.items()):
        _say(f"  {number:7} {name}")
    for name, number in reached.refused.most_common(40):
        _say(f"  {number:7} refused: {name}")
    unreached = [] if chosen.only else missed(reached)
    for name in unreached:
        _say(f"NEVER REACHED {name}")
    _say(f"state machine, seed {chosen.seed}: {reached}; {failures} failed")
    return 1 if failures or unreached else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # a command's output


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets is part of a history
        command = [sys.executable, "-m", "tests.proofs.machine", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606  # this very command again
    sys.exit(main(sys.argv[1:]))
