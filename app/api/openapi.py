"""The description of the API (OpenAPI 3.1), made from the operations themselves, so that it cannot say anything else."""

from __future__ import annotations

import re
from typing import Any

from flask import jsonify
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from werkzeug.wrappers import Response as BaseResponse

from app.access import public
from app.api.models import Problem
from app.api.operation import OPERATIONS, Operation, blueprint

PLACE = "#/components/schemas/{model}"
REFUSALS = {
    401: "No valid token.",
    403: "The token's role does not suffice.",
    404: "There is no such thing among what the token may see.",
    409: "A rule refuses it, or somebody was first.",
    422: "The request does not fit this description.",
    503: "One of the two systems does not answer at the moment.",
}


@blueprint.get("/openapi.json")
@public
def description() -> BaseResponse:
    """The description."""
    return jsonify(describe())


def describe() -> dict[str, Any]:
    """The whole description as JSON."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    _schema(Problem, schemas, "serialization")
    for one in OPERATIONS:
        path = "/api/v1" + re.sub(r"<(\w+)>", r"{\1}", one.rule)
        paths.setdefault(path, {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Concord", "version": "1", "summary": "The same verbs as Concord's pages, for scripts."},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }


def _operation(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Needs the role {one.role} or more.",
        "parameters": [*_address(one), *_query(one, schemas)],
        "responses": {"200": _content("Done.", _schema(one.answers, schemas, "serialization"))},
    }
    for status, about in REFUSALS.items():
        described["responses"][str(status)] = _content(about, {"$ref": PLACE.format(model="Problem")})
    if one.body:
        described["requestBody"] = {"required": True, **_content("", _schema(one.body, schemas, "validation"))}
        del described["requestBody"]["description"]
    return described


def _content(about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def _address(one: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"<(\w+)>", one.rule)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query(one: Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    whole = one.query.model_json_schema(ref_template=PLACE)
    schemas.update(whole.get("$defs", {}))
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in whole["properties"].items()
    ]


def _schema(model: Any, schemas: dict[str, Any], mode: JsonSchemaMode) -> dict[str, Any]:
    """A reference to a model's schema, which is put among ``schemas`` with all it refers to."""
    whole = TypeAdapter(model).json_schema(ref_template=PLACE, mode=mode)
    schemas.update(whole.pop("$defs", {}))
    if whole.get("type") == "object" and "title" in whole:
        schemas[whole["title"]] = whole
        return {"$ref": PLACE.format(model=whole["title"])}
    return whole
