"""The modules of the API (reference section 2): paths, keys, fields, actions, what they point at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from app.sandbox.scoro.fields import Field


class Scope(Enum):
    SITE = auto()
    """Shared by all entities of the site."""
    ENTITY = auto()
    """Each entity has its own."""
    CHOICE = auto()
    """Owned by one entity, shared with those that its `<module>_accounts` list names."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A field that is read from the record another field points at. `user_only`: not for a company's key."""

    via: str
    module: str
    field: str
    setting: str = ""
    user_only: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """One module. `key` is the name of the id in answers; `hook` the module's name for webhooks, if it has any."""

    path: str
    key: str
    fields: dict[str, Field]
    actions: frozenset[str]
    scope: Scope = Scope.SITE
    required: tuple[str, ...] = ()
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    lines: dict[str, Field] | None = None
    line_lookups: Mapping[str, Lookup] = field(default_factory=dict)
    line_references: Mapping[str, str] = field(default_factory=dict)
    soft_delete: bool = False
    has_hook: bool = False
    indexes: tuple[str, ...] = ()
    shared_by: str = ""
    has_text_key: bool = False
    """Ids in answers and filters are texts, such as `c_ponumber`."""

    @property
    def is_document(self) -> bool:
        return self.lines is not None


READ = frozenset({"list", "view"})
WRITE = frozenset({"list", "view", "modify", "delete"})
LIST = frozenset({"list"})
