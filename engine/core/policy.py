"""The settings of a category as the core sees them, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.core.records import HUB, Path, Replica, System


class ConflictPolicy(StrEnum):
    """What happens to concurrent edits of one field."""

    ASK = "ask"
    SOURCE = "source"
    NEWEST = "newest"


class DeletionPolicy(StrEnum):
    """What happens on the other side when a record is deleted at the source."""

    FOLLOW = "follow"
    ASK = "ask"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Policy:
    """The direction in force and its rules. ``epoch`` grows with every flip."""

    source: System
    enabled: bool = True
    epoch: int = 1
    conflicts: ConflictPolicy = ConflictPolicy.ASK
    conflict_fields: Mapping[Path, ConflictPolicy] = field(default_factory=dict)
    deletions: DeletionPolicy = DeletionPolicy.ASK

    def propagates(self, actor: str) -> bool:
        """Whether edits of ``actor`` go to the other replicas: those of the source's replicas, and a person's
        decisions."""
        return actor == HUB or Replica(actor).system is self.source

    def conflict_policy(self, path: Path) -> ConflictPolicy:
        """The rule for one field; a line field is named without its key (``lines/quantity``)."""
        return self.conflict_fields.get(generic(path), self.conflicts)


def generic(path: Path) -> Path:
    """``path`` without its line key: ``lines/s4/quantity`` becomes ``lines/quantity``."""
    head, slash, rest = path.partition("/")
    if head != "lines" or not slash:
        return path
    _, slash, name = rest.partition("/")
    return f"lines/{name}" if slash else "lines"
