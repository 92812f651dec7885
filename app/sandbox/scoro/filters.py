"""List filters and their traps (reference 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import STAMPS, Field, FieldError, Kind, read_value
from app.sandbox.scoro.modules import Module
from app.sandbox.scoro.store import Row, Table
from app.sandbox.scoro.world import Entity

KEPT_DELETED = timedelta(days=30)
Test = Callable[[Row], bool]


class Selection:
    """Finds the rows of one module that an entity may see and a filter lets through."""

    def __init__(self, entity: Entity, module: Module, behaviours: Behaviours, now: datetime) -> None:
        self._entity = entity
        self._module = module
        self._behaviours = behaviours
        self._now = now
        self._table: Table = entity.table(module.path)

    def ids(self, wanted: Mapping[str, Any], *, include_deleted: bool) -> list[int]:
        """Matching ids in list order. Raises ApiError 400 for a value that its field cannot have."""
        tests = self._tests(wanted)
        narrowed = self._narrowed(wanted)
        if narrowed is None:
            pool: Iterable[int] = [*self._table.live(), *self._shown_deleted(include_deleted)]
        else:
            by, found = narrowed
            tests.pop(by, None)
            pool = self._without_hidden(found, include_deleted)
        if self._module.shared_by:
            tests["entity"] = lambda row: self._entity.sees(self._module, row)
        return self._ordered(self._passing(pool, list(tests.values())))

    def admits(self, row: Row, wanted: Mapping[str, Any]) -> bool:
        """Whether one row passes a filter, deleted or not."""
        return all(test(row) for test in self._tests(wanted).values())

    def _shown_deleted(self, include_deleted: bool) -> list[int]:
        """Ids of deleted rows that this list shows."""
        if not include_deleted:
            return []
        rows = ((id, self._table.get(id)) for id in self._table.deleted())
        return [id for id, row in rows if row is not None and recently_deleted(row, self._now)]

    def _without_hidden(self, found: Iterable[int], include_deleted: bool) -> list[int]:
        hidden = self._table.deleted() - set(self._shown_deleted(include_deleted))
        return [id for id in found if id not in hidden]

    def _passing(self, pool: Iterable[int], tests: list[Test]) -> Iterable[int]:
        if not tests:
            return pool
        rows = ((id, self._table.get(id)) for id in pool)
        return [id for id, row in rows if row is not None and all(test(row) for test in tests)]

    def _narrowed(self, wanted: Mapping[str, Any]) -> tuple[str, Iterable[int]] | None:
        """The ids that an index finds and the filter it answers in full, "" for none; None when no index helps."""
        if self._module.key in wanted and not self._module.has_text_key:
            ids = _ids(self._module.key, wanted[self._module.key])
            return self._module.key, {id for id in ids if self._table.get(id) is not None}
        if isinstance(span := wanted.get("modified_date"), Mapping) and "modified_date" in self._module.fields:
            start, end = self._moments("modified_date", span)
            answered = "modified_date" if self._behaviours.filter_includes_ends else ""
            return answered, self._table.modified_between(start, end)
        if self._asks_for_deleted(wanted):
            return "is_deleted", set(self._table.deleted())
        for name, value in wanted.items():
            if isinstance(value, (str, int)) and "%" not in str(value) and name in self._module.fields:
                exact = read_filter_value(self._module.fields[name], name, value)
                found = self._table.having(name, exact)
                if found is not None:
                    return name, found
        return None

    def _asks_for_deleted(self, wanted: Mapping[str, Any]) -> bool:
        value = wanted.get("is_deleted")
        is_simple = isinstance(value, (str, int)) and "is_deleted" in self._module.fields
        return is_simple and bool(read_filter_value(self._module.fields["is_deleted"], "is_deleted", value))

    def _ordered(self, ids: Iterable[int]) -> list[int]:
        match self._behaviours.order:
            case "id_asc":
                return sorted(ids)
            case "modified_desc":
                return sorted(ids, key=self._modified, reverse=True)
            case _:
                return sorted(ids, reverse=True)

    def _modified(self, id: int) -> tuple[datetime, int]:
        row = self._table.get(id) or {}
        return row.get("modified_date") or datetime.min.replace(tzinfo=UTC), id

    def _tests(self, wanted: Mapping[str, Any]) -> dict[str, Test]:
        tests: dict[str, Test] = {}
        for name, value in wanted.items():
            test = self._test(name, value)
            if test is not None:
                tests[name] = test
            elif self._behaviours.unknown_filters == "refused":
                raise ApiError(400, f"Unknown filter {name}")
        return tests

    def _test(self, name: str, value: Any) -> Test | None:
        if name == self._module.key:
            return self._key_test(name, value)
        field = self._module.fields.get(name)
        if field is None:
            return None
        if isinstance(value, Mapping):
            return self._span_test(field, name, value) if _has_span(field) else _nested_test(name, value)
        return _value_test(field, name, _listed(value))

    def _key_test(self, name: str, value: Any) -> Test:
        if self._module.has_text_key:
            return _among([str(each) for each in _listed(value)], "wire_id")
        return _among(_ids(name, value), "id")

    def _span_test(self, field: Field, name: str, span: Mapping[str, Any]) -> Test | None:
        if not {"from_date", "to_date"} & set(span):
            return None
        if field.kind is Kind.DAY:
            first, last = (_day(span.get(key), name) for key in ("from_date", "to_date"))
            return lambda row: _within(row.get(name), first, last)
        start, end = self._moments(name, span)
        if self._behaviours.filter_includes_ends:
            return lambda row: _within(row.get(name), start, end)
        return lambda row: _within(row.get(name), start, end) and row.get(name) not in (start, end)

    def _moments(self, name: str, span: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
        zone = self._entity.site.zone
        start, end = (
            _moment(span.get(key), name, zone, self._behaviours.filter_times) for key in ("from_date", "to_date")
        )
        return start, end


def recently_deleted(row: Row, now: datetime) -> bool:
    """Deleted rows can be listed for thirty days."""
    deleted: datetime | None = row.get("deleted_date")
    return deleted is not None and deleted >= now - KEPT_DELETED


def read_filter_value(field: Field, name: str, value: Any) -> Any:
    try:
        return read_value(field, name, value)
    except FieldError as problem:
        raise ApiError(400, str(problem)) from problem


def _ids(name: str, value: Any) -> list[int]:
    texts = [str(each) for each in _listed(value)]
    if not all(text.isdecimal() for text in texts):
        raise ApiError(400, f"{name} is not valid")
    return [int(text) for text in texts]


def _has_span(field: Field) -> bool:
    return field.kind is Kind.DAY or field.kind in STAMPS


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _among(values: list[Any], name: str) -> Test:
    return lambda row: row.get(name) in values


def _value_test(field: Field, name: str, values: list[Any]) -> Test:
    if field.kind is Kind.TEXT and not any("%" in str(value) for value in values):
        folded = {str(value).casefold() for value in values}
        return lambda row: (row.get(name) or "").casefold() in folded
    if field.kind is Kind.TEXT:
        patterns = [_pattern(str(value)) for value in values]
        return lambda row: any(pattern.fullmatch(row.get(name) or "") for pattern in patterns)
    if field.kind in (Kind.TEXTS, Kind.INTEGERS):
        wanted = {str(value) for value in values}
        return lambda row: bool(wanted & {str(each) for each in row.get(name) or ()})
    if field.kind is Kind.DAY or field.kind in STAMPS:
        return lambda row: str(row.get(name) or "")[:10] in {str(value) for value in values}
    return _among([read_filter_value(field, name, value) for value in values], name)


def _pattern(text: str) -> re.Pattern[str]:
    """`%` stands for any characters; letters match in either case."""
    return re.compile(".*".join(map(re.escape, text.split("%"))), re.IGNORECASE | re.DOTALL)


def _nested_test(name: str, wanted: Mapping[str, Any]) -> Test:
    """Every inner key must be met, by the value itself or by one of its list."""
    patterns = {key: _pattern(str(value)) for key, value in wanted.items()}

    def test(row: Row) -> bool:
        inner = _as_map(row.get(name))
        return all(
            any(pattern.fullmatch(str(each)) for each in _listed(inner.get(key, [])))
            for key, pattern in patterns.items()
        )

    return test


def _as_map(value: Any) -> Mapping[str, Any]:
    """Custom fields are a list of id and value; other nested fields are maps already."""
    if isinstance(value, list):
        return {str(each.get("id")): each.get("value") for each in value}
    return value if isinstance(value, Mapping) else {}


def _within(value: Any, low: Any, high: Any) -> bool:
    if value is None:
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _day(text: Any, name: str) -> str | None:
    if text in (None, ""):
        return None
    try:
        return date.fromisoformat(str(text)[:10]).isoformat()
    except ValueError as problem:
        raise ApiError(400, f"{name} is not a valid date") from problem


def _moment(text: Any, name: str, zone: tzinfo, with_time: bool) -> datetime | None:
    """A bare date is the midnight that begins it; without an offset it is the site's time."""
    if text in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as problem:
        raise ApiError(400, f"{name} is not a valid date") from problem
    if not with_time:
        moment = datetime.combine(moment.date(), time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
