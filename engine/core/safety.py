"""Brakes: predicates over a whole plan that halt a run for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.money import spoken_amount


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares are of the bound objects of a category; counts below ``floor`` never halt.

    ``amounts``: currency → greatest sum, in minor units, that one run may write; absent: no limit.
    """

    deleted_share: float = 0.1
    changed_share: float = 0.5
    vanished_share: float = 0.5
    floor: int = 10
    amounts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run is about to do in one category: bound objects, planned updates and deletions, records
    that vanished since the last run, and the sums to be written per currency in minor units."""

    category: str
    bound: int
    updates: int = 0
    deletions: int = 0
    vanished: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Brake:
    """A brake that fired: ``name`` is stable, ``sentence`` gives the figures."""

    name: str
    category: str
    sentence: str


def brakes(figures: Figures, limits: Limits) -> tuple[Brake, ...]:
    """Every brake that fires on these figures."""
    found = [
        _share("deletions", figures, figures.deletions, limits.deleted_share, limits, "would be deleted at once"),
        _share("changes", figures, figures.updates, limits.changed_share, limits, "would be changed at once"),
        _share(
            "vanished",
            figures,
            figures.vanished,
            limits.vanished_share,
            limits,
            "disappeared from one side since the last run",
        ),
        *(_amount(figures, currency, total, limits) for currency, total in sorted(figures.amounts.items())),
    ]
    return tuple(brake for brake in found if brake is not None)


def _share(name: str, figures: Figures, count: int, share: float, limits: Limits, what: str) -> Brake | None:
    if count < limits.floor or count <= share * figures.bound:
        return None
    return Brake(
        name, figures.category, f"{count:,} of {figures.bound:,} {figures.category} {what} (limit {share:.0%})."
    )


def _amount(figures: Figures, currency: str, total: int, limits: Limits) -> Brake | None:
    limit = limits.amounts.get(currency)
    if limit is None or total <= limit:
        return None
    written, most = spoken_amount(total, currency), spoken_amount(limit, currency)
    return Brake(
        "amount", figures.category, f"{written} of {figures.category} would be written, more than the limit of {most}."
    )
