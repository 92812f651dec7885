"""Which objects take part: categories, lists, start dates, bookmarks (R6, R10, R24, R32, R36–R39)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.objects import CausalObject
from engine.core.reasons import Reason
from engine.core.records import EXISTS, Category, Kind, Replica, State, System
from engine.mapping.registry import MAPPINGS
from engine.services.context import Context
from engine.store.tables import Binding, CategorySettings, Object

NAME, MEMBERS, TROUBLE = "name", "members", "trouble"
"""Beside the bookmark in a scope: what it is called, what it showed when it was last
read (in order), and why it could not be read since then."""

FILTERED = frozenset({Category.CONTACTS, Category.INVOICES, Category.BILLS})
"""Categories that a bookmark or filter can limit (R36)."""


def exclusion(context: Context, row: Object, thing: CausalObject, bindings: Mapping[Replica, Binding]) -> Reason:
    """Why the object does not take part, or NONE."""
    category = context.category(thing.kind)
    if not category.enabled:
        return Reason.CATEGORY_OFF
    if thing.kind is Kind.TRACKING_CLASS and context.settings.features.get("classes_per_line") != "true":
        return Reason.CLASS_TRACKING_OFF
    if (
        thing.kind is Kind.CONTACT
        and EXISTS in thing.fields
        and MAPPINGS[thing.kind].replicas(thing.fields) == {Replica.SCORO}
    ):
        return Reason.NOT_CLIENT_NOR_SUPPLIER
    if EXISTS in thing.fields and not in_scope(category, thing.fields, bindings):
        return Reason.NOT_IN_BOOKMARK
    if len({binding.system for binding in bindings.values()}) == 2:
        return Reason.NONE
    if _is_before_start(category, row, bindings):
        return Reason.BEFORE_START_DATE
    return Reason.NONE


def _is_before_start(category: CategorySettings, row: Object, bindings: Mapping[Replica, Binding]) -> bool:
    """Neither created nor changed since the start date. A historical import lifts this for single objects."""
    if category.start_date is None or row.facts.get("imported") or category.category == Category.REFERENCE:
        return False
    stamps = [
        stamp
        for binding in bindings.values()
        for stamp in (binding.remote_created_at, binding.remote_modified_at)
        if stamp is not None
    ]
    return bool(stamps) and max(stamps).date() < category.start_date


def is_limited(category: CategorySettings) -> bool:
    """Whether a bookmark or a filter is in force: only on what goes out of Scoro (R36)."""
    return bool(category.scope) and Category(category.category) in FILTERED and category.source == System.SCORO


def in_scope(category: CategorySettings, fields: State, bindings: Mapping[Replica, Binding]) -> bool:
    """Whether a filter lets the object through. Filters limit only what goes out of Scoro. What leaves a filter is left
    alone: it is excluded from then on, and never taken for deleted (R36). While a bookmark cannot be read nobody knows what it
    lets through: nothing is excluded, and nothing new is sent (see ``locks``)."""
    if not is_limited(category) or TROUBLE in category.scope:
        return True
    scoro = bindings.get(Replica.SCORO)
    if "bookmark" in category.scope:
        return scoro is not None and _is_among(category.scope.get(MEMBERS, ()), scoro.remote_id)
    return all(_matches(rule, fields) for rule in category.scope.get("rules", ()))


def _is_among(members: Sequence[str], id: str) -> bool:
    """Whether a bookmark showed the record. The ids are kept in order, so that 100,000 of them cost no more than a few looks."""
    position = bisect_left(members, id)
    return position < len(members) and members[position] == id


def _matches(rule: Mapping[str, Any], fields: State) -> bool:
    """One rule of a filter of our own: ``{"field", "is": equals | contains | from | to | set, "value"}``."""
    actual, wanted = str(fields.get(str(rule["field"]), "")).casefold(), str(rule.get("value", "")).casefold()
    match rule["is"]:
        case "equals":
            return actual == wanted
        case "contains":
            return wanted in actual
        case "from":
            return actual >= wanted
        case "to":
            return bool(actual) and actual <= wanted
        case _:
            return bool(actual)
