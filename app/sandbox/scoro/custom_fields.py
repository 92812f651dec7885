"""Values of custom fields: which a module has, and how a write changes them (reference 2.17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sandbox.scoro.world import Entity

Values = list[dict[str, Any]]


def written(entity: Entity, path: str, before: Values, sent: Values, *, merges: bool) -> Values:
    """The values after a write. What is no custom field of the module is ignored, like any unknown key."""
    known = {row["wire_id"] for row in entity.table("customFields").rows() if path in row["modules"]}
    fresh = {each["id"]: _value(each) for each in sent if each.get("id") in known}
    kept = {each["id"]: each for each in before} if merges else {}
    return list((kept | fresh).values())


def _value(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": sent["id"], "value": sent.get("value")}
