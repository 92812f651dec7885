"""Declaring an operation of the API once: route, role, what it takes and answers; the description is made from that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, make_response, request
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.access import Role, needs
from app.errors import Trouble, answer
from app.security import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)  # scripts send a token in a header; cookies are never believed here

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as it is described and done."""

    name: str
    method: str
    rule: str
    role: Role
    summary: str
    answers: Any
    query: type[BaseModel] | None
    body: type[BaseModel] | None


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    rule: str,
    role: Role,
    answers: Any,
    *,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
) -> Callable[[View], View]:
    """Make a function an operation. It gets the parts of the address by name, and ``query``/``body`` already checked; what it
    returns is written as ``answers`` says."""

    def register(view: View) -> View:
        summary = (view.__doc__ or "").strip().split("\n")[0]
        done = Operation(view.__name__, method, rule, role, summary, answers, query, body)
        OPERATIONS.append(done)
        blueprint.add_url_rule(rule, view.__name__, needs(role)(_runner(done, view)), methods=[method])
        return view

    return register


def _runner(done: Operation, view: Callable[..., Any]) -> Callable[..., Response]:
    writer = TypeAdapter(done.answers)

    def run(**address: str) -> Response:
        given: dict[str, Any] = dict(address)
        try:
            if done.query:
                given["query"] = done.query.model_validate(request.args.to_dict())
            if done.body:
                given["body"] = done.body.model_validate(_sent())
        except ValidationError as error:
            return answer(_unusable(error))
        return make_response(jsonify(writer.dump_python(writer.validate_python(view(**given)), mode="json")))

    return run


def _sent() -> Any:
    """The JSON of the request; None when it is none, or nested without measure."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _unusable(error: ValidationError) -> Trouble:
    found = [f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg'].lower()}" for one in error.errors()[:10]]
    return Trouble(422, "The request does not fit the description.", "; ".join(found), "See /api/v1/openapi.json.")
