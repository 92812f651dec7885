"""Settings of the company, the last calls, and the dials: faults, clock, behaviours, webhooks, connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.sandbox.common.control import ControlError
from app.sandbox.common.faults import FaultKind, FaultRule
from app.sandbox.common.webhooks import DeliveryMode
from app.sandbox.quickbooks.behaviours import Behaviours
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.notifications import FORMATS
from app.sandbox.quickbooks.sandbox import QuickBooksSandbox
from app.sandbox.quickbooks.wire import Json

CompanyOf = Callable[[QuickBooksSandbox], Company]
SWITCHES = (
    ("AccountingInfoPrefs", "ClassTrackingPerTxnLine", "Track classes on each line"),
    ("AccountingInfoPrefs", "ClassTrackingPerTxn", "Track classes on the whole transaction"),
    ("AccountingInfoPrefs", "TrackDepartments", "Track locations"),
    ("SalesFormsPrefs", "CustomTxnNumbers", "Number sales forms by hand"),
    ("SalesFormsPrefs", "AllowDiscount", "Discounts on sales forms"),
    ("SalesFormsPrefs", "AutoApplyCredit", "Apply credits automatically"),
    ("SalesFormsPrefs", "AutoApplyPayments", "Apply payments automatically"),
    ("TaxPrefs", "UsingSalesTax", "Charge sales tax"),
    ("CurrencyPrefs", "MultiCurrencyEnabled", "Several currencies (cannot be turned off)"),
)
PAIRS = (("ProjectsEnabled", "Projects"), ("WarnDuplicateBillNumber", "Refuse repeated bill numbers"))


def add_settings(blueprint: Blueprint, sandbox: QuickBooksSandbox, company_of: CompanyOf) -> None:
    """Routes of the pages that are not lists or forms."""
    blueprint.add_url_rule(
        "/settings", "settings", lambda: _settings(sandbox, company_of(sandbox)), methods=["GET", "POST"]
    )
    blueprint.add_url_rule(
        "/calls", "calls", lambda: render_template("sandbox/quickbooks/calls.html", calls=list(sandbox.recent))
    )
    blueprint.add_url_rule("/dials", "dials", lambda: _dials(sandbox), methods=["GET"])
    blueprint.add_url_rule("/dials/<dial>", "turn", lambda dial: _turn(sandbox, dial, company_of), methods=["POST"])


def _settings(sandbox: QuickBooksSandbox, company: Company) -> str | Response:
    preferences = company.single("Preferences")
    if request.method == "POST":
        sandbox.act_as_person({"action": "preferences", "realmId": company.realm, "body": _asked(preferences)})
        sandbox.changed()
        flash("Settings saved.", "good")
        return redirect(url_for("quickbooks_site.settings"))
    pairs = {pair["Name"]: pair["Value"] == "true" for pair in preferences["OtherPrefs"]["NameValue"]}
    return render_template(
        "sandbox/quickbooks/settings.html",
        switches=[(group, name, label, preferences[group].get(name, False)) for group, name, label in SWITCHES],
        pairs=[(name, label, pairs.get(name, False)) for name, label in PAIRS],
        closing=preferences["AccountingInfoPrefs"].get("BookCloseDate", ""),
        info=company.single("CompanyInfo"),
        home=company.home,
        realm=company.realm,
    )


def _asked(preferences: Json) -> Json:
    body: dict[str, dict[str, Any]] = {}
    for group, name, _ in SWITCHES:
        body.setdefault(group, {})[name] = f"{group}.{name}" in request.form
    body["AccountingInfoPrefs"]["BookCloseDate"] = request.form.get("closing") or None
    body["CurrencyPrefs"]["MultiCurrencyEnabled"] |= preferences["CurrencyPrefs"]["MultiCurrencyEnabled"]
    known = {name for name, _ in PAIRS}
    kept = [pair for pair in preferences["OtherPrefs"]["NameValue"] if pair["Name"] not in known]
    asked = [{"Name": name, "Value": str(name in request.form).lower()} for name, _ in PAIRS]
    body["OtherPrefs"] = {"NameValue": [*kept, *asked]}
    return body


def _dials(sandbox: QuickBooksSandbox) -> str:
    here = sandbox.companies.get(session.get("realm", ""))
    return render_template(
        "sandbox/quickbooks/dials.html",
        kinds=[kind.value for kind in FaultKind],
        armed=sandbox.faults.as_json()["rules"],
        behaviours=asdict(sandbox.behaviours),
        modes=[mode.value for mode in DeliveryMode],
        formats=FORMATS,
        webhooks=sandbox.notifier.configure({}),
        waiting=sandbox.webhooks.waiting,
        stats=sandbox.stats.as_json(),
        ended=bool(here and here.subscription_ended),
        lost=bool(here and here.access_lost),
    )


def _turn(sandbox: QuickBooksSandbox, dial: str, company_of: CompanyOf) -> Response:
    """Turn one dial; unknown ones do nothing but say so."""
    try:
        flash(_turned(sandbox, dial, company_of), "good")
    except ValueError as refusal:
        flash(str(refusal), "bad")
    sandbox.changed()
    return redirect(url_for("quickbooks_site.dials"))


def _turned(sandbox: QuickBooksSandbox, dial: str, company_of: CompanyOf) -> str:
    form = request.form
    match dial:
        case "fault":
            sandbox.faults.add(_rule())
            return f"Armed: {form['kind']}."
        case "clear":
            sandbox.faults.clear()
            return "No faults are armed."
        case "clock":
            sandbox.clock.advance(float(form.get("hours") or 0) * 3600)
            return f"It is now {sandbox.clock.now():%Y-%m-%d %H:%M} UTC."
        case "behaviours":
            sandbox.set_behaviours(_behaviours(sandbox.behaviours))
            return "Behaviours changed."
        case "webhooks":
            sandbox.notifier.configure({"url": form.get("url", ""), "format": form.get("format", FORMATS[0])})
            return "Webhooks go there from now on."
        case "deliver":
            answer = sandbox.webhooks.deliver(DeliveryMode(form.get("mode", "normal")))
            return f"{answer['events']} events in {answer['messages']} messages; answers {answer['statuses']}."
        case "disconnect":
            ended = sandbox.authority.disconnect(company_of(sandbox).realm)
            return f"{ended} connections ended."
        case "subscription" | "access":
            return _rights(sandbox, company_of(sandbox), dial)
        case _:
            raise ControlError(f"there is no dial {dial!r}")


def _rights(sandbox: QuickBooksSandbox, company: Company, dial: str) -> str:
    """Turn the subscription or the connecting person's rights over."""
    missing = company.subscription_ended if dial == "subscription" else company.access_lost
    sandbox.act_as_person({"action": dial, "realmId": company.realm, "active": missing, "allowed": missing})
    return "Given back." if missing else "Taken away."


def _rule() -> FaultRule:
    form = request.form
    return FaultRule(
        FaultKind(form["kind"]),
        endpoint=form.get("endpoint", ""),
        entity=form.get("entity", ""),
        count=int(form.get("count") or 1),
        body=form.get("body", ""),
        seconds=float(form.get("seconds") or 0),
    )


def _behaviours(current: Behaviours) -> Json:
    """Check boxes say true by being there; other inputs carry their text."""
    asked: Json = {}
    for each in fields(Behaviours):
        value = getattr(current, each.name)
        if isinstance(value, bool):
            asked[each.name] = each.name in request.form
        elif each.name in request.form:
            asked[each.name] = type(value)(request.form[each.name])
    return asked
