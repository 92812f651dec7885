"""The sandbox's own web site: a person can do by hand whatever tests do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, session, url_for
from werkzeug.wrappers import Response

from app.sandbox.common.control import ControlError
from app.sandbox.common.faults import FaultKind, FaultRule
from app.sandbox.common.webhooks import DeliveryMode
from app.sandbox.scoro import faulty, people
from app.sandbox.scoro.behaviours import CHOICES, SITE_SETTINGS, Behaviours
from app.sandbox.scoro.errors import ApiError
from app.sandbox.scoro.fields import naive_stamp
from app.sandbox.scoro.office import Office
from app.sandbox.scoro.site_forms import cell, choices_of, patch_of, search_of, shown
from app.sandbox.scoro.site_pages import EVERYDAY, LISTS, PAGES, PAPERS, Page
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import Entity

if TYPE_CHECKING:
    from app.sandbox.scoro.sandbox import ScoroSandbox

Answer = str | Response | tuple[str, int]
PAGE_SIZE = 50
SPARE_LINES = 3
NUMERIC = frozenset({"sum", "vat_sum", "receivable_sum", "tax_sum", "price", "percent", "deadline_days"})


def site_blueprint(sandbox: ScoroSandbox) -> Blueprint:
    """Plain pages and forms; every act is a person's act in the journal."""
    blueprint = Blueprint("site", __name__)
    site = _Site(sandbox)
    for rule, method, view in site.routes():
        name = f"{view.__name__}_{method.lower()}"
        blueprint.add_url_rule(rule, name, view, methods=[method])
    blueprint.before_request(_require_sign_in)
    blueprint.after_request(lambda response: _noted(sandbox, response))
    blueprint.context_processor(lambda: {"pages": PAGES, "everyday": EVERYDAY, "account": session.get("account", "")})
    return blueprint


def _require_sign_in() -> Answer | None:
    company = request.args.get("company", "")
    if request.path in ("/sign-in", "/site.css") or ("person" in session and company in ("", session["account"])):
        return None
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):  # no icon, no style sheet
        session["wanted"] = "/" + request.path.lstrip("/")
    return redirect(url_for("site.sign_in_get", company=company or None))


def _noted(sandbox: ScoroSandbox, response: Any) -> Any:
    if request.method == "POST":
        sandbox.changed()
    return response


