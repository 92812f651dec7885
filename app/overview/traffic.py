"""The picture of the last days' traffic: to QuickBooks above the line, to Scoro below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.services.browse.overview import Day

WIDTH, HALF, TOP = 560, 56, 4
"""Units of the drawing: its width, the height of each half, the room above."""

BAR = 0.62
"""Share of a day's width that its bar takes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle; ``way`` is the system it goes to."""

    way: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing: its size, the line in the middle, the bars, and the days under it with their places."""

    width: int
    height: int
    middle: int
    bars: tuple[Bar, ...]
    marks: tuple[tuple[float, Day], ...]
    greatest: int
    days: tuple[Day, ...]
    to_scoro: int
    to_quickbooks: int


def draw(days: Sequence[Day]) -> Chart:
    """Bars of all days on one scale, so that both directions compare."""
    greatest = max([1, *(max(day.to_scoro, day.to_quickbooks) for day in days)])
    step = WIDTH / max(1, len(days))
    middle = TOP + HALF
    bars: list[Bar] = []
    for place, day in enumerate(days):
        x, width = place * step + step * (1 - BAR) / 2, step * BAR
        up, down = (_height(count, greatest) for count in (day.to_quickbooks, day.to_scoro))
        if up:
            bars.append(Bar("quickbooks", round(x, 1), round(middle - up, 1), round(width, 1), round(up, 1)))
        if down:
            bars.append(Bar("scoro", round(x, 1), middle, round(width, 1), round(down, 1)))
    marks = tuple((round(place * step + step / 2, 1), days[place]) for place in _marked(len(days)))
    return Chart(
        WIDTH, TOP + 2 * HALF + 20, middle, tuple(bars), marks, greatest, tuple(days),
        sum(day.to_scoro for day in days), sum(day.to_quickbooks for day in days),
    )  # fmt: skip


def _height(count: int, greatest: int) -> float:
    """A day with anything at all is seen."""
    return max(2.0, (HALF - 2) * count / greatest) if count else 0.0


def _marked(count: int) -> tuple[int, ...]:
    """The days that are named: the first, the middle and the last."""
    return tuple(sorted({0, count // 2, count - 1})) if count else ()
