"""Turns a request body into checked values: unknown properties, lengths, formats and enumerations (codes 2010 to 2240)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.entities import Kind
from app.sandbox.quickbooks.fields import Field, Shape, Table
from app.sandbox.quickbooks.wire import Json

_EMAIL = re.compile(r"^[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>.]+$")
_WEBSITE = re.compile(r"^\S+\.\S+$|^https?://\S+$")
_LARGEST = Decimal("99999999999.9999999")
_FREE = Field(Shape.TEXT)


def clean(kind: Kind, body: Json, *, strict: bool = True) -> Json:
    """The writable part of `body`, with Decimals for numbers. None stands for an emptied property.

    Read-only properties vanish silently; unknown ones raise 2010 unless `strict` is off.
    """
    return _clean_group(kind.name, kind.fields, body, "", strict)


def _clean_group(entity: str, table: Table, body: Mapping[str, Any], path: str, strict: bool) -> Json:
    result: Json = {}
    for name, value in body.items():
        spec = table.get(name)
        if spec is None:
            if strict:
                raise faults.unknown_property(name, entity, sorted(table))
            continue
        if not spec.read_only:
            result[name] = _clean_value(entity, spec, value, f"{path}.{name}" if path else name, strict)
    return result


def _clean_value(entity: str, spec: Field, value: Any, path: str, strict: bool) -> Any:
    if value is None or value == "":
        return None
    match spec.shape:
        case Shape.TEXT:
            return _text(spec, value, path)
        case Shape.NUMBER:
            return as_number(value, path)
        case Shape.FLAG:
            return _flag(value, path)
        case Shape.DATE:
            return _day(value, path)
        case Shape.CHOICE:
            return _choice(spec, value, path)
        case Shape.EMAIL:
            return _email(spec, value, path)
        case Shape.WEBSITE:
            return _website(spec, value, path)
        case Shape.REFERENCE:
            return _reference(entity, value, path)
        case Shape.GROUP:
            return _inner(_detail_name(path, entity), spec, _mapping(entity, value, path), path, strict) or None
        case Shape.MANY:
            rows = _sequence(entity, value, path)
            return [_inner(_line_name(path), spec, _mapping(entity, each, path), path, strict) for each in rows]
        case Shape.OBJECTS | Shape.ANYTHING:
            return _objects(entity, value, path) if spec.shape is Shape.OBJECTS else value


def _objects(entity: str, value: Any, path: str) -> list[Json]:
    """Objects as they come; links, references and details inside them have their usual shape."""
    return [_object(entity, each, path) for each in _sequence(entity, value, path)]


def _object(entity: str, value: Any, path: str) -> Json:
    kept = {name: _loose(entity, name, each, path) for name, each in _mapping(entity, value, path).items()}
    return {name: each for name, each in kept.items() if each is not None}


def _loose(entity: str, name: str, value: Any, path: str) -> Any:
    where = f"{path}.{name}"
    if value is None:
        return None
    if name == "LinkedTxn":
        return _objects(entity, value, where)
    if name in {"TxnId", "TxnType", "PostingType"}:
        return _text(_FREE, value, where)
    if name.endswith("Ref"):
        return _reference(entity, value, where)
    return _object(entity, value, where) if name.endswith("Detail") else value


def _inner(entity: str, spec: Field, value: Mapping[str, Any], path: str, strict: bool) -> Json:
    inner = _clean_group(entity, spec.members, value, path, strict)
    return {name: each for name, each in inner.items() if each is not None}


def _detail_name(path: str, entity: str) -> str:
    last = path.rpartition(".")[2]
    return last if last.endswith(("Detail", "Addr")) else entity


def _line_name(path: str) -> str:
    return path.rpartition(".")[2]


def _mapping(entity: str, value: Any, path: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise _instance_fault(entity, path)


def _sequence(entity: str, value: Any, path: str) -> list[Any]:
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, list):
        return value
    raise _instance_fault(entity, path)


def _instance_fault(entity: str, path: str) -> faults.Fault:
    return faults.fault(
        "2010", f"Property Name:Can not construct instance of {entity}.{path} specified is unsupported or invalid", None
    )


def _text(spec: Field, value: Any, path: str) -> str:
    if isinstance(value, Mapping | list):
        raise _instance_fault("java.lang.String", path)
    words = str(value) if not isinstance(value, bool) else str(value).lower()
    if spec.limit and len(words) > spec.limit:
        raise faults.too_long(spec.limit, len(words), path)
    return words


def as_number(value: Any, path: str) -> Decimal:
    if isinstance(value, bool | Mapping | list):
        raise faults.fault("2090", f"Number should be valid. Supplied value:{value}", path)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise faults.fault("2090", f"Number should be valid. Supplied value:{value}", path) from None
    if not amount.is_finite() or abs(amount) > _LARGEST:
        raise faults.fault("2140", f"Amount should be valid. Supplied value:{value}", path)
    return amount


def _flag(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    raise faults.fault("2230", f"Boolean should be valid. Supplied value:{value}", path)


def _day(value: Any, path: str) -> str:
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        raise faults.fault("2060", f"Date should be in the format yyyy-MM-dd. Supplied value:{value}", path) from None


def _choice(spec: Field, value: Any, path: str) -> str:
    if value in spec.choices:
        return str(value)
    raise faults.fault("2170", f"Property Name:{path}Enum; {value} is not valid", path)


def _email(spec: Field, value: Any, path: str) -> str:
    words = _text(spec, value, path)
    if all(_EMAIL.match(each.strip()) for each in words.split(",")):
        return words
    detail = f"Email Address does not conform to the syntax rules of RFC 822. Supplied value: {words}"
    raise faults.fault("2210", detail, path.rpartition(".")[0] or path)


def _website(spec: Field, value: Any, path: str) -> str:
    words = _text(spec, value, path)
    if _WEBSITE.match(words):
        return words
    raise faults.fault("2200", f"Website Address is malformed. Supplied value:{words}", path.rpartition(".")[0] or path)


def _reference(entity: str, value: Any, path: str) -> Json | None:
    target = _mapping(entity, value, path).get("value")
    kind = value.get("type")
    if target is None or target == "":
        return None
    return {"value": str(target), "type": kind} if kind else {"value": str(target)}


def merge(before: Mapping[str, Any], body: Mapping[str, Any]) -> Json:
    """A sparse update: listed properties replace, None removes, the rest stays."""
    merged = {**before, **body}
    return {name: value for name, value in merged.items() if value is not None}
