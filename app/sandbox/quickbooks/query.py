"""Answers to queries: filtering, the service's default orders, paging, chosen columns (reference section 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.entities import Kind
from app.sandbox.quickbooks.query_parser import Condition, Statement, parse
from app.sandbox.quickbooks.render import meta, render
from app.sandbox.quickbooks.wire import Json


def value_at(row: Row, path: str) -> Any:
    """The comparable value of a property."""
    if path == "Id":
        return row.id
    if path == "MetaData.LastUpdatedTime":
        return row.updated
    if path == "MetaData.CreateTime":
        return row.created
    value = row.data.get(path)
    if isinstance(value, dict):
        value = value.get("value")
    return value.casefold() if isinstance(value, str) else value


def _matcher(condition: Condition) -> Callable[[Row], bool]:
    path, values = condition.path, condition.values
    match condition.operator:
        case "IN":
            return lambda row: value_at(row, path) in values
        case "LIKE":
            pattern = re.compile(".*".join(re.escape(part) for part in str(values[0]).split("%")), re.DOTALL)
            return lambda row: pattern.fullmatch(str(value_at(row, path) or "")) is not None
        case operator:
            return partial(_compare, path, operator, values[0])


def _compare(path: str, operator: str, wanted: Any, row: Row) -> bool:
    actual = value_at(row, path)
    if actual is None:
        return False
    if operator == "=":
        return bool(actual == wanted)
    if operator in {"<", "<="}:
        return bool(actual < wanted or (operator == "<=" and actual == wanted))
    return bool(actual > wanted or (operator == ">=" and actual == wanted))


def select(company: Company, statement: Statement) -> list[Row]:
    """All matching rows in the order asked for, or in the service's default order."""
    rows = _candidates(company, statement)
    tests = [_matcher(condition) for condition in statement.conditions]
    if statement.kind.can_deactivate and all(condition.path != "Active" for condition in statement.conditions):
        tests.append(lambda row: row.data.get("Active", True) is not False)
    return _sorted([row for row in rows if all(test(row) for test in tests)], statement)


def _candidates(company: Company, statement: Statement) -> Iterable[Row]:
    """By Id the index answers; otherwise every row is looked at."""
    for condition in statement.conditions:
        if condition.path == "Id":
            found = (
                company.find(statement.kind.name, str(value).upper() if not str(value).isdigit() else str(value))
                for value in condition.values
            )
            return [row for row in found if row is not None]
    return company.all(statement.kind.name)


def _sorted(rows: list[Row], statement: Statement) -> list[Row]:
    if not statement.order:
        return _default_order(rows, statement.kind)
    for order in reversed(statement.order):
        rows.sort(key=partial(_sort_key, order.path), reverse=order.descending)
    return rows


def _default_order(rows: list[Row], kind: Kind) -> list[Row]:
    if kind.is_transaction or not kind.label:
        return sorted(rows, key=lambda row: (row.updated, row.revision), reverse=True)
    return sorted(rows, key=lambda row: str(row.data.get(kind.label, "")))


def _sort_key(path: str, row: Row) -> tuple[bool, Any]:
    if path == "Id":
        return True, (len(row.id), row.id)
    value = row.data.get(path, value_at(row, path))
    if isinstance(value, dict):
        value = value.get("value")
    return value is not None, value if value is not None else ""


def run(company: Company, text: str, *, invoice_link: bool = False) -> Json:
    """The QueryResponse of a statement."""
    statement = parse(text, company)
    rows = select(company, statement)
    if statement.counting:
        return {"totalCount": len(rows)}
    page = rows[statement.start - 1 : statement.start - 1 + statement.size]
    if not page:
        return {}
    body: Json = {
        statement.kind.name: [_columns(company, row, statement, invoice_link) for row in page],
        "startPosition": statement.start,
        "maxResults": len(page),
    }
    if statement.kind.counts:
        body["totalCount"] = len(page)
    return body


def _columns(company: Company, row: Row, statement: Statement, invoice_link: bool) -> Json:
    body = render(company, row, invoice_link=invoice_link)
    if not statement.columns:
        return body
    chosen: Json = {"domain": "QBO", "sparse": True}
    for column in statement.columns:
        head = column.partition(".")[0]
        if head == "MetaData":
            part = column.partition(".")[2]
            chosen.setdefault("MetaData", {}).update(meta(row) if not part else {part: meta(row)[part]})
        elif head in body:
            chosen[head] = body[head]
    chosen.setdefault("Id", row.id)
    return chosen
