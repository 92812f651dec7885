"""What fields are called on screens, from the rules of the mappings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from engine.core.policy import generic
from engine.core.records import EXISTS, VOID, Kind, Path
from engine.mapping.base import FieldRule
from engine.mapping.registry import MAPPINGS

_SPECIAL = {EXISTS: "Exists", VOID: "Void", "lines": "Line"}


@cache
def rules_of(kind: Kind) -> Mapping[str, FieldRule]:
    """Generic path → rule."""
    return {_generic_rule(rule.path): rule for rule in MAPPINGS[kind].rules}


def _generic_rule(path: Path) -> Path:
    return path if not path.startswith("lines/") else "lines/" + path.rsplit("/", 1)[-1]


def label_of(kind: Kind, path: Path) -> str:
    """The name of a field for people."""
    bare = generic(path)
    if bare in _SPECIAL:
        return _SPECIAL[bare]
    rule = rules_of(kind).get(bare)
    return rule.label if rule else bare.replace("_", " ").capitalize()


def rule_of(kind: Kind, path: Path) -> FieldRule | None:
    """The rule of a field, when the mapping has one."""
    return rules_of(kind).get(generic(path))
