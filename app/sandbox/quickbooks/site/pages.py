"""The sandbox's own site: sign in as a sample person and keep the books by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import InvalidOperation
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.sandbox.common.control import ControlError
from app.sandbox.quickbooks.company import Company, Row
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.site import forms
from app.sandbox.quickbooks.site.catalogue import BY_ENTITY, GROUPS, PAGES, Lines, Page
from app.sandbox.quickbooks.site.settings import add_settings
from app.sandbox.quickbooks.wire import Json

PAGE_SIZE = 50
Shown = str | Response


def site_blueprint(sandbox: QuickBooksSandbox) -> Blueprint:
    blueprint = Blueprint("quickbooks_site", __name__)
    blueprint.before_request(_refuse_foreign_posts)
    blueprint.context_processor(lambda: _frame(sandbox))
    blueprint.add_url_rule("/", "home", lambda: _home(sandbox))
    blueprint.add_url_rule("/sign-in", "sign_in", lambda: _sign_in(sandbox), methods=["POST"])
    blueprint.add_url_rule("/sign-out", "sign_out", _sign_out, methods=["POST"])
    blueprint.add_url_rule("/books/<entity>", "listing", lambda entity: _listing(sandbox, entity))
    blueprint.add_url_rule(
        "/books/<entity>/new", "new", lambda entity: _form(sandbox, entity, None), methods=["GET", "POST"]
    )
    blueprint.add_url_rule(
        "/books/<entity>/<identity>",
        "edit",
        lambda entity, identity: _form(sandbox, entity, identity),
        methods=["GET", "POST"],
    )
    blueprint.add_url_rule(
        "/books/<entity>/<identity>/do", "do", lambda entity, identity: _do(sandbox, entity, identity), methods=["POST"]
    )
    add_settings(blueprint, sandbox, current_company)
    return blueprint


def _refuse_foreign_posts() -> None:
    """Other sites in the same browser cannot post here."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)


def current_company(sandbox: QuickBooksSandbox) -> Company:
    """The company of the person signed in; 401 without one."""
    asked = request.args.get("company", "")
    company = sandbox.companies.get(session.get("realm", ""))
    if company is None or asked not in ("", company.realm):
        if request.method == "GET":
            session["wanted"] = "/" + request.path.lstrip("/")
        abort(redirect(url_for("quickbooks_site.home", company=asked or None)))
    return company


def _frame(sandbox: QuickBooksSandbox) -> dict[str, Any]:
    company = sandbox.companies.get(session.get("realm", ""))
    return {
        "company": company.single("CompanyInfo")["CompanyName"] if company else "",
        "person": session.get("person", ""),
        "groups": [(group, [page for page in PAGES if page.group == group]) for group in GROUPS],
        "now": sandbox.clock.now(),
    }


def _home(sandbox: QuickBooksSandbox) -> Shown:
    asked = request.args.get("company", "")
    company = sandbox.companies.get(session.get("realm", ""))
    if company is None or asked not in ("", company.realm):
        people = [
            (
                user,
                sandbox.companies[realm].single("CompanyInfo")["CompanyName"],
                realm,
                sandbox.companies[realm].profile,
            )
            for user in sandbox.users
            for realm in user.realms
        ]
        only = [each for each in people if each[2] == asked]
        return render_template("sandbox/quickbooks/sign_in.html", people=only or people, only=bool(only))
    counts = [(page, sum(1 for _ in _rows(company, page))) for page in PAGES]
    owed = {name: sum(row.amount("Balance") for row in company.all(name)) for name in ("Invoice", "Bill")}
    return render_template(
        "sandbox/quickbooks/home.html", counts=counts, owed=owed, home=company.home, realm=company.realm
    )


def _sign_in(sandbox: QuickBooksSandbox) -> Response:
    email, _, realm = request.form.get("choice", "").partition(" ")
    user = next((user for user in sandbox.users if user.email == email and realm in user.realms), None)
    if user is not None:
        session["person"], session["realm"] = user.name, realm
    return redirect(session.pop("wanted", url_for("quickbooks_site.home")))


def _sign_out() -> Response:
    session.clear()
    return redirect(url_for("quickbooks_site.home"))


def _page(entity: str) -> Page:
    if entity not in BY_ENTITY:
        abort(404)
    return BY_ENTITY[entity]


def _entity(page: Page) -> str:
    return "Customer" if page.entity == "Project" else page.entity


def _rows(company: Company, page: Page) -> list[Row]:
    rows = company.all(_entity(page))
    return [row for row in rows if page.entity != "Project" or row.data.get("IsProject")]


def _cell(company: Company, row: Row, path: str) -> str:
    value = forms.value_at(row.data, path)
    if path.endswith("Ref"):
        target = company.find(path.removesuffix("Ref"), str(value))
        return forms.label(target) if target else str(value or "")
    return "no" if value is False else forms.shown(value)


