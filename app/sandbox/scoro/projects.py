"""Projects: numbers of their own, and phases, which are kept like the lines of documents (reference 2.8, 2.16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import FieldError, kept_id, read_value
from app.sandbox.scoro.rules import ShareRules
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import MODULES

PHASE = {name: field for name, field in MODULES["projectPhases"].fields.items() if name != "project_id"}


class ProjectRules(ShareRules):
    def prepare(self, before: Row | None, draft: Row, patch: Mapping[str, Any]) -> None:
        super().prepare(before, draft, patch)
        numbers = self.office.entity.numbers
        if not draft["no"]:
            numbers["projects"] = numbers.get("projects", 0) + 1
            draft["no"] = str(numbers["projects"])
        if "phases" in patch:
            known = {phase["id"] for phase in (before or {}).get("phases", ())}
            draft["phases"] = [self._phase(sent, known) for sent in draft["phases"]]

    def saved(self, before: Row | None, after: Row) -> None:
        """`projectPhases` lists what the projects have; a phase that was not sent is gone."""
        table = self.office.entity.table("projectPhases")
        for phase in (before or {}).get("phases", ()):
            table.remove(phase["id"])
        for phase in after["phases"]:
            table.put(phase | {"project_id": after["id"]})

    def deleted(self, row: Row) -> None:
        for phase in row["phases"]:
            self.office.entity.table("projectPhases").remove(phase["id"])

    def _phase(self, sent: Mapping[str, Any], known: set[int]) -> Row:
        """One that is sent with its id keeps it."""
        id = kept_id(sent, "id", known) or self.office.entity.site.next_id("projectPhases")
        try:
            return {name: read_value(field, name, sent.get(name)) for name, field in PHASE.items()} | {"id": id}
        except FieldError as problem:
            raise ApiError(400, f"phases: {problem}") from problem
