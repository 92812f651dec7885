"""Fields of objects as people read them: labels from the mapping's own table, values with their references by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from app.formatting import day, titled
from engine.core.records import EXISTS, VOID, Kind, line_key
from engine.mapping.registry import rule_for
from engine.store.tables import Object

OWN_WORDS = {EXISTS: "Exists", VOID: "Voided"}
CHUNK = 500


def label(kind: str, path: str) -> str:
    """The name of a field: ``Due date``, ``Line: Quantity``."""
    rule = rule_for(Kind(kind), path)
    text = rule.label if rule else OWN_WORDS.get(path, path.rpartition("/")[2].replace("_", " ").capitalize())
    return f"Line: {text}" if line_key(path) and path.count("/") > 1 else text


def value(kind: str, path: str, raw: Any, titles: Mapping[str, str]) -> str:
    """A value as text: yes or no, a date the reader's way, a referred object by its title, everything else as it is."""
    if raw is None or raw == "":
        return "—"
    if isinstance(raw, bool):
        return "Yes" if raw else "No"
    rule = rule_for(Kind(kind), path)
    if rule and rule.type == "reference":
        return titled(titles[str(raw)]) if str(raw) in titles else "A record that is not known yet"
    if rule and rule.type == "date":
        return day(str(raw)) if _is_day(str(raw)) else str(raw)
    return str(raw)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def references(kind: str, pairs: Iterable[tuple[str, Any]]) -> set[str]:
    """The ids of objects that these fields (path, value) refer to."""
    rules = ((rule_for(Kind(kind), path), raw) for path, raw in pairs)
    return {str(raw) for rule, raw in rules if rule and rule.type == "reference" and raw}


def titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """The titles of objects by id."""
    wanted = sorted(set(ids))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        found.update(session.exec(select(Object.id, Object.title).where(col(Object.id).in_(part))).all())
    return found
