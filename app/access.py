"""Who may do what: the roles, the declaration each route must carry, and the guard before every request.

A route says ``@needs(Role.OPERATOR)`` or ``@public``; an application with a route that says neither does not start. The guard
also answers "not found" for a connection the person may not see, and for an object, run or plan of another connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, flash, g, redirect, request, url_for
from sqlmodel import Session, SQLModel, col, select
from werkzeug.wrappers import Response as BaseResponse

from app.context import database
from app.tables import User, UserConnection
from engine.store.tables import Connection, Object, Plan, Run, Suggestion


class Role(StrEnum):
    """What a person may do; each role includes the ones before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"

    @property
    def rank(self) -> int:
        """The position in the order of the roles, from 0."""
        return list(Role).index(self)

    def includes(self, other: Role) -> bool:
        """Whether this role may do everything that ``other`` may."""
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True)
class Person:
    """The signed-in person of a request, or the owner of the API token that made it."""

    id: str
    email: str
    name: str
    role: Role
    time_zone: str
    locale: str
    theme: str
    all_connections: bool

    @classmethod
    def of(cls, user: User, ceiling: Role | None = None) -> Person:
        """The person behind a row of ``users``, with no more than the role ``ceiling``."""
        role = Role(user.role)
        if ceiling is not None and role.includes(ceiling):
            role = ceiling
        return cls(user.id, user.email, user.name, role, user.time_zone, user.locale, user.theme, user.all_connections)

    def may(self, role: Role | str) -> bool:
        """Whether this person has at least that role."""
        return self.role.includes(Role(role))

    @property
    def sees_all(self) -> bool:
        """Whether every connection, present and future, is this person's to see."""
        return self.all_connections or self.role is Role.ADMINISTRATOR


View = TypeVar("View", bound=Callable[..., Any])

OWNED: dict[str, type[SQLModel]] = {"oid": Object, "run_id": Run, "plan_id": Plan, "suggestion_id": Suggestion}
"""Names of parts of addresses whose row must belong to the connection in the same address."""


def needs(role: Role) -> Callable[[View], View]:
    """Declare the least role that may use a route; checked on the server before the route runs."""

    def mark(view: View) -> View:
        view.needed_role = role  # type: ignore[attr-defined]  # functions carry their declaration
        return view

    return mark


def public(view: View) -> View:
    """Declare a route open to everyone, signed in or not."""
    view.needed_role = None  # type: ignore[attr-defined]  # functions carry their declaration
    return view


def own_check(view: View) -> View:
    """Declare a route that proves its caller by other means than a session: a signature, a token."""
    view.needed_role = None  # type: ignore[attr-defined]  # functions carry their declaration
    view.own_check = True  # type: ignore[attr-defined]  # functions carry their declaration
    return view


def needed_role(endpoint: str) -> Role | None:
    """The role an endpoint declares, None when it is public."""
    view: Any = current_app.view_functions[endpoint]
    return cast("Role | None", view.needed_role)


def person() -> Person:
    """The signed-in person; only within routes that need a role."""
    return cast(Person, g.person)


def someone() -> Person | None:
    """The signed-in person, if any."""
    return cast("Person | None", g.get("person"))


def visible(session: Session, who: Person) -> list[Connection]:
    """The connections a person may see, by name."""
    query = select(Connection).order_by(col(Connection.name), col(Connection.id))
    if not who.sees_all:
        mine = sa.select(col(UserConnection.connection_id)).where(col(UserConnection.user_id) == who.id)
        query = query.where(col(Connection.id).in_(mine))
    return list(session.exec(query))


def may_see(session: Session, who: Person, connection_id: str) -> bool:
    """Whether a connection is among those the person may see."""
    return who.sees_all or session.get(UserConnection, (who.id, connection_id)) is not None


def by_token() -> bool:
    """Whether the address is one for scripts: those are asked for a token and never believe a cookie."""
    return request.path.startswith("/api/") or request.path == "/metrics"


def guard() -> BaseResponse | None:
    """Before each request: the role its route needs, and that everything named in its address is this person's."""
    if request.endpoint is None:
        return None
    role = needed_role(request.endpoint)
    if role is None:
        return None
    who = someone()
    if who is None:
        return abort(401) if by_token() else to_sign_in()
    if not who.may(role):
        abort(403, description=role)
    check_address(who)
    return None


def check_address(who: Person) -> None:
    """Answer "not found" when the address names a connection that is not the person's, or a row of another one."""
    values = request.view_args or {}
    if any("\x00" in str(value) for value in values.values()):
        abort(404)
    connection_id = values.get("cid")
    if connection_id is None:
        return
    with database() as session:
        found = session.get(Connection, connection_id)
        if found is None or not may_see(session, who, found.id):
            abort(404)
        for name in OWNED.keys() & values.keys():
            row = session.get(OWNED[name], values[name])
            if row is None or getattr(row, "connection_id", None) != found.id:
                abort(404)
    g.connection = found


NOT_SAVED = "You were signed out in the meantime, so what you sent was not saved. Sign in to go on where you were."


def to_sign_in() -> BaseResponse:
    """To the sign-in page, and back afterwards to the page the person was on."""
    target = request.full_path.rstrip("?") if request.method == "GET" else _page_of_form()
    if request.method != "GET":
        flash(NOT_SAVED, "ask")
    address = url_for("accounts.sign_in", next=target)
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _page_of_form() -> str:
    origin = request.host_url
    referrer = request.referrer or ""
    return "/" + referrer[len(origin) :] if referrer.startswith(origin) else "/"


def check_declarations(app: Flask) -> None:
    """Refuse to start with a route that does not say who may use it."""
    for endpoint, view in app.view_functions.items():
        if endpoint == "static":
            public(view)
        if not hasattr(view, "needed_role"):
            raise RuntimeError(f"The route {endpoint} does not declare which role it needs.")