class _Site:
    def __init__(self, sandbox: ScoroSandbox) -> None:
        self._sandbox = sandbox
        self._core = sandbox.core

    def routes(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        return [
            ("/", "GET", self.home),
            ("/site.css", "GET", self.css),
            ("/sign-in", "GET", self.sign_in),
            ("/sign-in", "POST", self.signed_in),
            ("/sign-out", "POST", self.sign_out),
            ("/calls", "GET", self.calls),
            ("/dials", "GET", self.dials),
            ("/dials", "POST", self.dialled),
            ("/settings", "GET", self.settings),
            ("/settings", "POST", self.settings_saved),
            ("/<path>", "GET", self.listing),
            ("/<path>/new", "GET", self.new),
            ("/<path>/new", "POST", self.created),
            ("/<path>/<int:id>", "GET", self.form),
            ("/<path>/<int:id>", "POST", self.saved),
            ("/<path>/<int:id>/<act>", "POST", self.acted),
        ]

    @property
    def _entity(self) -> Entity:
        entity = self._core.world.entity(session["account"])
        if entity is None:  # a reset may have taken it away
            session.clear()
            abort(redirect("/sign-in"))
        return entity

    @property
    def _desk(self) -> Office:
        return people.desk_of(self._core, self._who())

    def css(self) -> Answer:
        from app.sandbox.scoro.sandbox import TEMPLATES

        return send_file(TEMPLATES / "sandbox" / "scoro" / "site.css")

    def sign_in(self) -> Answer:
        entities = [each for site in self._core.world.sites.values() for each in site.entities.values()]
        asked = request.args.get("company", "")
        only = [each for each in entities if each.account_id == asked]
        entities = only or entities
        people_of = [(each, [row["full_name"] for row in each.table("users").rows()]) for each in entities]
        return render_template("sandbox/scoro/sign_in.html", entities=people_of, only=bool(only))

    def signed_in(self) -> Answer:
        account, person = request.form.get("account", ""), request.form.get("person", "")
        entity = self._core.world.entity(account)
        if entity is None or person not in [row["full_name"] for row in entity.table("users").rows()]:
            abort(400)
        session.update(account=account, person=person)
        return redirect(session.pop("wanted", "/"))

    def sign_out(self) -> Answer:
        session.clear()
        return redirect("/sign-in")

    def home(self) -> Answer:
        entity = self._entity
        counts = {group: _counts(entity, group) for group in (EVERYDAY, PAPERS, LISTS)}
        entries = self._core.journal.latest(12)
        return render_template("sandbox/scoro/home.html", counts=counts, entries=entries, entity=entity)

    def listing(self, path: str) -> Answer:
        page, entity = _page(path), self._entity
        number = max(1, request.args.get("page", 1, int))
        text = request.args.get("q", "").strip()
        rows = self._rows(page, entity, text, with_deleted="deleted" in request.args)
        chunk = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        cells = [(row, [cell(entity, row, name) for name, _ in page.columns]) for row in chunk]
        return render_template(
            "sandbox/scoro/list.html",
            page=page,
            rows=cells,
            q=text,
            number=number,
            is_last=len(chunk) < PAGE_SIZE,
            numeric=NUMERIC,
        )

    def _rows(self, page: Page, entity: Entity, text: str, *, with_deleted: bool) -> list[Row]:
        rows = entity.live_rows(page.path)
        if with_deleted:
            table = entity.table(page.path)
            rows = [*(row for id in sorted(table.deleted()) if (row := table.get(id))), *rows]
        if not text:
            return rows
        fits = search_of(page, entity, text)
        return [row for row in rows if fits(row)]

    def new(self, path: str) -> Answer:
        return self._form(_page(path), {}, "")

    def created(self, path: str) -> Answer:
        page = _page(path)
        return self._attempt(page, {}, lambda: self._desk.create(path, patch_of(page, request.form, None)))

    def form(self, path: str, id: int) -> Answer:
        return self._form(_page(path), self._existing(path, id), "")

    def saved(self, path: str, id: int) -> Answer:
        page, row = _page(path), self._existing(path, id)
        return self._attempt(page, row, lambda: self._desk.modify(path, id, patch_of(page, request.form, row)))

    def acted(self, path: str, id: int, act: str) -> Answer:
        page, row = _page(path), self._existing(path, id)
        return self._attempt(page, row, lambda: self._act(path, row, act))

    def _act(self, path: str, row: Row, act: str) -> Row:
        """One of the buttons below a form."""
        body = {"module": path, "id": row["id"], "action": act} | self._who()
        if act == "send":
            body |= {"action": "edit", "fields": {"is_sent": 1}}
        body |= {name: request.form[name] for name in ("sum", "into") if request.form.get(name)}
        people.act(self._core, body)
        return row

    def _existing(self, path: str, id: int) -> Row:
        row = self._entity.row(path, id)
        return row if row is not None else abort(404)

    def _attempt(self, page: Page, row: Row, write: Callable[[], Row]) -> Answer:
        """Do it and show the object; or show the form again with the reason."""
        try:
            with self._core.lock:
                written = write()
        except (ApiError, ControlError) as refusal:
            return self._form(page, row, str(refusal)), 422
        if self._entity.row(page.path, written["id"]) is None:  # deleted for good
            return redirect(url_for("site.listing_get", path=page.path))
        flash("Saved.")
        return redirect(url_for("site.form_get", path=page.path, id=written["id"]))

    def _form(self, page: Page, row: Row, refusal: str) -> str:
        entity = self._entity
        inputs = {*page.inputs, *page.line_inputs}
        chosen = {each.choices: choices_of(entity, each.choices) for each in inputs if each.kind == "choice"}
        blank: list[Row] = [{} for _ in range(SPARE_LINES)] if page.line_inputs else []
        return render_template(
            "sandbox/scoro/form.html",
            page=page,
            row=shown(page, row),
            lines=[*row.get(page.lines_name, []), *blank],
            choices=chosen,
            refusal=refusal,
            due=self._due(page, row),
            others=choices_of(entity, "contacts") if "merge" in page.acts else [],
            stamp=naive_stamp(row["modified_date"], entity.site.zone) if row.get("modified_date") else "",
        )

    def _due(self, page: Page, row: Row) -> Decimal | None:
        if "receipt" not in page.acts or not row:
            return None
        return people.due_of(self._entity, page.path, row)

    def calls(self) -> Answer:
        return render_template("sandbox/scoro/calls.html", calls=list(self._core.calls))

    def dials(self) -> Answer:
        return self._dials("")

    def _dials(self, refusal: str) -> str:
        return render_template(
            "sandbox/scoro/dials.html",
            refusal=refusal,
            kinds=sorted(kind.value for kind in faulty.KNOWN),
            rules=self._core.faults.as_json()["rules"],
            now=self._core.clock.now(),
            webhooks=self._sandbox.configure_webhooks({}),
            modes=[mode.value for mode in DeliveryMode],
            switches=self._core.behaviours.as_json(),
            positions=CHOICES,
        )

    def dialled(self) -> Answer:
        """One of the page's forms; nonsense is answered by the page with the reason."""
        try:
            self._dial(request.form)
        except ValueError as refusal:
            return self._dials(str(refusal)), 422
        return redirect("/dials")

    def _dial(self, form: Any) -> None:
        if "kind" in form:
            self._core.faults.add(_rule(form))
        if "clear" in form:
            self._core.faults.clear()
        if "advance" in form:
            self._core.clock.advance(float(form["advance"]) * 3_600)
        if "mode" in form:
            self._core.webhooks.deliver(DeliveryMode(form["mode"]))
        if "switches" in form:
            self._sandbox.set_behaviours(_switches(form, self._core.behaviours))
        if "delivery" in form:
            self._sandbox.configure_webhooks({"at_once": "at_once" in form, "mode": form["delivery"]})

    def settings(self) -> Answer:
        entity = self._entity
        known = sorted({*entity.rates, *entity.currencies})
        settings = {name: getattr(self._core.behaviours, name) for name in SITE_SETTINGS}
        return render_template("sandbox/scoro/settings.html", entity=entity, known=known, settings=settings)

    def settings_saved(self) -> Answer:
        """One of the page's forms: currencies, the locked period, the site's settings."""
        form = request.form
        with self._core.lock:
            if "base" in form:
                self._choose_currencies(form["base"], form.getlist("active"))
            if "until" in form:
                people.act(self._core, self._who() | {"action": "lock_period", "until": form["until"]})
            if "site" in form:
                self._sandbox.set_behaviours({name: name in form for name in SITE_SETTINGS})
        return redirect("/settings")

    def _choose_currencies(self, base: str, active: list[str]) -> None:
        """The base currency stays active."""
        entity = self._entity
        known = sorted({*entity.rates, *entity.currencies})
        entity.base_currency = base if base in known else abort(400)
        entity.currencies[:] = [each for each in known if each in {base, *active}]

    def _who(self) -> dict[str, Any]:
        return {"company_account_id": session["account"], "person": session["person"]}


def _counts(entity: Entity, group: str) -> list[tuple[Page, int]]:
    return [(page, len(entity.live_rows(path))) for path, page in PAGES.items() if page.group == group]


def _page(path: str) -> Page:
    return PAGES[path] if path in PAGES else abort(404)


def _switches(form: Any, present: Behaviours) -> dict[str, Any]:
    """The submitted values in the types of the switches; a box that is not ticked is not submitted."""
    kinds = {name: type(value) for name, value in present.as_json().items()}
    return {name: name in form if kind is bool else kind(form[name]) for name, kind in kinds.items()}


def _rule(form: Any) -> FaultRule:
    return FaultRule(
        FaultKind(form["kind"]),
        entity=form.get("entity", ""),
        operation=form.get("operation", ""),
        reference=form.get("reference", ""),
        count=int(form["count"]) if form.get("count") else None,
        probability=float(form.get("probability") or 1),
        after=int(form.get("after") or 0),
        body=form.get("body", ""),
        seconds=float(form.get("seconds") or 0),
        language=form.get("language", ""),
    )
