"""The picks of a review: from a form to the choices that the service takes, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.formatting import plain_number
from app.forms import Form
from engine.core.policy import generic
from engine.core.records import HUB, Path, Replica, line_key
from engine.services.resolve import ContestView

VALUE, BOTH = "value", "both"
NUMBERS = frozenset({"money", "quantity", "rate"})
JOINED = frozenset({"notes", "message", "memo", "lines/description"})
"""Fields in which one text can stand under the other."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What a person picked for one field: an actor, ``value`` with ``text``, or ``both``."""

    how: str
    text: str = ""


def picks_of(form: Form, contests: Iterable[ContestView]) -> dict[Path, Pick]:
    """The picks of a posted form. A button may have picked a whole side (``all``) or one line of it (``line``)."""
    found: dict[Path, Pick] = {}
    whole, line = form.values.get("all", ""), form.values.get("line", "")
    for contest in contests:
        system = whole or _of_line(line, contest.path)
        actor = side_of(contest, system) if system else ""
        how = actor or form.values.get(f"pick:{contest.path}", "")
        if _is_possible(contest, how):
            found[contest.path] = Pick(how, form.values.get(f"value:{contest.path}", "").strip())
    return found


def _of_line(line: str, path: Path) -> str:
    """The system that a press on a line's button picks for ``path``; "" when it is about another line."""
    key, _, system = line.partition(":")
    return system if key and line_key(path) == key else ""


def _is_possible(contest: ContestView, how: str) -> bool:
    return how in contest.sides or (how == VALUE and can_type(contest)) or (how == BOTH and bool(both_of(contest)))


def side_of(contest: ContestView, system: str) -> str:
    """The actor of one system in a contest, "" when it has none or more than one."""
    own = [actor for actor in contest.sides if actor != HUB and Replica(actor).system == system]
    return own[0] if len(own) == 1 else ""


def can_type(contest: ContestView) -> bool:
    """Whether a value of one's own makes sense: not for records that are referred to, nor for whole lines."""
    return contest.type in ("text", "money", "rate", "quantity", "date", "code")


def both_of(contest: ContestView) -> str:
    """Both texts, one under the other, where that makes sense; else ""."""
    texts = [str(contest.sides[actor]) for actor in ordered(contest.sides) if contest.sides[actor]]
    return "\n".join(texts) if generic(contest.path) in JOINED and len(texts) > 1 else ""


def ordered(actors: Iterable[str]) -> list[str]:
    """Scoro first, then QuickBooks, then decisions made here."""
    known = [replica.value for replica in Replica]
    return sorted(actors, key=lambda actor: known.index(actor) if actor in known else len(known))


def choices_of(picks: Mapping[Path, Pick], contests: Iterable[ContestView]) -> dict[Path, dict[str, str]]:
    """The picks as the service takes them."""
    by_path = {contest.path: contest for contest in contests}
    return {path: _choice(pick, by_path[path]) for path, pick in picks.items()}


def _choice(pick: Pick, contest: ContestView) -> dict[str, str]:
    if pick.how == VALUE:
        return {"value": plain_number(pick.text) if contest.type in NUMBERS else pick.text}
    if pick.how == BOTH:
        return {"value": both_of(contest)}
    return {"side": pick.how}
