"""The one place through which every write passes, of the API and of people alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.sandbox.common.journal import Actor
from app.sandbox.scoro import custom_fields, hooks
from app.sandbox.scoro.core import Core, Hand
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import FieldError, read_value, starting_values
from app.sandbox.scoro.filters import recently_deleted
from app.sandbox.scoro.modules import Module
from app.sandbox.scoro.rules import Rules, rules_of
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.wire import Writer
from app.sandbox.scoro.world import MODULES, Entity

Patch = Mapping[str, Any]


class Office:
    """Writes to one entity on behalf of one hand. Refusals are ApiError; then nothing has changed."""

    def __init__(self, core: Core, entity: Entity, hand: Hand) -> None:
        self.core = core
        self.entity = entity
        self.hand = hand
        self.behaviours = core.behaviours
        self.writer = Writer(entity, core.behaviours)

    def today(self) -> date:
        """In the site's time zone."""
        return self.core.now().astimezone(self.entity.site.zone).date()

    def create(self, path: str, patch: Patch, **marks: Any) -> Row:
        """`marks` are facts about the row that are not fields of the API."""
        module = MODULES[path]
        _require(module, patch)
        draft = starting_values(module.fields) | {"id": 0} | marks
        if module.is_document:
            draft["lines"] = []
        if "account_id" in module.fields:
            draft["account_id"] = self.entity.account_id
        return self._write(module, None, draft, patch, "create")

    def modify(self, path: str, id: int, patch: Patch) -> Row:
        before = self.existing(path, id)
        return self._write(MODULES[path], before, dict(before), patch, "modify")

    def delete(self, path: str, id: int) -> None:
        """Softly where the module keeps deletions, else for good."""
        module, before = MODULES[path], self.existing(path, id)
        self._rules(module).check_delete(before)
        if not module.soft_delete:
            self.entity.table(path).remove(id)
            self._tell(module, "delete", before, None)
            return
        after = before | {"is_deleted": True, "deleted_date": self.core.now()}
        if self.behaviours.deletion_bumps_modified:
            after |= {"modified_date": self.core.now()}
        self.entity.table(path).put(after)
        self._rules(module).deleted(after)
        self._tell(module, "delete", before, after)

    def restore(self, path: str, id: int) -> Row:
        """Take a deletion back, which only people can."""
        module, before = MODULES[path], self.entity.row(path, id)
        if before is None or not before.get("is_deleted"):
            raise ApiError(404, f"{path} {id} is not deleted")
        self._rules(module).check_restore(before)
        after = before | {"is_deleted": False, "deleted_date": None, "modified_date": self.core.now()}
        self.entity.table(path).put(after)
        self._rules(module).saved(None, after)
        self._tell(module, "modify", before, after)
        return self.existing(path, id)

    def existing(self, path: str, id: int) -> Row:
        """A live row that this entity sees; raises ApiError 404."""
        row = self.entity.row(path, id)
        if row is None or row.get("is_deleted") or not self.entity.sees(MODULES[path], row):
            raise ApiError(404, f"Object {id} not found in {path}")
        return row

    def viewable(self, path: str, id: int) -> Row:
        """As `existing`, or deleted within the last thirty days where that can be viewed."""
        row = self.entity.row(path, id)
        is_shown = row is not None and row.get("is_deleted") and self.behaviours.view_shows_deleted
        if row is not None and is_shown and recently_deleted(row, self.core.now()):
            return row
        return self.existing(path, id)

    def touch(self, path: str, before: Row, changes: Patch, *, bump: bool, by: Actor | None = None) -> Row:
        """A consequence of another write, with stamps and notifications.

        What is only calculated anew stays out of the journal; other changes are entered there as `by` their cause.
        """
        after: Row = before | dict(changes)
        is_bumped = bump and not before.get("is_deleted")
        if is_bumped:
            after |= {"modified_date": self.core.now()}
        self.entity.table(path).put(after)
        if by is not None:
            self._record(by, MODULES[path], "modify", before, after)
        if is_bumped:
            hooks.announce(self, MODULES[path], "modify", after, frozenset(changes))
        return after

    def _write(self, module: Module, before: Row | None, draft: Row, patch: Patch, action: str) -> Row:
        draft |= _readable(module, patch)
        if "custom_fields" in patch and "custom_fields" in module.fields:
            draft["custom_fields"] = self._custom_fields(module, before, draft)
        rules = self._rules(module)
        rules.prepare(before, draft, patch)
        after = self._stamped(module, before, draft)
        self.entity.table(module.path).put(after)
        rules.saved(before, after)
        after = self.entity.row(module.path, after["id"]) or after
        self._tell(module, action, before, after)
        return after

    def _custom_fields(self, module: Module, before: Row | None, draft: Row) -> list[dict[str, Any]]:
        former = before["custom_fields"] if before else []
        merges = self.behaviours.custom_fields_merged
        return custom_fields.written(self.entity, module.path, former, draft["custom_fields"], merges=merges)

    def _stamped(self, module: Module, before: Row | None, draft: Row) -> Row:
        if before is None:
            draft["id"] = draft["id"] or self.entity.site.next_id(module.path)
            draft["creator"] = self.hand.user_id
            if "created_date" in module.fields:
                draft["created_date"] = self.core.now()
        is_moved = before is None or draft != before or self.behaviours.unchanged_modify_bumps
        if "modified_date" in module.fields and is_moved:
            draft["modified_date"] = self.core.now()
        return draft

    def _rules(self, module: Module) -> Rules:
        return rules_of(module.path)(self, module)

    def _tell(self, module: Module, action: str, before: Row | None, after: Row | None) -> None:
        """Journal, counts and notifications of an accepted write."""
        if self.hand.actor.kind == "api":
            self.core.stats.write(self.hand.call)
        self._record(self.hand.actor, module, action, before, after)
        hooks.announce(self, module, action, after or before or {}, hooks.changed_fields(before, after))

    def _record(self, actor: Actor, module: Module, action: str, before: Row | None, after: Row | None) -> None:
        self.core.journal.record(
            actor,
            entity=module.path,
            id=str((after or before or {})["id"]),
            operation=action,
            before=self._picture(module, before),
            after=self._picture(module, after),
        )

    def _picture(self, module: Module, row: Row | None) -> dict[str, Any] | None:
        return None if row is None else self.writer.write(module, row, detailed=True)


def _require(module: Module, patch: Patch) -> None:
    missing = [name for name in module.required if patch.get(name) in (None, "", [])]
    if missing:
        raise ApiError(400, *(f"{name} is required" for name in missing))


def _readable(module: Module, patch: Patch) -> Row:
    """The writable fields of a patch in their stored form; everything else is ignored."""
    try:
        return {
            name: read_value(module.fields[name], name, value)
            for name, value in patch.items()
            if name in module.fields and module.fields[name].writable
        }
    except FieldError as problem:
        raise ApiError(400, str(problem)) from problem
