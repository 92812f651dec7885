"""The project API (reference 11.3): the handful of operations clients send, read without a full GraphQL engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from app.sandbox.common.calls import Call as ApiCall
from app.sandbox.quickbooks import faults, operations, projects
from app.sandbox.quickbooks.booking import Booking
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.entities import KINDS
from app.sandbox.quickbooks.oauth import PROJECTS
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.transport import SYSTEM, standard_headers
from app.sandbox.quickbooks.wire import Json, dump_json

_FIELD = re.compile(r"\b(projectManagement\w+)\s*(?:\(|\{)")
_ARGUMENT = re.compile(
    r"(\w+)\s*:\s*(\$\w+|\"(?:\\.|[^\"\\])*\"|-?\d+(?:\.\d+)?|true|false|null|\[[A-Z_]+\]|[A-Z_]+|\{)"
)
_DETAILS = ("description", "startDate", "dueDate", "status", "priority", "completionRate", "pinned", "type")


def graphql_blueprint(sandbox: QuickBooksSandbox) -> Blueprint:
    blueprint = Blueprint("quickbooks_graphql", __name__)

    @blueprint.post("/graphql")
    def graphql() -> Response:
        body, status = _answer(sandbox)
        content = dump_json(body)
        operation = (_FIELD.search(str(_sent().get("query", ""))) or [""])[0].rstrip("({ ")
        sandbox.stats.request(
            ApiCall(SYSTEM, "graphql", "Project", operation), status, request.content_length or 0, len(content)
        )
        return Response(content, status, standard_headers(next(sandbox.serials)), content_type="application/json")

    return blueprint


def _sent() -> Json:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _answer(sandbox: QuickBooksSandbox) -> tuple[Json, int]:
    grant = sandbox.authority.grant_of(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
    if grant is None:
        return _errors("AuthenticationFailed", "UNAUTHENTICATED"), 401
    if PROJECTS not in grant.scopes:
        return _errors("Insufficient scope", "FORBIDDEN"), 403
    if not sandbox.admits(grant.realm, "graphql"):
        return _errors("The request limit was reached.  Try again later", "THROTTLED"), 429
    body = _sent()
    found = _FIELD.search(str(body.get("query", "")))
    if found is None or found.group(1) not in _OPERATIONS:
        return _errors("Cannot query field", "GRAPHQL_VALIDATION_FAILED"), 200
    company = sandbox.companies[grant.realm]
    booking = Booking(company, "api", sandbox.owner_of(grant.realm).name)
    try:
        with company.lock:
            result = _OPERATIONS[found.group(1)](booking, _arguments(str(body["query"]), found.end(), _variables(body)))
    except faults.Fault as refusal:
        return _errors(refusal.errors[0].detail or refusal.errors[0].message, refusal.code), 200
    sandbox.changed()
    return {"data": {found.group(1): result}}, 200


def _variables(body: Json) -> Json:
    given = body.get("variables")
    return given if isinstance(given, dict) else {}


def _errors(message: str, code: str) -> Json:
    return {"errors": [{"message": message, "extensions": {"code": code}}], "data": None}


def _arguments(query: str, start: int, variables: Json) -> Json:
    """The arguments of the first field, variables put in."""
    if query[start - 1] != "(":
        return {}
    value, _ = _object(query, start, ")", variables)
    return value


def _object(query: str, position: int, close: str, variables: Json) -> tuple[Json, int]:
    found: Json = {}
    while position < len(query) and query[position] != close:
        match = _ARGUMENT.match(query, position)
        if match is None:
            position += 1
            continue
        name, text = match.groups()
        if text == "{":
            found[name], position = _object(query, match.end(), "}", variables)
        else:
            found[name] = _scalar(text, variables)
            position = match.end()
    return found, position + 1


def _scalar(text: str, variables: Json) -> Any:
    if text.startswith("$"):
        return variables.get(text[1:])
    if text.startswith('"') or text in {"true", "false", "null"} or text.lstrip("-")[0].isdigit():
        return json.loads(text)
    return text.strip("[]")


def _create(booking: Booking, arguments: Json) -> Json:
    given = arguments.get("input") or {}
    if not given.get("name"):
        raise faults.missing("name")
    details = {name: given[name] for name in _DETAILS if given.get(name) is not None}
    made = projects.create_project(
        booking, str((given.get("customer") or {}).get("id", "")), str(given["name"]), **details
    )
    return projects.view(booking.company, made)


def _update(booking: Booking, arguments: Json) -> Json:
    given = arguments.get("input") or arguments
    project = _known(booking.company, str(given.get("id", "")))
    if given.get("name"):
        row = booking.company.get("Customer", booking.company.project_ids[project])
        operations.update(
            booking,
            KINDS["Customer"],
            row.id,
            {"DisplayName": given["name"], "SyncToken": str(row.token), "sparse": True},
        )
    changes = {name: given[name] for name in _DETAILS if given.get(name) is not None}
    booking.company.project_details[project] = {**booking.company.project_details[project], **changes}
    return projects.view(booking.company, project)


def _delete(booking: Booking, arguments: Json) -> Json:
    """The customer row is deactivated; the project disappears from the list of projects."""
    given = arguments.get("input") or arguments
    project = _known(booking.company, str(given.get("id", "")))
    seen = projects.view(booking.company, project)
    row = booking.company.get("Customer", booking.company.project_ids[project])
    operations.update(
        booking, KINDS["Customer"], row.id, {"Active": False, "SyncToken": str(row.token), "sparse": True}
    )
    booking.company.project_details[project] = {**booking.company.project_details[project], "deleted": True}
    return seen


def _known(company: Company, project: str) -> str:
    if project not in company.project_ids or company.project_details[project].get("deleted"):
        raise faults.bad_reference("Projects", project, "id")
    return project


def _one(booking: Booking, arguments: Json) -> Json:
    return projects.view(booking.company, _known(booking.company, str(arguments.get("id", ""))))


def _list(booking: Booking, arguments: Json) -> Json:
    company = booking.company
    alive = [each for each in company.project_ids if not company.project_details[each].get("deleted")]
    chosen = [
        view
        for view in (projects.view(company, each) for each in alive)
        if _in_range(view, arguments.get("filter") or {})
    ]
    order = str(
        (arguments.get("orderBy") or [""])[0]
        if isinstance(arguments.get("orderBy"), list)
        else arguments.get("orderBy") or ""
    )
    if order.startswith("DUE_DATE"):
        chosen.sort(key=lambda view: str(view["dueDate"] or ""), reverse=order.endswith("DESC"))
    start = int(arguments.get("after") or 0)
    page = chosen[start : start + int(arguments.get("first") or 100)]
    end = start + len(page)
    return {
        "edges": [{"node": view, "cursor": str(start + place + 1)} for place, view in enumerate(page)],
        "pageInfo": {"hasNextPage": end < len(chosen), "endCursor": str(end)},
    }


def _in_range(view: Json, wanted: Json) -> bool:
    for name in ("startDate", "dueDate"):
        between = (wanted.get(name) or {}).get("between")
        if between and not str(between["minDate"]) <= str(view[name] or "") <= str(between["maxDate"]):
            return False
    return True


_PARTS = ("Name", "Status", "Description", "DueDate", "StartDate", "CompletionRate")
_OPERATIONS: dict[str, Callable[[Booking, Json], Json]] = {
    "projectManagementProject": _one,
    "projectManagementProjects": _list,
    "projectManagementCreateProject": _create,
    "projectManagementUpdateProject": _update,
    "projectManagementDeleteProject": _delete,
    **{f"projectManagementUpdate{part}": _update for part in _PARTS},
    **{f"projectManagementUpdateProject{part}": _update for part in _PARTS},
}