def _listing(sandbox: QuickBooksSandbox, entity: str) -> Shown:
    company, page = current_company(sandbox), _page(entity)
    words, offset = request.args.get("q", "").casefold(), int(request.args.get("offset", 0))
    with company.lock:
        listed = [
            (row, [_cell(company, row, column.path) for column in page.columns])
            for row in reversed(_rows(company, page))
        ]
    found = [(row, cells) for row, cells in listed if words in " ".join(cells).casefold()]
    return render_template(
        "sandbox/quickbooks/list.html",
        page=page,
        rows=found[offset : offset + PAGE_SIZE],
        total=len(found),
        offset=offset,
        size=PAGE_SIZE,
        q=request.args.get("q", ""),
    )


def _form(sandbox: QuickBooksSandbox, entity: str, identity: str | None) -> Shown:
    company, page = current_company(sandbox), _page(entity)
    row = None if identity is None else company.find(_entity(page), identity)
    if identity is not None and row is None:
        abort(404)
    if request.method == "POST":
        saved = _save(sandbox, company, page, row)
        if saved is not None:
            return redirect(url_for("quickbooks_site.edit", entity=entity, identity=saved))
    return render_template(
        "sandbox/quickbooks/form.html", **_form_context(company, page, row, request.form or request.args)
    )


def _save(sandbox: QuickBooksSandbox, company: Company, page: Page, row: Row | None) -> str | None:
    """Write what the form says; answers the id, or None after telling why not."""
    try:
        with company.lock:
            answer = _write(sandbox, company, page, row)
    except InvalidOperation:
        flash("One of the amounts is not a number.", "bad")
        return None
    except ControlError as refusal:
        flash(str(refusal), "bad")
        return None
    flash("Saved.", "good")
    written = next(value for value in answer.values() if isinstance(value, dict))
    return str(written["Id"])


def _write(sandbox: QuickBooksSandbox, company: Company, page: Page, row: Row | None) -> Json:
    body = forms.body_of(page, request.form, company, row)
    if row is None and page.entity == "TaxCode":
        made = _act(sandbox, company, {"action": "tax", "body": body})
        return {"TaxCode": {"Id": made["TaxCodeId"]}}
    if row is None and page.entity == "Project":
        parent = (body.get("ParentRef") or {}).get("value", "")
        return _act(sandbox, company, {"action": "project", "id": parent, "project": body.get("DisplayName", "")})
    if row is None and body.get("ParentRef"):
        body |= {name: True for name in ("Job",) if page.entity == "Customer"}
    action = {"action": "edit", "id": row.id} if row else {"action": "create"}
    return _act(sandbox, company, {**action, "entity": _entity(page), "body": body})


def _act(sandbox: QuickBooksSandbox, company: Company, body: Json) -> Json:
    answer = sandbox.act_as_person({**body, "realmId": company.realm, "name": session.get("person", "")})
    sandbox.changed()
    return answer


def _do(sandbox: QuickBooksSandbox, entity: str, identity: str) -> Response:
    """One of the actions beside the form."""
    company, page = current_company(sandbox), _page(entity)
    action = request.form.get("action", "")
    if action not in page.actions:
        abort(400)
    extra = {name: request.form[name] for name in ("amount", "into", "to") if request.form.get(name)}
    try:
        _act(sandbox, company, {"action": action, "entity": _entity(page), "id": identity, **extra})
    except ControlError as refusal:
        flash(str(refusal), "bad")
        return redirect(url_for("quickbooks_site.edit", entity=entity, identity=identity))
    flash(f"Done: {action}.", "good")
    if action in {"delete", "merge"}:
        return redirect(url_for("quickbooks_site.listing", entity=entity))
    return redirect(url_for("quickbooks_site.edit", entity=entity, identity=identity))


def _form_context(company: Company, page: Page, row: Row | None, given: Mapping[str, str]) -> dict[str, Any]:
    data = row.data if row else {}
    values = {field.path: given.get(field.path, forms.shown(forms.value_at(data, field.path))) for field in page.fields}
    targets = {field.target for field in page.fields if field.target} | _line_targets(page)
    contact = values.get(page.contact, "")
    return {
        "page": page,
        "row": row,
        "values": values,
        "choices": {target: forms.choices(company, target) for target in targets},
        "lines": forms.line_rows(row) if page.lines in {Lines.SALES, Lines.COSTS} else [],
        "subjects": forms.line_choices(company, page.lines),
        "settled": forms.settlement_rows(company, page, contact, row) if page.lines is Lines.SETTLED else [],
        "others": [each for each in forms.choices(company, page.entity) if row and each[0] != row.id]
        if "merge" in page.actions
        else [],
        "is_us": company.profile.is_us,
    }


def _line_targets(page: Page) -> set[str]:
    return {"TaxCode", "Class", "Project"} if page.lines in {Lines.SALES, Lines.COSTS} else set()
